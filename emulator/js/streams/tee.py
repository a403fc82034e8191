"""`tee`: two streams with the content of one.

A stream over bytes at hand gives two of its kind. Of any other byte stream both branches are native
byte streams; of a stream of values both get the same values. Chunks are read when either branch
wants one, and kept for the slower branch.

Differs from the standard as workerd does: cancelling one branch succeeds at once; the source is
cancelled, with the second reason, when both have been.
Source: workerd src/workerd/api/streams/queue.h.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol

from emulator.js.buffers import bytes_of
from emulator.js.promise import Promise
from emulator.js.streams.byte_source import ByteChannel
from emulator.js.streams.callbacks import Outcome, Strategy
from emulator.js.streams.default_controller import (
    ReadableStreamDefaultController,
    default_readable,
)
from emulator.js.streams.native_controller import (
    byte_source_readable,
    bytes_readable,
    rest_at_hand,
)
from emulator.js.streams.readable import ReadableStream
from emulator.js.values import JsValue


class _Branch(Protocol):
    stream: ReadableStream

    def give(self, value: JsValue) -> None: ...
    def end(self) -> None: ...
    def fail(self, reason: JsValue) -> None: ...


class _ByteBranch:
    """A branch of a byte stream."""

    __slots__ = ("_channel", "stream")

    def __init__(self, cancelled: Callable[[JsValue], Outcome], wanted: Callable[[], None]) -> None:
        self._channel = ByteChannel(cancelled, wanted)
        self.stream = byte_source_readable(self._channel)

    def give(self, value: JsValue) -> None:
        data = value if isinstance(value, bytes) else bytes_of(value)
        assert data is not None, "byte streams give bytes"
        self._channel.push(data)

    def end(self) -> None:
        self._channel.end()

    def fail(self, reason: JsValue) -> None:
        self._channel.fail(reason)


class _ValueBranch:
    """A branch of a stream of any values; its own source."""

    __slots__ = ("_cancelled", "_controller", "_wanted", "stream")

    def __init__(self, cancelled: Callable[[JsValue], Outcome], wanted: Callable[[], None]) -> None:
        self._cancelled = cancelled
        self._wanted = wanted
        self._controller: ReadableStreamDefaultController
        self.stream = default_readable(self, Strategy(0, None))

    def start(self, controller: JsValue) -> Outcome:
        self._controller = controller
        return None

    def pull(self, controller: JsValue) -> Outcome:
        self._wanted()
        return None

    def cancel(self, reason: JsValue) -> Outcome:
        return self._cancelled(reason)

    def give(self, value: JsValue) -> None:
        self._controller.enqueue(value)

    def end(self) -> None:
        self._controller.close()

    def fail(self, reason: JsValue) -> None:
        self._controller.fail(reason)


class Tee:
    """Reads the source for the branches that are left; holds its lock for good."""

    __slots__ = ("_branches", "_ended", "_reading", "_source", "_wanted")
    wants_bytes: ClassVar[bool] = True

    def __init__(self, source: ReadableStream) -> None:
        self._source = source
        self._reading = False
        self._wanted = False
        self._ended = False
        self._branches: list[_Branch] = []
        source.lock(self)

    def add_branch(self) -> ReadableStream:
        """Makes one of the two streams."""
        kind = _ByteBranch if self._source.controller.is_bytes else _ValueBranch
        branch: _Branch = kind(lambda reason: self._cancelled(branch, reason), self._want)
        self._branches.append(branch)
        return branch.stream

    def start(self) -> None:
        """Takes over the state that the source is in already."""
        if self._source.state == "closed":
            self.readable_closed()
        elif self._source.state == "errored":
            self.readable_errored(self._source.stored_error)

    def _want(self) -> None:
        self._wanted = True
        if self._reading:
            return
        while self._wanted and not self._ended and not self._reading:
            self._wanted = False
            self._reading = True
            self._source.read(self)

    def chunk(self, value: JsValue) -> None:
        self._reading = False
        for branch in tuple(self._branches):
            branch.give(value)

    def close(self) -> None:
        self.readable_closed()

    def error(self, reason: JsValue) -> None:
        self.readable_errored(reason)

    def readable_closed(self) -> None:
        if not self._ended:
            self._ended = True
            for branch in tuple(self._branches):
                branch.end()

    def readable_errored(self, reason: JsValue) -> None:
        if not self._ended:
            self._ended = True
            for branch in tuple(self._branches):
                branch.fail(reason)

    def _cancelled(self, branch: _Branch, reason: JsValue) -> Promise | None:
        self._branches.remove(branch)
        if self._branches:
            return None
        self._ended = True
        return self._source.cancel_with(reason)


class _Abandoned:
    """Holds the lock of a source whose content its branches have taken along."""

    __slots__ = ()

    def readable_closed(self) -> None:
        """Nobody waits."""

    def readable_errored(self, reason: JsValue) -> None:
        """Nobody waits."""


def tee(source: ReadableStream) -> tuple[ReadableStream, ReadableStream]:
    """The two branches of a stream that nobody has locked."""
    at_hand = rest_at_hand(source)
    if at_hand is not None:
        source.lock(_Abandoned())
        return bytes_readable(at_hand), bytes_readable(at_hand)
    shared = Tee(source)
    branches = shared.add_branch(), shared.add_branch()
    shared.start()
    return branches
