"""Tests of emulator/js/inspect.py; expectations are what Node and workerd print."""

from __future__ import annotations

import math
from typing import Any

import pytest

from emulator.js.array import JsArray
from emulator.js.boxed import JsNumber, JsString
from emulator.js.buffers import ArrayBuffer, BigInt64Array, DataView, Float32Array, Uint8Array
from emulator.js.collections import JsMap, JsSet
from emulator.js.date import JsDate
from emulator.js.define import getter
from emulator.js.errors import DOMException, JsError, JsTypeError
from emulator.js.inspect import format_console, inspect
from emulator.js.json import JsJSON, parse
from emulator.js.maths import JsMath
from emulator.js.object import JsObject, NativeFunction
from emulator.js.object_statics import define_property
from emulator.js.plain import PlainObject
from emulator.js.promise import rejected, resolved
from emulator.js.regexp import JsRegExp
from emulator.js.values import MISSING, JsBigInt, JsSymbol, null
from emulator.js.weak import JsWeakMap
from tests.js.guest_values import call
from tests.support.js_host import FakeHost


def make_map(*entries: tuple[Any, Any]) -> JsMap:
    result = JsMap()
    for key, value in entries:
        result.set_item(key, value)
    return result


def make_set(*values: Any) -> JsSet:
    result = JsSet()
    for value in values:
        result.add_item(value)
    return result


SHOWN: list[tuple[Any, str]] = [
    ("raw", "'raw'"),
    ("it's", '"it\'s"'),
    ("a'b\"c", "`a'b\"c`"),
    ("a`'\"", "'a`\\'\"'"),
    ("x\ny\\", "'x\\ny\\\\'"),
    ("a\x01\x7f\U0001f600\ud800", "'a\\x01\\x7F\U0001f600\\ud800'"),
    (None, "undefined"),
    (null, "null"),
    (True, "true"),
    (1.5, "1.5"),
    (-0.0, "-0"),
    (JsBigInt(10), "10n"),
    (JsSymbol("q"), "Symbol(q)"),
    (parse("{}"), "{}"),
    (parse("[]"), "[]"),
    (parse('{"1":2,"a-b":1,"ok_1":3}'), "{ '1': 2, 'a-b': 1, ok_1: 3 }"),
    (parse("[1,2,[3,[4,[5]]]]"), "[ 1, 2, [ 3, [ 4, [Array] ] ] ]"),
    (parse('{"a":{"b":{"c":{"d":1}}}}'), "{ a: { b: { c: [Object] } } }"),
    (parse('{"a":{"b":{"c":{}}}}'), "{ a: { b: { c: {} } } }"),
    (parse('{"a":1,"b":{"c":[1,2,3],"d":"s"},"e":null}'), "{ a: 1, b: { c: [ 1, 2, 3 ], d: 's' }, e: null }"),
    (PlainObject({JsSymbol("s"): 1}), "{ [Symbol(s)]: 1 }"),
    (PlainObject(null_prototype=True), "[Object: null prototype] {}"),
    (PlainObject({"a": 1}, null_prototype=True), "[Object: null prototype] { a: 1 }"),
    (JsArray([MISSING, 1, MISSING, MISSING, 2]), "[ <1 empty item>, 1, <2 empty items>, 2 ]"),
    (make_map((1, 2), ("a", parse('{"b":1}'))), "Map(2) { 1 => 2, 'a' => { b: 1 } }"),
    (make_map(), "Map(0) {}"),
    (make_set(1, "a"), "Set(2) { 1, 'a' }"),
    (make_map((parse('{"a":1}'), make_set(1))), "Map(1) { { a: 1 } => Set(1) { 1 } }"),
    (JsDate(0), "1970-01-01T00:00:00.000Z"),
    (JsDate(math.nan), "Invalid Date"),
    (JsRegExp("a", "g"), "/a/g"),
    (JsNumber(5), "[Number: 5]"),
    (JsString("x"), "[String: 'x']"),
    (Uint8Array.from_bytes(b"\1\2\3"), "Uint8Array(3) [ 1, 2, 3 ]"),
    (JsArray([Uint8Array.from_bytes(b"")]), "[ Uint8Array(0) [] ]"),
    (Float32Array.from_values([1.5]), "Float32Array(1) [ 1.5 ]"),
    (BigInt64Array.from_values([JsBigInt(1)]), "BigInt64Array(1) [ 1n ]"),
    (ArrayBuffer(b"\0\0\0"), "ArrayBuffer { [Uint8Contents]: <00 00 00>, byteLength: 3 }"),
    (
        DataView(ArrayBuffer(b"\0\0")),
        ("DataView {\n  byteLength: 2,\n  byteOffset: 0,\n"
        "  buffer: ArrayBuffer { [Uint8Contents]: <00 00>, byteLength: 2 }\n}"),
    ),
    (NativeFunction("foo", lambda this: 1), "[Function: foo]"),
    (NativeFunction("", lambda this: 1), "[Function (anonymous)]"),
    (JsObject.js_constructor, "[Function: Object]"),
    (JsWeakMap(), "WeakMap { <items unknown> }"),
    (JsMath(), "Object [Math] {}"),
    (JsJSON(), "Object [JSON] {}"),
    (call(JsArray([1]), "values"), "Object [Array Iterator] {}"),
    (parse("[0,1,2,3,4,5,6]"), "[\n  0, 1, 2, 3,\n  4, 5, 6\n]"),
    (parse("[1.5,22.25,3,4,5,6,7,8,9,10]"), "[\n  1.5, 22.25, 3,\n    4,     5, 6,\n    7,     8, 9,\n   10\n]"),
    (
        parse('["a","bb","ccc","d","e","f","g","h"]'),
        "[\n  'a', 'bb', 'ccc',\n  'd', 'e',  'f',\n  'g', 'h'\n]",
    ),
    (JsArray([True, False] * 3 + [True]), "[\n  true, false,\n  true, false,\n  true, false,\n  true\n]"),
    (JsArray(["a" * 40, "b" * 40]), f"[\n  '{'a' * 40}',\n  '{'b' * 40}'\n]"),
    (
        PlainObject({"k": JsArray(["a" * 20, "b" * 20, "c" * 20])}),
        f"{{\n  k: [\n    '{'a' * 20}',\n    '{'b' * 20}',\n    '{'c' * 20}'\n  ]\n}}",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), SHOWN)
