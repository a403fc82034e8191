"""Following redirects, as `fetch` does with `redirect: "follow"`.

Source: Fetch standard, "HTTP-redirect fetch"; texts of workerd src/workerd/api/http.c++.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from emulator.js import url as urls
from emulator.runtime.errors import platform_error
from emulator.runtime.http import HttpRequest, HttpResponse

MAX_REDIRECTS: Final = 20
NULL_BODY_STATUSES: Final = frozenset({101, 204, 205, 304})
REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
BAD_LOCATION: Final = "Invalid Location header; unable to follow redirect."
ONE_TIME_BODY: Final = (
    "A request with a one-time-use body (it was initialized from a stream, not a buffer) "
    "encountered a redirect requiring the body to be retransmitted. To avoid this error in the "
    "future, construct this request from a buffer-like body initializer."
)

Send = Callable[[HttpRequest], Awaitable[HttpResponse]]


async def fetch_following(
    send: Send, request: HttpRequest, *, outside: bool = False, strip_authorization: bool = True
) -> HttpResponse:
    """Sends a request, and follows redirects if its mode says so; gives the last response.

    Responses become the caller's: what they lack (the URL, a body) is put in place.

    Args:
        outside: to the world outside; URLs then keep their credentials, in sight of the guest.
        strip_authorization: the flag strip_authorization_on_cross_origin_redirect.
    """
    response = await send(request)
    if request.redirect == "follow" and response.status in REDIRECT_STATUSES:
        request, response = await _follow(
            send, request, response, outside=outside, strip_authorization=strip_authorization
        )
    response.url = request.url.partition("#")[0] if outside else request.url
    if request.method == "HEAD":
        await _drop_body(response)
    elif response.body is None and response.status not in NULL_BODY_STATUSES:
        response.body = b""
    return response


async def _follow(
    send: Send,
    request: HttpRequest,
    response: HttpResponse,
    *,
    outside: bool,
    strip_authorization: bool,
) -> tuple[HttpRequest, HttpResponse]:
    visited = [request.url]
    while response.status in REDIRECT_STATUSES:
        location = ", ".join(v for n, v in response.headers if n.lower() == "location")
        if location == "":  # to HTTP that is no header at all
            response.headers = [pair for pair in response.headers if pair[0].lower() != "location"]
        if not location:
            break
        if len(visited) > MAX_REDIRECTS:
            raise platform_error(f"Too many redirects.{', '.join(visited)}", "TypeError")
        await _drop_body(response)
        request = _next_request(
            request,
            response.status,
            location,
            outside=outside,
            strip_authorization=strip_authorization,
        )
        visited.append(request.url)
        response = await send(request)
    response.redirected = len(visited) > 1
    return request, response


async def _drop_body(response: HttpResponse) -> None:
    body, response.body = response.body, None
    if body is not None and not isinstance(body, bytes):
        await body.cancel()


def wire_url(url: str) -> str:
    """A URL as it is sent: without fragment and credentials."""
    if "#" not in url and "@" not in url:
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host, fragment=""))


def _next_request(
    request: HttpRequest, status: int, location: str, *, outside: bool, strip_authorization: bool
) -> HttpRequest:
    url = urls.normalize(location, request.url)
    if url is None or "://" not in url:
        raise platform_error(BAD_LOCATION, "TypeError")
    if not outside:
        url = wire_url(url)
    headers = request.headers
    if strip_authorization and urlsplit(url)[:2] != urlsplit(request.url)[:2]:
        headers = [pair for pair in headers if pair[0].lower() != "authorization"]
    method, body = request.method, request.body
    if status != 303 and body is not None and not isinstance(body, bytes):
        raise platform_error(ONE_TIME_BODY, "TypeError")
    if (status in (301, 302) and method == "POST") or (status == 303 and method != "HEAD"):
        method, body = "GET", None
        # Other headers about the body stay, as in workerd; this one would be wrong on the wire.
        headers = [pair for pair in headers if pair[0].lower() != "content-length"]
    return replace(request, url=url, method=method, body=body, headers=headers)
