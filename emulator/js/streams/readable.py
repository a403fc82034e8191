"""`ReadableStream`: its state, its lock, and the ways to read it.

Theory of operation: the stream is readable, closed or errored, and locked while somebody holds
`reader`. `read(request)` is the only way chunks leave it. Where they come from is the controller's
business: a queue that the guest fills (default_controller, byte_controller) or a native source of
bytes (native_controller), which is what bodies are.

Guarantees: `disturbed` is true from the first read or cancel on; a lock's holder hears of the end
exactly once.
Does not know: HTTP bodies, asyncio.
Source: Streams standard, section 4; workerd src/workerd/api/streams.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

from emulator.js.array import JsArray
from emulator.js.convert import get_option
from emulator.js.define import async_method, getter, method, static
from emulator.js.errors import type_error
from emulator.js.object import JsObject, Member, NativeFunction
from emulator.js.promise import Promise, rejected, resolved
from emulator.js.streams.protocols import (
    NativeSource,
    ReadableController,
    ReaderLock,
    ReadRequest,
)
from emulator.js.streams.writable import WritableStream
from emulator.js.values import ASYNC_ITERATOR, MISSING, JsValue, null
from emulator.js.webidl import wrong_field, wrong_parameter

LOCKED = "This ReadableStream is currently locked to a reader."
TEE_LOCKED = "This ReadableStream is currently locked to a reader,"  # the comma is theirs
SENT_LOCKED = "The ReadableStream has been locked to a reader."
LOCKED_AS_BODY = "This ReadableStream is locked to a reader, and cannot be used as a body."
DISTURBED = (
    "This ReadableStream is disturbed (has already been read from), and cannot be used as a body."
)
NOT_BYTES = "This ReadableStream did not return bytes."
BAD_MODE = "mode must be undefined or 'byob' in call to getReader()."
WRITER_LOCKED = "This WritableStream is currently locked to a writer."
PIPE_TARGET_LOCKED = "This WritableStream is currently locked to a writer"  # no full stop, theirs

State = Literal["readable", "closed", "errored"]


class ReadableStream(JsObject, name="ReadableStream"):
    """A stream of chunks to read."""

    __slots__ = (
        "controller", "disturbed", "expected_length", "reader", "requests", "state", "stored_error",
    )  # fmt: skip
    js_async_iterable = True

    def __init__(self) -> None:
        """Makes a stream without a controller; `from_source`, `from_bytes`, ... add one."""
        self._own = None
        self.state: State = "readable"
        self.stored_error: JsValue = None
        self.disturbed = False
        self.reader: ReaderLock | None = None
        self.requests: deque[ReadRequest] = deque()
        self.controller: ReadableController
        self.expected_length: int | None = None
        """How many bytes there will be, where that is known."""

    @classmethod
    def js_new(cls, source: JsValue = None, strategy: JsValue = None) -> JsValue:
        from emulator.js.streams.guest import guest_readable  # noqa: PLC0415 - built on this module

        return guest_readable(source, strategy)

    @classmethod
    def from_source(cls, source: NativeSource, length: int | None = None) -> ReadableStream:
        """A byte stream over a native source; one chunk is pulled per read."""
        from emulator.js.streams.native_controller import native_readable  # noqa: PLC0415

        return native_readable(source, length)

    @classmethod
    def from_bytes(cls, data: bytes) -> ReadableStream:
        """A byte stream over bytes that are at hand."""
        from emulator.js.streams.native_controller import bytes_readable  # noqa: PLC0415

        return bytes_readable(data)

    # -- for the emulator ---------------------------------------------------------------------

    def read(self, request: ReadRequest) -> None:
        """Answers the request, now or later. The caller holds the lock."""
        self.disturbed = True
        if self.state == "readable":
            self.controller.pull_steps(request)
        elif self.state == "closed":
            request.close()
        else:
            request.error(self.stored_error)

    def lock(self, holder: ReaderLock) -> None:
        """Takes the lock; throws if somebody has it."""
        if self.reader is not None:
            raise type_error(LOCKED)
        self.reader = holder

    def release(self, reason: JsValue) -> None:
        """Gives the lock back; reads that wait fail with the reason."""
        self.reader = None
        self.controller.release_steps(reason)
        self.fail_requests(reason)

    def finish(self) -> None:
        """Becomes closed. Controllers call it when nothing is left."""
        if self.state != "readable":
            return
        self.state = "closed"
        requests, self.requests = self.requests, deque()
        for request in requests:
            request.close()
        if self.reader is not None:
            self.reader.readable_closed()

    def fail(self, reason: JsValue) -> None:
        """Becomes errored."""
        if self.state != "readable":
            return
        self.state = "errored"
        self.stored_error = reason
        self.fail_requests(reason)
        if self.reader is not None:
            self.reader.readable_errored(reason)

    def fail_requests(self, reason: JsValue) -> None:
        """Fails the reads that wait, and leaves the stream as it is."""
        requests, self.requests = self.requests, deque()
        for request in requests:
            request.error(reason)

    def cancel_with(self, reason: JsValue) -> Promise:
        """Ends the stream because nobody wants more.

        Whoever calls holds the lock, or there is none.
        """
        self.disturbed = True
        if self.state == "closed":
            return resolved(None)
        if self.state == "errored":
            return rejected(self.stored_error)
        self.finish()
        return self.controller.cancel_steps(reason).then(NativeFunction("", lambda this: None))

    def read_all(self) -> Promise:
        """All that is left, as Python bytes; the stream stays locked, as a consumed body's does."""
        from emulator.js.streams.consume import read_all  # noqa: PLC0415 - built on this module

        return read_all(self)

    def check_body(self) -> None:
        """Throws if the stream may not become a body."""
        if self.disturbed:
            raise type_error(DISTURBED)
        if self.reader is not None:
            raise type_error(LOCKED_AS_BODY)

    # -- JavaScript members -------------------------------------------------------------------

    @getter
    def locked(self) -> bool:
        return self.reader is not None

    @async_method
    async def cancel(self, reason: JsValue = None) -> None:
        if self.reader is not None:
            raise type_error(LOCKED)
        await self.cancel_with(reason)

    @method
    def getReader(self, options: JsValue = None) -> JsValue:
        from emulator.js.streams.readers import (  # noqa: PLC0415 - built on this module
            ReadableStreamBYOBReader,
            ReadableStreamDefaultReader,
        )

        if options is not None and options is not null and not isinstance(options, JsObject):
            raise wrong_parameter("ReadableStream", "getReader", 1, "GetReaderOptions")
        mode = get_option(options, "mode")
        if mode is None:
            return ReadableStreamDefaultReader(self)
        if mode != "byob":
            raise type_error(BAD_MODE)
        return ReadableStreamBYOBReader(self)

    @method
    def tee(self) -> JsArray:
        from emulator.js.streams.tee import tee  # noqa: PLC0415 - built on this module

        if self.reader is not None:
            raise type_error(TEE_LOCKED)
        return JsArray(list(tee(self)))

    @async_method
    async def pipeTo(self, destination: JsValue = None, options: JsValue = None) -> None:
        from emulator.js.streams.pipe import pipe, pipe_options  # noqa: PLC0415

        if not isinstance(destination, WritableStream):
            raise wrong_parameter("ReadableStream", "pipeTo", 1, "WritableStream")
        settings = pipe_options(options, "pipeTo")
        if self.reader is not None:
            raise type_error(LOCKED)
        if destination.writer is not None:
            raise type_error(PIPE_TARGET_LOCKED)
        await pipe(self, destination, settings)

    @method
    def pipeThrough(self, transform: JsValue = None, options: JsValue = None) -> JsValue:
        from emulator.js.streams.pipe import pipe, pipe_options  # noqa: PLC0415

        if not isinstance(transform, JsObject):
            raise wrong_parameter("ReadableStream", "pipeThrough", 1, "Transform")
        readable = get_option(transform, "readable")
        if not isinstance(readable, ReadableStream):
            raise wrong_field("Transform", "readable", "ReadableStream")
        writable = get_option(transform, "writable")
        if not isinstance(writable, WritableStream):
            raise wrong_field("Transform", "writable", "WritableStream")
        settings = pipe_options(options, "pipeThrough")
        if self.reader is not None:
            raise type_error(LOCKED)
        if writable.writer is not None:
            raise type_error(WRITER_LOCKED)
        # A failure shows on the readable side; the pipe's own promise is nobody's.
        pipe(self, writable, settings).handled = True
        return readable

    @method
    def values(self, options: JsValue = None) -> JsValue:
        from emulator.js.convert import to_boolean  # noqa: PLC0415
        from emulator.js.streams.iteration import ReadableStreamAsyncIterator  # noqa: PLC0415

        prevent_cancel = to_boolean(get_option(options, "preventCancel"))
        return ReadableStreamAsyncIterator(self, prevent_cancel=prevent_cancel)

    def js_async_iter(self) -> JsObject:
        """The iterator of `for await (chunk of stream)`."""
        iterator: JsObject = self.values()
        return iterator

    @static
    def from_(cls, iterable: JsValue = MISSING) -> JsValue:
        from emulator.js.streams.iteration import readable_from  # noqa: PLC0415

        return readable_from(iterable)

    def __repr__(self) -> str:
        lock = type(self.reader).__name__ if self.reader is not None else "none"
        return (
            f"<js ReadableStream {self.state} disturbed={self.disturbed} lock={lock} "
            f"waiting={len(self.requests)}>"
        )


ReadableStream.js_members[ASYNC_ITERATOR] = Member(
    function=NativeFunction("values", ReadableStream.values)
)
