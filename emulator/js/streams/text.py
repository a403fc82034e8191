"""`TextEncoderStream` and `TextDecoderStream`.

Guarantees: a character whose parts come in different chunks is one character in the output.
Source: Encoding standard, sections 7.3 and 7.4; texts of workerd.
"""

from __future__ import annotations

from emulator.js.buffers import Uint8Array, bytes_of
from emulator.js.convert import to_string
from emulator.js.define import getter
from emulator.js.encoding import TextDecoder, utf8_bytes
from emulator.js.errors import type_error
from emulator.js.object import JsObject
from emulator.js.streams.callbacks import Outcome
from emulator.js.streams.transform import (
    Transform,
    TransformStream,
    TransformStreamDefaultController,
)
from emulator.js.values import JsValue, null
from emulator.js.webidl import wrong_constructor_parameter

NOT_A_BUFFER = (
    "This TransformStream is being used as a byte stream, but received a value that is not a "
    "BufferSource."
)


class _Encode:
    """Text to UTF-8; holds back a high surrogate until its low one comes."""

    __slots__ = ("_high",)

    def __init__(self) -> None:
        self._high = ""

    def start(self, controller: JsValue) -> Outcome:
        return None

    def transform(self, chunk: JsValue, controller: TransformStreamDefaultController) -> Outcome:
        text = self._high + to_string(chunk)
        self._high = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._high = text[:-1], text[-1]
        if text:
            controller.enqueue(Uint8Array.from_bytes(utf8_bytes(text)))
        return None

    def flush(self, controller: TransformStreamDefaultController) -> Outcome:
        if self._high:
            controller.enqueue(Uint8Array.from_bytes(utf8_bytes(self._high)))
        return None

    def cancel(self, reason: JsValue) -> Outcome:
        return None


class _Decode:
    """Bytes to text."""

    __slots__ = ("_decoder",)

    def __init__(self, decoder: TextDecoder) -> None:
        self._decoder = decoder

    def start(self, controller: JsValue) -> Outcome:
        return None

    def transform(self, chunk: JsValue, controller: TransformStreamDefaultController) -> Outcome:
        data = bytes_of(chunk)
        if data is None:
            raise type_error(NOT_A_BUFFER)
        text = self._decoder.decode_bytes(data, final=False)
        if text:
            controller.enqueue(text)
        return None

    def flush(self, controller: TransformStreamDefaultController) -> Outcome:
        text = self._decoder.decode_bytes(b"", final=True)
        if text:
            controller.enqueue(text)
        return None

    def cancel(self, reason: JsValue) -> Outcome:
        return None


class TextEncoderStream(TransformStream, name="TextEncoderStream"):
    """Text in, UTF-8 out."""

    __slots__ = ()

    @classmethod
    def js_new(cls) -> JsValue:  # type: ignore[override]
        sides = Transform(_Encode())
        return cls(sides.readable, sides.writable)

    @getter
    def encoding(self) -> str:
        return "utf-8"


class TextDecoderStream(TransformStream, name="TextDecoderStream"):
    """Bytes in, text out."""

    __slots__ = ("_decoder",)

    def __init__(self, decoder: TextDecoder) -> None:
        sides = Transform(_Decode(decoder))
        super().__init__(sides.readable, sides.writable)
        self._decoder = decoder

    @classmethod
    def js_new(cls, label: JsValue = None, options: JsValue = None) -> JsValue:  # type: ignore[override]
        if options is not None and options is not null and not isinstance(options, JsObject):
            raise wrong_constructor_parameter("TextDecoderStream", 2, "TextDecoderStreamInit")
        return cls(TextDecoder.js_new(label, None if options is null else options))

    @getter
    def encoding(self) -> str:
        return self._decoder.encoding

    @getter
    def fatal(self) -> bool:
        return self._decoder.fatal

    @getter
    def ignoreBOM(self) -> bool:
        return self._decoder.ignoreBOM
