"""Tests of emulator/js/clone.py; refusals are V8's and workerd's texts."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.js.array import JsArray
from emulator.js.blob import Blob
from emulator.js.boxed import BoxedSymbol, JsNumber
from emulator.js.buffers import ArrayBuffer, DataView, Uint8Array, Uint16Array
from emulator.js.clone import structured_clone
from emulator.js.collections import JsMap, JsSet, LiteralMap
from emulator.js.date import JsDate
from emulator.js.errors import DOMException, JsError, JsThrow, JsTypeError
from emulator.js.global_functions import FUNCTIONS
from emulator.js.headers import Headers
from emulator.js.json import stringify
from emulator.js.maths import JsMath
from emulator.js.object import JsFunction, JsObject, NativeFunction
from emulator.js.object_statics import define_property
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise
from emulator.js.regexp import JsRegExp
from emulator.js.url import URL
from emulator.js.values import MISSING, JsBigInt, JsSymbol
from emulator.js.weak import JsWeakMap, JsWeakRef
from tests.js.guest_values import call


class WrappedPython(JsObject, name="PyProxy"):
    python_value = object()


class WrappedFunction(JsFunction):
    python_value = len
    function_name = "len"


class Channel(JsObject, name="Channel"):
    js_clone_refusal = "ServiceStub cannot be serialized in this context."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (NativeFunction("max", lambda this: 1), "function max() { [native code] } could not be cloned."),
        (JsSymbol("x"), "Symbol(x) could not be cloned."),
        (PlainObject({"a": JsSymbol("x")}), "Symbol(x) could not be cloned."),
        (Promise(), "#<Promise> could not be cloned."),
        (JsWeakMap(), "#<WeakMap> could not be cloned."),
        (JsWeakRef(PlainObject()), "#<WeakRef> could not be cloned."),
        (LiteralMap(), "#<LiteralMap> could not be cloned."),
        (call(JsArray([1]), "values"), "[object Array Iterator] could not be cloned."),
        (call(JsMap(), "entries"), "[object Map Iterator] could not be cloned."),
        (BoxedSymbol(JsSymbol("q")), "[object Symbol] could not be cloned."),
        (WrappedPython(), "[object Object] could not be cloned."),
        (WrappedFunction(), "function() { } could not be cloned."),
        (JsArray([URL("http://x/")]), 'Could not serialize object of type "URL". This type does not support serialization.'),
        (Channel(), "ServiceStub cannot be serialized in this context."),
    ],
)  # fmt: skip
def test_what_cannot_be_cloned_is_named(value: Any, text: str) -> None:
    with pytest.raises(JsThrow) as thrown:
        structured_clone(value)
    assert str(thrown.value) == f"DataCloneError: {text}"
    assert thrown.value.value.js_get("code") == 25
    assert isinstance(thrown.value.value, DOMException)


def test_refusal_happens_in_depth_first_order() -> None:
    value = PlainObject({"a": PlainObject({"f": Promise()}), "b": JsSymbol("later")})
    with pytest.raises(JsThrow, match="#<Promise>"):
        structured_clone(value)


def test_containers_are_copied_deeply() -> None:
    inner = PlainObject({"x": 1})
    source = JsMap()
    source.set_item("k", inner)
    values = JsSet()
    values.add_item(inner)
    result = structured_clone(JsArray([source, values, MISSING, None]))
    copied_map, copied_set = result.items[:2]
    copied = copied_map.get_item("k")
    assert stringify(copied) == '{"x":1}'
    assert copied is not inner
    assert copied_set.items_list() == [copied]
    assert result.items[2:] == [MISSING, None]


def test_cycles_and_shared_references_are_kept() -> None:
    value, shared = PlainObject(), PlainObject()
    value.js_set("self", value)
    value.js_set("a", shared)
    value.js_set("b", shared)
    copy = structured_clone(value)
    assert copy.js_get("self") is copy
    assert copy.js_get("a") is copy.js_get("b") is not shared


def test_symbol_keys_hidden_properties_and_prototypes_are_dropped_and_getters_run() -> None:
    value = PlainObject({"a": 1, JsSymbol("s"): 2}, null_prototype=True)
    define_property(value, "hidden", PlainObject({"value": 3}))
    getter = NativeFunction("get", lambda this: this.js_get("a") + 1)
    define_property(value, "computed", PlainObject({"get": getter, "enumerable": True}))
    copy = structured_clone(value)
    assert copy._own == {"a": 1, "computed": 2}
    assert copy.js_get("constructor") is JsObject.js_constructor


def test_dates_expressions_boxes_and_array_properties_survive() -> None:
    date = JsDate(5)
    expression = JsRegExp("a/b", "gi")
    expression.js_set("lastIndex", 3)
    array = JsArray([1])
    array.js_set("note", "x")
    result = structured_clone(JsArray([date, expression, JsNumber(7), array, JsBigInt(2**70)]))
    copied_date, copied_expression, boxed, copied_array, big = result.items
    assert (copied_date.time_ms, copied_date is date) == (5, False)
    assert copied_expression.js_to_string() == "/a\\/b/gi"
    assert copied_expression.js_get("lastIndex") == 0
    assert (type(boxed), boxed.primitive) == (JsNumber, 7)
    assert copied_array.js_get("note") == "x"
    assert big == 2**70
    assert type(big) is JsBigInt


def test_errors_keep_their_name_and_all_that_they_carry() -> None:
    error = JsTypeError("m", cause=PlainObject({"a": 1}))
    error.js_set("extra", 5)
    copy = structured_clone(error)
    assert (type(copy), copy.js_to_string()) == (JsTypeError, "TypeError: m")
    assert copy.js_get("stack") == error.js_get("stack")
    assert stringify(copy.js_get("cause")) == '{"a":1}'
    assert copy.js_get("extra") == 5
    custom = JsError("m", name="Foo")
    assert structured_clone(custom).js_to_string() == "Foo: m"
    renamed = JsError("m", name="RangeError")
    assert structured_clone(renamed).js_class_name == "RangeError"
    exception = structured_clone(DOMException("m", "AbortError"))
    assert (exception.js_to_string(), exception.js_get("code")) == ("AbortError: m", 20)


def test_views_of_one_buffer_still_share_one() -> None:
    buffer = ArrayBuffer(b"abcdefgh")
    value = JsArray([Uint8Array(buffer), Uint16Array(buffer, 2, 1), buffer, DataView(buffer, 1, 2)])
    octets, words, copied, view = structured_clone(value).items
    assert octets.buffer is words.buffer is view.buffer is copied
    assert copied is not buffer
    assert (words.byteOffset, words.length, view.byteLength) == (2, 1, 2)
    octets.js_set("2", 0)
    assert words.js_get("0") == ord("d") << 8


def test_a_transferred_buffer_is_detached() -> None:
    buffer = ArrayBuffer(b"ab")
    options = PlainObject({"transfer": JsArray([buffer])})
    copy = structured_clone(buffer, options)
    assert copy.data == b"ab"
    assert buffer.js_get("detached") is True
    with pytest.raises(JsThrow, match="DataCloneError: An ArrayBuffer is detached and could not"):
        structured_clone(JsArray([buffer]))


@pytest.mark.parametrize(
    ("transfer", "text"),
    [
        (JsArray([PlainObject()]), "TypeError: Object is not transferable"),
        (5, "TypeError: Incorrect type for the 'transfer' field on 'StructuredCloneOptions': the provided value is not of type 'Array'."),
    ],
)  # fmt: skip
def test_a_bad_transfer_list_is_refused(transfer: Any, text: str) -> None:
    with pytest.raises(JsThrow) as thrown:
        structured_clone(1, PlainObject({"transfer": transfer}))
    assert str(thrown.value) == text


@pytest.mark.parametrize("make", [Headers, lambda: Blob(b"x", ""), JsMath])
def test_some_platform_objects_become_empty(make: Any) -> None:
    copy = structured_clone(make())
    assert (type(copy), copy._own) == (PlainObject, {})


def test_the_global_function_needs_a_value() -> None:
    clone = FUNCTIONS["structuredClone"]
    assert clone.js_call(None, (None,)) is None
    with pytest.raises(JsThrow, match="parameter 1 is not of type 'Value'"):
        clone.js_call(None, ())


def test_depth_does_not_exhaust_the_stack() -> None:
    value = JsArray([])
    for _ in range(20_000):
        value = JsArray([value])
    assert isinstance(structured_clone(value), JsArray)
