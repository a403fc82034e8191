"""WritableStream with a guest's sink, and its writer."""

from __future__ import annotations

from typing import Any

from emulator.js.errors import error
from emulator.js.promise import Promise
from emulator.js.streams import WritableStream, WritableStreamDefaultWriter
from emulator.js.values import null
from tests.js.streams.support import call, javascript, new, obj, outcome, tick

CLOSED = "TypeError: This WritableStream has been closed."
LOCKED = "TypeError: This WritableStream is currently locked to a writer."
RELEASED = "TypeError: This WritableStream writer has been released."


def recording(events: list[Any], **members: Any) -> Any:
    async def write(chunk: Any, controller: Any) -> None:
        events.append(f"write {chunk}")

    return obj(
        **{
            "start": lambda controller: events.append("start"),
            "write": write,
            "close": lambda: events.append("close"),
            "abort": lambda reason: events.append(f"abort {reason}"),
        }
        | members
    )


def writer_of(*args: Any) -> Any:
    return call(new(WritableStream, *args), "getWriter")


@javascript
async def test_chunks_are_written_one_at_a_time_and_then_closed() -> None:
    events: list[Any] = []
    writer = writer_of(recording(events))
    events.append(writer.desiredSize)
    first = call(writer, "write", 1)
    events.append(writer.desiredSize)
    second = call(writer, "write", 2)
    events.append(writer.desiredSize)
    await first
    await second
    await writer.ready
    events.append(writer.desiredSize)
    await call(writer, "close")
    await writer.closed
    events.append(writer.desiredSize)
    assert events == ["start", 1, 0, -1, "write 1", "write 2", 1, "close", 0]


@javascript
async def test_ready_waits_while_the_queue_is_full() -> None:
    pending: list[Promise] = []

    def write(chunk: Any, controller: Any) -> Promise:
        pending.append(Promise())
        return pending[-1]

    writer = writer_of(obj(write=write), obj(highWaterMark=2))
    call(writer, "write", 1)
    call(writer, "write", 2)
    await tick()
    assert (writer.desiredSize, writer.ready.state) == (0, "pending")
    pending[0].resolve_with(None)
    await tick()
    assert (writer.desiredSize, writer.ready.state) == (1, "fulfilled")


@javascript
async def test_writing_waits_for_start() -> None:
    events: list[Any] = []

    async def start(controller: Any) -> None:
        await tick(3)
        events.append("started")

    writer = writer_of(recording(events, start=start))
    call(writer, "write", 1)
    await call(writer, "close")
    assert events == ["started", "write 1", "close"]


@javascript
async def test_after_closing() -> None:
    for wait in (False, True):
        stream = new(WritableStream)
        writer = call(stream, "getWriter")
        closing = call(writer, "close")
        if wait:
            await closing
        assert await outcome(call(writer, "write", 1)) == CLOSED
        assert await outcome(call(writer, "close")) == CLOSED
    stream = new(WritableStream)
    await call(stream, "close")
    assert await outcome(call(stream, "close")) == CLOSED


@javascript
async def test_a_locked_stream_refuses() -> None:
    stream = new(WritableStream)
    call(stream, "getWriter")
    assert stream.locked
    for action in (
        lambda: call(stream, "getWriter"),
        lambda: new(WritableStreamDefaultWriter, stream),
        lambda: call(stream, "close"),
        lambda: call(stream, "abort"),
    ):
        assert await outcome(action) == LOCKED


@javascript
async def test_a_released_writer_refuses_everything() -> None:
    stream = new(WritableStream)
    writer = call(stream, "getWriter")
    call(writer, "releaseLock")
    for action in (
        lambda: call(writer, "write", 1),
        lambda: call(writer, "close"),
        lambda: call(writer, "abort"),
        lambda: writer.closed,
        lambda: writer.ready,
        lambda: writer.desiredSize,
    ):
        assert await outcome(action) == RELEASED
    assert not stream.locked


