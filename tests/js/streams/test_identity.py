"""IdentityTransformStream and FixedLengthStream."""

from __future__ import annotations

from typing import Any

from emulator.js.array import JsArray
from emulator.js.buffers import ArrayBuffer, Uint8Array
from emulator.js.errors import error
from emulator.js.streams import FixedLengthStream, IdentityTransformStream, TransformStream
from tests.js.streams.support import call, javascript, new, obj, outcome, read, tick
from tests.js.streams.test_readable import stream_of

CLOSED = "TypeError: This WritableStream has been closed."
TOO_MANY = "TypeError: Attempt to write too many bytes through a FixedLengthStream."
TOO_FEW = "TypeError: FixedLengthStream did not see all expected bytes before close()."


def u8(data: bytes | int) -> Uint8Array:
    return Uint8Array.from_bytes(bytes(data))


def sides(stream: Any = None) -> tuple[Any, Any]:
    stream = stream or new(IdentityTransformStream)
    return call(stream.readable, "getReader"), call(stream.writable, "getWriter")


@javascript
async def test_bytes_pass_and_writes_finish_when_they_have_been_read() -> None:
    reader, writer = sides()
    first, second = call(writer, "write", u8(b"abc")), call(writer, "write", u8(b"d"))
    closing = call(writer, "close")
    await tick()
    assert ["pending"] * 3 == [first.state, second.state, closing.state]
    assert (b"abc", False) == await read(reader)
    await first
    assert (b"d", False) == await read(reader)
    assert (None, True) == await read(reader)
    await second
    await closing


@javascript
async def test_text_is_written_as_utf8_and_nothing_at_once() -> None:
    reader, writer = sides()
    assert await outcome(call(writer, "write")) is None
    assert await outcome(call(writer, "write", u8(0))) is None
    call(writer, "write", "é")
    assert ("é".encode(), False) == await read(reader)
    call(writer, "write", ArrayBuffer(b"x"))
    assert (b"x", False) == await read(reader)


@javascript
async def test_other_values_fail_their_write_only() -> None:
    reader, writer = sides()
    assert (
        "TypeError: This TransformStream is being used as a byte stream, but received an object "
        "of non-ArrayBuffer/ArrayBufferView type on its writable side."
        == await outcome(call(writer, "write", 1))
    )
    call(writer, "write", "ok")
    assert (b"ok", False) == await read(reader)


@javascript
async def test_a_byob_read_takes_part_of_a_write() -> None:
    stream = new(IdentityTransformStream)
    reader = call(stream.readable, "getReader", obj(mode="byob"))
    writing = call(call(stream.writable, "getWriter"), "write", "abcd")
    assert (b"abc", False) == await read(reader, u8(3))
    await tick()
    assert "pending" == writing.state
    assert (b"d", False) == await read(reader, u8(3))
    await writing


@javascript
async def test_guests_read_at_most_4096_bytes_at_once() -> None:
    reader, writer = sides()
    call(writer, "write", u8(10000))
    sizes = [len((await read(reader))[0]) for _ in range(3)]
    assert [4096, 4096, 1808] == sizes


@javascript
async def test_desired_size_with_and_without_a_high_water_mark() -> None:
    _, writer = sides()
    assert (1, "fulfilled") == (writer.desiredSize, writer.ready.state)
    reader, writer = sides(new(IdentityTransformStream, obj(highWaterMark=10)))
    sizes = [writer.desiredSize]
    call(writer, "write", u8(4))
    sizes.append(writer.desiredSize)
    call(writer, "write", u8(10))
    sizes.append(writer.desiredSize)
    await tick()
    assert "pending" == writer.ready.state
    await read(reader)
    await tick()
    assert [10, 6, -4, 0] == [*sizes, writer.desiredSize]


@javascript
async def test_one_read_at_a_time_and_no_release_meanwhile() -> None:
    reader, _ = sides()
    call(reader, "read")
    assert (
        "TypeError: This ReadableStream only supports a single pending read request at a time."
        == await outcome(call(reader, "read"))
    )
    assert (
        "TypeError: Cannot call releaseLock() on a reader with outstanding read promises."
        == await outcome(lambda: call(reader, "releaseLock"))
    )


