"""`ReadableStreamDefaultController`: a queue of chunks that the source fills.

Guarantees: `pull` is called once at a time, only while the queue has room or a read waits; chunks
leave in order; after an error nothing leaves.
Source: Streams standard, section 4.6; texts of workerd.
"""

from __future__ import annotations

from collections import deque

from emulator.js.buffers.array_buffer import BufferView
from emulator.js.define import getter, method
from emulator.js.errors import error_value, type_error
from emulator.js.object import JsObject
from emulator.js.promise import Promise, resolved
from emulator.js.streams.callbacks import Strategy, after, attempt
from emulator.js.streams.protocols import ReadableSource, ReadIntoRequest, ReadRequest
from emulator.js.streams.readable import ReadableStream
from emulator.js.streams.readers import NO_BYOB
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_parameter

CANNOT_ENQUEUE = "Unable to enqueue"
CLOSED = "This ReadableStream is closed."


class Puller:
    """Calls a source's `pull` whenever there is reason to, and never twice at once."""

    __slots__ = ("_again", "_pulling", "_source", "_started", "_target")

    def __init__(self, target: PullTarget, source: ReadableSource) -> None:
        self._target = target
        self._source = source
        self._started = False
        self._pulling = False
        self._again = False

    def start(self) -> None:
        """Starts the source; the first pull comes when it has started."""
        after(attempt(self._source.start, self._target), self._has_started, self._target.fail)

    def _has_started(self, _: JsValue) -> None:
        self._started = True
        self.pull_if_needed()

    def pull_if_needed(self) -> None:
        """Pulls if chunks are wanted; to be called after everything that may change that."""
        if not self._started or not self._target.wants_chunks():
            return
        if self._pulling:
            self._again = True
            return
        self._pulling = True
        after(attempt(self._source.pull, self._target), self._pulled, self._target.fail)

    def _pulled(self, _: JsValue) -> None:
        self._pulling = False
        if self._again:
            self._again = False
            self.pull_if_needed()

    def cancel(self, reason: JsValue) -> Promise:
        """Passes a cancellation on to the source."""
        return attempt(self._source.cancel, reason) or resolved(None)


class PullTarget(JsObject):
    """Base of the controllers that a Puller serves."""

    __slots__ = ()

    def wants_chunks(self) -> bool:
        """Whether the source should be pulled."""
        raise NotImplementedError

    def fail(self, reason: JsValue) -> None:
        """Errors the stream."""
        raise NotImplementedError


class ReadableStreamDefaultController(
    PullTarget, name="ReadableStreamDefaultController", constructible=False
):
    """What a source enqueues into."""

    __slots__ = ("_close_requested", "_puller", "_queue", "_size", "_strategy", "_stream")
    is_bytes = False
    supports_byob = False

    def __init__(self, stream: ReadableStream, source: ReadableSource, strategy: Strategy) -> None:
        super().__init__()
        self._stream = stream
        self._strategy = strategy
        self._queue: deque[tuple[JsValue, int]] = deque()
        self._size = 0
        self._close_requested = False
        self._puller = Puller(self, source)
        stream.controller = self

    def start(self) -> None:
        """Begins to pull."""
        self._puller.start()

    # -- for the stream -----------------------------------------------------------------------

    def pull_steps(self, request: ReadRequest) -> None:
        if not self._queue:
            self._stream.requests.append(request)
            self._puller.pull_if_needed()
            return
        chunk, size = self._queue.popleft()
        self._size -= size
        is_last = self._close_requested and not self._queue
        # The chunk goes first: pulling may close the stream, and a pipe stops when it hears of it.
        request.chunk(chunk)
        if is_last:
            self._stream.finish()
        else:
            self._puller.pull_if_needed()

    def pull_into_steps(self, view: BufferView, min_bytes: int, request: ReadIntoRequest) -> None:
        raise type_error(NO_BYOB)

    def cancel_steps(self, reason: JsValue) -> Promise:
        self._queue.clear()
        self._size = 0
        return self._puller.cancel(reason)

    def check_read(self) -> None:
        """Any number of reads may wait."""

    def check_release(self) -> None:
        """The lock may be released at any time."""

    def release_steps(self, reason: JsValue) -> None:
        """The stream fails the reads that wait."""

    # -- for the source -----------------------------------------------------------------------

    @property
    def can_enqueue(self) -> bool:
        """Whether the stream still takes chunks."""
        return self._stream.state == "readable" and not self._close_requested

    @property
    def room(self) -> int:
        """How much more the queue should take; negative when it is overfull."""
        return self._strategy.high_water_mark - self._size

    def wants_chunks(self) -> bool:
        return self.can_enqueue and (bool(self._stream.requests) or self.room > 0)

    def fail(self, reason: JsValue) -> None:
        if self._stream.state == "readable":
            self._queue.clear()
            self._size = 0
            self._stream.fail(reason)

    # -- JavaScript members -------------------------------------------------------------------

    @getter
    def desiredSize(self) -> JsValue:
        state = self._stream.state
        return null if state == "errored" else 0 if state == "closed" else self.room

    @method
    def enqueue(self, chunk: JsValue = None) -> None:
        if not self.can_enqueue:
            raise type_error(CANNOT_ENQUEUE)
        if self._stream.requests:
            self._stream.requests.popleft().chunk(chunk)
        else:
            try:
                size = self._strategy.size_of(chunk)
            except Exception as exception:  # noqa: BLE001 - a failing size() errors the stream
                self.fail(error_value(exception))
                return
            self._queue.append((chunk, size))
            self._size += size
        self._puller.pull_if_needed()

    @method
    def close(self) -> None:
        if not self.can_enqueue:
            raise type_error(CLOSED)
        self._close_requested = True
        if not self._queue:
            self._stream.finish()

    @method
    def error(self, reason: JsValue = MISSING) -> None:
        if reason is MISSING:
            raise wrong_parameter("ReadableStreamDefaultController", "error", 1, "Value")
        self.fail(reason)

    def __repr__(self) -> str:
        return f"<js {self.js_class_name} queued={len(self._queue)} size={self._size}>"


def default_readable(source: ReadableSource, strategy: Strategy) -> ReadableStream:
    """A stream of any values."""
    stream = ReadableStream()
    ReadableStreamDefaultController(stream, source, strategy).start()
    return stream
