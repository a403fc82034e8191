"""Streams as bodies: native sources, bytes at hand, read_all, pull_chunk, tee."""

from __future__ import annotations

from typing import Any

from emulator.js.buffers import ArrayBuffer, Uint8Array
from emulator.js.buffers.data_view import DataView
from emulator.js.errors import error
from emulator.js.promise import Promise, rejected, resolved
from emulator.js.streams import ReadableStream, TransformStream, cancel_stream, pull_chunk
from emulator.js.values import null
from tests.js.streams.support import call, javascript, new, obj, outcome, read, tick
from tests.js.streams.test_readable import stream_of

NOT_BYTES = "TypeError: This ReadableStream did not return bytes."
LOCKED = "TypeError: This ReadableStream is currently locked to a reader."


class Pieces:
    """A NativeSource that counts."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = list(pieces)
        self.pulls = 0
        self.reasons: list[Any] = []

    def pull(self) -> Promise:
        self.pulls += 1
        piece = self.pieces.pop(0) if self.pieces else None
        return rejected(error(str(piece)).value) if isinstance(piece, Exception) else resolved(piece)

    def cancel(self, reason: Any) -> None:
        self.reasons.append(reason)


def u8(data: bytes) -> Uint8Array:
    return Uint8Array.from_bytes(data)


@javascript
async def test_a_native_source_is_pulled_once_per_read() -> None:
    source = Pieces(b"ab", b"", b"cd")
    stream = ReadableStream.from_source(source)
    await tick()
    assert 0 == source.pulls
    reader = call(stream, "getReader")
    assert (b"ab", False) == await read(reader)
    assert 1 == source.pulls
    assert [(b"cd", False), (None, True), (None, True)] == [await read(reader) for _ in range(3)]
    assert await reader.closed is None


@javascript
async def test_long_pieces_are_cut_for_guests_and_not_for_the_host() -> None:
    sizes = []
    stream = ReadableStream.from_source(Pieces(bytes(10000)))
    iterator = call(stream, "values")
    while not (result := await outcome(call(iterator, "next")))[1]:
        sizes.append(len(result[0]))
    assert [4096, 4096, 1808] == sizes
    assert bytes(10000) == await pull_chunk(ReadableStream.from_source(Pieces(bytes(10000))))


@javascript
async def test_a_byob_read_of_a_native_source() -> None:
    stream = ReadableStream.from_source(Pieces(b"abcde", b"f"))
    reader = call(stream, "getReader", obj(mode="byob"))
    assert (b"abc", False) == await read(reader, u8(bytes(3)))
    assert (b"def", False) == await outcome(call(reader, "read", u8(bytes(3)), obj(min=3)))
    assert (b"", True) == await read(reader, u8(bytes(3)))


@javascript
async def test_a_failing_source_fails_reads_and_closed() -> None:
    stream = ReadableStream.from_source(Pieces(b"a", ValueError("net")))
    reader = call(stream, "getReader")
    assert (b"a", False) == await read(reader)
    assert "Error: net" == await outcome(call(reader, "read"))
    assert "Error: net" == await outcome(reader.closed)


@javascript
async def test_cancel_reaches_the_source() -> None:
    source = Pieces(b"a")
    await call(ReadableStream.from_source(source), "cancel", "why")
    assert ["why"] == source.reasons


@javascript
async def test_read_all_of_bytes_does_not_go_chunk_by_chunk() -> None:
    stream = ReadableStream.from_bytes(bytes(100_000))
    assert (100_000, False, False) == (stream.expected_length, stream.locked, stream.disturbed)
    promise = stream.read_all()
    assert ("fulfilled", bytes(100_000)) == (promise.state, promise.value)
    assert (True, True, "closed") == (stream.locked, stream.disturbed, stream.state)


@javascript
async def test_read_all_gives_what_is_left() -> None:
    stream = ReadableStream.from_bytes(bytes(4096) + b"rest")
    reader = call(stream, "getReader")
    await read(reader)
    call(reader, "releaseLock")
    assert b"rest" == await stream.read_all()


@javascript
async def test_read_all_joins_buffers_of_every_kind() -> None:
    chunks = [u8(b"a"), u8(b""), ArrayBuffer(b"b"), DataView(ArrayBuffer(b"xcx"), 1, 1)]
    assert b"abc" == await stream_of(*chunks).read_all()
    assert b"abcd" == await ReadableStream.from_source(Pieces(b"ab", b"cd")).read_all()


@javascript
async def test_chunks_that_are_no_bytes_fail_the_body_and_cancel_its_source() -> None:
    for chunk in ("text", 1, null, obj(), None):
        assert NOT_BYTES == await outcome(stream_of(chunk).read_all())
        through = call(stream_of(chunk), "pipeThrough", new(TransformStream))
        assert NOT_BYTES == await outcome(through.read_all())
    reasons: list[Any] = []
    source = obj(
        pull=lambda c: c.enqueue("x"), cancel=lambda reason: reasons.append(reason.js_to_string())
    )
    assert NOT_BYTES == await outcome(pull_chunk(new(ReadableStream, source)))
    assert [NOT_BYTES] == reasons


@javascript
async def test_a_failing_stream_fails_the_body_with_the_same_value() -> None:
    for reason, text in ((error("BE").value, "Error: BE"), ("BE", "BE")):
        stream = new(ReadableStream, obj(pull=lambda c, r=reason: c.error(r)))
        assert text == await outcome(stream.read_all())


@javascript
async def test_the_host_pulls_piece_by_piece() -> None:
    source = Pieces(b"ab", b"", b"cd")
    stream = ReadableStream.from_source(source)
    assert [b"ab", b"cd", None, None] == [await pull_chunk(stream) for _ in range(4)]
    guest = stream_of(u8(b"a"), u8(b""), u8(b"b"))
    assert [b"a", b"b", None] == [await pull_chunk(guest) for _ in range(3)]
    assert guest.locked


@javascript
async def test_a_stream_that_a_guest_has_locked_is_no_body() -> None:
    stream = new(ReadableStream)
    call(stream, "getReader")
    assert LOCKED == await outcome(pull_chunk(stream))
    assert LOCKED == await outcome(stream.read_all())
    assert (
        "TypeError: This ReadableStream is locked to a reader, and cannot be used as a body."
        == await outcome(stream.check_body)
    )


@javascript
async def test_a_stream_that_was_read_from_is_no_body() -> None:
    text = (
        "TypeError: This ReadableStream is disturbed (has already been read from), and cannot be "
        "used as a body."
    )
    stream = ReadableStream.from_bytes(b"a")
    stream.check_body()
    reader = call(stream, "getReader")
    await read(reader)
    call(reader, "releaseLock")
    assert text == await outcome(stream.check_body)
    cancelled = new(ReadableStream)
    await call(cancelled, "cancel")
    assert text == await outcome(cancelled.check_body)


@javascript
async def test_the_host_cancels_what_it_has_locked() -> None:
    source = Pieces(b"a", b"b")
    stream = ReadableStream.from_source(source)
    await pull_chunk(stream)
    cancel_stream(stream, "client gone")
    assert ["client gone"] == source.reasons
    reasons: list[Any] = []
    guest = new(ReadableStream, obj(cancel=reasons.append))
    waiting = pull_chunk(guest)
    cancel_stream(guest, "client gone")
    assert await outcome(waiting) is None
    assert ["client gone"] == reasons


@javascript
async def test_tee_of_every_kind_of_stream() -> None:
    def byte_source(controller: Any) -> None:
        call(controller, "enqueue", u8(b"ab"))
        call(controller, "close")

    for stream in (
        ReadableStream.from_bytes(b"ab"),
        ReadableStream.from_source(Pieces(b"a", b"b")),
        stream_of(u8(b"a"), u8(b"b")),
        new(ReadableStream, obj(type="bytes", start=byte_source)),
    ):
        first, second = call(stream, "tee").items
        assert stream.locked
        assert [b"ab", b"ab"] == [await first.read_all(), await second.read_all()]


@javascript
async def test_tee_passes_values_and_errors_to_both() -> None:
    value = obj()
    branches = call(stream_of(value), "tee").items
    for branch in branches:
        result = await call(call(branch, "getReader"), "read")
        assert value is result.js_get("value")
    for failing in (
        new(ReadableStream, obj(pull=lambda c: c.error("TE"))),
        ReadableStream.from_source(Pieces(ValueError("x"))),
    ):
        texts = [await outcome(branch.read_all()) for branch in call(failing, "tee").items]
        assert texts[0] == texts[1] != b""


@javascript
async def test_tee_reads_only_when_a_branch_wants() -> None:
    source = Pieces(b"a", b"b")
    first, second = call(ReadableStream.from_source(source), "tee").items
    await tick()
    assert 0 == source.pulls
    assert (b"a", False) == await read(call(first, "getReader"))
    assert (b"a", False) == await read(call(second, "getReader"))
    assert 1 == source.pulls


@javascript
async def test_the_source_is_cancelled_with_the_second_branch() -> None:
    for make in (lambda s: ReadableStream.from_source(s), lambda s: _guest(s)):
        source = Pieces()
        first, second = call(make(source), "tee").items
        await call(first, "cancel", "r1")
        assert [] == source.reasons
        await call(second, "cancel", "r2")
        assert ["r2"] == source.reasons


def _guest(source: Pieces) -> ReadableStream:
    return new(ReadableStream, obj(cancel=source.cancel))


@javascript
async def test_tee_of_a_locked_stream() -> None:
    stream = new(ReadableStream)
    call(stream, "getReader")
    assert LOCKED[:-1] + "," == await outcome(lambda: call(stream, "tee"))


@javascript
async def test_a_long_stream_at_hand_does_not_recurse() -> None:
    stream = stream_of(*[u8(b"x")] * 5000)
    first, second = call(stream, "tee").items
    assert 5000 == len(await first.read_all())
    assert 5000 == len(await second.read_all())
