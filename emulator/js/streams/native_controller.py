"""The controller of byte streams that the runtime makes itself: bodies, blobs, identity streams.

Theory of operation: nothing is read ahead. A read pulls one piece from the source, a guest's read
at most READ_SIZE bytes, the emulator's own as much as comes. As in the real runtime, such a stream
has one pending read at a time.

Guarantees: no queue, so a large body is never in memory because of this class.
Source: workerd src/workerd/api/streams/internal.c++.
"""

from __future__ import annotations

from typing import cast

from emulator.js.buffers import Uint8Array
from emulator.js.buffers.array_buffer import BufferView
from emulator.js.errors import error_value, type_error
from emulator.js.promise import Promise, rejected, resolved
from emulator.js.streams.byte_source import ByteSource, BytesSource, PulledSource
from emulator.js.streams.callbacks import attempt
from emulator.js.streams.protocols import NativeSource, ReadIntoRequest, ReadRequest
from emulator.js.streams.pull_into import PullInto, pull_into_view
from emulator.js.streams.readable import ReadableStream
from emulator.js.values import JsValue

ONE_READ = "This ReadableStream only supports a single pending read request at a time."
OUTSTANDING = "Cannot call releaseLock() on a reader with outstanding read promises."
READ_SIZE = 4096


class NativeController:
    """Reads a ByteSource on demand."""

    __slots__ = ("_into", "_pulling", "_request", "_stream", "_unread", "source")
    is_bytes = True
    supports_byob = True

    def __init__(self, stream: ReadableStream, source: ByteSource) -> None:
        self._stream = stream
        self.source = source
        self._request: ReadRequest | None = None
        self._into: PullInto | None = None
        self._pulling = False
        # A piece that arrived after its reader had gone.
        self._unread = b""
        stream.controller = self

    # -- reads --------------------------------------------------------------------------------

    def pull_steps(self, request: ReadRequest) -> None:
        self._request = request
        self._pull(None if request.wants_bytes else READ_SIZE)

    def pull_into_steps(self, view: BufferView, min_bytes: int, request: ReadIntoRequest) -> None:
        into = pull_into_view(view, min_bytes, request)
        if self._stream.state == "closed":
            request.close_with(into.empty_view())
            return
        self._into = into
        self._pull(into.left)

    def _pull(self, limit: int | None) -> None:
        if self._unread:
            data, self._unread = self._unread, b""
            if limit is not None and len(data) > limit:
                data, self._unread = data[:limit], data[limit:]
            self._received(data)
            return
        if self._pulling:
            return
        self._pulling = True
        try:
            promise = self.source.pull_up_to(limit)
        except Exception as exception:  # noqa: BLE001 - a source that throws has failed
            promise = rejected(error_value(exception))
        if promise.state == "fulfilled":
            self._pulled(promise.value)
        else:
            promise.subscribe(self._pulled, self._failed)

    def _pulled(self, data: bytes | None) -> None:
        self._pulling = False
        if self._stream.state != "readable":
            return
        if data is None:
            self._ended()
        else:
            self._received(data)

    def _received(self, data: bytes) -> None:
        request, self._request = self._request, None
        if request is not None:
            request.chunk(data if request.wants_bytes else Uint8Array.from_bytes(data))
        elif self._into is not None:
            self._received_into(self._into, data)
        else:
            self._unread += data

    def _received_into(self, into: PullInto, data: bytes) -> None:
        size = into.left
        into.fill(data[:size])
        self._unread = data[size:] + self._unread
        if not into.is_complete():
            self._pull(into.left)
            return
        self._into = None
        self._unread = into.take_rest() + self._unread
        cast("ReadIntoRequest", into.request).chunk(into.view())

    def _ended(self) -> None:
        self._stream.finish()
        self._end_waiting()

    def _end_waiting(self) -> None:
        request, self._request = self._request, None
        into, self._into = self._into, None
        if request is not None:
            request.close()
        if into is not None:
            reader = cast("ReadIntoRequest", into.request)
            if into.filled:
                reader.chunk(into.view())
            else:
                reader.close_with(into.empty_view())

    def _failed(self, reason: JsValue) -> None:
        self._pulling = False
        self.fail(reason)

    def fail(self, reason: JsValue) -> None:
        """Errors the stream, and the read that waits."""
        if self._stream.state != "readable":
            return
        request, self._request = self._request, None
        into, self._into = self._into, None
        self._stream.fail(reason)
        if request is not None:
            request.error(reason)
        if into is not None and into.request is not None:
            into.request.error(reason)

    # -- the rest of what a stream asks -------------------------------------------------------

    def cancel_steps(self, reason: JsValue) -> Promise:
        self._unread = b""
        self._end_waiting()
        return attempt(self.source.cancel, reason) or resolved(None)

    def check_read(self) -> None:
        if self._request is not None or self._into is not None:
            raise type_error(ONE_READ)

    def check_release(self) -> None:
        if self._request is not None or self._into is not None:
            raise type_error(OUTSTANDING)

    def release_steps(self, reason: JsValue) -> None:
        # Guests cannot get here with a read outstanding, pipes can.
        request, self._request = self._request, None
        if request is not None:
            request.error(reason)

    def rest_at_hand(self) -> bytes | None:
        """Everything that is left, if it is at hand; the stream has then ended."""
        if not isinstance(self.source, BytesSource) or self._pulling:
            return None
        rest = self._unread + self.source.take_rest() if self._unread else self.source.take_rest()
        self._unread = b""
        self._stream.finish()
        return rest

    def __repr__(self) -> str:
        waiting = self._request is not None or self._into is not None
        return f"<NativeController {self.source!r} waiting={waiting}>"


def byte_source_readable(source: ByteSource, length: int | None = None) -> ReadableStream:
    """A stream over a ByteSource."""
    stream = ReadableStream()
    NativeController(stream, source)
    stream.expected_length = length
    return stream


def native_readable(source: NativeSource, length: int | None = None) -> ReadableStream:
    """`ReadableStream.from_source`."""
    return byte_source_readable(PulledSource(source), length)


def bytes_readable(data: bytes) -> ReadableStream:
    """`ReadableStream.from_bytes`."""
    return byte_source_readable(BytesSource(data), len(data))


def native_source(stream: ReadableStream) -> NativeSource | None:
    """The NativeSource that a stream reads from, if it does."""
    controller = stream.controller
    if not isinstance(controller, NativeController):
        return None
    source = controller.source
    return source.source if isinstance(source, PulledSource) else None


def fail_native_stream(stream: ReadableStream, reason: JsValue) -> None:
    """The host takes a native stream away: its reader gets the reason, its source hears of it."""
    controller = stream.controller
    if stream.state == "readable" and isinstance(controller, NativeController):
        controller.fail(reason)
        attempt(controller.source.cancel, reason)


def rest_at_hand(stream: ReadableStream) -> bytes | None:
    """What is left of a stream over bytes, taken out of it; None for every other stream."""
    controller = stream.controller
    if stream.state != "readable" or not isinstance(controller, NativeController):
        return None
    return controller.rest_at_hand()
