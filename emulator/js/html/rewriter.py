"""`HTMLRewriter`: handlers by selector, and the responses that pass through them.

Guarantees: handlers run one after another, in order, and each is awaited; what one throws is what
the reader of the body gets. Bytes are read only as fast as they are read from the other side.
"""

from __future__ import annotations

import codecs

from emulator.js import host
from emulator.js.buffers import bytes_of
from emulator.js.convert import get_option
from emulator.js.define import method
from emulator.js.encoding import TextDecoder, utf8_bytes
from emulator.js.encoding_labels import MULTI_BYTE_CODECS, character_table, encoding_of
from emulator.js.errors import error_value, type_error
from emulator.js.html.content import handle_of, parser_error
from emulator.js.html.engine import Engine, Event, Registration, checked_selector
from emulator.js.html.tokens import Content
from emulator.js.object import JsObject
from emulator.js.promise import resolved, spawn
from emulator.js.response import Response
from emulator.js.streams import ReadableStream
from emulator.js.streams.byte_source import ByteChannel
from emulator.js.streams.consume import cancel_stream, pull_chunk
from emulator.js.streams.native_controller import byte_source_readable
from emulator.js.streams.readable import NOT_BYTES
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import string_argument, wrong_field, wrong_parameter

ERROR_RESPONSE = "HTMLRewriter cannot transform an error response"
LOCKED = "The ReadableStream has been locked to a reader."
UNKNOWN_ENCODING = "Unknown character encoding has been provided."
NOT_ASCII = "Expected ASCII-compatible encoding."

_ELEMENT_HANDLERS = ("element", "comments", "text")
_DOCUMENT_HANDLERS = ("doctype", "comments", "text", "end")
_NOT_ASCII_COMPATIBLE = frozenset({"utf-16le", "utf-16be", "iso-2022-jp", "replacement"})


class HTMLRewriter(JsObject, name="HTMLRewriter"):
    """`HTMLRewriter`."""

    __slots__ = ("_registrations",)

    def __init__(self) -> None:
        super().__init__()
        self._registrations: list[Registration] = []

    @classmethod
    def js_new(cls) -> JsValue:
        return cls()

    @method
    def on(self, selector: JsValue = MISSING, handlers: JsValue = MISSING) -> HTMLRewriter:
        text = string_argument(selector, "HTMLRewriter", "on")
        kind = "ElementContentHandlers"
        functions = _functions(handlers, "on", 2, kind, _ELEMENT_HANDLERS)
        registration = Registration(checked_selector(text), handlers, functions)
        self._registrations.append(registration)
        return self

    @method
    def onDocument(self, handlers: JsValue = MISSING) -> HTMLRewriter:
        kind = "DocumentContentHandlers"
        functions = _functions(handlers, "onDocument", 1, kind, _DOCUMENT_HANDLERS)
        self._registrations.append(Registration(None, handlers, functions))
        return self

    @method
    def transform(self, response: JsValue = MISSING) -> JsValue:
        if not isinstance(response, Response):
            raise wrong_parameter("HTMLRewriter", "transform", 1, "Response")
        if response.type == "error":
            raise type_error(ERROR_RESPONSE)
        body = response.body
        if body is null:
            return response
        if response.bodyUsed or body.locked:
            raise type_error(LOCKED)
        encoding = _encoding_of(response)
        esi = host.current().flag("html_rewriter_treats_esi_include_as_void_tag")
        engine = Engine(list(self._registrations), esi=esi)
        rewriting = _Rewriting(engine, body, encoding)
        return Response.js_new(rewriting.readable, response)


def _functions(
    handlers: JsValue, member: str, index: int, kind: str, names: tuple[str, ...]
) -> dict[str, JsValue]:
    if handlers is None or handlers is null:
        return {}
    if not isinstance(handlers, JsObject):
        raise wrong_parameter("HTMLRewriter", member, index, kind)
    functions: dict[str, JsValue] = {}
    for name in names:
        function = get_option(handlers, name)
        if function is None:
            continue
        if not getattr(function, "js_callable", False):
            raise wrong_field(kind, name, "function")
        functions[name] = function
    return functions


