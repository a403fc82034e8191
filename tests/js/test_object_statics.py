"""Tests of emulator/js/object_statics.py, properties.py, function.py and reflect.py."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.js.array import JsArray
from emulator.js.boxed import JsNumber, JsString
from emulator.js.buffers import Uint8Array
from emulator.js.collections import JsMap
from emulator.js.date import JsDate
from emulator.js.errors import JsError, JsThrow
from emulator.js.json import stringify
from emulator.js.object import JsFunction, JsObject, NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.reflect import JsReflect
from emulator.js.regexp import JsRegExp
from emulator.js.request import Request
from emulator.js.values import MISSING, JsSymbol, null
from tests.js.guest_values import WrappedDict, call


def obj(name: str, *args: Any) -> Any:
    return call(JsObject.js_constructor, name, *args)


def thrown_by(action: Any) -> str:
    with pytest.raises(JsThrow) as thrown:
        action()
    return str(thrown.value)


def test_the_constructor_makes_plain_objects_and_boxes() -> None:
    constructor = JsObject.js_constructor
    options = PlainObject({"a": 1})
    assert constructor.js_construct((options,)) is options
    made = constructor.js_construct(())
    assert type(made) is PlainObject
    assert made.js_get("constructor") is constructor
    assert constructor.js_get("name") == "Object"
    assert type(constructor.js_call(None, (5,))) is JsNumber
    assert type(constructor.js_construct((null,))) is PlainObject


def test_enumeration_lists_own_keys_in_order() -> None:
    value = PlainObject({"b": 1, "2": 2, "1": None, JsSymbol("s"): 3})
    assert obj("keys", value).items == ["1", "2", "b"]
    assert obj("values", value).items == [None, 2, 1]
    assert [pair.items for pair in obj("entries", value).items] == [["1", None], ["2", 2], ["b", 1]]
    assert obj("keys", "ab").items == ["0", "1"]
    assert obj("values", JsString("ab")).items == ["a", "b"]
    assert obj("keys", JsArray(["x"])).items == ["0"]
    assert obj("getOwnPropertyNames", JsArray(["x"])).items == ["0", "length"]
    assert obj("getOwnPropertySymbols", value).items[0].description == "s"


def test_from_entries_takes_any_iterable_of_pairs() -> None:
    pairs = JsArray([JsArray(["a", 1]), JsArray([2, "b"])])
    assert stringify(obj("fromEntries", pairs)) == '{"2":"b","a":1}'
    source = JsMap()
    source.set_item("k", 1)
    assert stringify(obj("fromEntries", source)) == '{"k":1}'
    iterable = " is not iterable (cannot read property Symbol(Symbol.iterator))"
    assert thrown_by(lambda: obj("fromEntries", 5)) == f"TypeError: number 5{iterable}"
    assert thrown_by(lambda: obj("fromEntries")) == "TypeError: undefined is not iterable"
    text = "TypeError: Iterator value 5 is not an entry object"
    assert thrown_by(lambda: obj("fromEntries", JsArray([5]))) == text


def test_assign_copies_enumerable_properties_and_skips_nothing() -> None:
    target, symbol = PlainObject({"a": 1}), JsSymbol("s")
    sources = (null, None, PlainObject({"b": 2, symbol: 3}), "xy", WrappedDict({}))
    assert obj("assign", target, *sources) is target
    assert target._own == {"a": 1, "b": 2, symbol: 3, "0": "x", "1": "y"}
    text = "TypeError: Cannot convert undefined or null to object"
    assert thrown_by(lambda: obj("assign", null)) == thrown_by(lambda: obj("keys")) == text


def test_a_frozen_object_refuses_every_change() -> None:
    value = obj("freeze", PlainObject({"a": 1}))
    readonly = "TypeError: Cannot assign to read only property 'a' of object '#<Object>'"
    assert thrown_by(lambda: value.js_set("a", 2)) == readonly
    added = "TypeError: Cannot add property b, object is not extensible"
    assert thrown_by(lambda: value.js_set("b", 2)) == added
    deleted = "TypeError: Cannot delete property 'a' of #<Object>"
    assert thrown_by(lambda: value.js_delete("a")) == deleted
    assert obj("isFrozen", value) is obj("isSealed", value) is True
    assert obj("isExtensible", value) is False
    assert value.js_get("a") == 1


def test_a_sealed_object_keeps_its_keys_and_changes_values() -> None:
    value = obj("seal", PlainObject({"a": 1}))
    value.js_set("a", 2)
    assert value.js_get("a") == 2
    assert obj("isSealed", value)
    assert not obj("isFrozen", value)
    assert "Cannot delete property 'a'" in thrown_by(lambda: value.js_delete("a"))


def test_preventing_extensions_only_stops_new_keys() -> None:
    value = obj("preventExtensions", PlainObject({"a": 1}))
    value.js_delete("a")
    assert "Cannot add property a" in thrown_by(lambda: value.js_set("a", 1))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda a: call(a, "push", 2), "Cannot add property 2, object is not extensible"),
        (lambda a: a.js_set("0", 2), "Cannot assign to read only property '0' of object '[object Array]'"),
        (lambda a: call(a, "pop"), "Cannot delete property '1' of [object Array]"),
        (lambda a: call(a, "sort"), "Cannot assign to read only property '0' of object '[object Array]'"),
        (lambda a: call(a, "reverse"), "Cannot assign to read only property '0' of object '[object Array]'"),
        (lambda a: call(a, "unshift", 1), "Cannot add property 2, object is not extensible"),
        (lambda a: a.js_set("length", 0), "Cannot delete property '1' of [object Array]"),
        (lambda a: a.js_set("note", 0), "Cannot add property note, object is not extensible"),
    ],
)  # fmt: skip
def test_a_frozen_array_refuses_every_change(change: Any, text: str) -> None:
    value = obj("freeze", JsArray([3, 1]))
    assert thrown_by(lambda: change(value)) == f"TypeError: {text}"
    assert value.items == [3, 1]
    assert obj("isFrozen", value)


def test_typed_arrays_cannot_be_frozen() -> None:
    text = "TypeError: Cannot freeze array buffer views with elements"
    assert thrown_by(lambda: obj("freeze", Uint8Array.from_bytes(b"x"))) == text
    assert obj("freeze", 5) == 5


def test_defined_properties_have_the_attributes_they_were_given() -> None:
    value = PlainObject()
    obj("defineProperty", value, "a", PlainObject({"value": 1}))
    assert value.js_get("a") == 1
    assert value.js_own_keys() == []
    assert stringify(value) == "{}"
    assert obj("getOwnPropertyNames", value).items == ["a"]
    assert "read only property 'a'" in thrown_by(lambda: value.js_set("a", 2))
    again = PlainObject({"value": 2})
    text = "TypeError: Cannot redefine property: a"
    assert thrown_by(lambda: obj("defineProperty", value, "a", again)) == text
    descriptor = obj("getOwnPropertyDescriptor", value, "a")
    assert descriptor._own == {
        "value": 1, "writable": False, "enumerable": False, "configurable": False,
    }  # fmt: skip


def test_accessors_run_with_the_object() -> None:
    value = PlainObject({"n": 1})
    getter = NativeFunction("get", lambda this: this.js_get("n") * 10)
    setter = NativeFunction("set", lambda this, x=None: this.js_set("n", x))
    accessor = PlainObject({"get": getter, "set": setter, "enumerable": True})
    obj("defineProperties", value, PlainObject({"tens": accessor}))
    value.js_set("tens", 4)
    assert value.js_get("tens") == 40
    assert stringify(value) == '{"n":4,"tens":40}'
    assert obj("getOwnPropertyDescriptor", value, "tens").js_get("get") is getter
    only = PlainObject()
    obj("defineProperty", only, "a", PlainObject({"get": getter}))
    text = "TypeError: Cannot set property a of #<Object> which has only a getter"
    assert thrown_by(lambda: only.js_set("a", 2)) == text


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ((5, "a", PlainObject()), "Object.defineProperty called on non-object"),
        ((PlainObject(), "a", 5), "Property description must be an object: 5"),
        ((PlainObject(), "a", PlainObject({"get": 5})), "Getter must be a function: 5"),
        (
            (PlainObject(), "a", PlainObject({"get": NativeFunction("g", lambda this: 1), "value": 1})),
            "Invalid property descriptor. Cannot both specify accessors and a value or writable attribute, #<Object>",
        ),
    ],
)  # fmt: skip
def test_bad_descriptors_are_refused(args: Any, text: str) -> None:
    assert thrown_by(lambda: obj("defineProperty", *args)) == f"TypeError: {text}"


def test_prototypes_are_those_of_the_classes() -> None:
    prototype = JsObject.js_constructor.js_get("prototype")
    assert obj("getPrototypeOf", PlainObject()) is prototype
    assert obj("getPrototypeOf", JsArray([])) is JsArray.js_constructor.js_get("prototype")
    assert obj("getPrototypeOf", obj("getPrototypeOf", JsArray([]))) is prototype
    assert obj("getPrototypeOf", prototype) is null
    bare = obj("create", null, PlainObject({"a": PlainObject({"value": 1, "enumerable": True})}))
    assert obj("getPrototypeOf", bare) is null
    assert bare.js_get("toString") is MISSING
    assert stringify(bare) == '{"a":1}'
    obj("setPrototypeOf", bare, prototype)
    assert bare.js_get("toString") is not MISSING
    text = "TypeError: Object prototype may only be an Object or null: 5"
    assert thrown_by(lambda: obj("create", 5)) == text
    assert "pyworkers does not support" in thrown_by(
        lambda: obj("create", JsArray.js_constructor.prototype)
    )


def test_an_object_inherits_from_the_one_it_was_created_with():
    parent = PlainObject({"a": 1, "b": 2})
    child = obj("create", parent)
    child.js_set("b", 3)
    assert [child.js_get("a"), child.js_get("b"), child.js_own_keys()] == [1, 3, ["b"]]
    assert obj("getPrototypeOf", child) is parent
    assert child.js_get("constructor") is PlainObject.js_constructor


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "[object Undefined]"),
        (null, "[object Null]"),
        (JsArray([1]), "[object Array]"),
        (JsDate(0), "[object Date]"),
        (JsRegExp("x"), "[object RegExp]"),
        (JsError("x"), "[object Error]"),
        (JsMap(), "[object Map]"),
        (PlainObject(), "[object Object]"),
        (NativeFunction("f", lambda this: 1), "[object Function]"),
        ("x", "[object String]"),
        (5, "[object Number]"),
        (True, "[object Boolean]"),
    ],
)
def test_object_prototype_to_string_tells_the_tag(value: Any, text: str) -> None:
    to_string = JsObject.js_constructor.js_get("prototype").js_get("toString")
    assert call(to_string, "call", value) == text


def test_object_prototype_to_string_names_a_request() -> None:
    to_string = JsObject.js_constructor.js_get("prototype").js_get("toString")
    request = Request.js_constructor.js_construct(("http://x/",))
    assert call(to_string, "call", request) == "[object Request]"


def test_is_has_own_and_group_by() -> None:
    assert obj("is", 0, -0.0) is False
    assert obj("hasOwn", PlainObject({"a": None}), "a") is True
    assert obj("hasOwn", PlainObject(), "toString") is False
    parity = NativeFunction("f", lambda this, x, i: "even" if x % 2 == 0 else "odd")
    groups = obj("groupBy", JsArray([1, 2, 3]), parity)
    assert stringify(groups) == '{"odd":[1,3],"even":[2]}'
    assert groups.js_get("constructor") is MISSING


def test_functions_call_apply_and_bind() -> None:
    function = NativeFunction("f", lambda this, *args: (this, *args))
    assert call(function, "call", "me", 1, 2) == ("me", 1, 2)
    assert call(function, "apply", "me", JsArray([1, 2])) == ("me", 1, 2)
    assert call(function, "apply", "me") == ("me",)
    bound = call(function, "bind", "me", 1)
    assert bound.js_call("ignored", (2,)) == ("me", 1, 2)
    assert bound.js_get("name") == "bound f"
    assert thrown_by(lambda: call(function, "apply", None, 5)) == (
        "TypeError: CreateListFromArrayLike called on non-object"
    )


def test_function_refuses_to_make_code() -> None:
    constructor = NativeFunction("f", lambda this: 1).js_get("constructor")
    assert constructor is JsFunction.js_constructor
    assert constructor.js_get("name") == "Function"
    text = "EvalError: Code generation from strings disallowed for this context"
    assert thrown_by(lambda: constructor.js_construct(("return 1",))) == text
    assert thrown_by(lambda: constructor.js_call(None, ())) == text


def test_reflect_does_what_the_operators_do() -> None:
    reflect, value = JsReflect(), PlainObject({"a": 1})
    assert call(reflect, "get", value, "a") == 1
    assert call(reflect, "get", value, "b") is None
    assert call(reflect, "set", value, "b", 2) is True
    assert call(reflect, "has", value, "toString") is True
    assert call(reflect, "deleteProperty", value, "b") is True
    assert call(reflect, "ownKeys", value).items == ["a"]
    obj("freeze", value)
    assert call(reflect, "set", value, "a", 2) is False
    assert call(reflect, "defineProperty", value, "c", PlainObject({"value": 1})) is False
    assert call(reflect, "isExtensible", value) is False
    function = NativeFunction("f", lambda this, *args: len(args))
    assert call(reflect, "apply", function, None, JsArray([1, 2])) == 2
    made = call(reflect, "construct", JsDate.js_constructor, JsArray([5]))
    assert made.time_ms == 5
    assert call(reflect, "getPrototypeOf", made) is JsDate.js_constructor.js_get("prototype")


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("ownKeys", 5), "Reflect.ownKeys called on non-object"),
        (("apply", 5), "Function.prototype.apply was called on 5, which is a number and not a function"),
        (("construct", 5), "5 is not a constructor"),
    ],
)  # fmt: skip
def test_reflect_refuses_what_is_not_an_object(args: Any, text: str) -> None:
    assert thrown_by(lambda: call(JsReflect(), *args)) == f"TypeError: {text}"
