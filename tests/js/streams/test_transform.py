"""TransformStream with a guest's transformer."""

from __future__ import annotations

from typing import Any

from emulator.js.errors import error
from emulator.js.streams import TransformStream
from emulator.js.values import null
from tests.js.streams.support import call, javascript, new, obj, outcome, read, tick

TERMINATED = "TypeError: The transform stream has been terminated"


def sides(*args: Any) -> tuple[Any, Any]:
    """A stream's reader and writer."""
    stream = new(TransformStream, *args)
    return call(stream.readable, "getReader"), call(stream.writable, "getWriter")


@javascript
async def test_without_a_transformer_any_value_passes() -> None:
    reader, writer = sides()
    call(writer, "write", "a")
    call(writer, "write", 1)
    call(writer, "close")
    assert [("a", False), (1, False), (None, True)] == [await read(reader) for _ in range(3)]


@javascript
async def test_start_transform_and_flush_may_be_sync_or_async() -> None:
    async def transform(chunk: str, controller: Any) -> None:
        await tick(2)
        call(controller, "enqueue", chunk.upper())

    async def flush(controller: Any) -> None:
        await tick(2)
        call(controller, "enqueue", "end")

    for async_ in (True, False):
        reader, writer = sides(
            obj(
                start=lambda c: call(c, "enqueue", "start"),
                transform=transform
                if async_
                else lambda chunk, c: call(c, "enqueue", chunk.upper()),
                flush=flush if async_ else lambda c: call(c, "enqueue", "end"),
            )
        )
        call(writer, "write", "a")
        call(writer, "close")
        assert [("start", False), ("A", False), ("end", False), (None, True)] == [
            await read(reader) for _ in range(4)
        ]


@javascript
async def test_a_write_waits_for_the_reader() -> None:
    reader, writer = sides()
    sizes = [writer.desiredSize]
    writing = call(writer, "write", 1)
    sizes.append(writer.desiredSize)
    await tick()
    assert "pending" == writing.state
    assert (1, False) == await read(reader)
    await writing
    assert [1, 0, 1] == [*sizes, writer.desiredSize]


@javascript
async def test_strategies_of_both_sides() -> None:
    _, writer = sides(obj(), obj(highWaterMark=3), obj(highWaterMark=2))
    await call(writer, "write", 1)
    await call(writer, "write", 2)
    call(writer, "write", 3)
    call(writer, "write", 4)
    assert 1 == writer.desiredSize
    controllers: list[Any] = []
    new(TransformStream, obj(start=controllers.append), obj(), obj(highWaterMark=4))
    call(controllers[0], "enqueue", 1)
    assert 3 == controllers[0].desiredSize


@javascript
async def test_a_failing_transform_fails_both_sides() -> None:
    def fails(*args: Any) -> None:
        raise error("T")

    async def rejects(*args: Any) -> None:
        raise error("T")

    for failing in (fails, rejects):
        reader, writer = sides(obj(transform=failing))
        reading = call(reader, "read")
        for promise in (call(writer, "write", 1), reading, writer.closed, reader.closed):
            assert "Error: T" == await outcome(promise)
        reader, writer = sides(obj(flush=failing))
        reading = call(reader, "read")
        assert "Error: T" == await outcome(call(writer, "close"))
        assert "Error: T" == await outcome(reading)
        reader, writer = sides(obj(start=failing))
        assert "Error: T" == await outcome(call(writer, "write", 1))
        assert "Error: T" == await outcome(call(reader, "read"))


@javascript
async def test_terminate_ends_the_reader_and_fails_the_writer() -> None:
    def transform(chunk: Any, controller: Any) -> None:
        call(controller, "enqueue", chunk)
        call(controller, "terminate")

    reader, writer = sides(obj(transform=transform))
    reading = call(reader, "read")
    assert await outcome(call(writer, "write", 1)) is None
    assert (1, False) == await outcome(reading)
    assert (None, True) == await read(reader)
    assert TERMINATED == await outcome(call(writer, "write", 2))
    assert TERMINATED == await outcome(writer.closed)


@javascript
async def test_the_controller_after_the_end() -> None:
    controllers: list[Any] = []
    new(TransformStream, obj(start=controllers.append))
    call(controllers[0], "terminate")
    assert (
        "TypeError: The readable side of this TransformStream is no longer readable."
        == await outcome(lambda: call(controllers[0], "enqueue", 1))
    )
    reader, writer = sides(obj(start=controllers.append))
    call(controllers[1], "error", "CE")
    assert controllers[1].desiredSize is null
    assert "CE" == await outcome(call(reader, "read"))
    assert "CE" == await outcome(call(writer, "write", 1))


@javascript
async def test_giving_up_one_side_fails_the_other_and_tells_the_transformer() -> None:
    reasons: list[Any] = []
    reader, writer = sides(obj(cancel=reasons.append))
    await call(reader, "cancel", "why")
    assert "why" == await outcome(call(writer, "write", 1))
    assert "why" == await outcome(writer.closed)
    reader, writer = sides(obj(cancel=reasons.append))
    await call(writer, "abort", "because")
    assert "because" == await outcome(call(reader, "read"))
    assert ["why", "because"] == reasons


@javascript
async def test_a_write_that_waits_hears_of_cancellation() -> None:
    reader, writer = sides()
    writing = call(writer, "write", 1)
    await tick()
    await call(reader, "cancel", "enough")
    assert "enough" == await outcome(writing)


@javascript
async def test_argument_texts() -> None:
    for options, text in (
        (
            "x",
            "TypeError: Failed to construct 'TransformStream': constructor parameter 1 is not of "
            "type 'Transformer'.",
        ),
        (obj(readableType="x"), "TypeError: transformer.readableType must be undefined."),
        (obj(writableType="x"), "TypeError: transformer.writableType must be undefined."),
        (
            obj(transform=1),
            "TypeError: Incorrect type for the 'transform' field on 'Transformer': the provided "
            "value is not of type 'function'.",
        ),
    ):
        assert text == await outcome(lambda o=options: new(TransformStream, o))
