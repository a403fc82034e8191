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
    assert [first.state, second.state, closing.state] == ["pending"] * 3
    assert await read(reader) == (b"abc", False)
    await first
    assert await read(reader) == (b"d", False)
    assert await read(reader) == (None, True)
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
    assert await read(reader) == (b"x", False)


@javascript
async def test_other_values_fail_their_write_only() -> None:
    reader, writer = sides()
    assert (
        await outcome(call(writer, "write", 1))
        == "TypeError: This TransformStream is being used as a byte stream, but received an object "
        "of non-ArrayBuffer/ArrayBufferView type on its writable side."
    )
    call(writer, "write", "ok")
    assert await read(reader) == (b"ok", False)


@javascript
async def test_a_byob_read_takes_part_of_a_write() -> None:
    stream = new(IdentityTransformStream)
    reader = call(stream.readable, "getReader", obj(mode="byob"))
    writing = call(call(stream.writable, "getWriter"), "write", "abcd")
    assert await read(reader, u8(3)) == (b"abc", False)
    await tick()
    assert writing.state == "pending"
    assert await read(reader, u8(3)) == (b"d", False)
    await writing


@javascript
async def test_guests_read_at_most_4096_bytes_at_once() -> None:
    reader, writer = sides()
    call(writer, "write", u8(10000))
    sizes = [len((await read(reader))[0]) for _ in range(3)]
    assert sizes == [4096, 4096, 1808]


@javascript
async def test_desired_size_with_and_without_a_high_water_mark() -> None:
    _, writer = sides()
    assert (writer.desiredSize, writer.ready.state) == (1, "fulfilled")
    reader, writer = sides(new(IdentityTransformStream, obj(highWaterMark=10)))
    sizes = [writer.desiredSize]
    call(writer, "write", u8(4))
    sizes.append(writer.desiredSize)
    call(writer, "write", u8(10))
    sizes.append(writer.desiredSize)
    await tick()
    assert writer.ready.state == "pending"
    await read(reader)
    await tick()
    assert [*sizes, writer.desiredSize] == [10, 6, -4, 0]


@javascript
async def test_one_read_at_a_time_and_no_release_meanwhile() -> None:
    reader, _ = sides()
    call(reader, "read")
    assert (
        await outcome(call(reader, "read"))
        == "TypeError: This ReadableStream only supports a single pending read request at a time."
    )
    assert (
        await outcome(lambda: call(reader, "releaseLock"))
        == "TypeError: Cannot call releaseLock() on a reader with outstanding read promises."
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
    assert await outcome(reading) == "Error: WA"
    assert await outcome(reader.closed) == "Error: WA"


@javascript
async def test_after_close() -> None:
    _, writer = sides()
    await call(writer, "close")
    assert await outcome(call(writer, "write", "a")) == CLOSED
    assert await outcome(call(writer, "close")) == CLOSED


@javascript
async def test_both_branches_of_a_tee_get_everything() -> None:
    stream = new(IdentityTransformStream)
    branches = call(stream.readable, "tee").items
    writer = call(stream.writable, "getWriter")
    for text in ("x", "y"):
        call(writer, "write", text)
    call(writer, "close")
    assert [await branch.read_all() for branch in branches] == [b"xy", b"xy"]


@javascript
async def test_a_pipe_hands_over_one_chunk_at_a_time() -> None:
    stream = new(IdentityTransformStream)
    source = stream_of(u8(b"a"), "b", u8(b"c"))
    piping = call(source, "pipeTo", stream.writable)
    await tick()
    assert piping.state == "pending"
    assert await stream.readable.read_all() == b"abc"
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
    assert new(FixedLengthStream, 1).js_get("constructor").js_get("name") == "FixedLengthStream"


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
    assert await through(3, ["ab", "c"]) == [None, None, None, b"abc"]
    assert await through(0, []) == [None, b""]
    assert await through(5, ["ab"]) == [None, None, TOO_FEW]
    assert await through(2, ["ab", "c"], close=False) == [None, TOO_MANY, TOO_MANY]
    assert await through(2, ["abc"], close=False) == [TOO_MANY, TOO_MANY]


@javascript
async def test_fixed_length_is_known_to_the_host() -> None:
    assert new(FixedLengthStream, "5").readable.expected_length == 5
    assert new(FixedLengthStream, 1.5).readable.expected_length == 1
    assert new(IdentityTransformStream).readable.expected_length is None


@javascript
async def test_length_texts() -> None:
    integer = "TypeError: The value cannot be converted because it is not an integer."
    for args, text in (
        ((), ("TypeError: Failed to construct 'FixedLengthStream': constructor parameter 1 is not "
         "of type 'bigint'.")),
        ((-1,), ("TypeError: The value cannot be converted because it is negative and this API "
         "expects a positive bigint.")),
        (("x",), integer),
        ((float("nan"),), integer),
        ((2**53 + 2,), ("TypeError: FixedLengthStream requires an integer expected length less "
         "than 2^53.")),
    ):  # fmt: skip
        assert text == await outcome(lambda a=args: new(FixedLengthStream, *a))
    assert (
        await outcome(lambda: new(IdentityTransformStream, "x"))
        == "TypeError: Failed to construct 'IdentityTransformStream': constructor parameter 1 is not "
        "of type 'QueuingStrategy'."
    )


def test_tee_gives_a_javascript_array(js_host: Any) -> None:
    assert isinstance(call(new(IdentityTransformStream).readable, "tee"), JsArray)
