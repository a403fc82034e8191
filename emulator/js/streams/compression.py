"""`CompressionStream` and `DecompressionStream`: gzip, deflate and raw deflate, by zlib.

Guarantees: a write is done as soon as its bytes have been processed, read or not, as in the real
runtime (a Worker may write and close before it reads). A pipe waits while much output is unread.
Memory: input is decompressed in pieces of bounded size, one write at a time.
Source: workerd src/workerd/api/streams/compression.c++; Compression standard.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, ClassVar, Protocol

from emulator.js.convert import to_string
from emulator.js.errors import type_error
from emulator.js.promise import rejected
from emulator.js.streams.byte_source import ByteChannel
from emulator.js.streams.callbacks import Outcome
from emulator.js.streams.identity import CANCELLED, as_error, written_bytes
from emulator.js.streams.native_controller import byte_source_readable
from emulator.js.streams.transform import TransformStream
from emulator.js.streams.writable import WritableStream
from emulator.js.values import MISSING, JsValue
from emulator.js.webidl import wrong_constructor_parameter

BAD_FORMAT = "The compression format must be either 'deflate', 'deflate-raw' or 'gzip'."
FAILED = "Decompression failed."
INCOMPLETE = "Called close() on a decompression stream with incomplete data"
TRAILING = "Trailing bytes after end of compressed data"

WINDOW_BITS = {"gzip": 31, "deflate": 15, "deflate-raw": -15}
PIECE_BYTES = 64 * 1024
"""Decompressed bytes come in pieces of this size; a pipe waits while more than that is unread."""


class Codec(Protocol):
    """One direction of one stream."""

    def process(self, data: bytes) -> Iterator[bytes]:
        """The output for more input."""
        ...

    def finish(self) -> Iterator[bytes]:
        """What is left at the end of the input."""
        ...


class Compressor:
    """Compresses with zlib's default level."""

    __slots__ = ("_zlib",)

    def __init__(self, window_bits: int) -> None:
        self._zlib = zlib.compressobj(wbits=window_bits)

    def process(self, data: bytes) -> Iterator[bytes]:
        yield self._zlib.compress(data)

    def finish(self) -> Iterator[bytes]:
        yield self._zlib.flush()


class Decompressor:
    """Decompresses one member; anything behind it is an error, and so is too little."""

    __slots__ = ("_zlib",)

    def __init__(self, window_bits: int) -> None:
        self._zlib: Any = zlib.decompressobj(wbits=window_bits)

    def process(self, data: bytes) -> Iterator[bytes]:
        if self._zlib.eof:
            raise type_error(TRAILING)
        try:
            yield from self._pieces(data)
        except zlib.error:
            raise type_error(FAILED) from None
        if self._zlib.unused_data:
            raise type_error(TRAILING)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        while True:
            piece = self._zlib.decompress(data, PIECE_BYTES)
            yield piece
            data = self._zlib.unconsumed_tail
            # A full piece means that zlib may hold more output back, with or without input left.
            if not data and len(piece) < PIECE_BYTES:
                return

    def finish(self) -> Iterator[bytes]:
        if not self._zlib.eof:
            raise type_error(INCOMPLETE)
        return iter(())


class CodecSink:
    """The writable side."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.channel = ByteChannel(self._cancelled)
        self.writable = WritableStream(
            self,
            chunk_filter=written_bytes,
            pipe_gate=lambda: self.channel.drained(above=PIECE_BYTES),
        )

    def start(self, controller: JsValue) -> Outcome:
        return None

    def write(self, chunk: bytes, controller: JsValue) -> Outcome:
        return self._emit(self._codec.process(chunk)) if chunk else None

    def close(self) -> Outcome:
        try:
            outcome = self._emit(self._codec.finish())
        except Exception as exception:
            self.channel.fail(getattr(exception, "value", None))
            raise
        if outcome is None:
            self.channel.end()
        return outcome

    def _emit(self, output: Iterator[bytes]) -> Outcome:
        try:
            for piece in output:
                self.channel.push(piece)
        except Exception as exception:  # noqa: BLE001 - both sides fail with what the codec throws
            failure = getattr(exception, "value", None)
            self.channel.fail(failure)
            return rejected(failure)
        return None

    def abort(self, reason: JsValue) -> Outcome:
        self.channel.fail(as_error(reason, "undefined"))
        return None

    def _cancelled(self, reason: JsValue) -> Outcome:
        self.writable.fail(as_error(reason, CANCELLED))
        return None


class _CodecStream(TransformStream):
    """What both streams have."""

    __slots__ = ()
    codec_class: ClassVar[type[Compressor | Decompressor]]

    @classmethod
    def js_new(cls, format: JsValue = MISSING) -> JsValue:  # type: ignore[override]
        if format is MISSING:
            raise wrong_constructor_parameter(cls.js_class_name, 1, "string")
        window_bits = WINDOW_BITS.get(to_string(format))
        if window_bits is None:
            raise type_error(BAD_FORMAT)
        sink = CodecSink(cls.codec_class(window_bits))
        return cls(byte_source_readable(sink.channel), sink.writable)


class CompressionStream(_CodecStream, name="CompressionStream"):
    """Bytes in, compressed bytes out."""

    __slots__ = ()
    codec_class = Compressor


class DecompressionStream(_CodecStream, name="DecompressionStream"):
    """Compressed bytes in, bytes out."""

    __slots__ = ()
    codec_class = Decompressor
