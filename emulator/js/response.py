"""`Response`.

Does not know: how a response travels. A constructed response has an empty `statusText` unless it is
given one; whoever sends it chooses the reason phrase.
Source: workerd src/workerd/api/http.c++.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from emulator.js import host, json
from emulator.js import url as urls
from emulator.js.body import Body, Source, extract
from emulator.js.convert import get_option, to_integer, to_string
from emulator.js.define import getter, method, static
from emulator.js.errors import range_error, type_error
from emulator.js.headers import Headers, Pairs, headers_from
from emulator.js.object import JsObject
from emulator.js.streams import ReadableStream
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_constructor_parameter, wrong_field, wrong_parameter

STATUS_RANGE = (
    "Responses may only be constructed with status codes in the range 200 to 599, inclusive."
)
WEB_SOCKET_STATUS = "Responses with a WebSocket must have status code 101."
NULL_BODY_STATUS = "Response with null body status (101, 204, 205, or 304) cannot have a body."
ZERO_LENGTH_BODY = (
    "Constructing a Response with a null body status ({status}) and a non-null, zero-length body. "
    "This is technically incorrect, and we recommend you update your code to explicitly pass in a "
    "`null` body, e.g. `new Response(null, {{ status: {status}, ... }})`."
)
INVALID_STATUS_TEXT = "Invalid statusText"
ENCODE_BODY = "encodeBody: unexpected value: {value}"
UNPARSABLE_URL = "Unable to parse URL: {url}"
NOT_A_REDIRECT = (
    "{status} is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308."
)
CLONE_WEB_SOCKET = "Cannot clone a response to a WebSocket handshake."

NULL_BODY_STATUSES = (101, 204, 205, 304)
REDIRECT_STATUSES = (301, 302, 303, 307, 308)
EncodeBody = Literal["automatic", "manual"]

_BAD_REASON = re.compile(r"[\0-\x08\x0a-\x1f\x7f]")
_INIT = "InitializerDict"


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """All of a response but its headers and body."""

    status: int = 200
    status_text: str | None = None
    """None if it was not given: the receiver then has the status's own text."""
    url: str = ""
    redirected: bool = False
    type: str = "default"
    web_socket: JsObject | None = None
    cf: JsValue = None
    encode_body: EncodeBody = "automatic"


_DEFAULT_HEAD = ResponseHead()


class Response(Body, name="Response"):
    """An HTTP response, received or to be sent."""

    __slots__ = ("head",)

    def __init__(
        self,
        source: Source = None,
        *,
        headers: Headers | None = None,
        head: ResponseHead = _DEFAULT_HEAD,
    ) -> None:
        super().__init__(source, Headers() if headers is None else headers)
        self.head = head

    # -- for the emulator ---------------------------------------------------------------------

    @classmethod
    def received(
        cls,
        status: int,
        status_text: str,
        headers: Pairs,
        body: bytes | ReadableStream | None,
        url: str = "",
        redirected: bool = False,  # noqa: FBT001, FBT002 - a field of the standard
        web_socket: JsObject | None = None,
        encode_body: EncodeBody = "automatic",
    ) -> Response:
        """A response to a fetch. Names of headers must be lower-case."""
        head = ResponseHead(
            status, status_text, url, redirected, web_socket=web_socket, encode_body=encode_body
        )
        return cls(body, headers=Headers(headers, immutable=True), head=head)

    @property
    def web_socket(self) -> JsObject | None:
        return self.head.web_socket

    @property
    def encode_body(self) -> EncodeBody:
        return self.head.encode_body

    # -- JavaScript members -------------------------------------------------------------------

    @classmethod
    def js_new(cls, body: JsValue = None, init: JsValue = None) -> JsValue:
        source, content_type = extract(body)
        return _constructed(source, content_type, init)

    @static
    def json(cls, data: JsValue = MISSING, init: JsValue = None) -> JsValue:
        if data is MISSING:
            raise wrong_parameter("Response", "json", 1, "Value")
        text = json.stringify(data, None, None)
        host.current().check_io_allowed()
        return _constructed("undefined" if text is None else text, "application/json", init)

    @static
    def redirect(cls, url: JsValue = MISSING, status: JsValue = None) -> JsValue:
        if url is MISSING:
            raise wrong_parameter("Response", "redirect", 1, "string")
        text = to_string(url)
        location = urls.normalize(text)
        if location is None:
            raise type_error(UNPARSABLE_URL.format(url=text))
        code = 302 if status is None else to_integer(status)
        if code not in REDIRECT_STATUSES:
            raise range_error(NOT_A_REDIRECT.format(status=code))
        headers = Headers([("location", location)], immutable=True)
        return cls(headers=headers, head=ResponseHead(code))

    @static
    def error(cls) -> JsValue:
        return cls(head=ResponseHead(0, type="error"))

    @method
    def clone(self) -> Response:
        if self.head.web_socket is not None:
            raise type_error(CLONE_WEB_SOCKET)
        headers = self._headers.copy(immutable=self._headers.immutable)
        return Response(self._cloned_source(), headers=headers, head=self.head)

    @getter
    def status(self) -> int:
        return self.head.status

    @getter
    def statusText(self) -> str:
        return self.head.status_text or ""

    headers = Body.headers

    @getter
    def ok(self) -> bool:
        return 200 <= self.head.status <= 299

    @getter
    def redirected(self) -> bool:
        return self.head.redirected

    @getter
    def url(self) -> str:
        return self.head.url

    @getter
    def webSocket(self) -> JsValue:
        return null if self.head.web_socket is None else self.head.web_socket

    @getter
    def cf(self) -> JsValue:
        return self.head.cf

    @getter
    def type(self) -> str:
        return self.head.type


