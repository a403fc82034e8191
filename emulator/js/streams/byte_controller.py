"""`ReadableByteStreamController` and `ReadableStreamBYOBRequest`: streams of `type: "bytes"`.

Theory of operation: reads that find no bytes wait in `_pending`, each with the buffer it wants
filled. A source answers either by `enqueue`, which copies into the buffers that wait, or through
`byobRequest`, which lets it write into the first of them. A default read has such a buffer too; it
is allocated only if the source asks for it.

Guarantees: bytes leave in order, whichever way they came; a reader's buffer is detached while it
waits, as is one that was enqueued.
Source: Streams standard, section 4.7; texts of workerd.
"""

from __future__ import annotations

from collections import deque
from typing import cast

from emulator.js.buffers import ArrayBuffer, Uint8Array, bytes_of
from emulator.js.buffers.array_buffer import BufferView
from emulator.js.define import getter, method
from emulator.js.errors import range_error, type_error
from emulator.js.object import JsObject
from emulator.js.promise import Promise
from emulator.js.streams.byte_queue import ByteQueue
from emulator.js.streams.callbacks import to_size
from emulator.js.streams.default_controller import CLOSED, Puller, PullTarget
from emulator.js.streams.protocols import ReadableSource, ReadIntoRequest, ReadRequest
from emulator.js.streams.pull_into import PullInto, pull_into_new, pull_into_view
from emulator.js.streams.readable import ReadableStream
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_parameter

EMPTY_CHUNK = "Cannot enqueue a zero-length ArrayBuffer."
CONTROLLER_CLOSED = "This ReadableByteStreamController is closed."
INVALIDATED = "This ReadableStreamBYOBRequest has been invalidated."
NO_BYTES_WRITTEN = "The bytesWritten must be more than zero while the stream is open."
TOO_MANY_BYTES = "Too many bytes [{count}] in response to a BYOB read request."
WRONG_BUFFER = "The underlying ArrayBuffer is not the correct length."


class ReadableByteStreamController(
    PullTarget, name="ReadableByteStreamController", constructible=False
):
    """What a byte source enqueues into."""

    __slots__ = (
        "_byob_request", "_chunk_size", "_close_requested", "_high_water_mark", "_pending",
        "_puller", "_queue", "_stream",
    )  # fmt: skip
    is_bytes = True
    supports_byob = True

    def __init__(
        self,
        stream: ReadableStream,
        source: ReadableSource,
        high_water_mark: int,
        chunk_size: int,
    ) -> None:
        super().__init__()
        self._stream = stream
        self._high_water_mark = high_water_mark
        self._chunk_size = chunk_size
        self._queue = ByteQueue()
        self._pending: deque[PullInto] = deque()
        self._close_requested = False
        self._byob_request: ReadableStreamBYOBRequest | None = None
        self._puller = Puller(self, source)
        stream.controller = self

    def start(self) -> None:
        """Begins to pull."""
        self._puller.start()

    # -- for the stream -----------------------------------------------------------------------

    def pull_steps(self, request: ReadRequest) -> None:
        if self._queue.size:
            data = self._queue.take_piece()
            request.chunk(data if request.wants_bytes else Uint8Array.from_bytes(data))
            self._after_taking()
            return
        self._pending.append(pull_into_new(self._chunk_size, request))
        self._puller.pull_if_needed()

    def pull_into_steps(self, view: BufferView, min_bytes: int, request: ReadIntoRequest) -> None:
        pending = pull_into_view(view, min_bytes, request)
        if self._stream.state == "closed":
            request.close_with(pending.empty_view())
            return
        self._pending.append(pending)
        self._fill_pending()
        self._after_taking()

    def _after_taking(self) -> None:
        if self._close_requested and not self._queue.size:
            self._finish()
        else:
            self._puller.pull_if_needed()

    def cancel_steps(self, reason: JsValue) -> Promise:
        self._queue.clear()
        self._end_pending()
        return self._puller.cancel(reason)

    def check_read(self) -> None:
        """Any number of reads may wait."""

    def check_release(self) -> None:
        """The lock may be released at any time."""

    def release_steps(self, reason: JsValue) -> None:
        pending, self._pending = self._pending, deque()
        if pending and pending[0].filled:
            self._queue.push_front(pending[0].filled_bytes())
            self._invalidate_request()
        elif pending and self._byob_request is not None:
            # The source may be writing into that buffer: its answer will go to the queue.
            self._pending.append(pending[0])
        for read in pending:
            request, read.request = read.request, None
            if request is not None:
                request.error(reason)

    # -- filling ------------------------------------------------------------------------------

    def _fill_pending(self) -> None:
        """Hands out what the queue has to the reads that wait."""
        while self._pending and self._queue.size:
            first = self._pending[0]
            if first.request is None:
                self._pending.popleft()
            elif first.is_byob:
                first.fill(self._queue.take(first.left))
                if not first.is_complete():
                    return
                self._commit_first()
            else:
                self._pending.popleft()
                self._give(first, self._queue.take_piece())

    def _give(self, read: PullInto, data: bytes) -> None:
        request = cast("ReadRequest", read.request)
        request.chunk(data if request.wants_bytes else Uint8Array.from_bytes(data))

    def _commit_first(self) -> None:
        read = self._pending.popleft()
        self._queue.push_front(read.take_rest())
        if read.request is None:
            self._queue.push(read.filled_bytes())
        else:
            read.request.chunk(read.view())

    def _invalidate_request(self) -> None:
        if self._byob_request is not None:
            self._byob_request.read = None
            self._byob_request = None

    def _finish(self) -> None:
        self._stream.finish()
        self._end_pending()

    def _end_pending(self) -> None:
        """Ends the reads that wait: with what they have, if anything, else as at the end."""
        self._invalidate_request()
        pending, self._pending = self._pending, deque()
        for read in pending:
            request = read.request
            if request is None:
                continue
            if read.is_byob:
                read.take_rest()
                if read.filled:
                    request.chunk(read.view())
                else:
                    cast("ReadIntoRequest", request).close_with(read.empty_view())
            else:
                cast("ReadRequest", request).close()

    def respond_with(self, read: PullInto, count: int) -> None:
        """The source has written so many bytes into the read's buffer."""
        if self._stream.state == "readable":
            if not count:
                raise type_error(NO_BYTES_WRITTEN)
            if count > read.left:
                raise range_error(TOO_MANY_BYTES.format(count=count))
        self._invalidate_request()
        if self._stream.state != "readable":
            return
        read.filled += count
        if read.is_complete():
            self._commit_first()
            self._fill_pending()
        self._puller.pull_if_needed()

    def wants_chunks(self) -> bool:
        if self._stream.state != "readable" or self._close_requested:
            return False
        waiting = any(read.request is not None for read in self._pending)
        return waiting or self._queue.size < self._high_water_mark

    def fail(self, reason: JsValue) -> None:
        if self._stream.state != "readable":
            return
        self._queue.clear()
        self._invalidate_request()
        pending, self._pending = self._pending, deque()
        self._stream.fail(reason)
        for read in pending:
            if read.request is not None:
                read.request.error(reason)

    # -- JavaScript members -------------------------------------------------------------------

    @getter
    def byobRequest(self) -> JsValue:
        if self._byob_request is None:
            if not self._pending or self._stream.state != "readable":
                return null
            self._byob_request = ReadableStreamBYOBRequest(self, self._pending[0])
        return self._byob_request

    @getter
    def desiredSize(self) -> JsValue:
        state = self._stream.state
        if state == "errored":
            return null
        return 0 if state == "closed" else self._high_water_mark - self._queue.size

    @method
    def enqueue(self, chunk: JsValue = None) -> None:
        data = bytes_of(chunk)
        if data is None:
            raise wrong_parameter("ReadableByteStreamController", "enqueue", 1, "BufferSource")
        if not data:
            raise type_error(EMPTY_CHUNK)
        if self._stream.state != "readable" or self._close_requested:
            raise type_error(CONTROLLER_CLOSED)
        (chunk.buffer if isinstance(chunk, BufferView) else chunk).detach()
        self._invalidate_request()
        self._queue.push(data)
        self._fill_pending()
        self._puller.pull_if_needed()

    @method
    def close(self) -> None:
        if self._stream.state != "readable" or self._close_requested:
            raise type_error(CLOSED)
        self._close_requested = True
        if not self._queue.size:
            self._finish()

    @method
    def error(self, reason: JsValue = MISSING) -> None:
        if reason is MISSING:
            raise wrong_parameter("ReadableByteStreamController", "error", 1, "Value")
        self.fail(reason)

    def __repr__(self) -> str:
        return f"<js {self.js_class_name} {self._queue!r} pending={len(self._pending)}>"


