"""`TransformStream` and its controller.

Theory of operation: the writable side's sink calls the transformer, which enqueues into the
readable side. While that side has no room (`backpressure`) the sink waits, and so does the writer.

Source: Streams standard, section 7; texts of workerd.
"""

from __future__ import annotations

from emulator.js.convert import get_option
from emulator.js.define import getter, method
from emulator.js.errors import throwable, type_error
from emulator.js.object import JsObject
from emulator.js.promise import Promise, spawn
from emulator.js.streams.callbacks import (
    Outcome,
    Strategy,
    attempt,
    callback,
    check_options,
    strategy,
)
from emulator.js.streams.default_controller import ReadableStreamDefaultController
from emulator.js.streams.protocols import Transformer
from emulator.js.streams.readable import ReadableStream
from emulator.js.streams.writable import WritableStream
from emulator.js.values import JsValue

READABLE_TYPE = "transformer.readableType must be undefined."
WRITABLE_TYPE = "transformer.writableType must be undefined."
TERMINATED = "The transform stream has been terminated"
NOT_READABLE = "The readable side of this TransformStream is no longer readable."


class TransformStream(JsObject, name="TransformStream"):
    """A pair of streams: what is written to one is, transformed, read from the other."""

    __slots__ = ("_readable", "_writable")

    def __init__(self, readable: ReadableStream, writable: WritableStream) -> None:
        super().__init__()
        self._readable = readable
        self._writable = writable

    @classmethod
    def js_new(
        cls,
        transformer: JsValue = None,
        writable_strategy: JsValue = None,
        readable_strategy: JsValue = None,
    ) -> JsValue:
        check_options(transformer, "TransformStream", 1, "Transformer")
        if get_option(transformer, "readableType") is not None:
            raise type_error(READABLE_TYPE)
        if get_option(transformer, "writableType") is not None:
            raise type_error(WRITABLE_TYPE)
        sides = Transform(
            GuestTransformer(transformer),
            strategy(writable_strategy, "TransformStream", 2, 1),
            strategy(readable_strategy, "TransformStream", 3, 0),
        )
        return cls(sides.readable, sides.writable)

    @getter
    def readable(self) -> ReadableStream:
        return self._readable

    @getter
    def writable(self) -> WritableStream:
        return self._writable


class GuestTransformer:
    """`{start, transform, flush, cancel}` of a guest; without `transform`, chunks pass through."""

    __slots__ = ("_cancel", "_flush", "_start", "_transform")

    def __init__(self, options: JsValue) -> None:
        self._start = callback(options, "start", "Transformer")
        self._transform = callback(options, "transform", "Transformer")
        self._flush = callback(options, "flush", "Transformer")
        self._cancel = callback(options, "cancel", "Transformer")

    def start(self, controller: JsValue) -> Outcome:
        return None if self._start is None else self._start(controller)

    def transform(self, chunk: JsValue, controller: JsValue) -> Outcome:
        if self._transform is not None:
            return self._transform(chunk, controller)
        controller.enqueue(chunk)
        return None

    def flush(self, controller: JsValue) -> Outcome:
        return None if self._flush is None else self._flush(controller)

    def cancel(self, reason: JsValue) -> Outcome:
        return None if self._cancel is None else self._cancel(reason)


