"""Tests of emulator/js/array.py and array_like.py."""

from __future__ import annotations

import math
from typing import Any

import pytest

from emulator.js.array import JsArray
from emulator.js.errors import JsError, JsThrow
from emulator.js.object import NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.regexp import JsRegExp
from emulator.js.values import MISSING, JsBigInt, null
from tests.js.guest_values import WrappedDict, call, new, static


def function(python: Any) -> NativeFunction:
    return NativeFunction("f", lambda this, *args: python(*args))


def array(*items: Any) -> JsArray:
    return JsArray(list(items))


def test_push_pop_shift_unshift_change_the_array_and_answer_as_javascript() -> None:
    a = array(1, 2)
    assert call(a, "push", 3, 4) == 4
    assert call(a, "pop") == 4
    assert call(a, "shift") == 1
    assert call(a, "unshift", 8, 9) == 4
    assert a.items == [8, 9, 2, 3]
    assert call(array(), "pop") is None
    assert call(array(), "shift") is None


@pytest.mark.parametrize(
    ("args", "removed", "left"),
    [
        ((), [], [1, 2, 3, 4]),
        ((1,), [2, 3, 4], [1]),
        ((1, 2), [2, 3], [1, 4]),
        ((-1, 1, "x", "y"), [4], [1, 2, 3, "x", "y"]),
        ((1, 0, 9), [], [1, 9, 2, 3, 4]),
        ((9, 1, 5), [], [1, 2, 3, 4, 5]),
        ((None, None), [], [1, 2, 3, 4]),
    ],
)
def test_splice_removes_and_inserts(args: Any, removed: Any, left: Any) -> None:
    a = array(1, 2, 3, 4)
    assert call(a, "splice", *args).items == removed
    assert a.items == left


def test_slice_takes_negative_and_missing_bounds() -> None:
    a = array(1, 2, 3, 4)
    assert call(a, "slice").items == [1, 2, 3, 4]
    assert call(a, "slice", -2).items == [3, 4]
    assert call(a, "slice", 1, -1).items == [2, 3]
    assert call(a, "slice", 3, 1).items == []


def test_concat_spreads_arrays_only() -> None:
    wrapped = WrappedDict({})
    assert call(array(1), "concat", array(2, 3), 4, wrapped).items == [1, 2, 3, 4, wrapped]


def test_join_leaves_null_undefined_and_cycles_empty() -> None:
    a = array(1, None, null, "x", array(2, 3), 1.5, True)
    a.items.append(a)
    assert call(a, "join") == "1,,,x,2,3,1.5,true,"
    assert call(array(1, 2), "join", "-") == "1-2"
    assert call(array(1, 2), "toString") == "1,2"
    assert array(array()).js_to_string() == ""


def test_searching_tells_booleans_bigints_and_numbers_apart() -> None:
    a = array(1, True, JsBigInt(1), math.nan, "1", null)
    assert [call(a, "indexOf", x) for x in (1, True, JsBigInt(1), math.nan, "1", null)] == [
        0, 1, 2, -1, 4, 5,
    ]  # fmt: skip
    assert call(a, "includes", math.nan)
    assert not call(a, "includes", None)
    assert call(array(1, 2, 1), "lastIndexOf", 1) == 2
    assert call(array(1, 2, 1), "lastIndexOf", 1, -2) == 0
    assert call(array(1, 2, 1), "indexOf", 1, 1) == 2


def test_callbacks_get_item_index_and_array() -> None:
    a = array("x", "y")
    seen: list[Any] = []
    call(a, "forEach", function(lambda *args: seen.append(args)))
    assert seen == [("x", 0, a), ("y", 1, a)]


def test_callback_methods_agree_with_javascript() -> None:
    a = array(1, 2, 3, 4)
    even = function(lambda x, *_: x % 2 == 0)
    assert call(a, "map", function(lambda x, *_: x * 2)).items == [2, 4, 6, 8]
    assert call(a, "filter", even).items == [2, 4]
    assert call(a, "find", even) == 2
    assert call(a, "findIndex", even) == 1
    assert call(a, "findLast", even) == 4
    assert call(a, "findLastIndex", even) == 3
    assert call(a, "some", even) is True
    assert call(a, "every", even) is False
    assert call(a, "find", function(lambda *_: False)) is None
    assert call(a, "findIndex", function(lambda *_: 0)) == -1
    assert call(a, "reduce", function(lambda total, x, *_: total + x)) == 10
    assert call(a, "reduce", function(lambda total, x, *_: total + x), 5) == 15
    assert call(a, "reduceRight", function(lambda total, x, *_: f"{total}{x}"), "") == "4321"
    assert call(a, "flatMap", function(lambda x, *_: array(x, x))).items == [1, 1, 2, 2, 3, 3, 4, 4]


def test_a_callback_may_shorten_the_array() -> None:
    a = array(1, 2, 3)
    seen: list[Any] = []

    def shrink(item: Any, *_: Any) -> None:
        seen.append(item)
        a.items.pop()

    call(a, "forEach", function(shrink))
    assert seen == [1, 2]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5 is not a function"),
        ("x", "x is not a function"),
        (None, "undefined is not a function"),
        (null, "null is not a function"),
        (PlainObject(), "#<Object> is not a function"),
        (JsArray([1]), "[object Array] is not a function"),
        (JsRegExp("x"), "[object RegExp] is not a function"),
        (JsError("q"), "Error: q is not a function"),
    ],
)
def test_a_callback_that_is_no_function_is_named(value: Any, text: str) -> None:
    with pytest.raises(JsThrow) as thrown:
        call(array(1), "map", value)
    assert str(thrown.value) == f"TypeError: {text}"


