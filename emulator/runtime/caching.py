"""The Cache API behind its guest face: requests of guests to the caches of a Worker.

Does not know: the rules of HTTP caching, where responses are kept, arguments' error texts.
"""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from emulator.js.promise import Promise
from emulator.runtime import cache_rules as rules
from emulator.runtime.cache_store import CachedResponse, CacheName
from emulator.runtime.errors import LOST, platform_error
from emulator.runtime.http import HttpRequest, HttpResponse, read_all
from emulator.runtime.web import received_response, response_message

if TYPE_CHECKING:
    from emulator.js.request import Request
    from emulator.js.response import Response
    from emulator.runtime.io_context import IoContext
    from emulator.runtime.services import Services


def match(context: IoContext, cache: CacheName, request: Request) -> Promise:
    """Resolves to a Response, or undefined."""
    asked = _asked(context, request)
    return context.external(
        context.outgoing(_match(context.services, cache, asked)),
        lambda found: None if found is None else received_response(context, found),
    )


def put(context: IoContext, cache: CacheName, request: Request, response: Response) -> Promise:
    """Keeps a response if it may be kept; its body is read in any case."""
    asked = _asked(context, request)
    message = response_message(context, response)
    return context.external(context.outgoing(_put(context.services, cache, asked, message)))


def delete(context: IoContext, cache: CacheName, request: Request) -> Promise:
    """Resolves to whether there was a response."""
    asked = _asked(context, request)
    return context.external(context.outgoing(_delete(context.services, cache, asked)))


def _asked(context: IoContext, request: Request) -> HttpRequest:
    return HttpRequest("GET", request.url, list(request.headers.raw_pairs()), None, _cf(request.cf))


def _cf(value: Any) -> dict[str, Any] | None:
    key = value.js_get("cacheKey") if hasattr(value, "js_get") else None
    return {"cacheKey": key} if isinstance(key, str) else None


def _key(asked: HttpRequest) -> str:
    if asked.cf is not None:
        return str(asked.cf["cacheKey"])
    return asked.url.partition("#")[0]


async def _match(services: Services, cache: CacheName, asked: HttpRequest) -> HttpResponse | None:
    found = await services.caches.get(cache, _key(asked))
    if found is None or found.expires_ms <= services.clock.now_ms():
        return None
    boundary = services.entropy.random_bytes(16).hex()
    hit = rules.answer(asked.headers, found.status, found.headers, found.body, boundary)
    return HttpResponse(hit.status, hit.status_text, hit.headers, hit.body)


async def _put(
    services: Services, cache: CacheName, asked: HttpRequest, response: HttpResponse
) -> None:
    try:
        body = await read_all(response.body)
    except ConnectionError as error:
        raise platform_error(LOST) from error
    pairs = rules.without_private_cookie(
        [(name.lower(), value) for name, value in response.headers]
    )
    now_ms = services.clock.now_ms()
    lifetime_s = rules.lifetime_s(asked.headers, response.status, pairs, now_ms)
    if lifetime_s > 0:
        headers = rules.kept_headers(pairs, formatdate(now_ms / 1000, usegmt=True))
        kept = CachedResponse(response.status, headers, body, now_ms + lifetime_s * 1000)
        await services.caches.put(cache, _key(asked), kept)


async def _delete(services: Services, cache: CacheName, asked: HttpRequest) -> bool:
    dropped = await services.caches.delete(cache, _key(asked))
    return dropped is not None and dropped.expires_ms > services.clock.now_ms()