class ReadableStreamBYOBRequest(JsObject, name="ReadableStreamBYOBRequest", constructible=False):
    """A buffer that waits to be filled, lent to the source."""

    __slots__ = ("_controller", "_view", "read")

    def __init__(self, controller: ReadableByteStreamController, read: PullInto) -> None:
        super().__init__()
        self._controller = controller
        self.read: PullInto | None = read
        """None once the request was answered, or overtaken by enqueue."""
        if not read.buffer.data:
            read.buffer = ArrayBuffer(bytearray(read.size))
        self._view = Uint8Array(read.buffer, read.offset + read.filled, read.left)

    def _current(self) -> PullInto:
        if self.read is None:
            raise type_error(INVALIDATED)
        return self.read

    @getter
    def view(self) -> JsValue:
        return null if self.read is None else self._view

    @getter
    def atLeast(self) -> JsValue:
        return null if self.read is None else max(self.read.min_bytes - self.read.filled, 1)

    @method
    def respond(self, bytes_written: JsValue = None) -> None:
        read = self._current()
        self._controller.respond_with(read, to_size(bytes_written))

    @method
    def respondWithNewView(self, view: JsValue = None) -> None:
        read = self._current()
        if isinstance(view, BufferView):
            buffer, offset, size = view.buffer, view.byte_offset, view.byte_size
        elif isinstance(view, ArrayBuffer):
            buffer, offset, size = view, 0, view.byteLength
        else:
            raise wrong_parameter(
                "ReadableStreamBYOBRequest", "respondWithNewView", 1, "BufferSource"
            )
        if len(buffer.data) != len(read.buffer.data) or offset != read.offset + read.filled:
            raise range_error(WRONG_BUFFER)
        if buffer is not read.buffer:
            read.buffer = ArrayBuffer(buffer.detach())
        self._controller.respond_with(read, size)


def byte_readable(source: ReadableSource, high_water_mark: int, chunk_size: int) -> ReadableStream:
    """A stream of bytes with a controller of its own."""
    stream = ReadableStream()
    ReadableByteStreamController(stream, source, high_water_mark, chunk_size).start()
    return stream
