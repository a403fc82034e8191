"""Tests of emulator/js/json.py and json_scanner.py; expectations are V8's answers."""

from __future__ import annotations

import json as python_json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.js.array import JsArray
from emulator.js.boxed import JsNumber, JsString
from emulator.js.date import JsDate
from emulator.js.errors import JsThrow
from emulator.js.json import JsJSON, parse, stringify
from emulator.js.json_scanner import scan
from emulator.js.object import NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsBigInt, JsSymbol, null
from tests.js.guest_values import WrappedDict, call

LONG = '{"abcdefghijklmnopqrstuvwxyz": 1, "abcdefghijklmnopqrstuvwxyz": bad, "zzzzzzzzzzzzzz": 1}'

REFUSED = [
    ("", "Unexpected end of JSON input"),
    (" ", "Unexpected end of JSON input"),
    ("{", "Expected property name or '}' in JSON at position 1 (line 1 column 2)"),
    ("{x", "Expected property name or '}' in JSON at position 1 (line 1 column 2)"),
    ("[1,", "Unexpected end of JSON input"),
    ("[1 2", "Expected ',' or ']' after array element in JSON at position 3 (line 1 column 4)"),
    ("xyz", "Unexpected token 'x', \"xyz\" is not valid JSON"),
    ('{"a"', "Expected ':' after property name in JSON at position 4 (line 1 column 5)"),
    ('{"a":', "Unexpected end of JSON input"),
    ('{"a":1', "Expected ',' or '}' after property value in JSON at position 6 (line 1 column 7)"),
    ('{"a":1,}', "Expected double-quoted property name in JSON at position 7 (line 1 column 8)"),
    ('{"a" 1}', "Expected ':' after property name in JSON at position 5 (line 1 column 6)"),
    ('"abc', "Unterminated string in JSON at position 4 (line 1 column 5)"),
    ('"a\nb"', "Bad control character in string literal in JSON at position 2 (line 1 column 3)"),
    ('"\\x"', "Bad escaped character in JSON at position 2 (line 1 column 3)"),
    ('"\\u12"', "Bad Unicode escape in JSON at position 5 (line 1 column 6)"),
    ("01", "Unexpected number in JSON at position 1 (line 1 column 2)"),
    ("1.", "Unterminated fractional number in JSON at position 2 (line 1 column 3)"),
    ("-", "No number after minus sign in JSON at position 1 (line 1 column 2)"),
    ("1e+", "Exponent part is missing a number in JSON at position 3 (line 1 column 4)"),
    ("nul", "Unexpected end of JSON input"),
    ("null x", "Unexpected non-whitespace character after JSON at position 5 (line 1 column 6)"),
    ("undefined", '"undefined" is not valid JSON'),
    ("NaN", '"NaN" is not valid JSON'),
    ("Infinity", '"Infinity" is not valid JSON'),
    ("[NaN]", "Unexpected token 'N', \"[NaN]\" is not valid JSON"),
    ("[object Object]", '"[object Object]" is not valid JSON'),
    ("[1,]", "Unexpected token ']', \"[1,]\" is not valid JSON"),
    ("\n\n  {x}", "Expected property name or '}' in JSON at position 5 (line 3 column 4)"),
    ("x" * 60, "Unexpected token 'x', \"xxxxxxxxxx\"... is not valid JSON"),
    (LONG, 'Unexpected token \'b\', ..."tuvwxyz": bad, "zzzz"... is not valid JSON'),
    ("tx", "Unexpected token 'x', \"tx\" is not valid JSON"),
    ('"\\', "Unexpected end of JSON input"),
    ("falsy", "Unexpected token 'y', \"falsy\" is not valid JSON"),
    ("1a", "Unexpected non-whitespace character after JSON at position 1 (line 1 column 2)"),
    ("<!DOCTYPE html><html><head>", "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON"),
    (
        '"\U0001f600"x',
        "Unexpected non-whitespace character after JSON at position 4 (line 1 column 5)",
    ),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_wrong_documents_fail_with_the_text_of_v8(text: str, message: str) -> None:
    with pytest.raises(JsThrow) as thrown:
        parse(text)
    assert str(thrown.value) == f"SyntaxError: {message}"


def test_parsed_values_are_javascript_values() -> None:
    value = parse('{"b":[1,2.5,null,true],"a":{"x":"y"},"b2":1e400}')
    assert value.js_own_keys() == ["b", "a", "b2"]
    items = value.js_get("b").items
    assert items == [1, 2.5, null, True]
    assert isinstance(value.js_get("a"), PlainObject)
    assert value.js_get("b2") == math.inf


def test_the_last_of_duplicate_keys_wins_in_the_place_of_the_first() -> None:
    value = parse('{"a":1,"b":2,"a":3}')
    assert stringify(value) == '{"a":3,"b":2}'


def test_integers_beyond_the_safe_range_become_floats() -> None:
    assert parse("9007199254740993") == 9007199254740992.0
    assert isinstance(parse("9007199254740993"), float)
    assert type(parse("9007199254740991")) is int
    assert parse("1" * 5000) == math.inf


def test_surrogates_escaped_in_pairs_join() -> None:
    assert parse('"\\ud83d\\ude00"') == scan('"\\ud83d\\ude00"') == "\U0001f600"
    assert parse('"\\ud83d"') == scan('"\\ud83d"') == "\ud83d"


def test_nesting_deeper_than_pythons_recursion_is_read() -> None:
    value = parse("[" * 20_000 + "]" * 20_000)
    depth = 0
    while value.items:
        value = value.items[0]
        depth += 1
    assert depth == 19_999


def test_a_reviver_works_from_the_inside_out() -> None:
    seen: list[Any] = []

    def revive(this: Any, key: Any, value: Any) -> Any:
        seen.append(key)
        if key == "drop":
            return None
        return value * 2 if isinstance(value, int) else value

    result = call(JsJSON(), "parse", '{"a":[1,2],"drop":1}', NativeFunction("r", revive))
    assert stringify(result) == '{"a":[2,4]}'
    assert seen == ["0", "1", "a", "drop", ""]


def test_parse_converts_its_argument_to_a_string() -> None:
    assert call(JsJSON(), "parse", null) is null
    assert call(JsJSON(), "parse", 5) == 5
    with pytest.raises(JsThrow, match='"undefined" is not valid JSON'):
        call(JsJSON(), "parse")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (JsSymbol("x"), None),
        (NativeFunction("f", lambda this: 1), None),
        (null, "null"),
        (True, "true"),
        (1.0, "1"),
        (-0.0, "0"),
        (1e21, "1e+21"),
        (1.5e-7, "1.5e-7"),
        (math.nan, "null"),
        (math.inf, "null"),
        ('a"\\\n\x01\u2028é', '"a\\"\\\\\\n\\u0001\u2028é"'),
        ("\ud800", '"\\ud800"'),
        ("\U0001f600", '"\U0001f600"'),
        (JsArray([None, JsSymbol("x"), 1]), "[null,null,1]"),
        (JsArray([MISSING, 1]), "[null,1]"),
        (JsArray([]), "[]"),
        (PlainObject({"a": None, "b": 1, JsSymbol("s"): 2}), '{"b":1}'),
        (PlainObject({"a": None}), "{}"),
        (PlainObject({"x": 1, "2": 1, "1": 1}), '{"1":1,"2":1,"x":1}'),
        (JsDate(0), '"1970-01-01T00:00:00.000Z"'),
        (JsDate(math.nan), "null"),
        (JsNumber(5), "5"),
        (JsString("x"), '"x"'),
        (WrappedDict({}), "{}"),
    ],
)
def test_values_are_written_as_v8_writes_them(value: Any, text: str | None) -> None:
    assert stringify(value) == text


