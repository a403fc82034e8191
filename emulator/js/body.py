"""The body of a Request or Response, and the members that both have for it.

Theory of operation: a body is bytes, text, or a stream. Bytes and text are answered as they are;
a stream over them is made only when the guest asks for `body`, or has one to begin with. Blob,
FormData and URLSearchParams are encoded when the body is set, as the standard does.

Guarantees: a body is read once; a body that is not a stream can be sent again on a redirect.
Does not know: HTTP framing, or who consumes `take_body_source`.
Source: workerd src/workerd/api/http.c++; Fetch standard, section 5.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from emulator.js import host, json
from emulator.js.blob import Blob
from emulator.js.buffers import ArrayBuffer, Uint8Array, bytes_of
from emulator.js.convert import to_string
from emulator.js.define import getter, method
from emulator.js.errors import error_value, type_error
from emulator.js.formdata import FormData
from emulator.js.formdata import encode as encode_form
from emulator.js.formdata import parse as parse_form
from emulator.js.headers import Headers
from emulator.js.object import JsObject
from emulator.js.promise import Promise, rejected, resolved, spawn
from emulator.js.streams.readable import LOCKED, SENT_LOCKED, TEE_LOCKED, ReadableStream
from emulator.js.url import URLSearchParams
from emulator.js.values import JsValue, null
from emulator.js.webidl import scalar_text

BODY_USED = (
    "Body has already been used. It can only be used once. Use tee() first if you need to read it "
    "twice."
)
FORM_NEEDS_TYPE = "Parsing a Body as FormData requires a Content-Type header."
NOT_TEXT = (
    "Called .text() on an HTTP body which does not appear to be text. The body's Content-Type is "
    '"{type}". The result will probably be corrupted. Consider checking the Content-Type header '
    "before interpreting entities as text."
)

TEXT_TYPE = "text/plain;charset=UTF-8"
FORM_TYPE = "application/x-www-form-urlencoded;charset=UTF-8"

Source: TypeAlias = bytes | str | ReadableStream | None


class _Failed:
    """A source that has only an error to give. Implements js.streams.NativeSource."""

    __slots__ = ("_reason",)

    def __init__(self, reason: JsValue) -> None:
        self._reason = reason

    def pull(self) -> Promise:
        failed = Promise()
        failed.reject_with(self._reason)
        return failed

    def cancel(self, reason: JsValue) -> None:
        """There is nothing to stop."""


class Body(JsObject, name="Body", constructible=False):
    """What Request and Response share."""

    __slots__ = ("_headers", "_source", "_stream", "_used")

    def __init__(self, source: Source, headers: Headers) -> None:
        self._own = None
        self._headers = headers
        self._adopt(source)

    def _adopt(self, source: Source, stream: ReadableStream | None = None) -> None:
        self._source = source
        self._stream = source if isinstance(source, ReadableStream) else stream
        self._used = False

    # -- for the emulator ---------------------------------------------------------------------

    @property
    def body_source(self) -> bytes | ReadableStream | None:
        """What is to be sent; bytes also if the guest has looked at `body` without reading."""
        source = self._source
        return source.encode() if isinstance(source, str) else source

    def take_body_source(self) -> bytes | ReadableStream | None:
        """`body_source`, which from here on counts as used."""
        if self._source is None:
            return None
        self._use(locked=SENT_LOCKED)
        return self.body_source

    def fail_body(self, reason: JsValue) -> None:
        """From here on reading fails, unless somebody has begun to read."""
        if self._source is not None and self._stream is None and not self._used:
            self._adopt(ReadableStream.from_source(_Failed(reason)))

    def read_bytes(self) -> bytes | Promise:
        """The whole body, marking it used: bytes at once, or a Promise of bytes for a stream."""
        source = self._source
        if source is None:
            return b""
        self._use()
        if isinstance(source, ReadableStream):
            return source.read_all()
        return source.encode() if isinstance(source, str) else source

    def _use(self, locked: str = LOCKED) -> None:
        """Marks the body used, if it is not yet; so also a stream that was only shown."""
        if self.bodyUsed:
            raise type_error(BODY_USED)
        if self._stream is not None and self._stream.locked:
            raise type_error(locked)
        self._used = True
        if self._stream is not None and self._stream is not self._source:
            self._stream.read_all()

    def _cloned_source(self) -> Source:
        """A second body with the same content; this one keeps its own."""
        source = self._source
        if source is None:
            return None
        if self.bodyUsed or (self._stream is not None and self._stream.locked):
            raise type_error(TEE_LOCKED)
        if not isinstance(source, ReadableStream):
            return source
        mine, other = source.tee().items
        self._adopt(mine)
        assert isinstance(other, ReadableStream)
        return other

    def _read(self, convert: Callable[[bytes], JsValue]) -> Promise:
        try:
            data = self.read_bytes()
            if isinstance(data, bytes):
                return resolved(convert(data))
        except Exception as exception:  # noqa: BLE001 - what fails in here is the rejection
            return rejected(error_value(exception))
        return spawn(_converted(data, convert))

    # -- JavaScript members -------------------------------------------------------------------

    @getter
    def headers(self) -> Headers:
        return self._headers

    @getter
    def body(self) -> JsValue:
        if self._stream is None:
            if self._source is None:
                return null
            assert not isinstance(self._source, ReadableStream)
            self._stream = _stream_over(self._source)
            if self._used:
                # Already read: show a stream in the state that reading leaves it in.
                self._stream.read_all()
        return self._stream

    @getter
    def bodyUsed(self) -> bool:
        return self._used or (self._stream is not None and self._stream.disturbed)

    @method
    def arrayBuffer(self) -> Promise:
        return self._read(ArrayBuffer)

    @method
    def bytes_(self) -> Promise:
        return self._read(Uint8Array.from_bytes)

    @method
    def text(self) -> Promise:
        content_type = self._headers.first("content-type")
        if content_type is not None and not is_text_type(content_type):
            host.current().console("warn", NOT_TEXT.format(type=content_type))
        return self._read(decode_text)

    @method
    def json(self) -> Promise:
        return self._read(_parse_json)

    @method
    def formData(self) -> Promise:
        content_type = self._headers.first("content-type")

        def convert(data: bytes) -> JsValue:
            if content_type is None:
                raise type_error(FORM_NEEDS_TYPE)
            return parse_form(content_type, data)

        return self._read(convert)

    @method
    def blob(self) -> Promise:
        content_type = self._headers.first("content-type") or ""
        return self._read(lambda data: Blob(data, normalized_type(content_type)))


async def _converted(data: Promise, convert: Callable[[bytes], JsValue]) -> JsValue:
    return convert(await data)


def _stream_over(source: bytes | str) -> ReadableStream:
    data = source.encode() if isinstance(source, str) else source
    return ReadableStream.from_bytes(data)


def extract(value: JsValue) -> tuple[Source, str | None]:
    """A body and its default content type from anything a guest may pass as one."""
    if value is None or value is null:
        return None, None
    host.current().check_io_allowed()
    if isinstance(value, JsObject):
        found = _extract_object(value)
        if found is not None:
            return found
    return scalar_text(to_string(value)), TEXT_TYPE


def _extract_object(value: JsObject) -> tuple[Source, str | None] | None:
    if isinstance(value, ReadableStream):
        value.check_body()
        return value, None
    if isinstance(value, Blob):
        return value.data, value.type or None
    if isinstance(value, FormData):
        boundary = host.current().random_bytes(16).hex()
        return encode_form(value, boundary), f"multipart/form-data; boundary={boundary}"
    if isinstance(value, URLSearchParams):
        return value.js_to_string(), FORM_TYPE
    data = bytes_of(value)
    return None if data is None else (data, None)


def decode_text(data: bytes) -> str:
    """UTF-8 with replacement characters; a byte order mark is dropped."""
    return data.decode("utf-8", "replace").removeprefix("\ufeff")


def _parse_json(data: bytes) -> JsValue:
    return json.parse(decode_text(data))


def is_text_type(content_type: str) -> bool:
    """Whether a body of that type is text: text/*, and the XML, JSON and JavaScript families."""
    essence = content_type.partition(";")[0].strip().lower()
    main, _, sub = essence.partition("/")
    return (
        main == "text"
        or sub in ("xml", "json", "javascript", "ecmascript", "x-javascript")
        or sub.endswith(("+xml", "+json"))
        or essence == "application/x-www-form-urlencoded"
    )


def normalized_type(content_type: str) -> str:
    """A MIME type as Blob.type shows it: lower-case names, no spaces around parameters."""
    essence, *parameters = content_type.split(";")
    parts = [essence.strip().lower()]
    for parameter in parameters:
        name, equals, value = parameter.strip().partition("=")
        if equals:
            parts.append(f"{name.lower()}={value}")
    return ";".join(parts)
