"""`ArrayBuffer`: a bytearray that views share without copying.

`data` is the memory. Detaching and resizing put another bytearray in its place, which is how views
notice: they compare the object they looked at with `buffer.data` before each access.

Source: ECMA-262, 25.1. Error texts: V8.
"""

from __future__ import annotations

import math

from emulator.js.convert import get_option, to_integer, to_number
from emulator.js.define import getter, method, static
from emulator.js.errors import range_error, type_error
from emulator.js.object import JsObject
from emulator.js.values import JsValue

INVALID_LENGTH = "Invalid array buffer length"
ALLOCATION_FAILED = "Array buffer allocation failed"
# A Worker has 128 MB in all; refusing early keeps the whole process alive.
MAX_BYTES = 2**31


class ArrayBuffer(JsObject, name="ArrayBuffer"):
    """`ArrayBuffer`. A bytearray given to the constructor is adopted, bytes are copied."""

    __slots__ = ("data", "detached_", "max_bytes")

    def __init__(self, data: bytes | bytearray = b"", *, max_bytes: int | None = None) -> None:
        super().__init__()
        self.data = data if isinstance(data, bytearray) else bytearray(data)
        self.detached_ = False
        self.max_bytes = max_bytes

    @classmethod
    def js_new(cls, length: JsValue = None, options: JsValue = None) -> JsValue:
        size = _byte_count(length)
        limit = get_option(options, "maxByteLength")
        max_bytes = None if limit is None else _byte_count(limit)
        if max_bytes is not None and size > max_bytes:
            raise range_error("Invalid array buffer max length")
        return cls(bytearray(size), max_bytes=max_bytes)

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        raise type_error(f"Constructor {cls.js_class_name} requires 'new'")

    @static
    def isView(cls, value: JsValue = None) -> bool:
        return isinstance(value, BufferView)

    @getter
    def byteLength(self) -> int:
        return len(self.data)

    @getter
    def detached(self) -> bool:
        return self.detached_

    @getter
    def resizable(self) -> bool:
        return self.max_bytes is not None

    @getter
    def maxByteLength(self) -> int:
        return len(self.data) if self.max_bytes is None else self.max_bytes

    @method
    def slice(self, start: JsValue = None, end: JsValue = None) -> ArrayBuffer:
        self.check_attached("ArrayBuffer.prototype.slice")
        size = len(self.data)
        first = _relative(start, 0, size)
        last = max(_relative(end, size, size), first)
        return type(self)(self.data[first:last])

    @method
    def resize(self, length: JsValue = None) -> None:
        if self.max_bytes is None:
            raise type_error(
                "Method ArrayBuffer.prototype.resize called on incompatible receiver "
                f"#<{self.js_class_name}>"
            )
        size = to_integer(length)
        if not 0 <= size <= self.max_bytes:
            raise range_error("ArrayBuffer.prototype.resize: Invalid length parameter")
        self.check_attached("ArrayBuffer.prototype.resize")
        self.data = bytearray(self.data[:size].ljust(size, b"\0"))

    @method
    def transfer(self, length: JsValue = None) -> ArrayBuffer:
        self.check_attached("ArrayBuffer.prototype.transfer")
        return self._moved(length, self.max_bytes)

    @method
    def transferToFixedLength(self, length: JsValue = None) -> ArrayBuffer:
        self.check_attached("ArrayBuffer.prototype.transferToFixedLength")
        return self._moved(length, None)

    def _moved(self, length: JsValue, max_bytes: int | None) -> ArrayBuffer:
        size = len(self.data) if length is None else _byte_count(length)
        data = self.detach()
        if size != len(data):
            data = bytearray(data[:size].ljust(size, b"\0"))
        return ArrayBuffer(data, max_bytes=max_bytes)

    def detach(self) -> bytearray:
        """Takes the memory away, as transferring the buffer to somebody else does."""
        data, self.data = self.data, bytearray()
        self.detached_ = True
        return data

    def check_attached(self, what: str) -> None:
        """Throws if the buffer is detached."""
        if self.detached_:
            raise type_error(f"Cannot perform {what} on a detached ArrayBuffer")

    def __repr__(self) -> str:
        return f"<js {self.js_class_name} bytes={len(self.data)}>"


class SharedArrayBuffer(ArrayBuffer, name="SharedArrayBuffer"):
    """`SharedArrayBuffer`; a Worker has one thread, so it is only another name."""

    __slots__ = ()


class BufferView(JsObject):
    """What typed arrays and DataView have in common: a window on a buffer."""

    __slots__ = ("_buffer", "_fixed_size", "_offset")

    def __init__(self, buffer: ArrayBuffer, byte_offset: int, byte_size: int | None) -> None:
        # byte_size None: the view follows the length of a resizable buffer.
        self._own = None
        self._buffer = buffer
        self._offset = byte_offset
        self._fixed_size = byte_size

    @getter
    def buffer(self) -> ArrayBuffer:
        return self._buffer

    @property
    def byte_offset(self) -> int:
        """Where the view begins in its buffer; 0 when it is out of bounds."""
        return self._offset if self._in_bounds() else 0

    @property
    def byte_size(self) -> int:
        """How many bytes the view covers; 0 when it is out of bounds."""
        if not self._in_bounds():
            return 0
        if self._fixed_size is None:
            return len(self._buffer.data) - self._offset
        return self._fixed_size

    @property
    def follows_length(self) -> bool:
        """Whether the view grows and shrinks with its buffer."""
        return self._fixed_size is None

    def _in_bounds(self) -> bool:
        end = self._offset + (self._fixed_size or 0)
        return end <= len(self._buffer.data) and not self._buffer.detached_

    def tobytes(self) -> bytes:
        """A copy of what the view covers."""
        start = self._offset
        return bytes(memoryview(self._buffer.data)[start : start + self.byte_size])


def _byte_count(value: JsValue) -> int:
    number = 0 if value is None else to_number(value)
    size = 0 if math.isnan(number) else to_integer(number)
    if not 0 <= size < 2**53:
        raise range_error(INVALID_LENGTH)
    if size > MAX_BYTES:
        raise range_error(ALLOCATION_FAILED)
    return size


def _relative(value: JsValue, default: int, size: int) -> int:
    if value is None:
        return default
    index = to_integer(value)
    return max(index + size, 0) if index < 0 else min(index, size)
