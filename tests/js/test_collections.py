"""Tests of emulator/js/collections.py and equality.py."""

from __future__ import annotations

import gc
import math
from typing import Any

import pytest

from emulator.js.array import JsArray
from emulator.js.collections import JsMap, JsSet, LiteralMap
from emulator.js.equality import same_value, strict_equals
from emulator.js.errors import JsThrow
from emulator.js.object import NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsBigInt, JsSymbol, null
from emulator.js.weak import JsFinalizationRegistry, JsWeakMap, JsWeakRef, JsWeakSet
from tests.js.guest_values import call, new, static


def pairs(*entries: tuple[Any, Any]) -> JsArray:
    return JsArray([JsArray(list(entry)) for entry in entries])


def test_keys_are_compared_by_same_value_zero() -> None:
    m = JsMap()
    one, other = PlainObject(), PlainObject()
    for key in (1, True, JsBigInt(1), "1", math.nan, 0, None, null, one, other, False):
        call(m, "set", key, repr(key))
    assert call(m, "get", 1.0) == "1"
    assert call(m, "get", True) == "True"
    assert call(m, "get", JsBigInt(1)) == "1"
    assert call(m, "get", float("nan")) == "nan"
    assert call(m, "get", -0.0) == "0"
    assert call(m, "get", null) == "jsnull"
    assert call(m, "has", other)
    assert not call(m, "has", PlainObject())
    assert m.js_get("size") == 11


def test_a_map_never_holds_minus_zero() -> None:
    m = JsMap()
    m.set_item(-0.0, "x")
    assert math.copysign(1, m.entries_list()[0][0]) == 1


def test_entries_added_while_iterating_are_visited_and_removed_ones_are_not() -> None:
    s = JsSet()
    for item in (1, 2, 3):
        s.add_item(item)
    seen = []
    for item in s.js_iter():
        seen.append(item)
        if seen == [1]:
            call(s, "delete", 1)
            call(s, "delete", 2)
            call(s, "add", 4)
            call(s, "add", 1)
        elif item == 4:
            call(s, "delete", 3)
    assert seen == [1, 3, 4, 1]


def test_clearing_while_iterating_starts_over_with_what_is_added() -> None:
    m = JsMap.js_new(pairs((1, "a"), (2, "b")))
    keys = call(m, "keys").js_iter()
    assert next(keys) == 1
    call(m, "clear")
    m.set_item(9, "z")
    assert list(keys) == [9]


def test_a_replaced_entry_keeps_its_place() -> None:
    m = JsMap.js_new(pairs((1, "a"), (2, "b")))
    call(m, "set", 1, "c")
    assert m.entries_list() == [(1, "c"), (2, "b")]
    assert call(m, "delete", 1) is True
    assert call(m, "delete", 1) is False
    call(m, "set", 1, "d")
    assert m.entries_list() == [(2, "b"), (1, "d")]


def test_map_members_iterate() -> None:
    m = new(JsMap, pairs(("a", 1)))
    assert list(call(m, "keys").js_iter()) == ["a"]
    assert list(call(m, "values").js_iter()) == [1]
    assert [p.items for p in call(m, "entries").js_iter()] == [["a", 1]]
    seen: list[Any] = []
    call(m, "forEach", NativeFunction("f", lambda this, *args: seen.append(args)))
    assert seen == [(1, "a", m)]
    assert call(m, "keys").js_to_string() == "[object Map Iterator]"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (5, "number 5 is not iterable (cannot read property Symbol(Symbol.iterator))"),
        (True, "boolean true is not iterable (cannot read property Symbol(Symbol.iterator))"),
        (PlainObject(), "object is not iterable (cannot read property Symbol(Symbol.iterator))"),
        (JsArray([1]), "Iterator value 1 is not an entry object"),
        (JsArray([null]), "Iterator value null is not an entry object"),
        ("ab", "Iterator value a is not an entry object"),
        (JsArray([JsSymbol("x")]), "Iterator value Symbol(x) is not an entry object"),
    ],
)
def test_a_map_refuses_what_has_no_entries(source: Any, text: str) -> None:
    with pytest.raises(JsThrow) as thrown:
        new(JsMap, source)
    assert str(thrown.value) == f"TypeError: {text}"


