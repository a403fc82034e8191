# ruff: noqa: PLC0415 - the modules of a guest exist only inside a realm
"""Attributes, text and type of handles (checks 28, 29, 31)."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from emulator.ffi.translate import js_to_py
from emulator.js.define import getter, method
from emulator.js.errors import type_error
from emulator.js.object import JsObject

pytestmark = pytest.mark.usefixtures("realm")


class Sample(JsObject, name="Sample"):
    """An object with a member of each kind."""

    @getter
    def broken(self):
        raise type_error("the getter throws")

    @getter
    def fixed(self):
        return 1

    @getter
    def absent(self):
        return None

    @method
    def class_(self):
        return "keyword"


@pytest.fixture
def sample():
    return js_to_py(Sample())


def test_a_missing_attribute_names_itself(sample, text_of):
    assert text_of(lambda: sample.nope) == "AttributeError: nope"
    assert not hasattr(sample, "nope")
    assert not hasattr(sample, "__iter__")


def test_an_undefined_property_is_present(sample):
    assert hasattr(sample, "absent")
    assert sample.absent is None


def test_a_throwing_getter_throws_through_hasattr(sample):
    from pyodide.ffi import JsException

    for read in (hasattr, lambda value, name: getattr(value, name, None)):
        with pytest.raises(JsException, match="the getter throws"):
            read(sample, "broken")


def test_read_only_properties_refuse(sample, text_of):
    assert text_of(setattr, sample, "fixed", 5) == (
        "JsException: TypeError: Cannot assign to read only property 'fixed' of object '#<Sample>'"
    )


def test_names_that_are_python_keywords(sample):
    import js
    from pyodide.ffi import to_js

    assert sample.class_() == "keyword"
    assert js.Array.from_([1]).to_py() == [1]
    assert getattr(js.Array, "from")([1]).to_py() == [1]
    value = to_js({"class": 1, "from_": 2, "x_": 3})
    assert (value.class_, value.from__, value.x_) == (1, 2, 3)
    value.import_ = 5
    assert getattr(value, "import") == 5
    del value.class_
    assert not hasattr(value, "class_")


def test_names_that_are_no_identifiers():
    from pyodide.ffi import to_js

    assert getattr(to_js({"x-y": 1}), "x-y") == 1


def test_deleting_what_is_absent_is_silent():
    import js

    value = js.Object.new(a=1)
    del value.a
    del value.nosuch
    assert value.object_keys().length == 0


def test_the_type_of_every_handle_is_jsproxy(sample):
    import js
    from pyodide.ffi import JsProxy

    for handle in (sample, js, js.Math.max, js.Map.new(), js.Promise.new(lambda a, b: None)):
        assert isinstance(handle, JsProxy)
        assert type(handle).__name__ == "JsProxy"
        assert repr(type(handle)) == "<class 'pyodide.ffi.JsProxy'>"
        assert [cls.__name__ for cls in type(handle).__mro__] == ["JsProxy", "JsProxy", "object"]


def test_capability_classes_know_their_instances():
    import js
    import pyodide.ffi as ffi

    array, mapping, buffer = js.Array.new(), js.Map.new(), js.ArrayBuffer.new(1)
    assert isinstance(array, ffi.JsArray)
    assert isinstance(array, ffi.JsIterable)
    assert issubclass(type(array), ffi.JsArray)
    assert not isinstance(mapping, ffi.JsArray)
    assert isinstance(mapping, ffi.JsMutableMap)
    assert isinstance(buffer, ffi.JsBuffer)
    assert not isinstance(buffer, ffi.JsTypedArray)
    assert isinstance(js.fetch, ffi.JsCallable)
    assert isinstance(js.Response.new("x"), ffi.JsFetchResponse)
    assert not isinstance([1], ffi.JsArray)
    assert issubclass(ffi.JsTypedArray, ffi.JsBuffer)
    assert issubclass(ffi.JsArray, ffi.JsProxy)
    assert repr(ffi.JsMap[str, int]) == "pyodide.ffi.JsMap[str, int]"


def test_proxy_classes_cannot_be_instantiated(text_of):
    from pyodide.ffi import JsArray, JsProxy

    assert text_of(JsProxy) == "TypeError: JsProxy cannot be instantiated."
    assert text_of(JsArray) == "TypeError: JsArray cannot be instantiated."


def test_text_is_javascripts():
    import js
    from pyodide.ffi import to_js

    assert repr(js.Object.new()) == "[object Object]"
    assert str(to_js([1, [2, 3]])) == "1,2,3"
    assert f"{js.URL.new('http://a')}" == "http://a/"
    assert str(js.Date.new(0)) == ("Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)")
    assert str(js.Math.max) == "function max() { [native code] }"
    assert str(js.Object.new(toString=lambda: "mine")) == "mine"


def test_handles_have_no_dict_and_refuse_to_be_copied(sample, text_of):
    assert text_of(vars, sample) == "TypeError: vars() argument must have __dict__ attribute"
    for action in (pickle.dumps, copy.copy, copy.deepcopy):
        assert text_of(action, sample) == "TypeError: cannot pickle 'pyodide.ffi.JsProxy' object"
    assert text_of(json.dumps, sample) == (
        "TypeError: Object of type JsProxy is not JSON serializable"
    )


def test_dir_lists_javascript_and_python_names(sample):
    names = dir(sample)
    assert {"broken", "class_", "constructor", "to_py", "js_id"} <= set(names)


def test_typeof():
    import js

    assert js.Object.new().typeof == "object"
    assert js.fetch.typeof == "function"
    assert js.Response.typeof == "function"


def test_constructor_identity():
    import js

    assert js.Response.new("x").constructor == js.Response
    assert js.Response.name == "Response"
    assert js.Math.max == js.Math.max


def test_weak_references():
    import js
    from pyodide.ffi import JsWeakRef

    value = js.Object.new()
    reference = value.to_weakref()
    assert isinstance(reference, JsWeakRef)
    assert reference.deref() == value
