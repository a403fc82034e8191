"""`WritableStreamDefaultWriter`.

Source: Streams standard, section 5.3; texts of workerd.
"""

from __future__ import annotations

from emulator.js.define import async_method, getter, method
from emulator.js.errors import type_error
from emulator.js.object import JsObject
from emulator.js.promise import Promise, rejected
from emulator.js.streams.writable import WritableStream, desired_size
from emulator.js.values import JsValue
from emulator.js.webidl import wrong_constructor_parameter

RELEASED = "This WritableStream writer has been released."


class WritableStreamDefaultWriter(JsObject, name="WritableStreamDefaultWriter"):
    """Writes to a stream, and tells when to wait."""

    __slots__ = ("_closed", "_ready", "_stream")

    def __init__(self, stream: WritableStream) -> None:
        super().__init__()
        stream.lock(self)
        self._stream: WritableStream | None = stream
        self._closed = _quiet(Promise())
        self._ready = _quiet(Promise())
        if stream.state in ("erroring", "errored"):
            self._ready.reject_with(stream.stored_error)
        elif not stream.is_full or stream.is_closing:
            self._ready.resolve_with(None)
        if stream.state == "errored":
            self._closed.reject_with(stream.stored_error)
        elif stream.state == "closed":
            self._closed.resolve_with(None)

    @classmethod
    def js_new(cls, stream: JsValue = None) -> JsValue:
        if not isinstance(stream, WritableStream):
            raise wrong_constructor_parameter("WritableStreamDefaultWriter", 1, "WritableStream")
        return cls(stream)

    # -- as the holder of the lock ------------------------------------------------------------

    def writable_pressure(self, *, is_full: bool) -> None:
        if is_full:
            self._ready = _quiet(Promise())
        else:
            self._ready.resolve_with(None)

    def writable_failing(self, reason: JsValue) -> None:
        self._reject_ready(reason)

    def writable_errored(self, reason: JsValue) -> None:
        self._closed.reject_with(reason)

    def writable_closed(self) -> None:
        self._closed.resolve_with(None)

    def _reject_ready(self, reason: JsValue) -> None:
        if self._ready.state == "pending":
            self._ready.reject_with(reason)
        else:
            self._ready = _quiet(rejected(reason))

    def _current(self) -> WritableStream:
        if self._stream is None:
            raise type_error(RELEASED)
        return self._stream

    # -- JavaScript members -------------------------------------------------------------------

    @getter
    def closed(self) -> Promise:
        return self._closed

    @getter
    def ready(self) -> Promise:
        return self._ready

    @getter
    def desiredSize(self) -> JsValue:
        return desired_size(self._current())

    @method
    def write(self, chunk: JsValue = None) -> Promise:
        if self._stream is None:
            return rejected(type_error(RELEASED).value)
        return self._stream.write_chunk(chunk)

    @async_method
    async def close(self) -> None:
        await self._current().close_when_done()

    @async_method
    async def abort(self, reason: JsValue = None) -> None:
        await self._current().abort_with(reason)

    @method
    def releaseLock(self) -> None:
        stream = self._stream
        if stream is None:
            return
        self._stream = None
        stream.writer = None
        reason = type_error(RELEASED).value
        self._reject_ready(reason)
        if self._closed.state == "pending":
            self._closed.reject_with(reason)
        else:
            self._closed = _quiet(rejected(reason))


def _quiet(promise: Promise) -> Promise:
    """A promise whose rejection is no news to anybody who does not look at it."""
    promise.handled = True
    return promise
