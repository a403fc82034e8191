"""The ports between the parts of a stream: who reads, who is read, who holds a lock.

A ReadableStream knows its state and who holds its lock; a ReadableController knows where chunks
come from. Whoever wants a chunk hands in a ReadRequest, of which exactly one method is called, at
once or later. Holders of a lock are told when the stream ends.

Does not know: guests. Guest-visible readers and writers are holders like pipes and bodies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from emulator.js.promise import Promise
from emulator.js.streams.callbacks import Outcome
from emulator.js.values import JsValue

if TYPE_CHECKING:
    from emulator.js.buffers.array_buffer import BufferView


class ReadRequest(Protocol):
    """One wanted chunk. With `wants_bytes`, byte streams may give Python bytes, of any length."""

    wants_bytes: ClassVar[bool]

    def chunk(self, value: JsValue) -> None:
        """Here it is."""
        ...

    def close(self) -> None:
        """There is none: the stream has ended."""
        ...

    def error(self, reason: JsValue) -> None:
        """There is none: the stream has failed."""
        ...


class ReadIntoRequest(Protocol):
    """One wanted view (a BYOB read)."""

    def chunk(self, value: JsValue) -> None:
        """The view with the bytes that were read."""
        ...

    def close_with(self, value: JsValue) -> None:
        """The stream has ended; the value is an empty view on the reader's buffer."""
        ...

    def error(self, reason: JsValue) -> None:
        """The stream has failed."""
        ...


class ReaderLock(Protocol):
    """Holder of a ReadableStream's lock."""

    def readable_closed(self) -> None:
        """The stream has ended, and every chunk has been read."""
        ...

    def readable_errored(self, reason: JsValue) -> None:
        """The stream has failed."""
        ...


class WriterLock(Protocol):
    """Holder of a WritableStream's lock."""

    def writable_pressure(self, *, is_full: bool) -> None:
        """The queue became full, or has room again."""
        ...

    def writable_failing(self, reason: JsValue) -> None:
        """The stream takes no more chunks; a write may still be on its way."""
        ...

    def writable_errored(self, reason: JsValue) -> None:
        """The stream has failed for good."""
        ...

    def writable_closed(self) -> None:
        """Everything was written and the sink has been closed."""
        ...


class ReadableController(Protocol):
    """Where a ReadableStream's chunks come from."""

    is_bytes: bool
    supports_byob: bool

    def pull_steps(self, request: ReadRequest) -> None:
        """Answers a read of a stream that is readable."""
        ...

    def pull_into_steps(self, view: BufferView, min_bytes: int, request: ReadIntoRequest) -> None:
        """Answers a BYOB read, also of a stream that is closed."""
        ...

    def cancel_steps(self, reason: JsValue) -> Promise:
        """Tells the source that nobody wants more."""
        ...

    def check_read(self) -> None:
        """Throws if another read may not be started now."""
        ...

    def check_release(self) -> None:
        """Throws if the lock may not be released now."""
        ...

    def release_steps(self, reason: JsValue) -> None:
        """The lock is being released: reads that wait fail with the reason."""
        ...


class NativeSource(Protocol):
    """A source of bytes written in Python: a request body, a response of the network."""

    def pull(self) -> Promise:
        """Resolves to the next chunk as Python bytes, or None at the end."""
        ...

    def cancel(self, reason: JsValue) -> None:
        """Nobody wants more."""
        ...


class ReadableSource(Protocol):
    """Algorithms behind a default or byte controller."""

    def start(self, controller: JsValue) -> Outcome:
        """Called once, before anything else."""
        ...

    def pull(self, controller: JsValue) -> Outcome:
        """Called when the queue has room."""
        ...

    def cancel(self, reason: JsValue) -> Outcome:
        """Called when nobody wants more."""
        ...


class WritableSink(Protocol):
    """Algorithms behind a WritableStream."""

    def start(self, controller: JsValue) -> Outcome:
        """Called once, before anything else."""
        ...

    def write(self, chunk: JsValue, controller: JsValue) -> Outcome:
        """Called with one chunk at a time."""
        ...

    def close(self) -> Outcome:
        """Called when every chunk has been written."""
        ...

    def abort(self, reason: JsValue) -> Outcome:
        """Called instead of close if the stream is given up."""
        ...


class Transformer(Protocol):
    """Algorithms of a TransformStream."""

    def start(self, controller: JsValue) -> Outcome:
        """Called once, before anything else."""
        ...

    def transform(self, chunk: JsValue, controller: JsValue) -> Outcome:
        """Called with one chunk at a time."""
        ...

    def flush(self, controller: JsValue) -> Outcome:
        """Called after the last chunk."""
        ...

    def cancel(self, reason: JsValue) -> Outcome:
        """Called if either side is given up."""
        ...
