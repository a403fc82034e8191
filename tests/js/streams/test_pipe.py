"""pipeTo and pipeThrough: data, and how each kind of end travels."""

from __future__ import annotations

from typing import Any

from emulator.js.errors import error
from emulator.js.events import AbortController, AbortSignal
from emulator.js.promise import Promise
from emulator.js.streams import ReadableStream, TransformStream, WritableStream
from tests.js.guest_values import static
from tests.js.streams.support import call, javascript, new, obj, outcome, tick, unhandled
from tests.js.streams.test_readable import stream_of
from tests.js.streams.test_writable import recording

FAIL = error("E").value


def endless(events: list[Any]) -> ReadableStream:
    return new(
        ReadableStream,
        obj(
            pull=lambda controller: controller.enqueue(1),
            cancel=lambda reason: events.append(f"cancel {_text(reason)}"),
        ),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else value.js_to_string()


def sink(events: list[Any], **members: Any) -> WritableStream:
    def abort(reason: Any) -> None:
        events.append(f"abort {_text(reason)}")

    return new(WritableStream, recording(events, **{"abort": abort} | members))


@javascript
async def test_everything_is_written_and_closed_and_unlocked() -> None:
    events: list[Any] = []
    source, target = stream_of(1, 2), sink(events)
    piping = call(source, "pipeTo", target)
    assert source.locked
    assert target.locked
    await piping
    assert events == ["start", "write 1", "write 2", "close"]
    assert not source.locked
    assert not target.locked


@javascript
async def test_prevent_close() -> None:
    events: list[Any] = []
    await call(stream_of(1), "pipeTo", sink(events), obj(preventClose=True))
    assert events == ["start", "write 1"]


@javascript
async def test_the_pipe_waits_for_room() -> None:
    pulled = 0
    pending: list[Promise] = []

    def pull(controller: Any) -> None:
        nonlocal pulled
        pulled += 1
        controller.enqueue(pulled)

    def write(chunk: Any, controller: Any) -> Promise:
        pending.append(Promise())
        return pending[-1]

    source = new(ReadableStream, obj(pull=pull), obj(highWaterMark=0))
    call(source, "pipeTo", new(WritableStream, obj(write=write)))
    for written in (1, 2, 3):
        await tick()
        assert (written, written) == (pulled, len(pending))
        pending[-1].resolve_with(None)


@javascript
async def test_a_failing_source_aborts_the_target() -> None:
    for options, expected in (
        (None, ["start", "abort Error: E"]),
        (obj(preventAbort=True), ["start"]),
    ):
        events: list[Any] = []
        source = new(ReadableStream, obj(start=lambda c: c.error(FAIL)))
        target = sink(events)
        assert await outcome(call(source, "pipeTo", target, options)) == "Error: E"
        assert expected == events
        assert not source.locked
        assert not target.locked


@javascript
async def test_a_failing_target_cancels_the_source() -> None:
    def write(chunk: Any, controller: Any) -> None:
        raise error("DE")

    for options, expected in (
        (None, ["start", "cancel Error: DE"]),
        (obj(preventCancel=True), ["start"]),
    ):
        events: list[Any] = []
        source, target = endless(events), sink(events, write=write)
        assert await outcome(call(source, "pipeTo", target, options)) == "Error: DE"
        assert expected == events
        assert not source.locked
        assert not target.locked


@javascript
async def test_a_target_that_fails_by_itself_stops_an_idle_pipe() -> None:
    events: list[Any] = []
    controllers: list[Any] = []
    source = new(ReadableStream, obj(cancel=lambda reason: events.append(reason)))
    target = new(WritableStream, obj(start=controllers.append))
    piping = call(source, "pipeTo", target)
    await tick()
    call(controllers[0], "error", "gone")
    assert await outcome(piping) == "gone"
    assert events == ["gone"]


@javascript
async def test_a_closed_target_cancels_the_source() -> None:
    events: list[Any] = []
    target = new(WritableStream)
    await call(target, "close")
    text = "TypeError: This destination writable stream is closed."
    assert text == await outcome(call(endless(events), "pipeTo", target))
    assert [f"cancel {text}"] == events


@javascript
async def test_a_signal_stops_the_pipe_before_and_while_it_runs() -> None:
    for early in (True, False):
        events: list[Any] = []
        controller = new(AbortController)
        source = new(
            ReadableStream, obj(cancel=lambda reason, e=events: e.append(f"cancel {reason}"))
        )
        target = sink(events)
        if early:
            call(controller, "abort", "STOP")
        piping = call(source, "pipeTo", target, obj(signal=controller.signal))
        if not early:
            await tick()
            call(controller, "abort", "STOP")
        assert await outcome(piping) == "STOP"
        assert events == ["start", "cancel STOP", "abort STOP"]
        assert not source.locked
        assert not target.locked


@javascript
async def test_a_signal_respects_the_prevent_options() -> None:
    events: list[Any] = []
    options = obj(
        signal=static(AbortSignal, "abort", "STOP"), preventCancel=True, preventAbort=True
    )
    assert await outcome(call(endless(events), "pipeTo", sink(events), options)) == "STOP"
    assert events == ["start"]


@javascript
async def test_texts_of_locked_and_wrong_arguments() -> None:
    locked, busy = new(ReadableStream), new(TransformStream)
    call(locked, "getReader")
    call(busy.writable, "getWriter")
    source_locked = "TypeError: This ReadableStream is currently locked to a reader."
    target_locked = "TypeError: This WritableStream is currently locked to a writer"
    wrong = (
        "TypeError: Failed to execute '{}' on 'ReadableStream': parameter 1 is not of type '{}'."
    )
    field = (
        "TypeError: Incorrect type for the '{}' field on '{}': the provided value is not of type "
        "'{}'."
    )
    for source, member, args, text in (
        (locked, "pipeTo", [new(WritableStream)], source_locked),
        (locked, "pipeThrough", [new(TransformStream)], source_locked),
        (new(ReadableStream), "pipeTo", [busy.writable], target_locked),
        (new(ReadableStream), "pipeThrough", [busy], target_locked + "."),
        (new(ReadableStream), "pipeTo", [obj()], wrong.format("pipeTo", "WritableStream")),
        (new(ReadableStream), "pipeThrough", [], wrong.format("pipeThrough", "Transform")),
        (
            new(ReadableStream),
            "pipeThrough",
            [obj()],
            field.format("readable", "Transform", "ReadableStream"),
        ),
        (
            new(ReadableStream),
            "pipeTo",
            [new(WritableStream), obj(signal=1)],
            field.format("signal", "PipeToOptions", "AbortSignal"),
        ),
    ):
        assert text == await outcome(lambda s=source, m=member, a=args: call(s, m, *a))


@javascript
async def test_pipe_through_gives_the_readable_side() -> None:
    transform = new(TransformStream, obj(transform=lambda chunk, c: call(c, "enqueue", chunk * 2)))
    readable = call(stream_of(1, 2), "pipeThrough", transform)
    assert transform.readable is readable
    reader = call(readable, "getReader")
    assert [await outcome(call(reader, "read")) for _ in range(3)] == [
        (2, False),
        (4, False),
        (None, True),
    ]


@javascript
async def test_failures_travel_through_a_chain_both_ways() -> None:
    def fails(chunk: Any, controller: Any) -> None:
        raise error("mid")

    events: list[Any] = []
    source = endless(events)
    last = call(source, "pipeThrough", new(TransformStream, obj(transform=fails)))
    assert await outcome(call(call(last, "getReader"), "read")) == "Error: mid"
    await tick()
    assert events == ["cancel Error: mid"]
    assert unhandled() == []
