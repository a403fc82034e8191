"""The base of the typed arrays: `%TypedArray%`.

A typed array is a window on an ArrayBuffer, shared without copying. Element access goes through a
memoryview cast to the element type, made anew when the buffer's memory was replaced.

Guarantees: writes through one view are seen through all views of the buffer.
Source: ECMA-262, 23.2. Error texts: V8.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any, ClassVar, Self

from emulator.js.array_like import (
    ArrayLike,
    array_index,
    array_like_items,
    comparator,
    relative_index,
    relative_range,
)
from emulator.js.buffers.array_buffer import MAX_BYTES, ArrayBuffer, BufferView
from emulator.js.buffers.elements import ElementType, HalfView
from emulator.js.convert import to_boolean, to_integer, to_number, to_string
from emulator.js.define import getter, method, static
from emulator.js.errors import range_error, type_error
from emulator.js.object import JsObject
from emulator.js.text import require_function
from emulator.js.values import MISSING, JsBigInt, JsValue, PropertyKey

OFFSET_OUT_OF_BOUNDS = "offset is out of bounds"
MIXED_BIGINT = "Cannot mix BigInt and other types, use explicit conversions"
BAD_COMPARE = "The comparison function must be either a function or undefined"


class TypedArray(ArrayLike, BufferView):
    """Base of the twelve classes; `element` is what each of them adds."""

    __slots__ = ("_seen", "_view")
    element: ClassVar[ElementType]

    def __init__(
        self, buffer: ArrayBuffer, byte_offset: int = 0, length: int | None = None
    ) -> None:
        size = self.element.size
        if length is None and buffer.max_bytes is None:
            length = (len(buffer.data) - byte_offset) // size
        BufferView.__init__(self, buffer, byte_offset, None if length is None else length * size)
        self._seen: bytearray | None = None
        self._view: Any = None

    @classmethod
    def from_bytes(cls, data: bytes | bytearray) -> Self:
        """A new array over a buffer of its own; a bytearray is adopted, bytes are copied."""
        return cls(ArrayBuffer(data))

    @classmethod
    def from_values(cls, values: list[JsValue]) -> Self:
        """A new array with these elements, converted."""
        if cls.element.code == "B" and all(type(value) is int for value in values):
            try:
                return cls.from_bytes(bytearray(values))
            except ValueError:
                pass  # some value wraps or clamps
        array = cls(ArrayBuffer(bytearray(len(values) * cls.element.size)))
        array.store(0, values)
        return array

    # -- elements -----------------------------------------------------------------------------

    @property
    def view(self) -> Any:
        """The elements as a mutable memoryview (raw: BigInt elements are plain ints)."""
        data = self._buffer.data
        if self._seen is not data:
            self._view = self._cast(data)
            self._seen = data
        return self._view

    def _cast(self, data: bytearray) -> Any:
        size = self.byte_size // self.element.size * self.element.size
        raw = memoryview(data)[self.byte_offset : self.byte_offset + size]
        code = self.element.code
        if code == "e":
            return HalfView(raw)
        cast: Any = raw.cast
        return raw if code == "B" else cast(code)

    @property
    def items(self) -> Any:
        """The elements as JavaScript values, to read only."""
        read = self.element.read
        return self.view if read is None else [read(raw) for raw in self.view]

    def store(self, start: int, values: list[JsValue]) -> None:
        """Converts values and writes them from an index on; what does not fit is dropped."""
        convert = self.element.convert
        for index, value in enumerate(values, start):
            raw = convert(value)
            view = self.view  # converting may have run guest code that detached the buffer
            if index < len(view):
                view[index] = raw

    # -- object protocol ----------------------------------------------------------------------

    def js_get(self, key: PropertyKey) -> JsValue:
        index = array_index(key)
        if index is None:
            return super().js_get(key)
        view = self.view
        if index >= len(view):
            return MISSING
        read = self.element.read
        return view[index] if read is None else read(view[index])

    def js_get_own(self, key: PropertyKey) -> JsValue:
        return self.js_get(key) if array_index(key) is not None else super().js_get_own(key)

    def js_set(self, key: PropertyKey, value: JsValue) -> None:
        index = array_index(key)
        if index is None:
            super().js_set(key, value)
        else:
            self.store(index, [value])

    def js_delete(self, key: PropertyKey) -> bool:
        index = array_index(key)
        if index is not None and index < len(self.view):
            raise type_error(f"Cannot delete property '{key!s}' of [object Array]")
        return super().js_delete(key)

    def js_own_keys(self) -> list[PropertyKey]:
        return [*(str(index) for index in range(len(self.view))), *super().js_own_keys()]

    def js_iter(self) -> Iterator[JsValue]:
        return iter(self.items)

    def js_to_string(self) -> str:
        return self.join()

    # -- construction -------------------------------------------------------------------------

    @classmethod
    def js_new(
        cls, source: JsValue = None, offset: JsValue = None, length: JsValue = None
    ) -> JsValue:
        if isinstance(source, ArrayBuffer):
            return cls._on_buffer(source, offset, length)
        if isinstance(source, TypedArray):
            cls._check_content(source)
            source.buffer.check_attached("Construct")
            return cls.from_values(list(source.items))
        if isinstance(source, JsObject):
            return cls._from_object(source)
        count = 0.0 if source is None else to_number(source)
        size = to_integer(count)
        if not 0 <= size <= MAX_BYTES // cls.element.size:
            raise range_error(f"Invalid typed array length: {to_string(source)}")
        return cls(ArrayBuffer(bytearray(size * cls.element.size)))

    @classmethod
    def _on_buffer(cls, buffer: ArrayBuffer, offset: JsValue, length: JsValue) -> Self:
        size, name = cls.element.size, cls.js_class_name
        start = to_integer(offset)
        if start < 0 or start % size:
            if start < 0:
                raise range_error(f"Start offset {start} is outside the bounds of the buffer")
            raise range_error(f"start offset of {name} should be a multiple of {size}")
        count = None if length is None else to_integer(length)
        buffer.check_attached("Construct")
        available = len(buffer.data) - start
        if count is None:
            if len(buffer.data) % size and buffer.max_bytes is None:
                raise range_error(f"byte length of {name} should be a multiple of {size}")
            if available < 0:
                raise range_error(f"Start offset {start} is outside the bounds of the buffer")
        elif not 0 <= count * size <= available:
            raise range_error(f"Invalid typed array length: {to_string(length)}")
        return cls(buffer, start, count)

    @classmethod
    def _from_object(cls, source: JsObject) -> Self:
        wrapped = getattr(source, "python_value", None)
        if cls.element.code == "B" and isinstance(wrapped, bytes | bytearray):
            return cls.from_bytes(bytearray(wrapped))
        return cls.from_values(array_like_items(source))

    @classmethod
    def _check_content(cls, source: TypedArray) -> None:
        if source.element.is_bigint != cls.element.is_bigint:
            raise type_error(MIXED_BIGINT)

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        raise type_error(f"Constructor {cls.js_class_name} requires 'new'")

    @static
    def of(cls, *values: JsValue) -> JsValue:
        return cls.from_values(list(values))

    @static
    def from_(
        cls, source: JsValue = None, map_function: JsValue = None, this: JsValue = None
    ) -> JsValue:
        if map_function is not None:
            require_function(map_function)
        values = array_like_items(source)
        if map_function is not None:
            values = [map_function.js_call(this, (v, i)) for i, v in enumerate(values)]
        return cls.from_values(values)

    # -- JavaScript members -------------------------------------------------------------------

    @getter
    def length(self) -> int:
        return len(self.view)

    @getter
    def byteLength(self) -> int:
        return len(self.view) * self.element.size

    @getter
    def byteOffset(self) -> int:
        return self.byte_offset

    @getter
    def BYTES_PER_ELEMENT(self) -> int:
        return self.element.size

    @method
    def set(self, source: JsValue = None, offset: JsValue = None) -> None:
        start = to_integer(offset)
        self._check_attached("set")
        if isinstance(source, TypedArray):
            self._check_content(source)
            values = list(source.items)
        elif isinstance(source, JsObject):
            values = array_like_items(source)
        else:
            values = list(source) if isinstance(source, str) else []
        if start < 0 or start + len(values) > len(self.view):
            raise range_error(OFFSET_OUT_OF_BOUNDS)
        if isinstance(source, TypedArray) and source.element is self.element:
            size = self.element.size
            first = self._offset + start * size
            self._buffer.data[first : first + len(values) * size] = source.tobytes()
        else:
            self.store(start, values)

    @method
    def subarray(self, start: JsValue = None, end: JsValue = None) -> TypedArray:
        first, last = relative_range(start, end, len(self.view))
        begin = self._offset + first * self.element.size
        if end is None and self.follows_length:
            return type(self)(self._buffer, begin)
        return type(self)(self._buffer, begin, last - first)

    @method
    def slice(self, start: JsValue = None, end: JsValue = None) -> TypedArray:
        self._check_attached("slice")
        first, last = relative_range(start, end, len(self.view))
        size = self.element.size
        begin = self.byte_offset + first * size
        return self.from_bytes(self._buffer.data[begin : begin + (last - first) * size])

    @method
    def fill(self, value: JsValue = None, start: JsValue = None, end: JsValue = None) -> Self:
        self._check_attached("fill")
        raw = self.element.convert(value)
        first, last = relative_range(start, end, len(self.view))
        view = self.view
        for index in range(first, last):
            view[index] = raw
        return self

    @method
    def copyWithin(
        self, target: JsValue = None, start: JsValue = None, end: JsValue = None
    ) -> Self:
        self._check_attached("copyWithin")
        count, size = len(self.view), self.element.size
        to = relative_index(target, count)
        first, last = relative_range(start, end, count)
        last = min(last, first + count - to)
        data, base = self._buffer.data, self._offset
        moved = bytes(data[base + first * size : base + last * size])
        data[base + to * size : base + to * size + len(moved)] = moved
        return self

    @method
    def map(self, callback: JsValue = None, this: JsValue = None) -> TypedArray:
        return self.from_values([answer for _, _, answer in self._calls(callback, this)])

    @method
    def filter(self, callback: JsValue = None, this: JsValue = None) -> TypedArray:
        kept = [item for _, item, answer in self._calls(callback, this) if to_boolean(answer)]
        return self.from_values(kept)

    @method
    def reverse(self) -> Self:
        self.store(0, list(self.items)[::-1])
        return self

    @method
    def toReversed(self) -> TypedArray:
        return self.from_values(list(self.items)[::-1])

    @method
    def sort(self, compare: JsValue = None) -> Self:
        self.store(0, self._sorted(compare))
        return self

    @method
    def toSorted(self, compare: JsValue = None) -> TypedArray:
        return self.from_values(self._sorted(compare))

    def _sorted(self, compare: JsValue) -> list[JsValue]:
        if compare is None:
            return sorted(self.items, key=_numeric_key)
        if not getattr(compare, "js_callable", False):
            raise type_error(BAD_COMPARE)
        return sorted(self.items, key=functools.cmp_to_key(comparator(compare)))

    @method
    def with_(self, index: JsValue = None, value: JsValue = None) -> TypedArray:
        count = len(self.view)
        position = to_integer(index)
        position += count if position < 0 else 0
        if not 0 <= position < count:
            raise range_error("Invalid typed array index")
        copy = self.from_bytes(bytearray(self.tobytes()))
        copy.store(position, [value])
        return copy

    def _check_attached(self, name: str) -> None:
        self._buffer.check_attached(f"%TypedArray%.prototype.{name}")

    def __repr__(self) -> str:
        return f"<js {self.js_class_name} length={len(self.view)}>"


def _numeric_key(value: JsValue) -> tuple[bool, float, bool]:
    """Numeric order with -0 before 0 and NaN last."""
    if isinstance(value, JsBigInt):
        return False, int(value), False
    if math.isnan(value):
        return True, 0, False
    return False, value, math.copysign(1, value) > 0
