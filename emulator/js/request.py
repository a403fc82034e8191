"""`Request`.

Guarantees: `Request.incoming` costs little, since every event of a Worker makes one; URL, headers
and body are looked into only when asked for.
Does not know: how a request is sent or was received.
Source: workerd src/workerd/api/http.c++; the set of methods is kj's.
"""

from __future__ import annotations

from collections.abc import Callable

from emulator.js import url as urls
from emulator.js.body import Body, Source, extract
from emulator.js.convert import get_option, to_string
from emulator.js.define import getter, method
from emulator.js.errors import type_error
from emulator.js.events import AbortSignal
from emulator.js.headers import Headers, Pairs, headers_from
from emulator.js.object import JsObject
from emulator.js.streams import ReadableStream
from emulator.js.streams.readable import DISTURBED
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_constructor_parameter, wrong_field, wrong_parameter

INVALID_METHOD = "Invalid HTTP method string: {method}"
INVALID_REDIRECT = (
    'Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented '
    'since it does not make sense at the edge; use "manual" and check the response status code).'
)
INVALID_URL = "Invalid URL: {url}"
BODY_ON_GET = "Request with a GET or HEAD method cannot have a body."
RECONSTRUCT_USED = "Cannot reconstruct a Request with a used body."
ENCODE_RESPONSE = "encodeResponseBody: unexpected value: {mode}"
UNSUPPORTED_CACHE = "Unsupported cache mode: {mode}"
INTEGRITY = (
    "Subrequest integrity checking is not implemented. The integrity option must be either "
    "undefined or an empty string."
)

_METHOD_NAMES = """
GET HEAD POST PUT DELETE PATCH PURGE OPTIONS TRACE COPY LOCK MKCOL MOVE PROPFIND
PROPPATCH SEARCH UNLOCK ACL REPORT MKACTIVITY CHECKOUT MERGE MSEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE
QUERY BAN"""
METHODS = frozenset(_METHOD_NAMES.split())
_INIT = "RequestInitializerDict"


class Request(Body, name="Request"):
    """An HTTP request, received or to be sent."""

    __slots__ = (
        "_cache", "_cf", "_fetcher", "_method", "_redirect", "_signal", "_url", "decodes_response",
    )  # fmt: skip

    def __init__(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Headers | None = None,
        source: Source = None,
        redirect: str = "follow",
        cf: JsValue = None,
        signal: AbortSignal | None = None,
        fetcher: JsValue = null,
        cache: str | None = None,
        decodes_response: bool = True,
    ) -> None:
        super().__init__(source, Headers() if headers is None else headers)
        self._url = url
        self._method = method
        self._redirect = redirect
        self._cf = cf
        self._signal = signal
        self._fetcher = fetcher
        self._cache = cache
        self.decodes_response = decodes_response

    # -- for the emulator ---------------------------------------------------------------------

    @classmethod
    def incoming(
        cls,
        method: str,
        url: str,
        headers: Pairs,
        body: bytes | ReadableStream | None,
        cf: Callable[[], JsObject] | JsObject | None,
        signal: AbortSignal | None = None,
        redirect: str = "manual",
    ) -> Request:
        """A request that reaches a Worker. Names of headers must be lower-case.

        `cf` may be a function that makes the object: few Workers look at it.
        """
        return cls(
            url,
            method=method,
            headers=Headers(headers, immutable=True),
            source=body,
            redirect=redirect,
            cf=cf,
            signal=signal,
        )

    @property
    def abort_signal(self) -> AbortSignal | None:
        """The signal, if there is one that anybody can have."""
        return self._signal

    # -- JavaScript members -------------------------------------------------------------------

    @classmethod
    def js_new(cls, input: JsValue = MISSING, init: JsValue = None) -> JsValue:
        return request_from(input, init)

    @method
    def clone(self) -> Request:
        return Request(
            self._url,
            method=self._method,
            source=self._cloned_source(),
            headers=self._headers.copy(immutable=self._headers.immutable),
            redirect=self._redirect,
            cf=self._cf,
            signal=self._signal,
            fetcher=self._fetcher,
            cache=self._cache,
            decodes_response=self.decodes_response,
        )

    @getter
    def method(self) -> str:
        return self._method

    @getter
    def url(self) -> str:
        return self._url

    headers = Body.headers

    @getter
    def redirect(self) -> str:
        return self._redirect

    @getter
    def fetcher(self) -> JsValue:
        return self._fetcher

    @getter
    def signal(self) -> AbortSignal:
        if self._signal is None:
            self._signal = AbortSignal()
        return self._signal

    @getter
    def cf(self) -> JsValue:
        if callable(self._cf):
            self._cf = self._cf()
        return self._cf

    @getter
    def integrity(self) -> str:
        return ""

    @getter
    def keepalive(self) -> bool:
        return False

    @getter
    def cache(self) -> str | None:
        return self._cache


