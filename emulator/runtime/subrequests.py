"""Subrequests: requests of guests to the world outside, on their way to the Outbound port.

What the platform does to a request before it leaves: headers that belong to the connection are left
out, the edge's own are set, redirects are followed; and what it makes of failures. The port itself
does one exchange, as it is told.

Guarantees: whatever fails is a GuestError with the platform's text. What that text hides (a name
that does not resolve, a certificate) is told to the observer, with the reference in the text.
Does not know: guests, sockets.
Source: workerd src/workerd/api/http.c++; for the edge's headers, the proxy of `wrangler dev`.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from emulator.runtime.errors import LOST, GuestError, platform_error
from emulator.runtime.redirects import fetch_following
from emulator.runtime.services import OutboundFailure
from emulator.runtime.web_sockets import wants_upgrade

if TYPE_CHECKING:
    from emulator.runtime.http import HttpRequest, HttpResponse
    from emulator.runtime.services import Services

INTERNAL: Final = "internal error; reference = {}"
FAILED: Final = "fetch() of {url} failed: {reason} ({text})"

_OF_THE_CONNECTION: Final = frozenset(
    {
        "connection", "content-length", "host", "keep-alive", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_SET_BY_THE_EDGE: Final = frozenset({"cf-connecting-ip", "cf-worker"})
_SCHEMES: Final = ("http", "https")


def fetch_outside(services: Services, request: HttpRequest) -> Awaitable[HttpResponse]:
    """Sends a request to the world outside, following redirects if its mode says so."""
    return fetch_following(
        partial(_exchange, services),
        request,
        strip_authorization=services.flags.get(
            "strip_authorization_on_cross_origin_redirect", True
        ),
    )


async def _exchange(services: Services, request: HttpRequest) -> HttpResponse:
    sent = _as_sent(request, services.zone)
    if sent.url.partition(":")[0] not in _SCHEMES:
        raise _internal(services, request.url, "no such protocol")
    try:
        response = await services.outbound.fetch(sent)
    except ConnectionError as error:
        raise platform_error(LOST) from error
    except OutboundFailure as failure:
        raise _internal(services, request.url, failure) from failure
    return replace(response, url=_without_fragment(request.url))


def _as_sent(request: HttpRequest, zone: str | None) -> HttpRequest:
    headers = [
        (name, value)
        for name, value in request.headers
        if (lower := name.lower()) not in _OF_THE_CONNECTION
        and (zone is None or lower not in _SET_BY_THE_EDGE)
    ]
    if zone is not None:
        headers.append(("CF-Worker", zone))
    if wants_upgrade(request):
        headers.append(("Upgrade", "websocket"))
    return replace(request, url=_as_asked(request.url), headers=headers)


def _as_asked(url: str) -> str:
    """A URL without what is not sent: the fragment, and user and password."""
    scheme, separator, rest = _without_fragment(url).partition("://")
    end = next((index for index, character in enumerate(rest) if character in "/?"), len(rest))
    return f"{scheme}{separator}{rest[:end].rpartition('@')[2]}{rest[end:]}"


def _without_fragment(url: str) -> str:
    return url.partition("#")[0]


def _internal(services: Services, url: str, reason: object) -> GuestError:
    reference = base64.b32hexencode(services.entropy.random_bytes(15)).decode().lower()
    text = INTERNAL.format(reference)
    services.observer.console("error", FAILED.format(url=url, reason=reason, text=text))
    return platform_error(text)