def test_null_and_undefined_make_empty_collections() -> None:
    assert new(JsMap, null).js_get("size") == new(JsSet).js_get("size") == 0


@pytest.mark.parametrize("cls", [JsMap, JsSet, JsWeakMap, JsWeakSet, JsWeakRef])
def test_collections_need_new(cls: Any) -> None:
    with pytest.raises(JsThrow, match=f"Constructor {cls.js_class_name} requires 'new'"):
        cls.js_constructor.js_call(None, ())


def test_group_by_keeps_order_of_first_appearance() -> None:
    parity = NativeFunction("f", lambda this, x, i: x % 2 == 0)
    groups = static(JsMap, "groupBy", JsArray([1, 2, 3]), parity)
    assert [(key, group.items) for key, group in groups.entries_list()] == [
        (False, [1, 3]), (True, [2]),
    ]  # fmt: skip


def test_sets_combine() -> None:
    a, b = new(JsSet, JsArray([1, 2, 3])), new(JsSet, JsArray([2, 4]))
    assert call(a, "union", b).items_list() == [1, 2, 3, 4]
    assert call(a, "intersection", b).items_list() == [2]
    assert call(a, "difference", b).items_list() == [1, 3]
    assert call(a, "symmetricDifference", b).items_list() == [1, 3, 4]
    assert call(new(JsSet, JsArray([2])), "isSubsetOf", a) is True
    assert call(a, "isSupersetOf", b) is False
    assert call(a, "isDisjointFrom", new(JsSet, JsArray([9]))) is True


def test_weak_collections_take_objects_only() -> None:
    key = PlainObject()
    weak_map, weak_set = JsWeakMap(), JsWeakSet()
    call(weak_map, "set", key, 5)
    call(weak_set, "add", key)
    assert call(weak_map, "get", key) == 5
    assert call(weak_set, "has", key)
    assert call(weak_map, "delete", key) is True
    assert call(weak_map, "has", key) is False
    with pytest.raises(JsThrow, match="TypeError: Invalid value used as weak map key"):
        call(weak_map, "set", 1, 2)
    with pytest.raises(JsThrow, match="TypeError: Invalid value used in weak set"):
        call(weak_set, "add", "x")


def test_a_weak_reference_lets_go() -> None:
    target = PlainObject()
    reference = new(JsWeakRef, target)
    assert call(reference, "deref") is target
    del target
    gc.collect()
    assert call(reference, "deref") is None
    with pytest.raises(JsThrow, match="TypeError: WeakRef: invalid target"):
        new(JsWeakRef, 1)


def test_a_finalization_registry_checks_its_arguments() -> None:
    registry = new(JsFinalizationRegistry, NativeFunction("f", lambda this: None))
    assert call(registry, "register", PlainObject(), 1) is None
    with pytest.raises(JsThrow, match="cleanup must be callable"):
        new(JsFinalizationRegistry)
    with pytest.raises(JsThrow, match="register: invalid target"):
        call(registry, "register", 1)


def test_a_literal_map_shows_string_keys_as_properties() -> None:
    m = LiteralMap()
    m.set_item("a", 1)
    m.set_item("size", 2)
    m.set_item(5, 3)
    assert m.js_get("a") == 1
    assert m.js_get("size") == 3
    assert call(m, "get", "size") == 2
    assert m.js_own_keys() == ["a", "size"]
    assert m.js_get("b") is MISSING
    m.js_set("b", 4)
    assert m.get_item("b") == 4
    assert m.js_get("constructor").js_get("name") == "LiteralMap"
    assert isinstance(m, JsMap)


def test_same_value_tells_zeros_apart_and_strict_equality_does_not() -> None:
    assert not same_value(0, -0.0)
    assert same_value(math.nan, math.nan)
    assert strict_equals(0, -0.0)
    assert not strict_equals(math.nan, math.nan)
    assert not strict_equals(1, True)
    assert strict_equals(1, 1.0)