def test_reduce_of_nothing_throws() -> None:
    with pytest.raises(JsThrow, match="Reduce of empty array with no initial value"):
        call(array(), "reduce", function(lambda *_: 0))


def test_sort_is_by_text_with_undefined_last_and_holes_after() -> None:
    a = array(10, 9, None, MISSING, 1, "b", null)
    call(a, "sort")
    assert a.items == [1, 10, 9, "b", null, None, MISSING]
    assert call(array(3, 1, 2), "sort", function(lambda x, y: y - x)).items == [3, 2, 1]
    # U+1F600 sorts before U+FFFD by UTF-16 units, after it by code points.
    assert call(array("\ufffd", "\U0001f600"), "sort").items == ["\U0001f600", "\ufffd"]


def test_sort_refuses_other_comparisons() -> None:
    with pytest.raises(JsThrow, match="must be either a function or undefined"):
        call(array(1), "sort", 5)


def test_copying_variants_leave_the_array_alone() -> None:
    a = array(3, 1, 2)
    assert call(a, "toSorted").items == [1, 2, 3]
    assert call(a, "toReversed").items == [2, 1, 3]
    assert call(a, "toSpliced", 0, 1).items == [1, 2]
    assert call(a, "with", -1, 9).items == [3, 1, 9]
    assert a.items == [3, 1, 2]
    with pytest.raises(JsThrow, match="RangeError: Invalid index : 5"):
        call(a, "with", 5, 1)


def test_flat_goes_as_deep_as_asked_and_drops_holes() -> None:
    nested = array(1, array(2, array(3, array(4))), MISSING)
    assert call(nested, "flat").items[:2] == [1, 2]
    assert call(nested, "flat", math.inf).items == [1, 2, 3, 4]
    assert len(call(nested, "flat", 0).items) == 2


def test_fill_at_reverse_and_copy_within() -> None:
    assert call(array(1, 2, 3), "fill", 0, 1).items == [1, 0, 0]
    assert call(array(1, 2, 3), "at", -1) == 3
    assert call(array(1, 2, 3), "at", 5) is None
    assert call(array(1, 2, 3), "reverse").items == [3, 2, 1]
    assert call(array(1, 2, 3, 4, 5), "copyWithin", 0, 3).items == [4, 5, 3, 4, 5]


def test_iterators_are_live() -> None:
    a = array("x")
    values = call(a, "values")
    assert call(values, "next").js_get("value") == "x"
    a.items.append("y")
    assert call(values, "next").js_get("value") == "y"
    assert call(values, "next").js_get("done") is True
    assert list(call(a, "keys").js_iter()) == [0, 1]
    assert [pair.items for pair in call(a, "entries").js_iter()] == [[0, "x"], [1, "y"]]
    assert values.js_to_string() == "[object Array Iterator]"


def test_holes_read_as_undefined_and_are_skipped_by_callbacks() -> None:
    a = new(JsArray, 3)
    a.js_set("1", "x")
    assert a.js_own_keys() == ["1"]
    assert list(a.js_iter()) == [None, "x", None]
    assert a.js_get("0") is MISSING
    assert a.js_get("length") == 3
    seen: list[int] = []
    call(a, "forEach", function(lambda item, index, _: seen.append(index)))
    assert seen == [1]


def test_integer_keys_read_write_grow_and_delete() -> None:
    a = array("a")
    a.js_set("3", "d")
    assert a.items == ["a", MISSING, MISSING, "d"]
    a.js_delete("0")
    assert a.js_own_keys() == ["3"]
    a.js_set("note", 1)
    assert a.js_own_keys() == ["3", "note"]
    assert a.js_get("01") is MISSING


def test_assigning_length_truncates_and_grows() -> None:
    a = array(1, 2, 3)
    a.js_set("length", 1)
    assert a.items == [1]
    a.js_set("length", 2)
    assert a.items == [1, MISSING]
    with pytest.raises(JsThrow, match="RangeError: Invalid array length"):
        a.js_set("length", 1.5)


@pytest.mark.parametrize("length", [-1, 1.5, math.nan, 2**32])
def test_a_bad_length_is_refused(length: Any) -> None:
    with pytest.raises(JsThrow, match="RangeError: Invalid array length"):
        new(JsArray, length)


def test_statics_make_arrays() -> None:
    assert static(JsArray, "of", 7, 8).items == [7, 8]
    assert static(JsArray, "from", "añ").items == ["a", "ñ"]
    assert static(JsArray, "from", array(1, 2), function(lambda x, i: x * 10 + i)).items == [10, 21]
    assert static(JsArray, "from", PlainObject({"length": 2, "0": "a"})).items == ["a", None]
    assert static(JsArray, "from", 5).items == []
    assert static(JsArray, "from", WrappedDict({"k": 1})).items == ["k"]
    assert new(JsArray, "3").items == ["3"]
    assert new(JsArray, 1, 2).items == [1, 2]


def test_from_refuses_null_and_undefined() -> None:
    with pytest.raises(JsThrow) as thrown:
        static(JsArray, "from", null)
    text = "TypeError: object null is not iterable (cannot read property Symbol(Symbol.iterator))"
    assert str(thrown.value) == text


def test_is_array_knows_only_javascript_arrays() -> None:
    assert static(JsArray, "isArray", array()) is True
    assert static(JsArray, "isArray", WrappedDict({})) is False
    assert static(JsArray, "isArray", "abc") is False
