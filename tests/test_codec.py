"""Tests of emulator/codec.py."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.codec import VERSION, decode, encode
from emulator.errors import StorageFormatError
from emulator.js.array import JsArray
from emulator.js.boxed import JsString
from emulator.js.buffers import TYPED_ARRAY_CLASSES, ArrayBuffer, DataView, Uint8Array, Uint16Array
from emulator.js.collections import JsMap, JsSet
from emulator.js.date import JsDate
from emulator.js.errors import DOMException, JsError, JsRangeError, JsThrow
from emulator.js.object import JsObject, NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise
from emulator.js.regexp import JsRegExp
from emulator.js.values import MISSING, JsBigInt, JsSymbol, null


def roundtrip(value: Any) -> Any:
    return decode(encode(value))


def shape(value: Any, seen: dict[int, int] | None = None) -> Any:
    """A Python value that is equal exactly for values alike, shared references and cycles too."""
    seen = {} if seen is None else seen
    if not isinstance(value, JsObject):
        if isinstance(value, float):
            return ("float", struct.pack("d", value))
        return (type(value).__name__, value)
    if id(value) in seen:
        return ("seen", seen[id(value)])
    seen[id(value)] = len(seen)
    kind = type(value).__name__
    if isinstance(value, PlainObject):
        return (kind, [(k, shape(value.js_get(k), seen)) for k in value.js_own_keys()])
    if isinstance(value, JsArray):
        extra = [(k, shape(v, seen)) for k, v in (value._own or {}).items()]
        return (kind, [shape(item, seen) for item in value.items], extra)
    if isinstance(value, JsMap):
        return (kind, [(shape(k, seen), shape(v, seen)) for k, v in value.entries_list()])
    if isinstance(value, JsSet):
        return (kind, [shape(item, seen) for item in value.items_list()])
    if isinstance(value, JsDate):
        return (kind, struct.pack("d", value.time_ms))
    if isinstance(value, JsRegExp):
        return (kind, value.js_to_string())
    if isinstance(value, JsError):
        own = value._own or {}
        return (kind, value.name, [(k, shape(v, seen)) for k, v in sorted(own.items())])
    if isinstance(value, ArrayBuffer):
        return (kind, bytes(value.data), value.max_bytes)
    if isinstance(value, DataView):
        return (kind, shape(value.buffer, seen), value.byte_offset, value.byte_size)
    if type(value) in TYPED_ARRAY_CLASSES.values():
        return (kind, shape(value.buffer, seen), value.byte_offset, value.byte_size)
    return (kind, shape(value.primitive, seen))


@pytest.mark.parametrize(
    "value",
    [
        None, null, True, False, 0, -1, 2**53 - 1, -(2**53) + 1, 2**64, 1.5, -0.0, math.inf, -math.inf,
        math.nan, "", "é\U0001f600", "\ud800", "\ud83d\ude00", JsBigInt(0), JsBigInt(-1),
        JsBigInt(2**200), JsBigInt(-(2**63)), JsDate(0), JsDate(math.nan),
    ],
)  # fmt: skip
def test_primitives_and_dates_survive(value: Any) -> None:
    result = roundtrip(value)
    expected = JsBigInt(value) if value == 2**64 else value
    assert shape(result) == shape(expected)


def test_trees_are_plain_msgpack() -> None:
    value = PlainObject({"a": JsArray([1, "x", None])})
    assert encode(value) == bytes([VERSION]) + b"\x81\xa1a\x93\x01\xa1x\xc0"
    assert shape(roundtrip(value)) == shape(value)


def test_each_decoding_gives_fresh_objects() -> None:
    data = encode(PlainObject({"a": JsArray([])}))
    first, second = decode(data), decode(data)
    assert first is not second
    assert first.js_get("a") is not second.js_get("a")


def test_frozen_objects_and_holes_survive() -> None:
    frozen = PlainObject({"a": JsArray([MISSING, 1])})
    JsObject.js_constructor.js_get("freeze").js_call(None, (frozen,))
    result = roundtrip(frozen)
    result.js_set("b", 2)
    assert result.js_get("a").items == [MISSING, 1]


def test_views_share_a_buffer_again() -> None:
    buffer = ArrayBuffer(b"abcdefgh")
    value = JsArray([Uint8Array(buffer), Uint16Array(buffer, 2, 1), DataView(buffer, 1, 3)])
    result = roundtrip(value)
    assert shape(result) == shape(value)
    assert result.items[0].buffer is result.items[2].buffer


def test_a_view_of_a_part_keeps_the_whole_buffer() -> None:
    result = roundtrip(Uint8Array(ArrayBuffer(b"abcd"), 1, 2))
    assert (result.tobytes(), bytes(result.buffer.data)) == (b"bc", b"abcd")


def test_resizable_buffers_survive() -> None:
    buffer = ArrayBuffer(b"ab", max_bytes=8)
    result = roundtrip(JsArray([buffer, Uint8Array(buffer)]))
    assert result.items[0].max_bytes == 8
    assert result.items[1].follows_length


def test_nesting_beyond_msgpacks_limit_survives() -> None:
    value = JsArray([])
    for _ in range(3_000):
        value = JsArray([value])
    depth = 0
    result = roundtrip(value)
    while result.items:
        result = result.items[0]
        depth += 1
    assert depth == 3_000


def test_what_cannot_be_cloned_throws_and_leaves_the_codec_usable() -> None:
    with pytest.raises(JsThrow, match="DataCloneError: #<Promise> could not be cloned"):
        encode(PlainObject({"a": JsArray([1, Promise()])}))
    with pytest.raises(JsThrow, match=r"DataCloneError: Symbol\(x\) could not be cloned."):
        encode(JsSymbol("x"))
    assert decode(encode(5)) == 5


class Handles:
    """Externals that take functions."""

    def __init__(self) -> None:
        self.taken: list[JsObject] = []

    def add(self, value: JsObject) -> int | None:
        if not value.js_callable:
            return None
        self.taken.append(value)
        return len(self.taken) - 1


def test_externals_travel_by_index() -> None:
    handles = Handles()
    function = NativeFunction("f", lambda this: 1)
    data = encode(PlainObject({"a": function, "b": function}), handles)
    assert handles.taken == [function]
    stub = PlainObject({"stub": True})
    result = decode(data, [stub])
    assert result.js_get("a") is result.js_get("b") is stub
    assert decode(encode(function, Handles()), ["anything"]) == "anything"


def test_externals_may_refuse_and_are_needed_to_decode() -> None:
    with pytest.raises(JsThrow, match="#<Promise> could not be cloned"):
        encode(Promise(), Handles())
    data = encode(NativeFunction("f", lambda this: 1), Handles())
    with pytest.raises(StorageFormatError):
        decode(data)
    with pytest.raises(StorageFormatError):
        decode(data, [])


def test_another_version_is_refused_by_number() -> None:
    with pytest.raises(StorageFormatError, match="format version 9; this pyworkers reads up to 1"):
        decode(b"\x09\xc0")
    with pytest.raises(StorageFormatError, match="empty"):
        decode(b"")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xc1", b"\x01\x02", b"\xc4\x00", b"\xc4\x01x", b"\x91\xc4\x00", b"\x81\xa1a\xc4\x00",
        b"\x81\xc4\x00\x01", b"\x81\x01\x01", b"\xd6\xff\0\0\0\0", b"\x91\xd6\xff\0\0\0\0",
        b"\xd4\x63\x00", b"\xd4\x07\x00", b"\xc7\x00\x04", b"\xd5\x04\x0b\x00", b"\xd4\x03\x00",
        b"\xd4\x06\x90", b"\xd4\x06\xc1", b"\xd5\x04\x63\x00", b"\xa1\xff", b"\xd4\x06\xa0",
    ],
)  # fmt: skip
def test_damaged_values_are_storage_format_errors(body: bytes) -> None:
    with pytest.raises(StorageFormatError):
        decode(bytes([VERSION]) + body)


@given(st.binary(max_size=80))
def test_any_bytes_give_a_value_or_a_storage_format_error(body: bytes) -> None:
    try:
        value = decode(bytes([VERSION]) + body)
    except StorageFormatError:
        return
    shape(value)


# -- any value ----------------------------------------------------------------------------------

scalars = st.one_of(
    st.none(), st.just(null), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1),
    st.integers().map(JsBigInt), st.floats(allow_nan=False),
    st.text(st.characters(), max_size=8), st.just("\udc00x"),
)  # fmt: skip


def array_of(items: list[Any]) -> JsArray:
    return JsArray(list(items))


def map_of(entries: list[tuple[Any, Any]]) -> JsMap:
    result = JsMap()
    for key, value in entries:
        result.set_item(key, value)
    return result


def set_of(items: list[Any]) -> JsSet:
    result = JsSet()
    for item in items:
        result.add_item(item)
    return result


def error_of(message: str, cause: Any) -> JsError:
    return JsRangeError(message, cause=cause)


leaves = st.one_of(
    scalars,
    st.integers(-(10**15), 10**15).map(JsDate),
    st.sampled_from([("a+", "g"), ("", ""), ("x/y", "im")]).map(lambda p: JsRegExp(*p)),
    st.binary(max_size=8).map(ArrayBuffer),
    st.binary(max_size=8).map(Uint8Array.from_bytes),
    st.binary(min_size=4, max_size=8).map(lambda b: Uint16Array(ArrayBuffer(b), 2, 1)),
    st.text(max_size=4).map(JsString),
    st.builds(DOMException, st.text(max_size=4), st.sampled_from(["AbortError", "DataCloneError"])),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner | st.just(MISSING), max_size=4).map(array_of),
        st.dictionaries(st.text(max_size=4), inner, max_size=4).map(PlainObject),
        st.lists(st.tuples(inner, inner), max_size=3).map(map_of),
        st.lists(inner, max_size=3).map(set_of),
        st.builds(error_of, st.text(max_size=4), inner),
    ),
    max_leaves=20,
)


@given(values)
def test_any_value_survives(value: Any) -> None:
    assert shape(roundtrip(value)) == shape(value)


@given(values, st.data())
def test_any_value_with_shared_references_and_cycles_survives(value: Any, data: Any) -> None:
    root = JsArray([value, value])
    root.items.append(root)
    root.items.append(PlainObject({"up": root, "again": value}))
    assert shape(roundtrip(root)) == shape(root)


@given(values, st.data())
def test_a_damaged_value_is_a_value_or_a_storage_format_error(value: Any, data: Any) -> None:
    encoded = bytearray(encode(JsArray([value, value])))
    position = data.draw(st.integers(0, len(encoded) - 1))
    encoded[position] = data.draw(st.integers(0, 255))
    try:
        shape(decode(bytes(encoded)))
    except StorageFormatError:
        return
