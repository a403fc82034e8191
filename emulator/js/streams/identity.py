"""`IdentityTransformStream` and `FixedLengthStream`: bytes pass through unchanged.

Guarantees: a write is done when its bytes have been read, so that nothing is buffered beyond what
waits in the writable side's queue. A FixedLengthStream fails its reader unless exactly so many
bytes pass; `readable.expected_length` tells the host what Content-Length to send.
Source: workerd src/workerd/api/streams/internal.c++ and identity-transform-stream.c++.
"""

from __future__ import annotations

from emulator.js.buffers import bytes_of
from emulator.js.convert import get_option, to_string
from emulator.js.errors import JsError, type_error
from emulator.js.promise import rejected
from emulator.js.streams.byte_source import ByteChannel
from emulator.js.streams.callbacks import Outcome, Strategy, check_options, to_size
from emulator.js.streams.native_controller import byte_source_readable
from emulator.js.streams.readable import ReadableStream
from emulator.js.streams.transform import TransformStream
from emulator.js.streams.writable import WritableStream
from emulator.js.values import MAX_SAFE_INTEGER, JsValue
from emulator.js.webidl import scalar_text, wrong_constructor_parameter

NOT_BYTES_WRITTEN = (
    "This TransformStream is being used as a byte stream, but received an object of "
    "non-ArrayBuffer/ArrayBufferView type on its writable side."
)
TOO_MANY = "Attempt to write too many bytes through a FixedLengthStream."
TOO_FEW = "FixedLengthStream did not see all expected bytes before close()."
LENGTH_TOO_LARGE = "FixedLengthStream requires an integer expected length less than 2^53."
CANCELLED = "Stream was cancelled."


def written_bytes(chunk: JsValue) -> bytes:
    """What a byte stream's writer writes: bytes, or text as UTF-8; undefined is nothing."""
    if isinstance(chunk, bytes):
        return chunk
    if isinstance(chunk, str):
        return scalar_text(chunk).encode()
    if chunk is None:
        return b""
    data = bytes_of(chunk)
    if data is None:
        raise type_error(NOT_BYTES_WRITTEN)
    return data


def as_error(reason: JsValue, absent: str) -> JsValue:
    """A reason as the other side of a native stream sees it: an Error, always."""
    if isinstance(reason, JsError):
        return reason
    return JsError(absent if reason is None else to_string(reason))


class ChannelSink:
    """The writable side: what it is given goes into a channel."""

    def __init__(self, expected_length: int | None = None) -> None:
        self.channel = ByteChannel(self._cancelled)
        self.writable: WritableStream
        self._left = expected_length

    def start(self, controller: JsValue) -> Outcome:
        return None

    def write(self, chunk: bytes, controller: JsValue) -> Outcome:
        if not chunk:
            return None
        if self._left is not None:
            if len(chunk) > self._left:
                failure = type_error(TOO_MANY).value
                self.channel.fail(failure)
                return rejected(failure)
            self._left -= len(chunk)
        return self.channel.push(chunk)

    def close(self) -> Outcome:
        if self._left:
            self.channel.fail(type_error(TOO_FEW).value)
        else:
            self.channel.end()
        return None

    def abort(self, reason: JsValue) -> Outcome:
        self.channel.fail(as_error(reason, "undefined"))
        return None

    def _cancelled(self, reason: JsValue) -> Outcome:
        """The reader gave up: the write that waits fails, and so does the stream."""
        failure = as_error(reason, CANCELLED)
        self.writable.fail(failure)
        self.channel.drop(failure)
        return None


class IdentityTransformStream(TransformStream, name="IdentityTransformStream"):
    """Bytes in, the same bytes out."""

    __slots__ = ()

    @classmethod
    def js_new(cls, strategy: JsValue = None) -> JsValue:  # type: ignore[override]
        check_options(strategy, "IdentityTransformStream", 1, "QueuingStrategy")
        return cls(*_sides(None, strategy))


class FixedLengthStream(IdentityTransformStream, name="FixedLengthStream"):
    """An identity stream through which a known number of bytes passes."""

    __slots__ = ()

    @classmethod
    def js_new(cls, length: JsValue = None, strategy: JsValue = None) -> JsValue:  # type: ignore[override]
        if length is None:
            raise wrong_constructor_parameter("FixedLengthStream", 1, "bigint")
        check_options(strategy, "FixedLengthStream", 2, "QueuingStrategy")
        size = to_size(int(length) if isinstance(length, int) else length)
        if size > MAX_SAFE_INTEGER:
            raise type_error(LENGTH_TOO_LARGE)
        return cls(*_sides(size, strategy))


def _sides(length: int | None, options: JsValue) -> tuple[ReadableStream, WritableStream]:
    sink = ChannelSink(length)
    mark = get_option(options, "highWaterMark")
    # Without a mark the runtime always reports room for one more chunk; with one it counts bytes.
    strategy = Strategy(1, lambda chunk: 0) if mark is None else Strategy(to_size(mark), len)
    sink.writable = WritableStream(sink, strategy, chunk_filter=written_bytes)
    if mark is None:
        sink.writable.pipe_gate = sink.channel.drained
    return byte_source_readable(sink.channel, length), sink.writable