def test_values_are_shown_as_node_shows_them(value: Any, text: str) -> None:
    assert inspect(value) == text


def test_long_arrays_are_set_in_columns_and_cut_at_a_hundred() -> None:
    lines = inspect(JsArray(list(range(120)))).split("\n")
    assert lines[1] == "   0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11,"
    assert lines[-3:] == ["  96, 97, 98, 99,", "  ... 20 more items", "]"]


def test_long_strings_are_cut() -> None:
    assert inspect("x" * 10_001).endswith("x'... 1 more character")


def test_circular_references_are_numbered() -> None:
    value = PlainObject()
    value.js_set("self", value)
    assert inspect(value) == "<ref *1> { self: [Circular *1] }"
    outer, inner = PlainObject(), PlainObject()
    outer.js_set("a", inner)
    inner.js_set("b", inner)
    outer.js_set("c", outer)
    text = "<ref *2> { a: <ref *1> { b: [Circular *1] }, c: [Circular *2] }"
    assert inspect(outer) == text


def test_accessors_are_named_and_not_called() -> None:
    value = PlainObject()
    fail = NativeFunction("get", lambda this: 1 / 0)
    define_property(value, "a", PlainObject({"get": fail, "enumerable": True}))
    both = PlainObject({"get": fail, "set": fail, "enumerable": True})
    define_property(value, "b", both)
    assert inspect(value) == "{ a: [Getter], b: [Getter/Setter] }"


