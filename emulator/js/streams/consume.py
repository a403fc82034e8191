"""Streams as bodies: everything at once, or piece by piece for the host.

Chunks must be bytes; anything else fails the reader and cancels the stream, with workerd's text.
"""

from __future__ import annotations

from typing import ClassVar

from emulator.js.buffers import bytes_of
from emulator.js.errors import type_error
from emulator.js.promise import Promise, rejected, resolved
from emulator.js.streams.native_controller import native_source, rest_at_hand
from emulator.js.streams.protocols import NativeSource
from emulator.js.streams.readable import LOCKED, NOT_BYTES, ReadableStream
from emulator.js.values import JsValue


class BodyReader:
    """Holds the lock of a stream whose bytes go to the host, or into a body's text."""

    __slots__ = ("_stream",)

    def __init__(self, stream: ReadableStream) -> None:
        self._stream = stream
        stream.lock(self)

    def readable_closed(self) -> None:
        """The reads themselves tell."""

    def readable_errored(self, reason: JsValue) -> None:
        """The reads themselves tell."""

    def pull(self) -> Promise:
        """The next piece of bytes, or None at the end."""
        piece = _Piece(self._stream)
        piece.run()
        return piece.promise


class _Reading:
    """Reads on until it is done. Chunks that are at hand are taken in a loop, not by recursion."""

    __slots__ = ("_is_running", "_more", "_stream", "promise")
    wants_bytes: ClassVar[bool] = True

    def __init__(self, stream: ReadableStream) -> None:
        self._stream = stream
        self._more = False
        self._is_running = False
        self.promise = Promise()

    def run(self) -> None:
        """Asks for chunks until one has to be waited for."""
        self._more = True
        if self._is_running:
            return
        self._is_running = True
        while self._more:
            self._more = False
            self._stream.read(self)
        self._is_running = False

    def chunk(self, value: JsValue) -> None:
        data = value if isinstance(value, bytes) else bytes_of(value)
        if data is not None:
            self.received(data)
            return
        failure = type_error(NOT_BYTES).value
        self.promise.reject_with(failure)
        self._stream.cancel_with(failure).handled = True

    def received(self, data: bytes) -> None:
        """One chunk, which may be empty."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def error(self, reason: JsValue) -> None:
        self.promise.reject_with(reason)


class _Piece(_Reading):
    """One piece that is not empty."""

    __slots__ = ()

    def received(self, data: bytes) -> None:
        if data:
            self.promise.resolve_with(data)
        else:
            self.run()

    def close(self) -> None:
        self.promise.resolve_with(None)


class _Everything(_Reading):
    """All that is left."""

    __slots__ = ("_pieces",)

    def __init__(self, stream: ReadableStream) -> None:
        super().__init__(stream)
        self._pieces: list[bytes] = []

    def received(self, data: bytes) -> None:
        self._pieces.append(data)
        self.run()

    def close(self) -> None:
        self.promise.resolve_with(b"".join(self._pieces))


def read_all(stream: ReadableStream) -> Promise:
    """Everything that is left of a stream that nobody has locked."""
    if stream.reader is not None:
        return rejected(type_error(LOCKED).value)
    BodyReader(stream)
    stream.disturbed = True
    at_hand = rest_at_hand(stream)
    if at_hand is not None:
        return resolved(at_hand)
    everything = _Everything(stream)
    everything.run()
    return everything.promise


def pull_chunk(stream: ReadableStream) -> Promise:
    """The next piece as Python bytes, None at the end; the first call locks the stream."""
    if stream.reader is None:
        BodyReader(stream)
    if not isinstance(stream.reader, BodyReader):
        return rejected(type_error(LOCKED).value)
    return stream.reader.pull()


def take_native_source(stream: ReadableStream) -> NativeSource | None:
    """The source of a native stream that nobody has read from; None for every other stream.

    The stream stays locked: what its source has is somebody else's now.
    """
    if stream.state != "readable" or stream.disturbed or stream.reader is not None:
        return None
    source = native_source(stream)
    if source is not None:
        BodyReader(stream)
        stream.disturbed = True
    return source


def cancel_stream(stream: ReadableStream, reason: JsValue = None) -> None:
    """The host wants no more; whatever holds the lock, the source hears of it."""
    stream.cancel_with(reason).handled = True
