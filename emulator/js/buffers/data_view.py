"""`DataView`: reads and writes numbers of any type at any offset, in either byte order.

Source: ECMA-262, 25.3. Error texts: V8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.js.buffers.array_buffer import ArrayBuffer, BufferView
from emulator.js.buffers.elements import ELEMENT_TYPES, UINT8_CLAMPED, ElementType
from emulator.js.convert import to_boolean, to_integer, to_string
from emulator.js.define import getter
from emulator.js.errors import range_error, type_error
from emulator.js.object import Member, NativeFunction
from emulator.js.values import JsValue

OUTSIDE = "Offset is outside the bounds of the DataView"


class DataView(BufferView, name="DataView"):
    """`DataView`; its get and set methods are made from the table of element types."""

    __slots__ = ()

    def __init__(
        self, buffer: ArrayBuffer, byte_offset: int = 0, byte_size: int | None = None
    ) -> None:
        if byte_size is None and buffer.max_bytes is None:
            byte_size = len(buffer.data) - byte_offset
        super().__init__(buffer, byte_offset, byte_size)

    @classmethod
    def js_new(
        cls, buffer: JsValue = None, offset: JsValue = None, length: JsValue = None
    ) -> JsValue:
        if not isinstance(buffer, ArrayBuffer):
            raise type_error("First argument to DataView constructor must be an ArrayBuffer")
        start = to_integer(offset)
        buffer.check_attached("DataView")
        if not 0 <= start <= len(buffer.data):
            raise range_error(
                f"Start offset {to_string(offset)} is outside the bounds of the buffer"
            )
        size = None if length is None else to_integer(length)
        if size is not None and not 0 <= size <= len(buffer.data) - start:
            raise range_error(f"Invalid DataView length {to_string(length)}")
        return cls(buffer, start, size)

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        raise type_error("Constructor DataView requires 'new'")

    @getter
    def byteLength(self) -> int:
        self.buffer.check_attached("DataView.prototype.byteLength")
        return self.byte_size

    @getter
    def byteOffset(self) -> int:
        self.buffer.check_attached("DataView.prototype.byteOffset")
        return self.byte_offset

    def read(self, kind: ElementType, offset: JsValue, little: JsValue = None) -> JsValue:
        """The element at a byte offset."""
        start = self._start(kind, offset, "get")
        data = self.buffer.data[start : start + kind.size]
        return kind.unpack(data, little=to_boolean(little))

    def write(
        self, kind: ElementType, offset: JsValue, value: JsValue, little: JsValue = None
    ) -> None:
        """Puts an element at a byte offset."""
        data = kind.pack(value, little=to_boolean(little))
        start = self._start(kind, offset, "set")
        self.buffer.data[start : start + kind.size] = data

    def _start(self, kind: ElementType, offset: JsValue, verb: str) -> int:
        index = to_integer(offset)
        if index < 0:
            raise range_error(OUTSIDE)
        self.buffer.check_attached(f"DataView.prototype.{verb}{kind.name}")
        if index + kind.size > self.byte_size:
            raise range_error(OUTSIDE)
        return self._offset + index


def _getter(kind: ElementType) -> Callable[..., Any]:
    def get(this: DataView, offset: JsValue = None, little: JsValue = None) -> JsValue:
        return this.read(kind, offset, little)

    return get


def _setter(kind: ElementType) -> Callable[..., Any]:
    def put(
        this: DataView, offset: JsValue = None, value: JsValue = None, little: JsValue = None
    ) -> None:
        this.write(kind, offset, value, little)

    return put


for _kind in ELEMENT_TYPES:
    if _kind is not UINT8_CLAMPED:
        for _verb, _make in (("get", _getter), ("set", _setter)):
            _name = f"{_verb}{_kind.name}"
            DataView.js_members[_name] = Member(function=NativeFunction(_name, _make(_kind)))
