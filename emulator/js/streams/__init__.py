"""Streams: the Streams standard as Cloudflare's runtime has it, and streams as bodies."""

from __future__ import annotations

from emulator.js.streams.byte_controller import (
    ReadableByteStreamController,
    ReadableStreamBYOBRequest,
)
from emulator.js.streams.compression import CompressionStream, DecompressionStream
from emulator.js.streams.consume import cancel_stream, pull_chunk, read_all, take_native_source
from emulator.js.streams.default_controller import ReadableStreamDefaultController
from emulator.js.streams.identity import FixedLengthStream, IdentityTransformStream
from emulator.js.streams.iteration import ReadableStreamAsyncIterator
from emulator.js.streams.native_controller import fail_native_stream, native_source
from emulator.js.streams.protocols import NativeSource, WritableSink
from emulator.js.streams.readable import ReadableStream
from emulator.js.streams.readers import ReadableStreamBYOBReader, ReadableStreamDefaultReader
from emulator.js.streams.strategies import ByteLengthQueuingStrategy, CountQueuingStrategy
from emulator.js.streams.text import TextDecoderStream, TextEncoderStream
from emulator.js.streams.transform import TransformStream, TransformStreamDefaultController
from emulator.js.streams.writable import WritableStream, WritableStreamDefaultController
from emulator.js.streams.writer import WritableStreamDefaultWriter

__all__ = [
    "ByteLengthQueuingStrategy", "CompressionStream", "CountQueuingStrategy",
    "DecompressionStream", "FixedLengthStream", "IdentityTransformStream", "NativeSource",
    "ReadableByteStreamController", "ReadableStream", "ReadableStreamAsyncIterator",
    "ReadableStreamBYOBReader", "ReadableStreamBYOBRequest", "ReadableStreamDefaultController",
    "ReadableStreamDefaultReader", "TextDecoderStream", "TextEncoderStream", "TransformStream",
    "TransformStreamDefaultController", "WritableSink", "WritableStream",
    "WritableStreamDefaultController", "WritableStreamDefaultWriter", "cancel_stream",
    "fail_native_stream", "native_source", "pull_chunk", "read_all", "take_native_source",
]  # fmt: skip
