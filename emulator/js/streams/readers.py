"""`ReadableStreamDefaultReader` and `ReadableStreamBYOBReader`.

Guarantees: a reader whose lock was released refuses everything with one text; `closed` follows the
stream until then.
Source: Streams standard, sections 4.4 and 4.5; workerd src/workerd/api/streams/readable.c++.
"""

from __future__ import annotations

from typing import ClassVar

from emulator.js.buffers.array_buffer import BufferView
from emulator.js.buffers.typed_array import TypedArray
from emulator.js.convert import get_option
from emulator.js.define import async_method, getter, method
from emulator.js.errors import type_error
from emulator.js.object import JsObject
from emulator.js.plain import iterator_result
from emulator.js.promise import Promise, rejected
from emulator.js.streams.callbacks import to_size
from emulator.js.streams.readable import ReadableStream
from emulator.js.values import JsValue
from emulator.js.webidl import wrong_constructor_parameter, wrong_parameter

RELEASED = "This ReadableStream reader has been released."
NO_BYOB = "This ReadableStream does not support BYOB reads."
EMPTY_VIEW = 'You must call read() on a "byob" reader with a positive-sized TypedArray object.'
BAD_MINIMUM = "Requested invalid minimum number of bytes to read ({minimum})."
MINIMUM_TOO_LARGE = "Minimum bytes to read ({minimum}) exceeds size of buffer ({size})."


class Read:
    """A guest's read: its promise of `{value, done}`."""

    __slots__ = ("promise",)
    wants_bytes: ClassVar[bool] = False

    def __init__(self) -> None:
        self.promise = Promise()

    def chunk(self, value: JsValue) -> None:
        self.promise.resolve_with(iterator_result(value, done=False))

    def close(self) -> None:
        self.promise.resolve_with(iterator_result(None, done=True))

    def close_with(self, value: JsValue) -> None:
        self.promise.resolve_with(iterator_result(value, done=True))

    def error(self, reason: JsValue) -> None:
        self.promise.reject_with(reason)


class _Reader(JsObject):
    """What both readers have."""

    __slots__ = ("_closed", "_stream")

    def __init__(self, stream: ReadableStream) -> None:
        super().__init__()
        stream.lock(self)
        self._stream: ReadableStream | None = stream
        self._closed = Promise()
        self._closed.handled = True
        if stream.state == "closed":
            self.readable_closed()
        elif stream.state == "errored":
            self.readable_errored(stream.stored_error)

    @classmethod
    def js_new(cls, stream: JsValue = None) -> JsValue:
        if not isinstance(stream, ReadableStream):
            raise wrong_constructor_parameter(cls.js_class_name, 1, "ReadableStream")
        return cls(stream)

    @property
    def stream(self) -> ReadableStream:
        """The stream; throws once the lock was released."""
        if self._stream is None:
            raise type_error(RELEASED)
        return self._stream

    def readable_closed(self) -> None:
        self._closed.resolve_with(None)

    def readable_errored(self, reason: JsValue) -> None:
        self._closed.reject_with(reason)

    @getter
    def closed(self) -> Promise:
        return self._closed

    @async_method
    async def cancel(self, reason: JsValue = None) -> None:
        await self.stream.cancel_with(reason)

    @method
    def releaseLock(self) -> None:
        stream = self._stream
        if stream is None:
            return
        stream.controller.check_release()
        self._stream = None
        reason = type_error(RELEASED).value
        if self._closed.state == "pending":
            self._closed.reject_with(reason)
        else:
            self._closed = rejected(reason)
            self._closed.handled = True
        stream.release(reason)


class ReadableStreamDefaultReader(_Reader, name="ReadableStreamDefaultReader"):
    """Reads whole chunks."""

    __slots__ = ()

    @method
    def read(self) -> Promise:
        stream = self._stream
        if stream is None:
            return rejected(type_error(RELEASED).value)
        request = Read()
        try:
            stream.controller.check_read()
        except Exception as exception:  # noqa: BLE001 - read() never throws, it rejects
            return rejected(getattr(exception, "value", None))
        stream.read(request)
        return request.promise


class ReadableStreamBYOBReader(_Reader, name="ReadableStreamBYOBReader"):
    """Reads into buffers that the reader brings."""

    __slots__ = ()

    def __init__(self, stream: ReadableStream) -> None:
        if not stream.controller.supports_byob and stream.reader is None:
            raise type_error(NO_BYOB)
        super().__init__(stream)

    @async_method
    async def read(self, view: JsValue = None, options: JsValue = None) -> JsValue:
        if not isinstance(view, BufferView):
            raise wrong_parameter("ReadableStreamBYOBReader", "read", 1, "ArrayBufferView")
        minimum = get_option(options, "min")
        element_size = view.element.size if isinstance(view, TypedArray) else 1
        return await self._read_into(view, 1 if minimum is None else to_size(minimum), element_size)

    @async_method
    async def readAtLeast(self, min_bytes: JsValue = None, view: JsValue = None) -> JsValue:
        if not isinstance(view, BufferView):
            raise wrong_parameter("ReadableStreamBYOBReader", "readAtLeast", 2, "ArrayBufferView")
        return await self._read_into(view, to_size(min_bytes), 1)

    def _read_into(self, view: BufferView, minimum: int, unit: int) -> Promise:
        stream = self.stream
        if not view.byte_size:
            raise type_error(EMPTY_VIEW)
        if minimum < 1:
            raise type_error(BAD_MINIMUM.format(minimum=minimum))
        min_bytes = minimum * unit
        if min_bytes > view.byte_size:
            raise type_error(MINIMUM_TOO_LARGE.format(minimum=min_bytes, size=view.byte_size))
        request = Read()
        stream.disturbed = True
        if stream.state == "errored":
            request.error(stream.stored_error)
        else:
            stream.controller.check_read()
            stream.controller.pull_into_steps(view, min_bytes, request)
        return request.promise