@javascript
async def test_cancelling_fails_the_write_that_waits() -> None:
    for reason, text in (
        (error("RC").value, "Error: RC"),
        ("RC", "Error: RC"),
        (None, "Error: Stream was cancelled."),
    ):
        reader, writer = sides()
        writing = call(writer, "write", "a")
        await call(reader, "cancel", reason)
        assert text == await outcome(writing)
        assert text == await outcome(writer.closed)


@javascript
async def test_aborting_fails_the_reader() -> None:
    reader, writer = sides()
    reading = call(reader, "read")
    await call(writer, "abort", error("WA").value)
    assert "Error: WA" == await outcome(reading)
    assert "Error: WA" == await outcome(reader.closed)


@javascript
async def test_after_close() -> None:
    _, writer = sides()
    await call(writer, "close")
    assert CLOSED == await outcome(call(writer, "write", "a"))
    assert CLOSED == await outcome(call(writer, "close"))


@javascript
async def test_both_branches_of_a_tee_get_everything() -> None:
    stream = new(IdentityTransformStream)
    branches = call(stream.readable, "tee").items
    writer = call(stream.writable, "getWriter")
    for text in ("x", "y"):
        call(writer, "write", text)
    call(writer, "close")
    assert [b"xy", b"xy"] == [await branch.read_all() for branch in branches]


@javascript
async def test_a_pipe_hands_over_one_chunk_at_a_time() -> None:
    stream = new(IdentityTransformStream)
    source = stream_of(u8(b"a"), "b", u8(b"c"))
    piping = call(source, "pipeTo", stream.writable)
    await tick()
    assert "pending" == piping.state
    assert b"abc" == await stream.readable.read_all()
    await piping


@javascript
async def test_what_is_no_bytes_fails_the_pipe() -> None:
    stream = new(IdentityTransformStream)
    piping = call(stream_of(u8(b"a"), 1), "pipeTo", stream.writable)
    reading = stream.readable.read_all()
    for promise in (piping, reading):
        assert str(await outcome(promise)).startswith("TypeError: This TransformStream is being")


@javascript
async def test_they_are_transform_streams() -> None:
    assert isinstance(new(FixedLengthStream, 1), IdentityTransformStream)
    assert isinstance(new(IdentityTransformStream), TransformStream)
    assert "FixedLengthStream" == new(FixedLengthStream, 1).js_get("constructor").js_get("name")


async def through(length: int, chunks: list[str], *, close: bool = True) -> list[Any]:
    stream = new(FixedLengthStream, length)
    reading = stream.readable.read_all()
    writer = call(stream.writable, "getWriter")
    results = [await outcome(call(writer, "write", chunk)) for chunk in chunks]
    if close:
        results.append(await outcome(call(writer, "close")))
    return [*results, await outcome(reading)]


@javascript
async def test_fixed_length_checks_how_many_bytes_pass() -> None:
    assert [None, None, None, b"abc"] == await through(3, ["ab", "c"])
    assert [None, b""] == await through(0, [])
    assert [None, None, TOO_FEW] == await through(5, ["ab"])
    assert [None, TOO_MANY, TOO_MANY] == await through(2, ["ab", "c"], close=False)
    assert [TOO_MANY, TOO_MANY] == await through(2, ["abc"], close=False)


@javascript
async def test_fixed_length_is_known_to_the_host() -> None:
    assert 5 == new(FixedLengthStream, "5").readable.expected_length
    assert 1 == new(FixedLengthStream, 1.5).readable.expected_length
    assert new(IdentityTransformStream).readable.expected_length is None


@javascript
async def test_length_texts() -> None:
    integer = "TypeError: The value cannot be converted because it is not an integer."
    for args, text in (
        ((), "TypeError: Failed to construct 'FixedLengthStream': constructor parameter 1 is not "
         "of type 'bigint'."),
        ((-1,), "TypeError: The value cannot be converted because it is negative and this API "
         "expects a positive bigint."),
        (("x",), integer),
        ((float("nan"),), integer),
        ((2**53 + 2,), "TypeError: FixedLengthStream requires an integer expected length less "
         "than 2^53."),
    ):  # fmt: skip
        assert text == await outcome(lambda a=args: new(FixedLengthStream, *a))
    assert (
        "TypeError: Failed to construct 'IdentityTransformStream': constructor parameter 1 is not "
        "of type 'QueuingStrategy'." == await outcome(lambda: new(IdentityTransformStream, "x"))
    )


def test_tee_gives_a_javascript_array(js_host: Any) -> None:
    assert isinstance(call(new(IdentityTransformStream).readable, "tee"), JsArray)