class Transform:
    """The two sides and what connects them."""

    def __init__(
        self,
        transformer: Transformer,
        writable_strategy: Strategy | None = None,
        readable_strategy: Strategy | None = None,
    ) -> None:
        self.transformer = transformer
        self._is_finishing = False
        self._backpressure = True
        self._pressure_changed = Promise()
        self.controller = TransformStreamDefaultController(self)
        self.readable = ReadableStream()
        self.readable_controller = ReadableStreamDefaultController(
            self.readable, _Source(self), readable_strategy or Strategy(0, None)
        )
        self._start_promise = Promise()
        self._start_promise.handled = True
        self.writable = WritableStream(_Sink(self), writable_strategy)
        self.readable_controller.start()
        outcome = attempt(transformer.start, self.controller)
        if outcome is None:
            self._start_promise.resolve_with(None)
        else:
            outcome.subscribe(self._start_promise.resolve_with, self._start_promise.reject_with)

    # -- what the two sides ask ---------------------------------------------------------------

    def started(self) -> Promise:
        """Fulfilled when the transformer has started; both sides wait for it."""
        return self._start_promise

    def write(self, chunk: JsValue) -> Outcome:
        """The sink's write."""
        return spawn(self._write(chunk)) if self._backpressure else self._transform(chunk)

    async def _write(self, chunk: JsValue) -> None:
        await self._pressure_changed
        if self.writable.state == "erroring":
            raise throwable(self.writable.stored_error)
        outcome = self._transform(chunk)
        if outcome is not None:
            await outcome

    def _transform(self, chunk: JsValue) -> Outcome:
        outcome = attempt(self.transformer.transform, chunk, self.controller)
        return None if outcome is None else spawn(self._transformed(outcome))

    async def _transformed(self, outcome: Promise) -> None:
        try:
            await outcome
        except Exception:
            self.fail(outcome.value)
            raise

    def close(self) -> Outcome:
        """The sink's close: the transformer flushes, and the readable side ends."""
        return spawn(self._close())

    async def _close(self) -> None:
        outcome = attempt(self.transformer.flush, self.controller)
        if outcome is not None:
            await self._transformed(outcome)
        if self.readable.state == "errored":
            raise throwable(self.readable.stored_error)
        if self.readable_controller.can_enqueue:
            self.readable_controller.close()

    def abort(self, reason: JsValue) -> Outcome:
        """The sink's abort: the readable side fails."""
        return spawn(self._abort(reason))

    async def _abort(self, reason: JsValue) -> None:
        if not self._is_finishing:
            self._is_finishing = True
            outcome = attempt(self.transformer.cancel, reason)
            if outcome is not None:
                await self._failing_readable(outcome)
        self.readable_controller.fail(reason)

    async def _failing_readable(self, outcome: Promise) -> None:
        try:
            await outcome
        except Exception:
            self.readable_controller.fail(outcome.value)
            raise

    def pull(self) -> Outcome:
        """The source's pull: there is room."""
        self._set_backpressure(value=False)
        return self._pressure_changed

    def cancel(self, reason: JsValue) -> Outcome:
        """The source's cancel: the writable side fails."""
        return spawn(self._cancel(reason))

    async def _cancel(self, reason: JsValue) -> None:
        if self._is_finishing:
            return
        self._is_finishing = True
        outcome = attempt(self.transformer.cancel, reason)
        if outcome is not None:
            try:
                await outcome
            except Exception:
                self._fail_writable(outcome.value)
                raise
        self._fail_writable(reason)

    # -- what the controller asks -------------------------------------------------------------

    def enqueue(self, chunk: JsValue) -> None:
        """Gives a chunk to the readable side."""
        if not self.readable_controller.can_enqueue:
            raise type_error(NOT_READABLE)
        self.readable_controller.enqueue(chunk)
        if self.readable.state == "errored":
            # The readable strategy's size() has thrown.
            self._fail_writable(self.readable.stored_error)
            raise throwable(self.readable.stored_error)
        if not self.readable_controller.wants_chunks():
            self._set_backpressure(value=True)

    def fail(self, reason: JsValue) -> None:
        """Errors both sides."""
        self.readable_controller.fail(reason)
        self._fail_writable(reason)

    def terminate(self) -> None:
        """Ends the readable side and fails the writable one."""
        if self.readable_controller.can_enqueue:
            self.readable_controller.close()
        self._fail_writable(type_error(TERMINATED).value)

    def _fail_writable(self, reason: JsValue) -> None:
        self.writable.fail(reason)
        # A write that waits for room must notice.
        self._set_backpressure(value=False)

    def _set_backpressure(self, *, value: bool) -> None:
        if value != self._backpressure:
            self._backpressure = value
            changed, self._pressure_changed = self._pressure_changed, Promise()
            changed.resolve_with(None)


class _Sink:
    """The writable side's view of a Transform."""

    __slots__ = ("_transform",)

    def __init__(self, transform: Transform) -> None:
        self._transform = transform

    def start(self, controller: JsValue) -> Outcome:
        return self._transform.started()

    def write(self, chunk: JsValue, controller: JsValue) -> Outcome:
        return self._transform.write(chunk)

    def close(self) -> Outcome:
        return self._transform.close()

    def abort(self, reason: JsValue) -> Outcome:
        return self._transform.abort(reason)


class _Source:
    """The readable side's view of a Transform."""

    __slots__ = ("_transform",)

    def __init__(self, transform: Transform) -> None:
        self._transform = transform

    def start(self, controller: JsValue) -> Outcome:
        return self._transform.started()

    def pull(self, controller: JsValue) -> Outcome:
        return self._transform.pull()

    def cancel(self, reason: JsValue) -> Outcome:
        return self._transform.cancel(reason)


class TransformStreamDefaultController(
    JsObject, name="TransformStreamDefaultController", constructible=False
):
    """What a transformer enqueues into."""

    __slots__ = ("_transform",)

    def __init__(self, transform: Transform) -> None:
        super().__init__()
        self._transform = transform

    @getter
    def desiredSize(self) -> JsValue:
        return self._transform.readable_controller.desiredSize

    @method
    def enqueue(self, chunk: JsValue = None) -> None:
        self._transform.enqueue(chunk)

    @method
    def error(self, reason: JsValue = None) -> None:
        self._transform.fail(reason)

    @method
    def terminate(self) -> None:
        self._transform.terminate()
