"""`Blob` and `File`: immutable bytes with a type, and a name.

Source: workerd src/workerd/api/blob.c++; File API standard, sections 3 and 4.
"""

from __future__ import annotations

import math
import re

from emulator.js import host
from emulator.js.array import JsArray
from emulator.js.buffers import ArrayBuffer, Uint8Array, bytes_of
from emulator.js.convert import get_option, to_integer, to_number, to_string
from emulator.js.define import async_method, getter, method
from emulator.js.errors import error
from emulator.js.object import JsObject
from emulator.js.streams import ReadableStream
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import scalar_text, wrong_constructor_parameter

ENDINGS = "The 'endings' field on 'Options' is not implemented."
_PRINTABLE = re.compile(r"[\x20-\x7e]*")


class Blob(JsObject, name="Blob"):
    """Immutable bytes with a type; `data` is what the emulator reads."""

    __slots__ = ("_type", "data")

    def __init__(self, data: bytes = b"", type: str = "") -> None:
        super().__init__()
        self.data = data
        self._type = type

    @classmethod
    def js_new(cls, parts: JsValue = None, options: JsValue = None) -> JsValue:
        data = _joined(parts, "Blob")
        return cls(data, _type_option(options, "Blob", 2))

    @getter
    def size(self) -> int:
        return len(self.data)

    @getter
    def type(self) -> str:
        return self._type

    @method
    def slice(self, start: JsValue = None, end: JsValue = None, type: JsValue = None) -> Blob:
        size = len(self.data)
        first = _position(start, size, default=0)
        last = _position(end, size, default=size)
        return Blob(self.data[first:last], "" if type is None else normalized(to_string(type)))

    @async_method
    async def text(self) -> str:
        return self.data.decode("utf-8", "replace").removeprefix("\ufeff")

    @async_method
    async def arrayBuffer(self) -> ArrayBuffer:
        return ArrayBuffer(self.data)

    @async_method
    async def bytes_(self) -> Uint8Array:
        return Uint8Array.from_bytes(self.data)

    @method
    def stream(self) -> ReadableStream:
        return ReadableStream.from_bytes(self.data)

    def __repr__(self) -> str:
        return f"<js {self.js_class_name} size={len(self.data)} type={self._type!r}>"


class File(Blob, name="File"):
    """A Blob with a name."""

    __slots__ = ("_last_modified", "_name")

    def __init__(self, data: bytes, name: str, type: str = "", last_modified: float = 0) -> None:
        super().__init__(data, type)
        self._name = name
        self._last_modified = last_modified

    @classmethod
    def js_new(  # type: ignore[override]  # File takes a name before the options
        cls, parts: JsValue = None, name: JsValue = MISSING, options: JsValue = None
    ) -> JsValue:
        if name is MISSING:
            raise wrong_constructor_parameter("File", 2, "string")
        data = _joined(parts, "File")
        type = _type_option(options, "File", 3)
        modified = get_option(options, "lastModified")
        last_modified = host.current().now_ms() if modified is None else to_number(modified)
        if math.isnan(last_modified):
            last_modified = 0
        return cls(data, scalar_text(to_string(name)), type, last_modified)

    @getter
    def name(self) -> str:
        return self._name

    @getter
    def lastModified(self) -> float:
        return self._last_modified


def _joined(parts: JsValue, interface: str) -> bytes:
    """The bytes of a constructor's parts."""
    if parts is None:
        return b""
    if not isinstance(parts, JsArray):
        raise wrong_constructor_parameter(interface, 1, "Array")
    return b"".join(_part_bytes(part) for part in parts.items)


def _part_bytes(part: JsValue) -> bytes:
    if isinstance(part, Blob):
        return part.data
    data = bytes_of(part)
    return scalar_text(to_string(part)).encode() if data is None else data


def _type_option(options: JsValue, interface: str, index: int) -> str:
    if options is not None and options is not null and not isinstance(options, JsObject):
        raise wrong_constructor_parameter(interface, index, "Options")
    if get_option(options, "endings") is not None:
        raise error(ENDINGS)
    type = get_option(options, "type")
    return "" if type is None else normalized(to_string(type))


def normalized(type: str) -> str:
    """A Blob's type: lower-case, or empty if it has characters that no type may have."""
    return type.lower() if _PRINTABLE.fullmatch(type) else ""


def _position(value: JsValue, size: int, *, default: int) -> int:
    if value is None:
        return default
    index = to_integer(value)
    return max(index + size, 0) if index < 0 else min(index, size)
