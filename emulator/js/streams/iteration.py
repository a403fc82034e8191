"""Async iteration of a ReadableStream, and streams made from iterables (`ReadableStream.from`).

Source: Streams standard, sections 4.2.5 and 4.2.4; workerd's `ReadableStreamAsyncIterator`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Iterator

from emulator.js.convert import is_iterable, iterate
from emulator.js.define import method
from emulator.js.object import JsObject, Member, NativeFunction
from emulator.js.plain import iterator_result
from emulator.js.promise import Promise, as_promise, resolved, spawn
from emulator.js.streams.callbacks import Outcome, Strategy
from emulator.js.streams.default_controller import (
    ReadableStreamDefaultController,
    default_readable,
)
from emulator.js.streams.readable import ReadableStream
from emulator.js.streams.readers import ReadableStreamDefaultReader
from emulator.js.values import ASYNC_ITERATOR, MISSING, JsValue
from emulator.js.webidl import wrong_parameter


class ReadableStreamAsyncIterator(
    JsObject, name="ReadableStreamAsyncIterator", constructible=False
):
    """Reads a stream chunk by chunk; the lock is released at the end, whatever end it is."""

    __slots__ = ("_finished", "_last", "_prevent_cancel", "_reader")
    js_async_iterable = True

    def __init__(self, stream: ReadableStream, *, prevent_cancel: bool) -> None:
        super().__init__()
        self._reader = ReadableStreamDefaultReader(stream)
        self._prevent_cancel = prevent_cancel
        self._finished = False
        self._last = resolved(None)

    def js_async_iter(self) -> JsObject:
        """An iterator iterates over itself."""
        return self

    @method
    def next_(self) -> Promise:
        return self._queue(self._step)

    @method
    def return_(self, value: JsValue = None) -> Promise:
        return self._queue(lambda: self._end(value))

    def _queue(self, step: Callable[[], Coroutine[Promise, JsValue, JsValue]]) -> Promise:
        """Runs a step behind the earlier ones, as an async generator does."""
        before = self._last

        async def run() -> JsValue:
            if before.state == "pending":
                with contextlib.suppress(Exception):
                    await before
            return await step()

        self._last = spawn(run())
        return self._last

    async def _step(self) -> JsValue:
        if self._finished:
            return iterator_result(None, done=True)
        try:
            result = await self._reader.read()
        except Exception:
            self._finish()
            raise
        if result.js_get("done"):
            self._finish()
        return result

    async def _end(self, value: JsValue) -> JsValue:
        if not self._finished:
            cancelled = None if self._prevent_cancel else spawn(self._reader.cancel(value))
            self._finish()
            if cancelled is not None:
                await cancelled
        return iterator_result(value, done=True)

    def _finish(self) -> None:
        self._finished = True
        self._reader.releaseLock()


ReadableStreamAsyncIterator.js_members[ASYNC_ITERATOR] = Member(
    function=NativeFunction("[Symbol.asyncIterator]", lambda this: this)
)


class _SyncIteration:
    """A stream's source over a synchronous iterable; promises among the values are awaited."""

    __slots__ = ("_iterator",)

    def __init__(self, iterator: Iterator[JsValue]) -> None:
        self._iterator = iterator

    def start(self, controller: JsValue) -> Outcome:
        return None

    def pull(self, controller: ReadableStreamDefaultController) -> Outcome:
        for value in self._iterator:
            return spawn(self._enqueue(controller, value))
        controller.close()
        return None

    async def _enqueue(self, controller: ReadableStreamDefaultController, value: JsValue) -> None:
        controller.enqueue(await as_promise(value))

    def cancel(self, reason: JsValue) -> Outcome:
        close = getattr(self._iterator, "close", None)
        if close is not None:
            close()
        return None


class _AsyncIteration:
    """A stream's source over an async iterator."""

    __slots__ = ("_iterator",)

    def __init__(self, iterator: JsObject) -> None:
        self._iterator = iterator

    def start(self, controller: JsValue) -> Outcome:
        return None

    def pull(self, controller: ReadableStreamDefaultController) -> Outcome:
        return spawn(self._pull(controller))

    async def _pull(self, controller: ReadableStreamDefaultController) -> None:
        step = self._iterator.js_get("next")
        result = await as_promise(step.js_call(self._iterator, ()))
        if result.js_get("done"):
            controller.close()
        else:
            value = result.js_get("value")
            controller.enqueue(None if value is MISSING else value)

    def cancel(self, reason: JsValue) -> Outcome:
        function = self._iterator.js_get("return")
        if function is MISSING or function is None:
            return None
        return as_promise(function.js_call(self._iterator, (reason,)))


def readable_from(iterable: JsValue) -> ReadableStream:
    """`ReadableStream.from(iterable)`."""
    source = _iteration(iterable)
    return default_readable(source, Strategy(0, None))


def _iteration(iterable: JsValue) -> _SyncIteration | _AsyncIteration:
    if isinstance(iterable, str):
        return _SyncIteration(iterate(iterable))
    if isinstance(iterable, JsObject):
        factory = iterable.js_get(ASYNC_ITERATOR)
        if getattr(factory, "js_callable", False):
            return _AsyncIteration(factory.js_call(iterable, ()))
        if iterable.js_async_iterable:
            return _AsyncIteration(iterable.js_async_iter())  # type: ignore[attr-defined]
        if is_iterable(iterable):
            return _SyncIteration(iterate(iterable))
    raise wrong_parameter("ReadableStream", "from", 1, "AsyncGenerator")