def test_indentation_is_clamped_to_ten() -> None:
    value = parse('{"a":[1,{}],"b":{"c":[]}}')
    assert stringify(value, None, 2) == (
        '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": {\n    "c": []\n  }\n}'
    )
    assert stringify(JsArray([1]), None, 99) == "[\n" + " " * 10 + "1\n]"
    assert stringify(JsArray([1]), None, "ab") == "[\nab1\n]"
    assert stringify(JsArray([1]), None, 0) == "[1]"


def test_a_replacer_function_sees_holder_key_and_value() -> None:
    seen: list[Any] = []

    def replace(this: Any, key: Any, value: Any) -> Any:
        seen.append(key)
        return None if key == "b" else value

    assert stringify(parse('{"a":[5],"b":1}'), NativeFunction("r", replace)) == '{"a":[5]}'
    assert seen == ["", "a", "0", "b"]


def test_a_replacer_array_picks_keys_at_every_level() -> None:
    value = parse('{"a":{"b":1,"c":2},"b":3,"1":4}')
    assert stringify(value, JsArray(["b", "a", 1])) == '{"b":3,"a":{"b":1},"1":4}'


def test_to_json_gets_the_key() -> None:
    value = PlainObject({"toJSON": NativeFunction("toJSON", lambda this, key: f"<{key}>")})
    assert stringify(PlainObject({"k": value})) == '{"k":"<k>"}'
    assert stringify(JsArray([value])) == '["<0>"]'