def test_errors_show_stack_properties_and_cause() -> None:
    error = JsTypeError("m", cause=JsError("boom"))
    error.js_set("stack", "TypeError: m\n    at y")
    error.js_set("code", 5)
    assert inspect(error) == "TypeError: m\n    at y { code: 5, [cause]: Error: boom }".replace(
        " { code", " {\n  code"
    ).replace(", [cause]", ",\n  [cause]").replace("boom }", "boom\n}")
    nested = inspect(PlainObject({"e": error})).split("\n")
    assert nested[:3] == ["{", "  e: TypeError: m", "      at y {"]


def test_a_dom_exception_is_shown_as_workerd_shows_it() -> None:
    assert inspect(DOMException("m", "AbortError")) == (
        "DOMException {\n  code: 20,\n  name: 'AbortError',\n  message: 'm',\n"
        "  stack: 'AbortError: m'\n}"
    )


def test_promises_show_their_state(js_host: FakeHost) -> None:
    assert inspect(resolved(5)) == "Promise { 5 }"
    promise = rejected(5)
    promise.handled = True
    assert inspect(promise) == "Promise { <rejected> 5 }"


class Gadget(JsObject, name="Gadget"):
    @getter
    def size(self) -> int:
        return 3

    @getter
    def broken(self) -> int:
        raise AssertionError

    def js_inspect_extras(self) -> list[tuple[str, Any]]:
        return [("state", "open")]


def test_platform_objects_show_their_accessors_and_extras() -> None:
    assert inspect(Gadget()) == "Gadget { size: 3, [state]: 'open' }"


class Wrapped(JsObject, name="PyProxy"):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.python_value = value


def test_python_values_show_as_their_repr() -> None:
    assert format_console((Wrapped({"a": (1, 2)}),)) == "{'a': (1, 2)}"
    assert inspect(JsArray([Wrapped(b"x")])) == "[ b'x' ]"


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ((), ""),
        (("a\nb", 1, "c"), "a\nb 1 c"),
        ((1, "a", parse('{"c":1}')), "1 a { c: 1 }"),
        (("%s is %d years and %i, %f", "Bob", 42.5, 42.5, "3.5x"), "Bob is 42.5 years and 42, 3.5"),
        (("%o", parse('{"a":[1]}')), "{ a: [ 1, [length]: 1 ] }"),
        (("%O", parse('{"a":{"b":{"c":{"d":1}}}}')), "{ a: { b: { c: [Object] } } }"),
        (("%j", parse('{"a":1}')), '{"a":1}'),
        (("%c styled", "color: red"), " styled"),
        (("100%% %s", 1), "100% 1"),
        (("100%", 5), "100% 5"),
        (("%s %s", "a"), "a %s"),
        (("%s",), "%s"),
        (("%%",), "%%"),
        (("%x", 1), "%x 1"),
        (("%s", parse('{"a":1}')), "{ a: 1 }"),
        (("%s", parse("[1,[2,[3]]]")), "[ 1, [Array] ]"),
        (("%s", JsDate(0)), "1970-01-01T00:00:00.000Z"),
        (("%s", None, null), "undefined null"),
        (("%s %s %s", -0.0, JsBigInt(5), JsSymbol("a")), "-0 5n Symbol(a)"),
        (("%d %d %d", "5x", parse("{}"), JsBigInt(5)), "NaN NaN 5n"),
        (("%i %i", "5.9", JsSymbol("x")), "5 NaN"),
        (("%s", make_map((1, parse('{"a":1}')))), "Map(1) { 1 => [Object] }"),
    ],
)
def test_printf_codes_are_replaced(args: tuple[Any, ...], text: str) -> None:
    assert format_console(args) == text


def test_json_code_survives_cycles_and_string_code_uses_own_to_string() -> None:
    value = PlainObject()
    value.js_set("self", value)
    assert format_console(("%j", value)) == "[Circular]"
    value = PlainObject({"toString": NativeFunction("toString", lambda this: "custom")})
    assert format_console(("%s", value)) == "custom"
