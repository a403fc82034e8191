"""Sources of bytes for native streams: bytes at hand, a native source, a channel.

All three answer `pull_up_to(limit)`: a Promise of at least one byte and at most `limit`, or of None
at the end. A limit of None means "as it comes", so that bodies travel in the pieces they came in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from emulator.js.promise import Promise, rejected, resolved
from emulator.js.streams.callbacks import Outcome
from emulator.js.streams.protocols import NativeSource
from emulator.js.values import JsValue


class ByteSource(Protocol):
    """What a NativeController reads from; one pull at a time."""

    def pull_up_to(self, limit: int | None) -> Promise:
        """The next bytes."""
        ...

    def cancel(self, reason: JsValue) -> Outcome:
        """Nobody wants more."""
        ...


class BytesSource:
    """Bytes that are at hand."""

    __slots__ = ("_data", "_position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def pull_up_to(self, limit: int | None) -> Promise:
        start = self._position
        if start >= len(self._data):
            return resolved(None)
        if limit is None or len(self._data) - start <= limit:
            return resolved(self.take_rest())
        self._position = start + limit
        return resolved(self._data[start : start + limit])

    def take_rest(self) -> bytes:
        """Everything that is left."""
        rest = self._data[self._position :] if self._position else self._data
        self._data = b""
        self._position = 0
        return rest

    def cancel(self, reason: JsValue) -> Outcome:
        self.take_rest()
        return None

    def __repr__(self) -> str:
        return f"<BytesSource left={len(self._data) - self._position}>"


class PulledSource:
    """A NativeSource, whose chunks may be longer than what a reader asks for."""

    __slots__ = ("_left", "source")

    def __init__(self, source: NativeSource) -> None:
        self.source = source
        self._left: bytes | memoryview = b""

    def pull_up_to(self, limit: int | None) -> Promise:
        if self._left:
            return resolved(self._cut(self._left, limit))
        result = Promise()
        self._pull(limit, result)
        return result

    def _pull(self, limit: int | None, result: Promise) -> None:
        def received(data: bytes | None) -> None:
            if data is None:
                result.resolve_with(None)
            elif data:
                result.resolve_with(self._cut(data, limit))
            else:
                self._pull(limit, result)

        self.source.pull().subscribe(received, result.reject_with)

    def _cut(self, data: bytes | memoryview, limit: int | None) -> bytes:
        if limit is None or len(data) <= limit:
            self._left = b""
            return data if isinstance(data, bytes) else bytes(data)
        view = memoryview(data)
        self._left = view[limit:]
        return bytes(view[:limit])

    def cancel(self, reason: JsValue) -> Outcome:
        self._left = b""
        self.source.cancel(reason)
        return None


class ByteChannel:
    """Bytes that one side pushes and the other reads.

    `push` gives a Promise that is fulfilled when all of its bytes have been read.
    """

    __slots__ = (
        "_cancelled", "_ended", "_failure", "_pieces", "_waiting", "on_cancel", "on_wanted", "size",
    )  # fmt: skip

    def __init__(
        self,
        on_cancel: Callable[[JsValue], Outcome] = lambda reason: None,
        on_wanted: Callable[[], None] = lambda: None,
    ) -> None:
        self.on_cancel = on_cancel
        self.on_wanted = on_wanted
        self.size = 0
        self._pieces: deque[tuple[memoryview, Promise]] = deque()
        self._waiting: tuple[int | None, Promise] | None = None
        self._ended = False
        self._cancelled = False
        self._failure: Promise | None = None

    # -- the side that writes -----------------------------------------------------------------

    def push(self, data: bytes) -> Promise:
        """Adds bytes; they are dropped if nobody will read them."""
        consumed = Promise()
        consumed.handled = True
        if self._failure is not None:
            return self._failure
        if not data or self._cancelled:
            consumed.resolve_with(None)
            return consumed
        self._pieces.append((memoryview(data), consumed))
        self.size += len(data)
        self._serve()
        return consumed

    def end(self) -> None:
        """There will be no more bytes."""
        self._ended = True
        self._serve()

    def fail(self, reason: JsValue) -> None:
        """The reader gets this error, and bytes that it has not read are lost."""
        if self._failure is not None or self._cancelled:
            return
        self._failure = rejected(reason)
        self._failure.handled = True
        self.drop(reason)
        self._serve()

    def drained(self, above: int = 0) -> Outcome:
        """None while no more than so many bytes wait, else a Promise of their being read."""
        if self.size <= above or not self._pieces:
            return None
        return self._pieces[-1][1]

    # -- the side that reads ------------------------------------------------------------------

    def pull_up_to(self, limit: int | None) -> Promise:
        assert self._waiting is None, "one pull at a time"
        result = Promise()
        self._waiting = (limit, result)
        self._serve()
        if self._waiting is not None:
            self.on_wanted()
        return result

    def cancel(self, reason: JsValue) -> Outcome:
        self._cancelled = True
        outcome = self.on_cancel(reason)
        self.drop(reason)
        return outcome

    def drop(self, reason: JsValue) -> None:
        """Forgets what was not read; whoever pushed it is told why."""
        pieces, self._pieces = self._pieces, deque()
        self.size = 0
        for _, consumed in pieces:
            consumed.reject_with(reason)

    def _serve(self) -> None:
        if self._waiting is None:
            return
        limit, result = self._waiting
        if self._pieces:
            self._waiting = None
            result.resolve_with(self._take(limit))
        elif self._failure is not None:
            self._waiting = None
            result.reject_with(self._failure.value)
        elif self._ended:
            self._waiting = None
            result.resolve_with(None)

    def _take(self, limit: int | None) -> bytes:
        piece, consumed = self._pieces.popleft()
        if limit is not None and len(piece) > limit:
            self._pieces.appendleft((piece[limit:], consumed))
            piece = piece[:limit]
        else:
            consumed.resolve_with(None)
        self.size -= len(piece)
        return bytes(piece)

    def __repr__(self) -> str:
        return f"<ByteChannel size={self.size} pieces={len(self._pieces)} ended={self._ended}>"