def test_bigints_are_refused() -> None:
    with pytest.raises(JsThrow, match="TypeError: Do not know how to serialize a BigInt"):
        stringify(JsArray([JsBigInt(1)]))


def make_cycle(path: list[Any]) -> Any:
    root = PlainObject()
    holder: Any = root
    for key in path[:-1]:
        inner: Any = JsArray([0]) if key == "list" else PlainObject()
        holder.js_set("1" if isinstance(holder, JsArray) else key, inner)
        holder = inner
    holder.js_set("1" if isinstance(holder, JsArray) else path[-1], root)
    return root


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        (["a"], ["    --- property 'a' closes the circle"]),
        (
            ["b", "list", "x"],
            [
                "    |     property 'b' -> object with constructor 'Object'",
                "    |     property 'list' -> object with constructor 'Array'",
                "    --- index 1 closes the circle",
            ],
        ),
        (
            ["x", "y", "z", "w"],
            [
                "    |     property 'x' -> object with constructor 'Object'",
                "    |     property 'y' -> object with constructor 'Object'",
                "    |     property 'z' -> object with constructor 'Object'",
                "    --- property 'w' closes the circle",
            ],
        ),
    ],
)
def test_a_cycle_is_described(path: list[Any], lines: list[str]) -> None:
    with pytest.raises(JsThrow) as thrown:
        stringify(make_cycle(path))
    head = [
        "TypeError: Converting circular structure to JSON",
        "    --> starting at object with constructor 'Object'",
    ]
    assert str(thrown.value) == "\n".join(head + lines)


def test_the_same_object_twice_is_no_cycle() -> None:
    shared = PlainObject({"x": 1})
    assert stringify(JsArray([shared, shared])) == '[{"x":1},{"x":1}]'


documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(documents)
def test_any_document_survives_both_parsers(document: Any) -> None:
    text = python_json.dumps(document)
    written = stringify(parse(text))
    assert written is not None
    assert python_json.loads(written) == python_json.loads(text)
    assert stringify(scan(text)) == written


@given(st.text(alphabet='{}[]",:\\u0123ea.-+ntrf \n', max_size=12))
def test_both_parsers_accept_the_same_documents(text: str) -> None:
    outcomes = []
    for parser in (parse, scan):
        try:
            outcomes.append(stringify(parser(text)))
        except JsThrow as thrown:
            outcomes.append(str(thrown))
    assert outcomes[0] == outcomes[1]
