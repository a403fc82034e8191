"""`caches`: the Cache API as guests see it.

Arguments are judged here; what is stored, for how long and what matches is the host's business.
Does not know: HTTP caching.
Source: workerd src/workerd/api/cache.c++; texts confirmed by running it.
"""

from __future__ import annotations

from typing import Any, Final

from emulator.js import host
from emulator.js.convert import get_option, to_boolean, to_string
from emulator.js.define import async_method, getter, method
from emulator.js.errors import error, type_error
from emulator.js.object import JsObject
from emulator.js.promise import Promise
from emulator.js.request import Request, request_from
from emulator.js.response import Response
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_parameter

NOT_IMPLEMENTED = "Failed to execute '{method}' on '{interface}': the method is not implemented."
NO_FIELD = "The '{field}' field on 'CacheQueryOptions' is not implemented."
NOT_GET = "Cannot cache response to non-GET request."
PARTIAL = "Cannot cache response to a range request (206 Partial Content)."
VARY_ANY = "Cannot cache response with 'Vary: *' header."
ERROR_RESPONSE = "Cache is unable to store an error response"
WEB_SOCKET = (
    "Worker tried to return a WebSocket in a response to a request which did not contain the "
    'header "Upgrade: websocket".'
)
LONG_NAME = "Cache name is too long."
NOT_MODIFIED = (
    "Ignoring attempt to Cache.put() a 304 status response. 304 responses are not meaningful to "
    "put() into cache, because a Cache.match() on a 304 response never succeeds."
)

MAX_NAME_BYTES: Final = 1024
_OPTIONS = "CacheQueryOptions"


class Cache(JsObject, name="Cache", constructible=False):
    """One cache: the default one, or one with a name."""

    __slots__ = ("_name",)

    def __init__(self, name: str | None) -> None:
        super().__init__()
        self._name = name

    @async_method
    async def match(self, request: JsValue = MISSING, options: JsValue = None) -> JsValue:
        asked = _request(request, "match")
        if not _matches_method(asked, options, "match"):
            return None
        return await host.current().cache_match(self._name, asked)

    @async_method
    async def put(self, request: JsValue = MISSING, response: JsValue = MISSING) -> JsValue:
        asked = _request(request, "put")
        if not isinstance(response, Response):
            raise wrong_parameter("Cache", "put", 2, "Response")
        if asked.method != "GET":
            raise type_error(NOT_GET)
        _check_storable(response)
        if response.status == 304:
            host.current().console("warn", NOT_MODIFIED)
            return None
        return await host.current().cache_put(self._name, asked, response)

    @async_method
    async def delete(self, request: JsValue = MISSING, options: JsValue = None) -> JsValue:
        asked = _request(request, "delete")
        if not _matches_method(asked, options, "delete"):
            return False
        return await host.current().cache_delete(self._name, asked)


class CacheStorage(JsObject, name="CacheStorage", constructible=False):
    """`caches`."""

    __slots__ = ("_default",)

    def __init__(self) -> None:
        super().__init__()
        self._default = Cache(None)

    @getter
    def default(self) -> Cache:
        return self._default

    @async_method
    async def open(self, name: JsValue = MISSING) -> JsValue:
        if name is MISSING:
            raise wrong_parameter("CacheStorage", "open", 1, "string")
        host.current().check_io_allowed()
        text = to_string(name)
        if len(text.encode("utf-8", "replace")) > MAX_NAME_BYTES:
            raise type_error(LONG_NAME)
        return Cache(text)


def _request(value: JsValue, method: str) -> Request:
    if value is MISSING:
        raise wrong_parameter("Cache", method, 1, "Request or string")
    host.current().check_io_allowed()
    return value if isinstance(value, Request) else request_from(value, None)


def _matches_method(request: Request, options: JsValue, method: str) -> bool:
    if options is not None and options is not null and not isinstance(options, JsObject):
        raise wrong_parameter("Cache", method, 2, _OPTIONS)
    for field in ("ignoreSearch", "ignoreVary"):
        if get_option(options, field) is not None:
            raise error(NO_FIELD.format(field=field))
    return request.method == "GET" or to_boolean(get_option(options, "ignoreMethod"))


def _check_storable(response: Response) -> None:
    if response.head.type == "error":
        raise type_error(ERROR_RESPONSE)
    if response.status == 206:
        raise type_error(PARTIAL)
    if "*" in (response.headers.first("vary") or ""):
        raise type_error(VARY_ANY)
    if response.web_socket is not None:
        raise type_error(WEB_SOCKET)


def _missing(interface: str, name: str) -> Any:
    def call(self: JsObject) -> Promise:
        raise error(NOT_IMPLEMENTED.format(method=name, interface=interface))

    call.__name__ = name
    return method(call)


for _name in ("add", "addAll", "keys", "matchAll"):
    Cache.js_define(_name, _missing("Cache", _name))
for _name in ("has", "keys", "delete", "match"):
    CacheStorage.js_define(_name, _missing("CacheStorage", _name))
