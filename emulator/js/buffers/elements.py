"""The twelve element types of typed arrays and DataView, as data.

Each type knows its memoryview format, its size, and how a JavaScript value becomes an element
(modular for integers, clamped for Uint8Clamped, rounded for floats).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from emulator.js.boxed import to_bigint
from emulator.js.convert import normalize_number, to_number
from emulator.js.values import JsBigInt, JsValue


@dataclass(frozen=True, slots=True)
class ElementType:
    """One element type; `read` turns what memoryview gives into a JavaScript value, if needed."""

    name: str
    code: str
    size: int
    convert: Callable[[JsValue], Any]
    read: Callable[[Any], JsValue] | None = None

    @property
    def is_bigint(self) -> bool:
        """Whether elements are BigInts, which never mix with numbers."""
        return self.read is JsBigInt

    def pack(self, value: JsValue, *, little: bool) -> bytes:
        """The element's bytes, for DataView."""
        order = "<" if little else ">"
        try:
            return struct.pack(order + self.code, self.convert(value))
        except OverflowError:  # floats beyond the type's range
            return struct.pack(order + self.code, math.copysign(math.inf, self.convert(value)))

    def unpack(self, data: bytes | bytearray | memoryview, *, little: bool) -> JsValue:
        """The value of an element's bytes, for DataView."""
        (raw,) = struct.unpack(("<" if little else ">") + self.code, data)
        return raw if self.read is None else self.read(raw)


def _integer(bits: int, *, signed: bool) -> Callable[[JsValue], int]:
    mask = (1 << bits) - 1
    limit = 1 << (bits - 1)

    def convert(value: JsValue) -> int:
        if type(value) is not int:
            value = to_number(value)
            if type(value) is float and not math.isfinite(value):
                return 0
            value = int(value)
        number: int = value & mask
        return number - mask - 1 if signed and number >= limit else number

    return convert


def _clamped(value: JsValue) -> int:
    number = to_number(value)
    if math.isnan(number):
        return 0
    return round(min(max(number, 0), 255))


def _float(value: JsValue) -> float:
    return float(to_number(value))


def _big(*, signed: bool) -> Callable[[JsValue], int]:
    def convert(value: JsValue) -> int:
        number = int(to_bigint(value)) & (2**64 - 1)
        return number - 2**64 if signed and number >= 2**63 else number

    return convert


INT8 = ElementType("Int8", "b", 1, _integer(8, signed=True))
UINT8 = ElementType("Uint8", "B", 1, _integer(8, signed=False))
UINT8_CLAMPED = ElementType("Uint8Clamped", "B", 1, _clamped)
INT16 = ElementType("Int16", "h", 2, _integer(16, signed=True))
UINT16 = ElementType("Uint16", "H", 2, _integer(16, signed=False))
INT32 = ElementType("Int32", "i", 4, _integer(32, signed=True))
UINT32 = ElementType("Uint32", "I", 4, _integer(32, signed=False))
FLOAT16 = ElementType("Float16", "e", 2, _float, normalize_number)
FLOAT32 = ElementType("Float32", "f", 4, _float, normalize_number)
FLOAT64 = ElementType("Float64", "d", 8, _float, normalize_number)
BIG_INT64 = ElementType("BigInt64", "q", 8, _big(signed=True), JsBigInt)
BIG_UINT64 = ElementType("BigUint64", "Q", 8, _big(signed=False), JsBigInt)

ELEMENT_TYPES = (
    INT8, UINT8, UINT8_CLAMPED, INT16, UINT16, INT32, UINT32, FLOAT16, FLOAT32, FLOAT64,
    BIG_INT64, BIG_UINT64,
)  # fmt: skip


class HalfView:
    """A memoryview of 16-bit floats, which Python's memoryview cannot cast to."""

    __slots__ = ("_raw",)

    def __init__(self, raw: memoryview) -> None:
        self._raw = raw

    def __len__(self) -> int:
        return len(self._raw) // 2

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            start, stop, _ = index.indices(len(self))
            return HalfView(self._raw[start * 2 : stop * 2])
        value: float = struct.unpack_from("=e", self._raw, index * 2)[0]
        return value

    def __setitem__(self, index: int, value: float) -> None:
        try:
            struct.pack_into("=e", self._raw, index * 2, value)
        except OverflowError:
            struct.pack_into("=e", self._raw, index * 2, math.copysign(math.inf, value))

    def __iter__(self) -> Iterator[float]:
        return (value for (value,) in struct.iter_unpack("=e", self._raw))
