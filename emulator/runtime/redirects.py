"""Following redirects, as `fetch` does with `redirect: "follow"`.

Source: Fetch standard, "HTTP-redirect fetch"; texts of workerd src/workerd/api/http.c++.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from emulator.js import url as urls
from emulator.runtime.errors import platform_error
from emulator.runtime.http import HttpRequest, HttpResponse

MAX_REDIRECTS: Final = 20
REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
BAD_LOCATION: Final = "Invalid Location header; unable to follow redirect."
ONE_TIME_BODY: Final = (
    "A request with a one-time-use body (it was initialized from a stream, not a buffer) "
    "encountered a redirect requiring the body to be retransmitted. To avoid this error in the "
    "future, construct this request from a buffer-like body initializer."
)

Send = Callable[[HttpRequest], Awaitable[HttpResponse]]


async def fetch_following(
    send: Send, request: HttpRequest, *, strip_authorization: bool = True
) -> HttpResponse:
    """Sends a request, and follows redirects if its mode says so.

    `strip_authorization`: the flag strip_authorization_on_cross_origin_redirect.
    """
    response = await send(request)
    if request.redirect != "follow" or response.status not in REDIRECT_STATUSES:
        return response
    visited = [request.url]
    while response.status in REDIRECT_STATUSES:
        location = ", ".join(v for n, v in response.headers if n.lower() == "location")
        if not location:
            break
        if len(visited) > MAX_REDIRECTS:
            raise platform_error(f"Too many redirects.{', '.join(visited)}", "TypeError")
        if response.body is not None and not isinstance(response.body, bytes):
            await response.body.cancel()
        request = _next_request(
            request, response.status, location, strip_authorization=strip_authorization
        )
        visited.append(request.url)
        response = await send(request)
    if len(visited) == 1:
        return response
    return replace(response, url=request.url.partition("#")[0], redirected=True)


def _next_request(
    request: HttpRequest, status: int, location: str, *, strip_authorization: bool
) -> HttpRequest:
    url = urls.normalize(location, request.url)
    if url is None or "://" not in url:
        raise platform_error(BAD_LOCATION, "TypeError")
    headers = request.headers
    if strip_authorization and urlsplit(url)[:2] != urlsplit(request.url)[:2]:
        headers = [pair for pair in headers if pair[0].lower() != "authorization"]
    method, body = request.method, request.body
    if (status in (301, 302) and method == "POST") or (status == 303 and method != "HEAD"):
        method, body = "GET", None
        # Other headers about the body stay, as in workerd; this one would be wrong on the wire.
        headers = [pair for pair in headers if pair[0].lower() != "content-length"]
    if body is not None and not isinstance(body, bytes):
        raise platform_error(ONE_TIME_BODY, "TypeError")
    return replace(request, url=url, method=method, body=body, headers=headers)
