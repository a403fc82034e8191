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
    assert [await read(reader) for _ in range(3)] == [("a", False), (1, False), (None, True)]


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
        assert [await read(reader) for _ in range(4)] == [
            ("start", False),
            ("A", False),
            ("end", False),
            (None, True),
        ]


@javascript
async def test_a_write_waits_for_the_reader() -> None:
    reader, writer = sides()
    sizes = [writer.desiredSize]
    writing = call(writer, "write", 1)
    sizes.append(writer.desiredSize)
    await tick()
    assert writing.state == "pending"
    assert await read(reader) == (1, False)
    await writing
    assert [*sizes, writer.desiredSize] == [1, 0, 1]


@javascript
async def test_strategies_of_both_sides() -> None:
    _, writer = sides(obj(), obj(highWaterMark=3), obj(highWaterMark=2))
    await call(writer, "write", 1)
    await call(writer, "write", 2)
    call(writer, "write", 3)
    call(writer, "write", 4)
    assert writer.desiredSize == 1
    controllers: list[Any] = []
    new(TransformStream, obj(start=controllers.append), obj(), obj(highWaterMark=4))
    call(controllers[0], "enqueue", 1)
    assert controllers[0].desiredSize == 3


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
            assert await outcome(promise) == "Error: T"
        reader, writer = sides(obj(flush=failing))
        reading = call(reader, "read")
        assert await outcome(call(writer, "close")) == "Error: T"
        assert await outcome(reading) == "Error: T"
        reader, writer = sides(obj(start=failing))
        assert await outcome(call(writer, "write", 1)) == "Error: T"
        assert await outcome(call(reader, "read")) == "Error: T"


@javascript
async def test_terminate_ends_the_reader_and_fails_the_writer() -> None:
    def transform(chunk: Any, controller: Any) -> None:
        call(controller, "enqueue", chunk)
        call(controller, "terminate")

    reader, writer = sides(obj(transform=transform))
    reading = call(reader, "read")
    assert await outcome(call(writer, "write", 1)) is None
    assert await outcome(reading) == (1, False)
    assert await read(reader) == (None, True)
    assert await outcome(call(writer, "write", 2)) == TERMINATED
    assert await outcome(writer.closed) == TERMINATED


@javascript
async def test_the_controller_after_the_end() -> None:
    controllers: list[Any] = []
    new(TransformStream, obj(start=controllers.append))
    call(controllers[0], "terminate")
    assert (
        await outcome(lambda: call(controllers[0], "enqueue", 1))
        == "TypeError: The readable side of this TransformStream is no longer readable."
    )
    reader, writer = sides(obj(start=controllers.append))
    call(controllers[1], "error", "CE")
    assert controllers[1].desiredSize is null
    assert await outcome(call(reader, "read")) == "CE"
    assert await outcome(call(writer, "write", 1)) == "CE"


@javascript
async def test_giving_up_one_side_fails_the_other_and_tells_the_transformer() -> None:
    reasons: list[Any] = []
    reader, writer = sides(obj(cancel=reasons.append))
    await call(reader, "cancel", "why")
    assert await outcome(call(writer, "write", 1)) == "why"
    assert await outcome(writer.closed) == "why"
    reader, writer = sides(obj(cancel=reasons.append))
    await call(writer, "abort", "because")
    assert await outcome(call(reader, "read")) == "because"
    assert reasons == ["why", "because"]


@javascript
async def test_a_write_that_waits_hears_of_cancellation() -> None:
    reader, writer = sides()
    writing = call(writer, "write", 1)
    await tick()
    await call(reader, "cancel", "enough")
    assert await outcome(writing) == "enough"


@javascript
async def test_argument_texts() -> None:
    for options, text in (
        (
            "x",
            (
                "TypeError: Failed to construct 'TransformStream': constructor parameter 1 is not of "
                "type 'Transformer'."
            ),
        ),
        (obj(readableType="x"), "TypeError: transformer.readableType must be undefined."),
        (obj(writableType="x"), "TypeError: transformer.writableType must be undefined."),
        (
            obj(transform=1),
            (
                "TypeError: Incorrect type for the 'transform' field on 'Transformer': the provided "
                "value is not of type 'function'."
            ),
        ),
    ):
        assert text == await outcome(lambda o=options: new(TransformStream, o))