def sent_request(interface: str, input: JsValue, init: JsValue) -> Request:
    """What the `fetch` of an interface sends: a Request without init is sent as it is."""
    if input is MISSING:
        raise wrong_parameter(interface, "fetch", 1, "Request or string")
    if isinstance(input, Request) and (init is None or init is null):
        if input.bodyUsed:
            raise type_error(RECONSTRUCT_USED)
        return input
    if init is not None and init is not null and not isinstance(init, JsObject):
        raise wrong_parameter(interface, "fetch", 2, f"{_INIT} or Request")
    return request_from(input, init)


def request_from(input: JsValue, init: JsValue) -> Request:
    """`new Request(input, init)`."""
    if input is MISSING:
        raise wrong_constructor_parameter("Request", 1, "Request or string")
    if init is null:
        init = None
    if init is not None and not isinstance(init, JsObject):
        raise wrong_constructor_parameter("Request", 2, f"{_INIT} or Request")
    if not isinstance(input, Request):
        request = Request(_absolute(to_string(input)))
    else:
        request = _without_body(input)
    if init is not None:
        _apply(request, init)
    body = get_option(init, "body") if not isinstance(init, Request) else init
    _set_body(request, input, body)
    return request


def _without_body(original: Request) -> Request:
    return Request(
        original._url,
        method=original._method,
        headers=original._headers.copy(),
        redirect=original._redirect,
        cf=original._cf,
        signal=original._signal,
        fetcher=original._fetcher,
        cache=original._cache,
        decodes_response=original.decodes_response,
    )


def _absolute(text: str) -> str:
    normal = urls.normalize(text)
    if normal is None:
        raise type_error(INVALID_URL.format(url=text))
    return normal


def _apply(request: Request, init: JsObject) -> None:
    method = get_option(init, "method")
    if method is not None:
        request._method = _method(to_string(method))
    headers = get_option(init, "headers")
    if headers is not None:
        request._headers = _headers(headers)
    redirect = get_option(init, "redirect")
    if redirect is not None:
        if redirect not in ("follow", "manual"):
            raise type_error(INVALID_REDIRECT)
        request._redirect = redirect
    signal = get_option(init, "signal")
    if signal is not None:
        request._signal = _signal(signal)
    cf = get_option(init, "cf")
    if cf is not None:
        if not isinstance(cf, JsObject):
            raise wrong_field(_INIT, "cf", "Object")
        request._cf = cf
    fetcher = get_option(init, "fetcher")
    if fetcher is not None:
        if fetcher is not null and not isinstance(fetcher, JsObject):
            raise wrong_field(_INIT, "fetcher", "Fetcher")
        request._fetcher = fetcher
    encode_response_body = get_option(init, "encodeResponseBody")
    if encode_response_body is not None:
        request.decodes_response = _decodes(to_string(encode_response_body))
    _apply_cache(request, init)


def _decodes(mode: str) -> bool:
    if mode not in ("automatic", "manual"):
        raise type_error(ENCODE_RESPONSE.format(mode=mode))
    return mode == "automatic"


def _apply_cache(request: Request, init: JsObject) -> None:
    mode = get_option(init, "cache")
    if mode is not None:
        if mode not in ("no-store", "no-cache"):
            raise type_error(UNSUPPORTED_CACHE.format(mode=to_string(mode)))
        request._cache = mode
    integrity = get_option(init, "integrity")
    if integrity is not None and to_string(integrity):
        raise type_error(INTEGRITY)


def _method(text: str) -> str:
    upper = text.upper()
    if upper not in METHODS:
        raise type_error(INVALID_METHOD.format(method=text))
    return upper


def _headers(value: JsValue) -> Headers:
    if not isinstance(value, JsObject):
        raise wrong_field(_INIT, "headers", "Headers or Sequence or object")
    return headers_from(value)


def _signal(value: JsValue) -> AbortSignal | None:
    if value is null:
        return None
    if not isinstance(value, AbortSignal):
        raise wrong_field(_INIT, "signal", "AbortSignal")
    return value


def _set_body(request: Request, input: JsValue, body: JsValue) -> None:
    """Sets the body of init, or else takes over that of the input Request."""
    taken = body if isinstance(body, Request) else input if body is None else None
    if isinstance(taken, Request):
        if taken._source is None:
            return
        if taken.bodyUsed:
            raise type_error(DISTURBED if taken is body else RECONSTRUCT_USED)
        _refuse_on_get(request)
        request._adopt(taken._source, taken._stream)
        taken._used = True
        return
    if body is None or body is null:
        return
    _refuse_on_get(request)
    source, content_type = extract(body)
    request._adopt(source)
    if content_type is not None:
        request._headers.set_default("content-type", content_type)


def _refuse_on_get(request: Request) -> None:
    if request._method in ("GET", "HEAD"):
        raise type_error(BODY_ON_GET)
