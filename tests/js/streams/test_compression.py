"""CompressionStream and DecompressionStream."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest

from emulator.js.buffers import Uint8Array
from emulator.js.errors import JsThrow
from emulator.js.promise import Promise
from emulator.js.streams import (
    CompressionStream,
    DecompressionStream,
    ReadableStream,
    TransformStream,
)
from emulator.js.streams.compression import WINDOW_BITS
from tests.js.guest_values import call, new
from tests.js.streams.support import javascript, outcome, read, tick
from tests.support.js_host import FakeHost, settle

FORMATS = list(WINDOW_BITS)
DATA = b"hello hello hello"


def compressed(format: str, data: bytes = DATA) -> bytes:
    codec = zlib.compressobj(wbits=WINDOW_BITS[format])
    return codec.compress(data) + codec.flush()


def start(stream: Any, *chunks: Any) -> tuple[Promise, Promise]:
    """Writes all chunks and closes; gives the promises of everything and of the close."""
    reading = stream.readable.read_all()
    writer = call(stream.writable, "getWriter")
    for chunk in chunks:
        call(writer, "write", chunk).handled = True
    closing = call(writer, "close")
    reading.handled = closing.handled = True
    return reading, closing


@pytest.mark.parametrize("format", FORMATS)
def test_both_directions(format: str, js_host: FakeHost) -> None:
    squeezed = settle(start(new(CompressionStream, format), Uint8Array.from_bytes(DATA))[0])
    assert compressed(format) == squeezed
    halves = (Uint8Array.from_bytes(squeezed[:7]), Uint8Array.from_bytes(squeezed[7:]))
    assert settle(start(new(DecompressionStream, format), *halves)[0]) == DATA


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_and_text_can_be_compressed(format: str, js_host: FakeHost) -> None:
    assert compressed(format, b"") == settle(start(new(CompressionStream, format))[0])
    assert compressed(format, b"str") == settle(start(new(CompressionStream, format), "str")[0])


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("chunks", "text"),
    [
        ([b"garbage!garbage!"], "TypeError: Decompression failed."),
        (
            ["data[:-3]"],
            "TypeError: Called close() on a decompression stream with incomplete data",
        ),
        ([], "TypeError: Called close() on a decompression stream with incomplete data"),
        (["data+"], "TypeError: Trailing bytes after end of compressed data"),
        (["data", b"\1\2"], "TypeError: Trailing bytes after end of compressed data"),
    ],
)
def test_bad_input_fails_both_sides(
    format: str, chunks: list[Any], text: str, js_host: FakeHost
) -> None:
    data = compressed(format)
    known = {"data": data, "data[:-3]": data[:-3], "data+": data + b"\1\2"}
    given = [Uint8Array.from_bytes(known.get(chunk, chunk)) for chunk in chunks]
    for promise in start(new(DecompressionStream, format), *given):
        with pytest.raises(JsThrow) as caught:
            settle(promise)
        assert text == str(caught.value)


@javascript
async def test_writing_does_not_wait_for_a_reader() -> None:
    stream = new(CompressionStream, "gzip")
    writer = call(stream.writable, "getWriter")
    await call(writer, "write", Uint8Array.from_bytes(bytes(100_000)))
    assert writer.desiredSize == 1
    await call(writer, "close")
    assert bytes(100_000) == gzip.decompress(await stream.readable.read_all())


@javascript
async def test_the_header_can_be_read_first_and_output_comes_as_it_is_made() -> None:
    stream = new(CompressionStream, "gzip")
    await call(call(stream.writable, "getWriter"), "write", "abc")
    assert await read(call(stream.readable, "getReader")) == (b"\x1f\x8b\x08\0\0\0\0\0\0\3", False)
    stream = new(DecompressionStream, "gzip")
    data = Uint8Array.from_bytes(compressed("gzip"))
    await call(call(stream.writable, "getWriter"), "write", data)
    assert await read(call(stream.readable, "getReader")) == (DATA, False)


@javascript
async def test_a_pipe_waits_while_much_output_is_unread() -> None:
    chunk = compressed("gzip", bytes(1_000_000))
    pulls = 0

    class Source:
        def pull(self) -> Promise:
            nonlocal pulls
            pulls += 1
            result = Promise()
            result.resolve_with(chunk[pulls * 10 - 10 : pulls * 10] or None)
            return result

        def cancel(self, reason: Any) -> None:
            pass

    stream = new(DecompressionStream, "gzip")
    readable = call(ReadableStream.from_source(Source()), "pipeThrough", stream)
    await tick(500)
    assert pulls < len(chunk) // 10
    assert bytes(1_000_000) == await readable.read_all()


@javascript
async def test_cancel_and_abort() -> None:
    stream = new(DecompressionStream, "gzip")
    await call(stream.readable, "cancel", "x")
    assert await outcome(call(call(stream.writable, "getWriter"), "write", "a")) == "Error: x"
    stream = new(DecompressionStream, "gzip")
    await call(stream.writable, "abort", "x")
    assert await outcome(call(call(stream.readable, "getReader"), "read")) == "Error: x"


@javascript
async def test_texts() -> None:
    bad = "TypeError: The compression format must be either 'deflate', 'deflate-raw' or 'gzip'."
    for cls in (CompressionStream, DecompressionStream):
        assert bad == await outcome(lambda c=cls: new(c, "br"))
        assert (
            f"TypeError: Failed to construct '{cls.js_class_name}': constructor parameter 1 is "
            "not of type 'string'." == await outcome(lambda c=cls: new(c))
        )
        assert isinstance(new(cls, "gzip"), TransformStream)
    writer = call(new(CompressionStream, "gzip").writable, "getWriter")
    assert (
        await outcome(call(writer, "write", 1))
        == "TypeError: This TransformStream is being used as a byte stream, but received an object "
        "of non-ArrayBuffer/ArrayBufferView type on its writable side."
    )