def _constructed(source: Source, content_type: str | None, init: JsValue) -> Response:
    head, headers = _read_init(init)
    if head.web_socket is not None:
        if head.status != 101:
            raise range_error(WEB_SOCKET_STATUS)
    elif not 200 <= head.status <= 599:
        raise range_error(STATUS_RANGE)
    if source is not None and head.status in NULL_BODY_STATUSES:
        if source not in ("", b""):
            raise type_error(NULL_BODY_STATUS)
        host.current().console("warn", ZERO_LENGTH_BODY.format(status=head.status))
        source = None
    if source is not None and content_type is not None:
        headers.set_default("content-type", content_type)
    return Response(source, headers=headers, head=head)


def _read_init(init: JsValue) -> tuple[ResponseHead, Headers]:
    if init is None or init is null:
        return _DEFAULT_HEAD, Headers()
    if isinstance(init, Response):
        return replace(init.head, url="", redirected=False, type="default"), init._headers.copy()
    if not isinstance(init, JsObject):
        raise wrong_constructor_parameter("Response", 2, f"{_INIT} or Response")
    status = get_option(init, "status")
    head = ResponseHead(
        status=200 if status is None else to_integer(status),
        status_text=_status_text(get_option(init, "statusText")),
        web_socket=_web_socket(get_option(init, "webSocket")),
        cf=_cf(get_option(init, "cf")),
        encode_body=_encode_body(get_option(init, "encodeBody")),
    )
    return head, _headers(get_option(init, "headers"))


def _status_text(value: JsValue) -> str | None:
    if value is None:
        return None
    text = to_string(value)
    if _BAD_REASON.search(text) is not None:
        raise type_error(INVALID_STATUS_TEXT)
    return text


def _web_socket(value: JsValue) -> JsObject | None:
    if value is None or value is null:
        return None
    # By name: the class belongs to a layer above this one.
    if not isinstance(value, JsObject) or value.js_class_name != "WebSocket":
        raise wrong_field(_INIT, "webSocket", "WebSocket")
    return value


def _cf(value: JsValue) -> JsValue:
    if value is not None and not isinstance(value, JsObject):
        raise wrong_field(_INIT, "cf", "Object")
    return value


def _encode_body(value: JsValue) -> EncodeBody:
    text = "automatic" if value is None else to_string(value)
    if text == "automatic":
        return "automatic"
    if text == "manual":
        return "manual"
    raise type_error(ENCODE_BODY.format(value=text))


def _headers(value: JsValue) -> Headers:
    if value is not None and not isinstance(value, JsObject):
        raise wrong_field(_INIT, "headers", "Headers or Sequence or object")
    return headers_from(value)