def _encoding_of(response: Response) -> str:
    """The encoding that the response's type names; the engine itself works in UTF-8."""
    content_type = response.headers.first("content-type") or ""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name.lower() != "charset":
            continue
        encoding = encoding_of(value.strip('"'))
        if encoding is None:
            label = value.strip('" ').lower()
            raise parser_error(NOT_ASCII if label == "replacement" else UNKNOWN_ENCODING)
        if encoding in _NOT_ASCII_COMPATIBLE:
            raise parser_error(NOT_ASCII)
        return encoding
    return "utf-8"


class _Rewriting:
    """One response on its way through the engine."""

    def __init__(self, engine: Engine, body: ReadableStream, encoding: str) -> None:
        self._engine = engine
        self._body = body
        self._encoding = encoding
        self._decoder = None if encoding == "utf-8" else TextDecoder(encoding, ignore_bom=True)
        self._channel = ByteChannel(self._cancelled)
        self.readable = byte_source_readable(self._channel)
        # Locks the body at once, while handlers wait for the next microtask.
        first = pull_chunk(body)
        first.handled = True
        spawn(self._pump(first)).handled = True

    async def _pump(self, first: JsValue) -> JsValue:
        try:
            data = await first
            while data is not None:
                await self._run_handlers(self._engine.write(self._decoded(data)))
                await self._emit()
                data = await pull_chunk(self._body)
            if self._decoder is not None:
                rest = self._decoder.decode_bytes(b"", final=True)
                await self._run_handlers(self._engine.write(rest.encode()))
            await self._run_handlers(self._engine.end())
            await self._emit()
            self._channel.end()
        except Exception as exception:  # noqa: BLE001 - whatever it is, the reader gets it
            reason = error_value(exception)
            self._channel.fail(reason)
            self._engine.discard()
            cancel_stream(self._body, reason)
        return None

    async def _run_handlers(self, event: Event | None) -> None:
        while event is not None:
            handle = handle_of(event.token)
            try:
                result = event.function.js_call(event.this, (handle,))
                if isinstance(result, JsObject):
                    await resolved(result)
            finally:
                handle.invalidate()
            for content in event.token.contents():
                await _read_stream(content)
            event = self._engine.resume()

    async def _emit(self) -> None:
        output = self._engine.take_output()
        if output:
            await self._channel.push(self._encoded(output))

    def _decoded(self, data: bytes) -> bytes:
        if self._decoder is None:
            return data
        return self._decoder.decode_bytes(data, final=False).encode()

    def _encoded(self, data: bytes) -> bytes:
        if self._decoder is None:
            return data
        text = data.decode("utf-8", "replace")
        codec = MULTI_BYTE_CODECS.get(self._encoding)
        if codec is not None:
            return text.encode(codec, "xmlcharrefreplace")
        table = codecs.charmap_build(character_table(self._encoding))
        return codecs.charmap_encode(text, "xmlcharrefreplace", table)[0]

    def _cancelled(self, reason: JsValue) -> None:
        self._engine.discard()
        cancel_stream(self._body, reason)


async def _read_stream(content: Content) -> None:
    """Reads a stream that is to be inserted. Its chunks may be texts as well as bytes."""
    stream = content.stream
    if stream is None or stream is null:
        return
    if stream.locked or stream.disturbed:
        raise type_error(LOCKED)
    reader = stream.getReader()
    pieces: list[bytes] = []
    while True:
        result = await reader.read()
        if result.js_get("done"):
            break
        chunk = result.js_get("value")
        data = utf8_bytes(chunk) if isinstance(chunk, str) else bytes_of(chunk)
        if data is None:
            raise type_error(NOT_BYTES)
        pieces.append(data)
    content.text = b"".join(pieces).decode("utf-8", "replace")
