"""Properties: however bytes are cut, the same bytes arrive, through everything they may go through."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.js.buffers import Uint8Array
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise, resolved, spawn
from emulator.js.streams import (
    CompressionStream,
    DecompressionStream,
    FixedLengthStream,
    IdentityTransformStream,
    ReadableStream,
    TextDecoderStream,
    TextEncoderStream,
    TransformStream,
    pull_chunk,
)
from tests.js.guest_values import call, new
from tests.js.streams.support import obj
from tests.support.js_host import FakeHost, settle

Chunks = list[bytes]
chunks_of_bytes = st.lists(st.binary(max_size=20), max_size=8)
# One host serves all examples: it has no state that they could see.
_examples = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Pieces:
    """A native source."""

    def __init__(self, chunks: Chunks) -> None:
        self.chunks = list(chunks)

    def pull(self) -> Promise:
        return resolved(self.chunks.pop(0) if self.chunks else None)

    def cancel(self, reason: Any) -> None:
        self.chunks.clear()


def _native(chunks: Chunks) -> ReadableStream:
    return ReadableStream.from_source(Pieces(chunks))


def _at_hand(chunks: Chunks) -> ReadableStream:
    return ReadableStream.from_bytes(b"".join(chunks))


def _guest(chunks: Chunks) -> ReadableStream:
    left = list(chunks)

    def pull(controller: Any) -> None:
        if left:
            call(controller, "enqueue", Uint8Array.from_bytes(left.pop(0)))
        else:
            call(controller, "close")

    return new(ReadableStream, obj(pull=pull))


def _guest_bytes(chunks: Chunks) -> ReadableStream:
    left = [chunk for chunk in chunks if chunk]

    def pull(controller: Any) -> None:
        if left:
            call(controller, "enqueue", Uint8Array.from_bytes(left.pop(0)))
        else:
            call(controller, "close")

    return new(ReadableStream, obj(type="bytes", pull=pull))


sources = st.sampled_from([_native, _at_hand, _guest, _guest_bytes])
Source = Callable[[Chunks], ReadableStream]


def through(stream: ReadableStream, transform: Any) -> ReadableStream:
    result: ReadableStream = call(stream, "pipeThrough", transform)
    return result


@_examples
@given(chunks=chunks_of_bytes, source=sources)
def test_reading_everything(chunks: Chunks, source: Source, js_host: FakeHost) -> None:
    assert b"".join(chunks) == settle(source(chunks).read_all())


@_examples
@given(chunks=chunks_of_bytes, source=sources)
def test_pulling_pieces(chunks: Chunks, source: Source, js_host: FakeHost) -> None:
    stream = source(chunks)
    pieces = []
    while (piece := settle(pull_chunk(stream))) is not None:
        assert piece
        pieces.append(piece)
    assert b"".join(chunks) == b"".join(pieces)


@_examples
@given(
    chunks=chunks_of_bytes,
    source=st.sampled_from([_native, _at_hand, _guest_bytes]),
    sizes=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=5),
)
def test_reading_into_views_of_any_size(
    chunks: Chunks, source: Source, sizes: list[tuple[int, int]], js_host: FakeHost
) -> None:
    reader = call(source(chunks), "getReader", PlainObject({"mode": "byob"}))
    got = b""
    for turn in range(1000):
        size, minimum = sizes[turn % len(sizes)]
        options = PlainObject({"min": min(size, minimum)})
        view = Uint8Array.from_bytes(bytes(size))
        result = settle(call(reader, "read", view, options))
        if result.js_get("done"):
            break
        got += result.js_get("value").tobytes()
    assert b"".join(chunks) == got


@_examples
@given(chunks=chunks_of_bytes, source=sources, both_at_once=st.booleans())
def test_tee(chunks: Chunks, source: Source, both_at_once: bool, js_host: FakeHost) -> None:
    first, second = call(source(chunks), "tee").items
    if both_at_once:
        promises = [first.read_all(), second.read_all()]
        results = [settle(promise) for promise in promises]
    else:
        results = [settle(first.read_all()), settle(second.read_all())]
    assert [b"".join(chunks)] * 2 == results


@_examples
@given(chunks=chunks_of_bytes, source=sources)
def test_transforms_that_change_nothing(chunks: Chunks, source: Source, js_host: FakeHost) -> None:
    data = b"".join(chunks)
    for transform in (
        new(TransformStream),
        new(IdentityTransformStream),
        new(IdentityTransformStream, obj(highWaterMark=7)),
        new(FixedLengthStream, len(data)),
    ):
        assert data == settle(through(source(chunks), transform).read_all())


@_examples
@given(chunks=chunks_of_bytes, source=sources, cut=st.integers(1, 9),
       format=st.sampled_from(["gzip", "deflate", "deflate-raw"]))  # fmt: skip
def test_compression(
    chunks: Chunks, source: Source, cut: int, format: str, js_host: FakeHost
) -> None:
    squeezed = settle(through(source(chunks), new(CompressionStream, format)).read_all())
    if format == "gzip":
        assert b"".join(chunks) == gzip.decompress(squeezed)
    pieces = [squeezed[start : start + cut] for start in range(0, len(squeezed), cut)]
    back = through(source(pieces), new(DecompressionStream, format))
    assert b"".join(chunks) == settle(back.read_all())


@_examples
@given(chunks=chunks_of_bytes, source=sources)
def test_text_decoding(chunks: Chunks, source: Source, js_host: FakeHost) -> None:
    stream = through(source(chunks), new(TextDecoderStream))
    text = settle(through(stream, new(TextEncoderStream)).read_all()).decode()
    assert b"".join(chunks).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace") == text


@_examples
@given(texts=st.lists(st.text(st.characters(), max_size=6), max_size=6))
def test_text_encoding(texts: list[str], js_host: FakeHost) -> None:
    stream = new(TextEncoderStream)
    writer = call(stream.writable, "getWriter")

    async def write() -> None:
        for text in texts:
            await call(writer, "write", text)
        await call(writer, "close")

    spawn(write())
    whole = "".join(texts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert whole.encode() == settle(stream.readable.read_all())
