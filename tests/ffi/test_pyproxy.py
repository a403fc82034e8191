"""Python objects as JavaScript code sees them."""

from __future__ import annotations

import pytest

from emulator.ffi.pyproxy import CallablePyProxy, PyProxy
from emulator.ffi.translate import js_to_py, py_to_js
from emulator.js.array import JsArray
from emulator.js.convert import to_string
from emulator.js.errors import JsThrow
from emulator.js.values import MISSING, typeof


def get(value, key):
    proxy = py_to_js(value)
    found = proxy.js_get(key)
    return proxy, found


def call(value, key, *args):
    proxy, function = get(value, key)
    return function.js_call(proxy, args)


def test_kinds():
    assert type(py_to_js([1])) is PyProxy
    assert type(py_to_js(len)) is CallablePyProxy
    assert typeof(py_to_js(len)) == "function"
    assert typeof(py_to_js({})) == "object"
    assert py_to_js({}).js_get("constructor").js_get("name") == "PyProxy"
    assert py_to_js([1]).js_get("type") == "list"


def test_string_form_is_pythons():
    assert to_string(py_to_js(b"abc")) == "b'abc'"
    assert to_string(py_to_js({"a": 1})) == "{'a': 1}"


def test_a_dict_shows_its_string_keys_after_methods_and_attributes():
    assert py_to_js({"status": 201}).js_get("status") == 201
    assert py_to_js({"nothing": None}).js_get("nothing") is None
    assert py_to_js({}).js_get("status") is MISSING
    assert py_to_js({"type": "x"}).js_get("type") == "dict"
    assert typeof(py_to_js({"get": 1, "items": 2}).js_get("get")) == "function"
    assert typeof(py_to_js({"get": 1, "items": 2}).js_get("items")) == "function"
    assert py_to_js({"b": 1, 2: 3, "a": 4}).js_own_keys() == ["b", "2", "a"]


def test_mappings_have_the_methods_of_a_map():
    value = {"a": [1]}
    assert js_to_py(call(value, "get", "a")) is value["a"]
    assert call(value, "get", "zz") is None
    assert call(value, "has", "a") is True
    call(value, "set", "b", 2)
    call(value, "delete", "a")
    assert value == {"b": 2}
    assert py_to_js(value).js_get("length") == 1


def test_writes_reach_the_python_object():
    class Thing:
        x = 1

    thing = Thing()
    proxy = py_to_js(thing)
    proxy.js_set("y", JsArray([1]))
    assert thing.y.to_py() == [1]
    proxy.js_delete("y")
    assert not hasattr(thing, "y")
    assert proxy.js_get("x") == 1
    mapping: dict = {}
    py_to_js(mapping).js_set("k", 1)
    assert mapping == {"k": 1}
    py_to_js(mapping).js_delete("k")
    assert mapping == {}


def test_iteration():
    assert list(py_to_js({"a": 1}).js_iter()) == ["a"]
    assert [js_to_py(item) for item in py_to_js([("a", 1)]).js_iter()] == [("a", 1)]
    assert py_to_js([]).js_iterable
    assert not py_to_js(5j).js_iterable
    with pytest.raises(JsThrow, match="is not iterable"):
        py_to_js(5j).js_iter()


def test_lists_have_the_reading_methods_of_arrays():
    assert call([1, 2], "map", py_to_js(lambda x, *_: x + 1)).items == [2, 3]
    assert call((1, 2), "join", "-") == "1-2"
    assert py_to_js([5]).js_get("0") == 5
    assert py_to_js([5]).js_get("1") is MISSING


def test_json_forms():
    assert call({"a": 1}, "toJSON").js_get("a") == 1
    assert call((1, 2), "toJSON").items == [1, 2]
    assert call(b"ab", "toJSON").items == [97, 98]
    assert py_to_js(object()).js_get("toJSON") is MISSING


def test_to_js_from_the_javascript_side():
    assert call([1, [2]], "toJs").items[1].items == [2]


def test_functions_have_call_apply_and_bind():
    def function(*args):
        return list(args)

    assert js_to_py(call(function, "call", None, 1, 2)) == [1, 2]
    assert js_to_py(call(function, "apply", None, JsArray([1, 2]))) == [1, 2]
    assert js_to_py(call(function, "bind", None, 1).js_call(None, (2,))) == [1, 2]
    assert js_to_py(py_to_js(function).js_construct((1,))) == [1]


def test_all_keys():
    class Thing:
        x = 1

    names = py_to_js(Thing()).js_all_keys()
    assert {"x", "toString", "destroy", "constructor"} <= set(names)
