"""`pipeTo`: moves chunks from a ReadableStream to a WritableStream until one of them ends.

Theory of operation: the pipe holds both locks, and is their reader and writer. It reads only when
the destination has room. However it ends, it first lets the last write finish, then cancels, aborts
or closes the other side (unless told not to), then gives the locks back, then settles.

Guarantees: every chunk that was read is written, if the destination still takes it; the first
reason to stop wins.
Source: Streams standard, section 4.9.1; texts of workerd.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emulator.js.convert import get_option, to_boolean
from emulator.js.errors import type_error
from emulator.js.events import AbortSignal
from emulator.js.object import JsObject
from emulator.js.promise import Promise, resolved, spawn
from emulator.js.streams.callbacks import Outcome, after
from emulator.js.streams.readable import ReadableStream
from emulator.js.streams.readers import RELEASED
from emulator.js.streams.writable import WritableStream
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_field, wrong_parameter

DESTINATION_CLOSED = "This destination writable stream is closed."


@dataclass(frozen=True, slots=True)
class PipeOptions:
    """What the end of one side must not do to the other."""

    prevent_close: bool = False
    prevent_abort: bool = False
    prevent_cancel: bool = False
    signal: AbortSignal | None = None


def pipe_options(options: JsValue, method: str) -> PipeOptions:
    """The second argument of pipeTo and pipeThrough."""
    if options is not None and options is not null and not isinstance(options, JsObject):
        raise wrong_parameter("ReadableStream", method, 2, "PipeToOptions")
    signal = get_option(options, "signal")
    if signal is not None and not isinstance(signal, AbortSignal):
        raise wrong_field("PipeToOptions", "signal", "AbortSignal")
    return PipeOptions(
        prevent_close=to_boolean(get_option(options, "preventClose")),
        prevent_abort=to_boolean(get_option(options, "preventAbort")),
        prevent_cancel=to_boolean(get_option(options, "preventCancel")),
        signal=signal,
    )


def pipe(source: ReadableStream, destination: WritableStream, options: PipeOptions) -> Promise:
    """Starts a pipe between two streams that nobody has locked; settles when it has ended."""
    running = _Pipe(source, destination, options)
    running.start()
    return running.done


class _Pipe:
    """One pipe: ReaderLock, WriterLock and ReadRequest in one."""

    __slots__ = (
        "_destination", "_is_stepping", "_last_write", "_options", "_reading", "_source",
        "_stop_listening", "_stopping", "done", "wants_bytes",
    )  # fmt: skip

    def __init__(
        self, source: ReadableStream, destination: WritableStream, options: PipeOptions
    ) -> None:
        self.done = Promise()
        # A byte sink of ours takes Python bytes as they are; guests' sinks get Uint8Arrays.
        self.wants_bytes = destination.chunk_filter is not None
        self._source = source
        self._destination = destination
        self._options = options
        self._stop_listening: Callable[[], None] = lambda: None
        self._stopping = False
        self._reading = False
        self._is_stepping = False
        self._last_write = resolved(None)

    def start(self) -> None:
        """Takes the locks and begins."""
        source, destination = self._source, self._destination
        source.lock(self)
        destination.lock(self)
        source.disturbed = True
        if self._options.signal is not None:
            self._stop_listening = self._options.signal.on_abort(self._aborted)
        if self._stopping:
            return
        if source.state == "errored":
            self.readable_errored(source.stored_error)
        elif destination.state in ("erroring", "errored"):
            self._destination_failed(destination.stored_error)
        elif source.state == "closed":
            self.readable_closed()
        elif destination.is_closing:
            self._destination_failed(type_error(DESTINATION_CLOSED).value)
        else:
            self._step()

    # -- moving -------------------------------------------------------------------------------

    def _step(self) -> None:
        if self._is_stepping:
            return
        self._is_stepping = True
        while not self._stopping and not self._reading and self._has_room():
            self._reading = True
            self._source.read(self)  # type: ignore[arg-type]  # wants_bytes differs by instance
        self._is_stepping = False

    def _has_room(self) -> bool:
        if self._destination.is_full:
            return False
        gate = self._destination.pipe_gate
        waiting = None if gate is None else gate()
        if waiting is None:
            return True
        waiting.subscribe(lambda _: self._step(), lambda _: None)
        return False

    def chunk(self, value: JsValue) -> None:
        self._reading = False
        write = self._last_write = self._destination.write_chunk(value)
        write.handled = True
        if write.state == "rejected" and self._destination.state == "writable":
            # A byte stream refuses what is no bytes without failing; a pipe cannot go on.
            self._destination.abort_with(write.value).handled = True
        self._step()

    def close(self) -> None:
        self.readable_closed()

    def error(self, reason: JsValue) -> None:
        self.readable_errored(reason)

    # -- reasons to stop ----------------------------------------------------------------------

    def readable_closed(self) -> None:
        def finish() -> Outcome:
            if self._destination.state == "closed":
                return None
            return self._destination.close_when_done()

        self._stop(None if self._options.prevent_close else finish)

    def readable_errored(self, reason: JsValue) -> None:
        prevented = self._options.prevent_abort
        self._stop(None if prevented else lambda: self._destination.abort_with(reason), reason)

    def writable_pressure(self, *, is_full: bool) -> None:
        if not is_full:
            self._step()

    def writable_failing(self, reason: JsValue) -> None:
        self._destination_failed(reason)

    def writable_errored(self, reason: JsValue) -> None:
        self._destination_failed(reason)

    def writable_closed(self) -> None:
        self._destination_failed(type_error(DESTINATION_CLOSED).value)

    def _destination_failed(self, reason: JsValue) -> None:
        prevented = self._options.prevent_cancel
        self._stop(None if prevented else lambda: self._source.cancel_with(reason), reason)

    def _aborted(self, reason: JsValue) -> None:
        async def give_up() -> None:
            ends: list[Promise] = []
            if not self._options.prevent_cancel and self._source.state == "readable":
                ends.append(self._source.cancel_with(reason))
            if not self._options.prevent_abort and self._destination.state == "writable":
                ends.append(self._destination.abort_with(reason))
            for end in ends:
                end.handled = True
            for end in ends:
                await end

        self._stop(lambda: spawn(give_up()), reason, at_once=True)

    # -- stopping -----------------------------------------------------------------------------

    def _stop(
        self,
        action: Callable[[], Outcome] | None,
        reason: JsValue = MISSING,
        *,
        at_once: bool = False,
    ) -> None:
        if self._stopping:
            return
        self._stopping = True

        def act(_: JsValue) -> None:
            outcome = None if action is None else action()
            after(outcome, lambda _: self._finish(reason), self._finish)

        if at_once or self._last_write.state != "pending":
            act(None)
        else:
            self._last_write.subscribe(act, act)

    def _finish(self, reason: JsValue) -> None:
        self._stop_listening()
        self._destination.writer = None
        self._source.release(type_error(RELEASED).value)
        if reason is MISSING:
            self.done.resolve_with(None)
        else:
            self.done.reject_with(reason)
