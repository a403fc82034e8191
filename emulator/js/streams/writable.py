"""`WritableStream`: its state machine, its queue, its controller.

Theory of operation: writable -> (erroring -> errored) | closed. Chunks wait in a queue and go to
the sink one at a time; closing is the last entry of the queue. Erroring means: takes nothing more,
but the write that is at the sink may still finish; then the stream is errored, and the sink has
been aborted if somebody asked for it.

Guarantees: the sink never sees two calls at once, nor any after close or abort; `ready` and
`closed` of a writer (or a pipe) follow from the four calls of WriterLock.
Does not know: guests' option objects (writable_guest), pipes.
Source: Streams standard, section 5; texts of workerd.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from emulator.js.define import async_method, getter, method
from emulator.js.errors import error_value, type_error
from emulator.js.events import AbortSignal
from emulator.js.object import JsObject
from emulator.js.promise import Promise, rejected, resolved
from emulator.js.streams.callbacks import Outcome, Strategy, after, attempt
from emulator.js.streams.protocols import WritableSink, WriterLock
from emulator.js.values import JsValue, null

LOCKED = "This WritableStream is currently locked to a writer."
CLOSED = "This WritableStream has been closed."

State = Literal["writable", "erroring", "errored", "closed"]


@dataclass(eq=False, slots=True)
class _Write:
    """A chunk that waits, or is at the sink."""

    chunk: JsValue
    size: int
    promise: Promise


@dataclass(eq=False, slots=True)
class _Abort:
    """An abort that was asked for. If the stream was failing already the sink is left alone."""

    reason: JsValue
    promise: Promise
    was_erroring: bool


class WritableStream(JsObject, name="WritableStream"):
    """A stream of chunks to write."""

    __slots__ = (
        "_abort", "_close", "_closing", "_controller", "_is_full", "_queue", "_queued_size",
        "_sink", "_started", "_strategy", "_writing", "chunk_filter", "pipe_gate", "state",
        "stored_error", "writer",
    )  # fmt: skip

    def __init__(
        self,
        sink: WritableSink,
        strategy: Strategy | None = None,
        *,
        chunk_filter: Callable[[JsValue], JsValue] | None = None,
        pipe_gate: Callable[[], Outcome] | None = None,
    ) -> None:
        """Makes a stream and starts its sink.

        Args:
            sink: where chunks go.
            strategy: how many may wait; by default one.
            chunk_filter: converts a chunk when it is written; if it throws, only that write fails.
            pipe_gate: what a pipe waits for before it writes more than the sink should hold.
        """
        self._own = None
        self.state: State = "writable"
        self.stored_error: JsValue = None
        self.writer: WriterLock | None = None
        self.chunk_filter = chunk_filter
        self.pipe_gate = pipe_gate
        self._sink = sink
        self._strategy = strategy or Strategy(1, None)
        self._queue: deque[_Write] = deque()
        self._queued_size = 0
        self._started = False
        self._writing: _Write | None = None
        self._close: Promise | None = None
        self._closing = False
        self._abort: _Abort | None = None
        self._is_full = self.room <= 0
        self._controller = WritableStreamDefaultController(self)
        after(attempt(sink.start, self._controller), self._has_started, self._start_failed)

    @classmethod
    def js_new(cls, sink: JsValue = None, strategy: JsValue = None) -> JsValue:
        from emulator.js.streams.writable_guest import guest_writable  # noqa: PLC0415

        return guest_writable(sink, strategy)

    # -- for writers and pipes ----------------------------------------------------------------

    def lock(self, holder: WriterLock) -> None:
        """Takes the lock; throws if somebody has it."""
        if self.writer is not None:
            raise type_error(LOCKED)
        self.writer = holder

    @property
    def room(self) -> int:
        """How much more the queue should take."""
        return self._strategy.high_water_mark - self._queued_size

    @property
    def is_full(self) -> bool:
        """Whether writers should wait."""
        return self._is_full

    @property
    def is_closing(self) -> bool:
        """Whether close was called; also true once it is closed."""
        return self._close is not None or self._closing or self.state == "closed"

    def write_chunk(self, chunk: JsValue) -> Promise:
        """Queues a chunk; fulfilled when the sink has taken it."""
        try:
            if self.chunk_filter is not None:
                chunk = self.chunk_filter(chunk)
        except Exception as exception:  # noqa: BLE001 - only this write fails
            return rejected(error_value(exception))
        try:
            size = self._strategy.size_of(chunk)
        except Exception as exception:  # noqa: BLE001 - a failing size() errors the stream
            self.fail(error_value(exception))
            size = 1
        if self.state in ("errored", "erroring"):
            return rejected(self.stored_error)
        if self.is_closing:
            return rejected(type_error(CLOSED).value)
        write = _Write(chunk, size, Promise())
        self._queue.append(write)
        self._queued_size += size
        self._update_pressure()
        self._advance()
        return write.promise

    def close_when_done(self) -> Promise:
        """Closes after everything that is queued."""
        if self.is_closing:
            return rejected(type_error(CLOSED).value)
        if self.state == "errored":
            return rejected(self.stored_error)
        result = self._close = Promise()
        if self.writer is not None and self._is_full and self.state == "writable":
            self.writer.writable_pressure(is_full=False)
        self._advance()
        return result

    def abort_with(self, reason: JsValue) -> Promise:
        """Gives the stream up; what is queued is dropped."""
        if self.state in ("closed", "errored"):
            return resolved(None)
        self._controller.abort_signal().trigger(reason)
        # The signal's listeners may have changed the state.
        if self.state in ("closed", "errored"):
            return resolved(None)
        if self._abort is not None:
            return self._abort.promise
        was_erroring = self.state == "erroring"
        abort = self._abort = _Abort(reason, Promise(), was_erroring)
        if not was_erroring:
            self._start_erroring(reason)
        return abort.promise

    def fail(self, reason: JsValue) -> None:
        """Errors the stream, unless it has ended or is failing already."""
        if self.state == "writable":
            self._start_erroring(reason)

    # -- the queue ----------------------------------------------------------------------------

    def _has_started(self, _: JsValue) -> None:
        self._started = True
        self._advance()

    def _start_failed(self, reason: JsValue) -> None:
        self._started = True
        self._deal_with_failure(reason)

    def _advance(self) -> None:
        """Gives the sink the next thing to do, if it is free."""
        if not self._started or self._writing is not None or self._closing:
            return
        if self.state == "erroring":
            self._finish_erroring()
        elif self.state != "writable":
            return
        elif self._queue:
            write = self._writing = self._queue.popleft()
            outcome = attempt(self._sink.write, write.chunk, self._controller)
            after(outcome, self._wrote, self._write_failed)
        elif self._close is not None:
            self._closing = True
            after(attempt(self._sink.close), self._closed, self._close_failed)

    def _wrote(self, _: JsValue) -> None:
        write, self._writing = self._writing, None
        assert write is not None, "a write finished that never began"
        self._queued_size -= write.size
        write.promise.resolve_with(None)
        if self.state == "writable" and not self.is_closing:
            self._update_pressure()
        self._advance()

    def _write_failed(self, reason: JsValue) -> None:
        write, self._writing = self._writing, None
        assert write is not None, "a write failed that never began"
        write.promise.reject_with(reason)
        self._deal_with_failure(reason)

    def _closed(self, _: JsValue) -> None:
        close, self._close = self._close, None
        self._closing = False
        assert close is not None, "closed without being asked to"
        close.resolve_with(None)
        abort, self._abort = self._abort, None
        self.state = "closed"
        self.stored_error = None
        if abort is not None:
            abort.promise.resolve_with(None)
        if self.writer is not None:
            self.writer.writable_closed()

    def _close_failed(self, reason: JsValue) -> None:
        close, self._close = self._close, None
        self._closing = False
        assert close is not None, "closing failed without being asked to"
        close.reject_with(reason)
        abort, self._abort = self._abort, None
        if abort is not None:
            abort.promise.reject_with(reason)
        self._deal_with_failure(reason)

    def _update_pressure(self) -> None:
        is_full = self.room <= 0
        if is_full != self._is_full:
            self._is_full = is_full
            if self.writer is not None and not self.is_closing:
                self.writer.writable_pressure(is_full=is_full)

    # -- failing ------------------------------------------------------------------------------

    def _deal_with_failure(self, reason: JsValue) -> None:
        if self.state == "writable":
            self._start_erroring(reason)
        elif self.state == "erroring":
            self._finish_erroring()

    def _start_erroring(self, reason: JsValue) -> None:
        self.state = "erroring"
        self.stored_error = reason
        if self.writer is not None:
            self.writer.writable_failing(reason)
        if self._started and self._writing is None and not self._closing:
            self._finish_erroring()

    def _finish_erroring(self) -> None:
        assert self._writing is None, "the sink is still writing"
        self.state = "errored"
        reason = self.stored_error
        writes, self._queue = self._queue, deque()
        self._queued_size = 0
        for write in writes:
            write.promise.reject_with(reason)
        abort, self._abort = self._abort, None
        if abort is None or abort.was_erroring:
            if abort is not None:
                abort.promise.reject_with(reason)
            self._reject_close()
            return

        def aborted(_: JsValue) -> None:
            abort.promise.resolve_with(None)
            self._reject_close()

        def abort_failed(failure: JsValue) -> None:
            abort.promise.reject_with(failure)
            self._reject_close()

        after(attempt(self._sink.abort, abort.reason), aborted, abort_failed)

    def _reject_close(self) -> None:
        close, self._close = self._close, None
        if close is not None:
            close.reject_with(self.stored_error)
        if self.writer is not None:
            self.writer.writable_errored(self.stored_error)

    # -- JavaScript members -------------------------------------------------------------------

    @getter
    def locked(self) -> bool:
        return self.writer is not None

    @async_method
    async def abort(self, reason: JsValue = None) -> None:
        self._check_unlocked()
        await self.abort_with(reason)

    @async_method
    async def close(self) -> None:
        self._check_unlocked()
        await self.close_when_done()

    @method
    def getWriter(self) -> JsValue:
        from emulator.js.streams.writer import WritableStreamDefaultWriter  # noqa: PLC0415

        return WritableStreamDefaultWriter(self)

    def _check_unlocked(self) -> None:
        if self.writer is not None:
            raise type_error(LOCKED)

    def __repr__(self) -> str:
        lock = type(self.writer).__name__ if self.writer is not None else "none"
        return (
            f"<js WritableStream {self.state} queued={len(self._queue)} "
            f"writing={self._writing is not None} lock={lock}>"
        )


class WritableStreamDefaultController(
    JsObject, name="WritableStreamDefaultController", constructible=False
):
    """What a sink is given: a signal of abortion, and a way to fail."""

    __slots__ = ("_signal", "_stream")

    def __init__(self, stream: WritableStream) -> None:
        super().__init__()
        self._stream = stream
        self._signal: AbortSignal | None = None

    def abort_signal(self) -> AbortSignal:
        """The signal, made at first use."""
        if self._signal is None:
            self._signal = AbortSignal()
        return self._signal

    @getter
    def signal(self) -> JsValue:
        return self.abort_signal()

    @method
    def error(self, reason: JsValue = None) -> None:
        self._stream.fail(reason)


def desired_size(stream: WritableStream) -> JsValue:
    """A writer's `desiredSize`."""
    if stream.state in ("errored", "erroring"):
        return null
    return 0 if stream.state == "closed" else stream.room
