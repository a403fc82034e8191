"""The twelve typed array classes."""

from __future__ import annotations

from emulator.js.buffers import elements
from emulator.js.buffers.typed_array import TypedArray


class Int8Array(TypedArray, name="Int8Array"):
    __slots__ = ()
    element = elements.INT8


class Uint8Array(TypedArray, name="Uint8Array"):
    __slots__ = ()
    element = elements.UINT8


class Uint8ClampedArray(TypedArray, name="Uint8ClampedArray"):
    __slots__ = ()
    element = elements.UINT8_CLAMPED


class Int16Array(TypedArray, name="Int16Array"):
    __slots__ = ()
    element = elements.INT16


class Uint16Array(TypedArray, name="Uint16Array"):
    __slots__ = ()
    element = elements.UINT16


class Int32Array(TypedArray, name="Int32Array"):
    __slots__ = ()
    element = elements.INT32


class Uint32Array(TypedArray, name="Uint32Array"):
    __slots__ = ()
    element = elements.UINT32


class Float16Array(TypedArray, name="Float16Array"):
    __slots__ = ()
    element = elements.FLOAT16


class Float32Array(TypedArray, name="Float32Array"):
    __slots__ = ()
    element = elements.FLOAT32


class Float64Array(TypedArray, name="Float64Array"):
    __slots__ = ()
    element = elements.FLOAT64


class BigInt64Array(TypedArray, name="BigInt64Array"):
    __slots__ = ()
    element = elements.BIG_INT64


class BigUint64Array(TypedArray, name="BigUint64Array"):
    __slots__ = ()
    element = elements.BIG_UINT64


TYPED_ARRAY_CLASSES: dict[str, type[TypedArray]] = {
    cls.js_class_name: cls
    for cls in (
        Int8Array,
        Uint8Array,
        Uint8ClampedArray,
        Int16Array,
        Uint16Array,
        Int32Array,
        Uint32Array,
        Float16Array,
        Float32Array,
        Float64Array,
        BigInt64Array,
        BigUint64Array,
    )
}
for _cls in TYPED_ARRAY_CLASSES.values():
    _cls.js_statics["BYTES_PER_ELEMENT"] = _cls.element.size
