"""Binary data: `ArrayBuffer`, the typed arrays, `DataView`, and conversions from and to bytes."""

from __future__ import annotations

from emulator.js.buffers.array_buffer import ArrayBuffer, SharedArrayBuffer
from emulator.js.buffers.data_view import DataView
from emulator.js.buffers.source import bytes_of, is_buffer_source, view_of
from emulator.js.buffers.typed_array import TypedArray
from emulator.js.buffers.typed_arrays import (
    TYPED_ARRAY_CLASSES,
    BigInt64Array,
    BigUint64Array,
    Float16Array,
    Float32Array,
    Float64Array,
    Int8Array,
    Int16Array,
    Int32Array,
    Uint8Array,
    Uint8ClampedArray,
    Uint16Array,
    Uint32Array,
)

__all__ = [
    "TYPED_ARRAY_CLASSES",
    "ArrayBuffer",
    "BigInt64Array",
    "BigUint64Array",
    "DataView",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "Int8Array",
    "Int16Array",
    "Int32Array",
    "SharedArrayBuffer",
    "TypedArray",
    "Uint8Array",
    "Uint8ClampedArray",
    "Uint16Array",
    "Uint32Array",
    "bytes_of",
    "is_buffer_source",
    "view_of",
]