@javascript
async def test_abort_reaches_the_sink_and_every_promise() -> None:
    events: list[Any] = []
    writer = writer_of(recording(events))
    assert await outcome(call(writer, "abort", "why")) is None
    assert events == ["start", "abort why"]
    assert writer.desiredSize is null
    for action in (
        writer.closed,
        lambda: writer.ready,
        lambda: call(writer, "write", 1),
        lambda: call(writer, "close"),
    ):
        assert await outcome(action) == "why"


@javascript
async def test_abort_waits_for_the_write_at_the_sink_and_signals_it() -> None:
    signals: list[Any] = []
    pending = Promise()

    def start(controller: Any) -> None:
        signals.append(controller.signal)

    writer = writer_of(obj(start=start, write=lambda chunk, controller: pending))
    await tick()
    writing = call(writer, "write", 1)
    queued = call(writer, "write", 2)
    aborting = call(writer, "abort", "why")
    assert (signals[0].aborted, signals[0].reason) == (True, "why")
    await tick()
    assert aborting.state == "pending"
    pending.resolve_with(None)
    assert [
        await outcome(writing), await outcome(queued), await outcome(aborting),
    ] == [None, "why", None]  # fmt: skip


@javascript
async def test_a_failing_write_errors_the_stream() -> None:
    def write(chunk: Any, controller: Any) -> None:
        raise error("WT")

    writer = writer_of(obj(write=write))
    assert await outcome(call(writer, "write", 1)) == "Error: WT"
    for action in (
        lambda: call(writer, "write", 2),
        lambda: call(writer, "close"),
        lambda: writer.closed,
        lambda: writer.ready,
    ):
        assert await outcome(action) == "Error: WT"
    assert writer.desiredSize is null
    assert await outcome(call(writer, "abort", "x")) is None


@javascript
async def test_failing_start_close_and_abort() -> None:
    def fails(*args: Any) -> None:
        raise error("F")

    async def rejects(*args: Any) -> None:
        raise error("F")

    for failing in (fails, rejects):
        assert await outcome(call(writer_of(obj(start=failing)), "write", 1)) == "Error: F"
        writer = writer_of(obj(close=failing))
        assert await outcome(call(writer, "close")) == "Error: F"
        assert await outcome(writer.closed) == "Error: F"
        writer = writer_of(obj(abort=failing))
        assert await outcome(call(writer, "abort", 1)) == "Error: F"
        assert await outcome(writer.closed) == "1"


@javascript
async def test_the_controller_can_error_the_stream() -> None:
    controllers: list[Any] = []
    writer = writer_of(obj(start=controllers.append))
    call(controllers[0], "error", "CE")
    assert await outcome(call(writer, "write", 1)) == "CE"
    assert await outcome(writer.closed) == "CE"


@javascript
async def test_size_functions_count_chunks() -> None:
    writer = writer_of(
        obj(write=lambda *args: Promise()), obj(highWaterMark=10, size=lambda chunk: len(chunk))
    )
    call(writer, "write", "abc")
    assert writer.desiredSize == 7

    def size(chunk: Any) -> int:
        raise error("SZ")

    writer = writer_of(obj(), obj(size=size))
    assert await outcome(call(writer, "write", "abc")) == "Error: SZ"
    assert await outcome(writer.closed) == "Error: SZ"


@javascript
async def test_argument_texts() -> None:
    assert (
        await outcome(lambda: new(WritableStream, "x"))
        == "TypeError: Failed to construct 'WritableStream': constructor parameter 1 is not of type "
        "'UnderlyingSink'."
    )
    assert (
        await outcome(lambda: new(WritableStreamDefaultWriter, obj()))
        == "TypeError: Failed to construct 'WritableStreamDefaultWriter': constructor parameter 1 is "
        "not of type 'WritableStream'."
    )
    assert (
        await outcome(lambda: new(WritableStream, obj(write=1)))
        == "TypeError: Incorrect type for the 'write' field on 'UnderlyingSink': the provided value "
        "is not of type 'function'."
    )
