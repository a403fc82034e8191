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
        return (
            rejected(error(str(piece)).value) if isinstance(piece, Exception) else resolved(piece)
        )

    def cancel(self, reason: Any) -> None:
        self.reasons.append(reason)


def u8(data: bytes) -> Uint8Array:
    return Uint8Array.from_bytes(data)


@javascript
async def test_a_native_source_is_pulled_once_per_read() -> None:
    source = Pieces(b"ab", b"", b"cd")
    stream = ReadableStream.from_source(source)
    await tick()
    assert source.pulls == 0
    reader = call(stream, "getReader")
    assert await read(reader) == (b"ab", False)
    assert source.pulls == 1
    assert [await read(reader) for _ in range(3)] == [(b"cd", False), (None, True), (None, True)]
    assert await reader.closed is None


@javascript
async def test_long_pieces_are_cut_for_guests_and_not_for_the_host() -> None:
    sizes = []
    stream = ReadableStream.from_source(Pieces(bytes(10000)))
    iterator = call(stream, "values")
    while not (result := await outcome(call(iterator, "next")))[1]:
        sizes.append(len(result[0]))
    assert sizes == [4096, 4096, 1808]
    assert bytes(10000) == await pull_chunk(ReadableStream.from_source(Pieces(bytes(10000))))


@javascript
async def test_a_byob_read_of_a_native_source() -> None:
    stream = ReadableStream.from_source(Pieces(b"abcde", b"f"))
    reader = call(stream, "getReader", obj(mode="byob"))
    assert await read(reader, u8(bytes(3))) == (b"abc", False)
    assert await outcome(call(reader, "read", u8(bytes(3)), obj(min=3))) == (b"def", False)
    assert await read(reader, u8(bytes(3))) == (b"", True)


@javascript
async def test_a_failing_source_fails_reads_and_closed() -> None:
    stream = ReadableStream.from_source(Pieces(b"a", ValueError("net")))
    reader = call(stream, "getReader")
    assert await read(reader) == (b"a", False)
    assert await outcome(call(reader, "read")) == "Error: net"
    assert await outcome(reader.closed) == "Error: net"


@javascript
async def test_cancel_reaches_the_source() -> None:
    source = Pieces(b"a")
    await call(ReadableStream.from_source(source), "cancel", "why")
    assert source.reasons == ["why"]


@javascript
async def test_read_all_of_bytes_does_not_go_chunk_by_chunk() -> None:
    stream = ReadableStream.from_bytes(bytes(100_000))
    assert (stream.expected_length, stream.locked, stream.disturbed) == (100_000, False, False)
    promise = stream.read_all()
    assert ("fulfilled", bytes(100_000)) == (promise.state, promise.value)
    assert (stream.locked, stream.disturbed, stream.state) == (True, True, "closed")


@javascript
async def test_read_all_gives_what_is_left() -> None:
    stream = ReadableStream.from_bytes(bytes(4096) + b"rest")
    reader = call(stream, "getReader")
    await read(reader)
    call(reader, "releaseLock")
    assert await stream.read_all() == b"rest"


@javascript
async def test_read_all_joins_buffers_of_every_kind() -> None:
    chunks = [u8(b"a"), u8(b""), ArrayBuffer(b"b"), DataView(ArrayBuffer(b"xcx"), 1, 1)]
    assert await stream_of(*chunks).read_all() == b"abc"
    assert await ReadableStream.from_source(Pieces(b"ab", b"cd")).read_all() == b"abcd"


@javascript
async def test_chunks_that_are_no_bytes_fail_the_body_and_cancel_its_source() -> None:
    for chunk in ("text", 1, null, obj(), None):
        assert await outcome(stream_of(chunk).read_all()) == NOT_BYTES
        through = call(stream_of(chunk), "pipeThrough", new(TransformStream))
        assert await outcome(through.read_all()) == NOT_BYTES
    reasons: list[Any] = []
    source = obj(
        pull=lambda c: c.enqueue("x"), cancel=lambda reason: reasons.append(reason.js_to_string())
    )
    assert await outcome(pull_chunk(new(ReadableStream, source))) == NOT_BYTES
    assert reasons == [NOT_BYTES]


@javascript
async def test_a_failing_stream_fails_the_body_with_the_same_value() -> None:
    for reason, text in ((error("BE").value, "Error: BE"), ("BE", "BE")):
        stream = new(ReadableStream, obj(pull=lambda c, r=reason: c.error(r)))
        assert text == await outcome(stream.read_all())


@javascript
async def test_the_host_pulls_piece_by_piece() -> None:
    source = Pieces(b"ab", b"", b"cd")
    stream = ReadableStream.from_source(source)
    assert [await pull_chunk(stream) for _ in range(4)] == [b"ab", b"cd", None, None]
    guest = stream_of(u8(b"a"), u8(b""), u8(b"b"))
    assert [await pull_chunk(guest) for _ in range(3)] == [b"a", b"b", None]
    assert guest.locked


@javascript
async def test_a_stream_that_a_guest_has_locked_is_no_body() -> None:
    stream = new(ReadableStream)
    call(stream, "getReader")
    assert await outcome(pull_chunk(stream)) == LOCKED
    assert await outcome(stream.read_all()) == LOCKED
    assert (
        await outcome(stream.check_body)
        == "TypeError: This ReadableStream is locked to a reader, and cannot be used as a body."
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
    assert source.reasons == ["client gone"]
    reasons: list[Any] = []
    guest = new(ReadableStream, obj(cancel=reasons.append))
    waiting = pull_chunk(guest)
    cancel_stream(guest, "client gone")
    assert await outcome(waiting) is None
    assert reasons == ["client gone"]


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
        assert [await first.read_all(), await second.read_all()] == [b"ab", b"ab"]


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
    assert source.pulls == 0
    assert await read(call(first, "getReader")) == (b"a", False)
    assert await read(call(second, "getReader")) == (b"a", False)
    assert source.pulls == 1


@javascript
async def test_the_source_is_cancelled_with_the_second_branch() -> None:
    for make in (lambda s: ReadableStream.from_source(s), lambda s: _guest(s)):
        source = Pieces()
        first, second = call(make(source), "tee").items
        await call(first, "cancel", "r1")
        assert source.reasons == []
        await call(second, "cancel", "r2")
        assert source.reasons == ["r2"]


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
    assert len(await first.read_all()) == 5000
    assert len(await second.read_all()) == 5000
