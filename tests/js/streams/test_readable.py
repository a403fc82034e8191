"""ReadableStream with a guest's source, its readers and its iteration."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.js.array import JsArray
from emulator.js.errors import error
from emulator.js.promise import rejected, resolved
from emulator.js.streams import (
    ByteLengthQueuingStrategy,
    CountQueuingStrategy,
    ReadableStream,
    ReadableStreamBYOBReader,
    ReadableStreamDefaultController,
    ReadableStreamDefaultReader,
)
from emulator.js.values import null
from tests.js.guest_values import static
from tests.js.streams.support import call, javascript, new, obj, outcome, read, tick

LOCKED = "TypeError: This ReadableStream is currently locked to a reader."
RELEASED = "TypeError: This ReadableStream reader has been released."


def stream_of(*chunks: Any) -> ReadableStream:
    def start(controller: Any) -> None:
        for chunk in chunks:
            controller.enqueue(chunk)
        controller.close()

    return new(ReadableStream, obj(start=start))


def opened(**members: Any) -> tuple[ReadableStream, Any]:
    """A stream and its controller."""
    controllers: list[Any] = []
    stream = new(ReadableStream, obj(start=controllers.append, **members))
    return stream, controllers[0]


@javascript
async def test_chunks_are_read_in_order_and_then_the_end() -> None:
    stream = stream_of(1, "two", null)
    reader = call(stream, "getReader")
    assert [(1, False), ("two", False), (null, False), (None, True), (None, True)] == [
        await read(reader) for _ in range(5)
    ]
    assert await reader.closed is None


@javascript
async def test_desired_size_follows_the_queue() -> None:
    sizes = []
    controllers = []

    def start(controller: Any) -> None:
        controllers.append(controller)
        sizes.append(controller.desiredSize)
        controller.enqueue("a")
        sizes.append(controller.desiredSize)

    stream = new(ReadableStream, obj(start=start), obj(highWaterMark=3))
    controllers[0].close()
    reader = call(stream, "getReader")
    await read(reader)
    assert [*sizes, controllers[0].desiredSize] == [3, 2, 0]


@javascript
async def test_an_errored_stream_has_no_desired_size() -> None:
    _, controller = opened()
    controller.error(error("x").value)
    assert controller.desiredSize is null


@javascript
async def test_pull_runs_only_when_chunks_are_wanted() -> None:
    events: list[str] = []

    def pull(controller: Any) -> None:
        events.append("pull")
        controller.enqueue(len(events))

    stream = new(ReadableStream, obj(pull=pull), obj(highWaterMark=0))
    await tick()
    assert events == []
    assert await read(call(stream, "getReader")) == (1, False)
    assert events == ["pull"]


@javascript
async def test_pull_is_not_called_again_before_it_is_done() -> None:
    running = 0
    most = 0

    async def pull(controller: Any) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await tick(3)
        controller.enqueue("x")
        running -= 1

    stream = new(ReadableStream, obj(pull=pull), obj(highWaterMark=5))
    reader = call(stream, "getReader")
    for _ in range(4):
        await read(reader)
    assert most == 1


@javascript
async def test_sync_and_async_callbacks_fail_reads_alike() -> None:
    def throws(controller: Any) -> None:
        raise error("bad")

    async def rejects(controller: Any) -> None:
        raise error("bad")

    for member in ("start", "pull"):
        for callback in (throws, rejects):
            stream = new(ReadableStream, obj(**{member: callback}))
            assert await outcome(call(call(stream, "getReader"), "read")) == "Error: bad"


@javascript
async def test_a_python_exception_of_a_callback_reaches_the_reader_as_itself() -> None:
    boom = ValueError("mine")

    def pull(controller: Any) -> None:
        raise boom

    reader = call(new(ReadableStream, obj(pull=pull)), "getReader")
    with pytest.raises(ValueError, match="mine") as caught:
        await call(reader, "read")
    assert caught.value is boom


@javascript
async def test_enqueue_and_close_after_the_end() -> None:
    for end in ("close", "error", "cancel"):
        stream, controller = opened()
        if end == "cancel":
            await call(stream, "cancel")
        else:
            call(controller, end, *([error("E").value] if end == "error" else []))
        enqueued = await outcome(lambda c=controller: call(c, "enqueue", 1))
        closed = await outcome(lambda c=controller: call(c, "close"))
        assert enqueued == "TypeError: Unable to enqueue"
        assert closed == "TypeError: This ReadableStream is closed."
        call(controller, "error", "ignored")


@javascript
async def test_error_needs_an_argument() -> None:
    _, controller = opened()
    text = await outcome(lambda: call(controller, "error"))
    assert (
        text
        == "TypeError: Failed to execute 'error' on 'ReadableStreamDefaultController': parameter 1 is "
        "not of type 'Value'."
    )


@javascript
async def test_size_functions_count_and_their_failure_errors_the_stream() -> None:
    controllers: list[Any] = []
    strategy = new(ByteLengthQueuingStrategy, obj(highWaterMark=7))
    new(ReadableStream, obj(start=controllers.append), strategy)
    call(controllers[0], "enqueue", obj(byteLength=3))
    assert controllers[0].desiredSize == 4

    def size(chunk: Any) -> int:
        raise error("size")

    stream = new(ReadableStream, obj(start=controllers.append), obj(size=size))
    call(controllers[1], "enqueue", "a")
    assert await outcome(call(call(stream, "getReader"), "read")) == "Error: size"


@javascript
async def test_strategies() -> None:
    count = new(CountQueuingStrategy, obj(highWaterMark=3))
    assert (count.highWaterMark, call(count, "size", "abc")) == (3, 1)
    assert (
        await outcome(lambda: new(ByteLengthQueuingStrategy))
        == "TypeError: Failed to construct 'ByteLengthQueuingStrategy': constructor parameter 1 is "
        "not of type 'QueuingStrategyInit'."
    )


@javascript
async def test_constructor_arguments_are_checked() -> None:
    texts = {
        ("x",): "TypeError: Failed to construct 'ReadableStream': constructor parameter 1 is not "
        "of type 'UnderlyingSource'.",
        (None, "x"): "TypeError: Failed to construct 'ReadableStream': constructor parameter 2 is "
        "not of type 'StreamQueuingStrategy'.",
        (obj(type="x"),): 'TypeError: "x" is not a valid type of ReadableStream.',
        (obj(pull=1),): "TypeError: Incorrect type for the 'pull' field on 'UnderlyingSource': the "
        "provided value is not of type 'function'.",
        (obj(), obj(highWaterMark=-1)): "TypeError: The value cannot be converted because it is "
        "negative and this API expects a positive bigint.",
        (obj(), obj(highWaterMark=float("inf"))): "TypeError: The value cannot be converted "
        "because it is not an integer.",
        (obj(), obj(highWaterMark="x")): "TypeError: The value cannot be converted because it is "
        "not an integer.",
        (obj(), obj(size=1)): "TypeError: Incorrect type for the 'size' field on "
        "'StreamQueuingStrategy': the provided value is not of type 'function'.",
        (obj(type="bytes", autoAllocateChunkSize=0),): "TypeError: The autoAllocateChunkSize "
        "option cannot be zero.",
    }
    for args, text in texts.items():
        assert text == await outcome(lambda a=args: new(ReadableStream, *a))
    assert not new(ReadableStream, null, null).locked


@javascript
async def test_get_reader_texts() -> None:
    stream = new(ReadableStream)
    texts = {
        "x": "TypeError: Failed to execute 'getReader' on 'ReadableStream': parameter 1 is not of "
        "type 'GetReaderOptions'.",
        obj(mode="x"): "TypeError: mode must be undefined or 'byob' in call to getReader().",
        obj(mode="byob"): "TypeError: This ReadableStream does not support BYOB reads.",
    }
    for options, text in texts.items():
        assert text == await outcome(lambda o=options: call(stream, "getReader", o))
    call(stream, "getReader", obj(mode=None))
    assert await outcome(lambda: call(stream, "getReader")) == LOCKED
    assert await outcome(lambda: new(ReadableStreamDefaultReader, stream)) == LOCKED
    assert (
        await outcome(lambda: new(ReadableStreamDefaultReader))
        == "TypeError: Failed to construct 'ReadableStreamDefaultReader': constructor parameter 1 is "
        "not of type 'ReadableStream'."
    )
    assert (
        await outcome(lambda: new(ReadableStreamBYOBReader, new(ReadableStream)))
        == "TypeError: This ReadableStream does not support BYOB reads."
    )
    assert (
        await outcome(lambda: new(ReadableStreamDefaultController))
        == "TypeError: Illegal constructor"
    )


@javascript
async def test_a_released_reader_refuses_everything() -> None:
    stream = new(ReadableStream)
    reader = call(stream, "getReader")
    waiting = call(reader, "read")
    call(reader, "releaseLock")
    call(reader, "releaseLock")
    assert not stream.locked
    assert await outcome(waiting) == RELEASED
    assert await outcome(call(reader, "read")) == RELEASED
    assert await outcome(call(reader, "cancel")) == RELEASED
    assert await outcome(reader.closed) == RELEASED


@javascript
async def test_the_next_reader_gets_what_the_first_left() -> None:
    stream = stream_of(1, 2)
    first = call(stream, "getReader")
    assert await read(first) == (1, False)
    call(first, "releaseLock")
    assert await read(call(stream, "getReader")) == (2, False)


@javascript
async def test_cancel_tells_the_source_and_ends_reads() -> None:
    reasons: list[Any] = []

    def cancel(reason: Any) -> int:
        reasons.append(reason)
        return 5

    stream = new(ReadableStream, obj(cancel=cancel))
    assert await outcome(call(stream, "cancel", "why")) is None
    assert reasons == ["why"]
    locked = new(ReadableStream, obj(cancel=cancel))
    reader = call(locked, "getReader")
    assert await outcome(call(locked, "cancel")) == LOCKED
    waiting = call(reader, "read")
    await call(reader, "cancel", "x")
    assert await outcome(waiting) == (None, True)


@javascript
async def test_cancel_of_ended_streams() -> None:
    def fails(reason: Any) -> None:
        raise error("cancel")

    assert await outcome(call(new(ReadableStream, obj(cancel=fails)), "cancel")) == "Error: cancel"
    closed = new(ReadableStream, obj(start=lambda c: c.close(), cancel=fails))
    assert await outcome(call(closed, "cancel")) is None
    errored = new(ReadableStream, obj(start=lambda c: c.error("E")))
    assert await outcome(call(errored, "cancel")) == "E"


@javascript
async def test_iteration_reads_to_the_end_and_releases() -> None:
    stream = stream_of(1, 2)
    iterator = call(stream, "values")
    assert stream.locked
    assert [await outcome(call(iterator, "next")) for _ in range(4)] == [
        (1, False),
        (2, False),
        (None, True),
        (None, True),
    ]
    assert not stream.locked


@javascript
async def test_leaving_an_iteration_cancels_unless_told_not_to() -> None:
    for prevent, expected in ((False, ["v"]), (True, [])):
        reasons: list[Any] = []
        stream = new(ReadableStream, obj(pull=lambda c: c.enqueue(1), cancel=reasons.append))
        iterator = call(stream, "values", obj(preventCancel=prevent))
        await call(iterator, "next")
        assert await outcome(call(iterator, "return", "v")) == ("v", True)
        assert expected == reasons
        assert not stream.locked


@javascript
async def test_calls_of_next_queue_behind_each_other() -> None:
    iterator = call(stream_of(1, 2), "values")
    both = [call(iterator, "next"), call(iterator, "next"), call(iterator, "next")]
    assert [await outcome(one) for one in both] == [(1, False), (2, False), (None, True)]


@javascript
async def test_an_error_ends_the_iteration_and_releases() -> None:
    stream = new(ReadableStream, obj(pull=lambda c: c.error(error("IE").value)))
    iterator = call(stream, "values")
    assert await outcome(call(iterator, "next")) == "Error: IE"
    assert not stream.locked


@javascript
async def test_from_iterables() -> None:
    for iterable, expected in (
        (JsArray([1, resolved(2), "x"]), [1, 2, "x"]),
        ("ab", ["a", "b"]),
        (stream_of(1, 2), [1, 2]),
    ):
        reader = call(static(ReadableStream, "from", iterable), "getReader")
        got = [await read(reader) for _ in range(len(expected) + 1)]
        assert [*((value, False) for value in expected), (None, True)] == got


@javascript
async def test_from_what_cannot_be_iterated() -> None:
    for value in (1, obj(), None, null):
        assert (
            await outcome(lambda v=value: static(ReadableStream, "from", v))
            == "TypeError: Failed to execute 'from' on 'ReadableStream': parameter 1 is not of type "
            "'AsyncGenerator'."
        )


@javascript
async def test_from_passes_failures_and_cancellation_on() -> None:
    reader = call(static(ReadableStream, "from", JsArray([rejected("no")])), "getReader")
    assert await outcome(call(reader, "read")) == "no"
    reasons: list[Any] = []
    source = new(ReadableStream, obj(pull=lambda c: c.enqueue(1), cancel=reasons.append))
    reader = call(static(ReadableStream, "from", source), "getReader")
    await read(reader)
    await call(reader, "cancel", "enough")
    assert reasons == ["enough"]
