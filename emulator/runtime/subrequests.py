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

from collections.abc import Awaitable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from emulator.runtime.errors import LOST, GuestError, platform_error
from emulator.runtime.internal_errors import internal_error
from emulator.runtime.redirects import fetch_following, wire_url
from emulator.runtime.services import OutboundFailure
from emulator.runtime.web_sockets import wants_upgrade

if TYPE_CHECKING:
    from emulator.runtime.http import HttpRequest, HttpResponse
    from emulator.runtime.services import Services

FAILED: Final = "fetch() of {url} failed: {reason}"

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
        outside=True,
        strip_authorization=services.flags.get(
            "strip_authorization_on_cross_origin_redirect", True
        ),
    )


async def _exchange(services: Services, request: HttpRequest) -> HttpResponse:
    sent = _as_sent(request, services.zone)
    if sent.url.partition(":")[0] not in _SCHEMES:
        raise _internal(services, request.url, "no such protocol")
    try:
        return await services.outbound.fetch(sent)
    except ConnectionError as error:
        raise platform_error(LOST) from error
    except OutboundFailure as failure:
        raise _internal(services, request.url, failure) from failure


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
    return replace(request, url=wire_url(request.url), headers=headers)


def _internal(services: Services, url: str, reason: object) -> GuestError:
    return internal_error(services, OutboundFailure(FAILED.format(url=url, reason=reason)))
