"""Tests of emulator/js/buffers."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.js.array import JsArray
from emulator.js.buffers import (
    TYPED_ARRAY_CLASSES,
    ArrayBuffer,
    BigInt64Array,
    BigUint64Array,
    DataView,
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
    bytes_of,
    view_of,
)
from emulator.js.errors import JsThrow
from emulator.js.object import NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsBigInt, JsSymbol, null
from tests.js.guest_values import call, new, static


def options(**values: Any) -> PlainObject:
    return PlainObject(values)


def test_views_of_one_buffer_share_its_memory() -> None:
    buffer = new(ArrayBuffer, 8)
    octets, words = new(Uint8Array, buffer), new(Uint16Array, buffer, 2, 1)
    octets.js_set("2", 0x34)
    octets.js_set("3", 0x12)
    assert words.js_get("0") == 0x1234
    words.js_set("0", 0xFFFF)
    assert octets.tobytes() == b"\0\0\xff\xff\0\0\0\0"
    new(DataView, buffer).write(*_kind("Int8"), -1)
    assert buffer.data[0] == 255
    assert octets.js_get("buffer") is words.js_get("buffer") is buffer


def _kind(name: str) -> tuple[Any, int]:
    return TYPED_ARRAY_CLASSES[f"{name}Array"].element, 0


def test_an_adopted_bytearray_is_the_memory() -> None:
    data = bytearray(b"abc")
    array = Uint8Array.from_bytes(data)
    array.js_set("0", 122)
    assert data == b"zbc"


@pytest.mark.parametrize(
    ("cls", "values", "stored"),
    [
        (Uint8Array, [1, 256, -1, 1.9, -1.9, "7", math.nan, math.inf, None, True], [1, 0, 255, 1, 255, 7, 0, 0, 0, 1]),
        (Int8Array, [127, 128, 255, -129], [127, -128, -1, 127]),
        (Uint8ClampedArray, [300, -5, 1.5, 2.5, math.nan], [255, 0, 2, 2, 0]),
        (Uint16Array, [65536 + 5], [5]),
        (Int16Array, [40000], [40000 - 65536]),
        (Uint32Array, [-1], [2**32 - 1]),
        (Int32Array, [2**31, 1e20], [-(2**31), 1661992960]),
        (Float32Array, [1.5, 1e300], [1.5, math.inf]),
        (Float16Array, [1.5, 65536, -1e9], [1.5, math.inf, -math.inf]),
        (Float64Array, [0.1, 3], [0.1, 3]),
        (BigInt64Array, [JsBigInt(2**63), True, "5"], [-(2**63), 1, 5]),
        (BigUint64Array, [JsBigInt(-1)], [2**64 - 1]),
    ],
)  # fmt: skip
def test_elements_are_converted_as_their_type_says(cls: Any, values: Any, stored: Any) -> None:
    array = new(cls, JsArray(values))
    assert list(array.js_iter()) == stored
    assert [array.js_get(str(index)) for index in range(len(stored))] == stored


def test_bigint_elements_read_as_bigints() -> None:
    array = new(BigInt64Array, 1)
    assert type(array.js_get("0")) is JsBigInt
    assert all(type(item) is JsBigInt for item in array.js_iter())


def test_constructor_forms() -> None:
    assert new(Uint8Array).length == 0
    assert new(Uint8Array, 3).tobytes() == b"\0\0\0"
    assert new(Uint8Array, null).length == 0
    assert new(Uint8Array, "3").length == 3
    assert new(Uint8Array, 1.9).length == 1
    assert new(Uint8Array, PlainObject({"length": 2, "0": 5, "1": 300})).tobytes() == b"\5\x2c"
    words = new(Uint16Array, JsArray([1, 258]))
    assert new(Uint8Array, words).tobytes() == b"\1\2"
    assert new(Uint8Array, words.buffer).tobytes() == struct.pack("<HH", 1, 258)
    assert new(Uint8Array, new(ArrayBuffer, 4), 1).byteOffset == 1
    assert static(Uint8Array, "of", 1, 2).tobytes() == b"\1\2"
    double = NativeFunction("f", lambda this, x, index: x * 2)
    assert static(Uint8Array, "from", JsArray([1, 2]), double).tobytes() == b"\2\4"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: new(Uint8Array, -1), "RangeError: Invalid typed array length: -1"),
        (lambda: new(Uint8Array, 1e12), "RangeError: Invalid typed array length: 1000000000000"),
        (lambda: new(Uint16Array, new(ArrayBuffer, 4), 1), "RangeError: start offset of Uint16Array should be a multiple of 2"),
        (lambda: new(Uint16Array, new(ArrayBuffer, 3)), "RangeError: byte length of Uint16Array should be a multiple of 2"),
        (lambda: new(Uint8Array, new(ArrayBuffer, 4), 5), "RangeError: Start offset 5 is outside the bounds of the buffer"),
        (lambda: new(Uint16Array, new(ArrayBuffer, 4), 2, 5), "RangeError: Invalid typed array length: 5"),
        (lambda: Uint8Array.js_constructor.js_call(None, (1,)), "TypeError: Constructor Uint8Array requires 'new'"),
        (lambda: new(BigInt64Array, JsArray([1])), "TypeError: Cannot convert 1 to a BigInt"),
        (lambda: new(Uint8Array, JsArray([JsBigInt(1)])), "TypeError: Cannot convert a BigInt value to a number"),
        (lambda: new(Uint8Array, new(BigInt64Array, 1)), "TypeError: Cannot mix BigInt and other types, use explicit conversions"),
        (lambda: new(Uint8Array, JsSymbol("x")), "TypeError: Cannot convert a Symbol value to a number"),
        (lambda: call(new(Uint8Array, 2), "set", JsArray([1, 2, 3])), "RangeError: offset is out of bounds"),
        (lambda: call(new(Uint8Array, 2), "set", JsArray([1]), -1), "RangeError: offset is out of bounds"),
        (lambda: call(new(Uint8Array, 1), "with", 3, 1), "RangeError: Invalid typed array index"),
        (lambda: static(Uint8Array, "from", null), "TypeError: object null is not iterable (cannot read property Symbol(Symbol.iterator))"),
        (lambda: new(ArrayBuffer, -1), "RangeError: Invalid array buffer length"),
        (lambda: new(ArrayBuffer, 1e20), "RangeError: Invalid array buffer length"),
        (lambda: new(ArrayBuffer, 1e15), "RangeError: Array buffer allocation failed"),
        (lambda: ArrayBuffer.js_constructor.js_call(None, (1,)), "TypeError: Constructor ArrayBuffer requires 'new'"),
        (lambda: call(new(ArrayBuffer, 1), "resize", 2), "TypeError: Method ArrayBuffer.prototype.resize called on incompatible receiver #<ArrayBuffer>"),
        (lambda: new(DataView, 5), "TypeError: First argument to DataView constructor must be an ArrayBuffer"),
        (lambda: new(DataView, new(ArrayBuffer, 1), 2), "RangeError: Start offset 2 is outside the bounds of the buffer"),
        (lambda: new(DataView, new(ArrayBuffer, 1), 0, 2), "RangeError: Invalid DataView length 2"),
        (lambda: call(new(DataView, new(ArrayBuffer, 1)), "getInt16", 0), "RangeError: Offset is outside the bounds of the DataView"),
        (lambda: call(new(DataView, new(ArrayBuffer, 1)), "getInt8", -1), "RangeError: Offset is outside the bounds of the DataView"),
        (lambda: call(new(DataView, new(ArrayBuffer, 8)), "setBigInt64", 0, 1), "TypeError: Cannot convert 1 to a BigInt"),
    ],
)  # fmt: skip
def test_misuse_fails_with_the_text_of_v8(make: Any, text: str) -> None:
    with pytest.raises(JsThrow) as thrown:
        make()
    assert str(thrown.value) == text


def detached() -> ArrayBuffer:
    buffer = ArrayBuffer(b"x")
    buffer.detach()
    return buffer


def test_a_detached_buffer_leaves_its_views_empty() -> None:
    buffer = ArrayBuffer(b"abcd")
    array, view = Uint8Array(buffer), DataView(buffer)
    moved = call(buffer, "transfer", 6)
    assert moved.data == b"abcd\0\0"
    assert (buffer.js_get("detached"), buffer.byteLength) == (True, 0)
    assert (array.length, array.byteLength, array.byteOffset) == (0, 0, 0)
    assert array.js_get("0") is MISSING
    array.js_set("0", 5)
    for action, text in (
        (lambda: call(array, "fill", 1), "%TypedArray%.prototype.fill"),
        (lambda: call(buffer, "slice", 0), "ArrayBuffer.prototype.slice"),
        (lambda: call(view, "getInt8", 0), "DataView.prototype.getInt8"),
        (lambda: view.byteLength, "DataView.prototype.byteLength"),
        (lambda: new(Uint8Array, detached()), "Construct"),
    ):
        with pytest.raises(JsThrow) as thrown:
            action()
        assert str(thrown.value) == f"TypeError: Cannot perform {text} on a detached ArrayBuffer"


def test_a_view_without_length_follows_a_resizable_buffer() -> None:
    buffer = new(ArrayBuffer, 4, options(maxByteLength=8))
    following, fixed = new(Uint8Array, buffer, 2), new(Uint8Array, buffer, 0, 4)
    call(buffer, "resize", 8)
    assert (following.length, fixed.length) == (6, 4)
    following.js_set("5", 9)
    assert buffer.data[7] == 9
    call(buffer, "resize", 3)
    assert (following.length, fixed.length) == (1, 0)
    assert (buffer.js_get("resizable"), buffer.js_get("maxByteLength")) == (True, 8)
    with pytest.raises(JsThrow, match="resize: Invalid length parameter"):
        call(buffer, "resize", 9)


def test_members_agree_with_javascript() -> None:
    array = new(Uint8Array, JsArray([3, 1, 2]))
    odd = NativeFunction("f", lambda this, x, *_: x % 2 == 1)
    assert call(array, "slice", 1).tobytes() == b"\1\2"
    assert call(array, "subarray", -2).buffer is array.buffer
    assert call(array, "filter", odd).tobytes() == b"\3\1"
    assert (
        call(array, "map", NativeFunction("f", lambda this, x, *_: x + 255)).tobytes() == b"\2\0\1"
    )
    assert call(array, "find", odd) == 3
    assert call(array, "indexOf", 2) == 2
    assert call(array, "includes", 9) is False
    assert call(array, "join", "-") == "3-1-2"
    assert call(array, "toString") == array.js_to_string() == "3,1,2"
    assert call(array, "at", -1) == 2
    assert call(array, "reduce", NativeFunction("f", lambda this, a, b, *_: a + b)) == 6
    assert call(array, "some", odd) is True
    assert call(array, "every", odd) is False
    assert list(call(array, "keys").js_iter()) == [0, 1, 2]
    assert [p.items for p in call(array, "entries").js_iter()] == [[0, 3], [1, 1], [2, 2]]
    assert call(array, "toSorted").tobytes() == b"\1\2\3"
    assert call(array, "with", 0, 9).tobytes() == b"\x09\1\2"
    assert call(array, "reverse").tobytes() == b"\2\1\3"
    assert call(array, "sort").tobytes() == b"\1\2\3"
    assert call(array, "fill", 7, 1).tobytes() == b"\1\7\7"
    assert call(array, "copyWithin", 1, 0).tobytes() == b"\1\1\7"
    assert array.js_own_keys() == ["0", "1", "2"]
    assert Uint8Array.js_constructor.js_get("BYTES_PER_ELEMENT") == 1


def test_sorting_floats_puts_nan_last() -> None:
    array = new(Float64Array, JsArray([math.nan, 1, -math.inf]))
    assert call(array, "sort").join() == "-Infinity,1,NaN"


def test_set_copies_overlapping_memory() -> None:
    array = Uint8Array.from_bytes(b"abcd")
    call(array, "set", call(array, "subarray", 0, 3), 1)
    assert array.tobytes() == b"aabc"


def test_a_write_outside_of_the_array_is_dropped() -> None:
    array = new(Uint8Array, 1)
    array.js_set("5", 1)
    assert array.tobytes() == b"\0"
    array.js_set("note", 1)
    assert array.js_own_keys() == ["0", "note"]


@pytest.mark.parametrize("little", [False, True])
def test_data_view_reads_what_it_wrote_in_both_orders(little: bool) -> None:
    view = new(DataView, new(ArrayBuffer, 16), 1)
    for name, value in (
        ("Int8", -5), ("Uint8", 200), ("Int16", -300), ("Uint16", 65000), ("Int32", -70000),
        ("Uint32", 4000000000), ("Float16", 0.5), ("Float32", 1.25), ("Float64", 0.1),
        ("BigInt64", JsBigInt(-(2**60))), ("BigUint64", JsBigInt(2**63)),
    ):  # fmt: skip
        call(view, f"set{name}", 3, value, little)
        assert call(view, f"get{name}", 3, little) == value
    assert (view.byteOffset, view.byteLength) == (1, 15)


def test_data_view_is_big_endian_by_default() -> None:
    view = new(DataView, new(ArrayBuffer, 2))
    call(view, "setUint16", 0, 0x1234)
    assert view.buffer.data == b"\x12\x34"
    call(view, "setFloat16", 0, 1e9)
    assert call(view, "getFloat16", 0) == math.inf


def test_bytes_of_takes_buffer_sources_only() -> None:
    buffer = ArrayBuffer(b"abcd")
    assert bytes_of(buffer) == b"abcd"
    assert bytes_of(Uint16Array(buffer, 2)) == b"cd"
    assert bytes_of(DataView(buffer, 1, 2)) == b"bc"
    assert bytes_of("abcd") is None
    assert bytes_of(PlainObject()) is None
    view = view_of(Uint8Array(buffer, 1))
    assert view is not None
    view[0] = 120
    assert buffer.data == b"axcd"


def test_is_view_knows_views() -> None:
    assert static(ArrayBuffer, "isView", new(DataView, new(ArrayBuffer, 1)))
    assert not static(ArrayBuffer, "isView", new(ArrayBuffer, 1))


@given(st.sampled_from(sorted(TYPED_ARRAY_CLASSES)), st.binary(max_size=64))
def test_any_memory_survives_reading_and_writing_elements(name: str, data: bytes) -> None:
    cls = TYPED_ARRAY_CLASSES[name]
    size = cls.element.size
    data = data[: len(data) // size * size]
    source = cls.from_bytes(data)
    copy = cls.from_values(list(source.js_iter()))
    if "Float" not in name:  # NaN has many forms
        assert copy.tobytes() == data
    assert copy.length == len(data) // size
