"""Tests of emulator/js/boxed.py, number_text.py, maths.py, global_functions.py and regexp.py.

Expectations are V8's.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.js.array import JsArray
from emulator.js.boxed import BoxedBigInt, BoxedSymbol, JsBoolean, JsNumber, JsString
from emulator.js.errors import JsThrow
from emulator.js.global_functions import FUNCTIONS
from emulator.js.maths import JsMath
from emulator.js.plain import PlainObject
from emulator.js.regexp import JsRegExp
from emulator.js.values import ITERATOR, JsBigInt, JsSymbol, null
from tests.js.guest_values import call, new, static
from tests.support.js_host import FakeHost


def convert(cls: Any, *args: Any) -> Any:
    return cls.js_constructor.js_call(None, args)


def thrown_by(action: Any) -> str:
    with pytest.raises(JsThrow) as thrown:
        action()
    return str(thrown.value)


def same(left: Any, right: Any) -> bool:
    return left == right or (left != left and right != right)


# -- conversion functions -------------------------------------------------------------------------


def test_number_converts() -> None:
    assert convert(JsNumber) == 0
    assert convert(JsNumber, "5") == 5
    assert convert(JsNumber, " 0x1f ") == 31
    assert convert(JsNumber, null) == 0
    assert convert(JsNumber, JsBigInt(2**60)) == 2.0**60
    assert convert(JsNumber, JsBigInt(10**400)) == math.inf
    assert math.isnan(convert(JsNumber, None))
    assert new(JsNumber, "5").primitive == 5


def test_number_statics() -> None:
    constructor = JsNumber.js_constructor
    assert constructor.js_get("MAX_SAFE_INTEGER") == 2**53 - 1
    assert constructor.js_get("EPSILON") == 2.0**-52
    assert static(JsNumber, "isInteger", 5.0) is True
    assert static(JsNumber, "isInteger", "5") is False
    assert static(JsNumber, "isSafeInteger", 2**53) is False
    assert static(JsNumber, "isNaN", "x") is False
    assert static(JsNumber, "parseFloat", "1.5x") == 1.5


@pytest.mark.parametrize(
    ("name", "number", "args", "text"),
    [
        ("toFixed", 1.005, (2,), "1.00"),
        ("toFixed", 2.5, (), "3"),
        ("toFixed", -1.5, (0,), "-2"),
        ("toFixed", 0.000001, (7,), "0.0000010"),
        ("toFixed", 1e21, (2,), "1e+21"),
        ("toFixed", -0.0000001, (2,), "-0.00"),
        ("toFixed", 0, (2,), "0.00"),
        ("toPrecision", 123.456, (4,), "123.5"),
        ("toPrecision", 0.000123, (2,), "0.00012"),
        ("toPrecision", 123456, (2,), "1.2e+5"),
        ("toPrecision", 5, (), "5"),
        ("toExponential", 123456, (2,), "1.23e+5"),
        ("toExponential", 0.00015, (), "1.5e-4"),
        ("toExponential", 0, (), "0e+0"),
        ("toString", 255, (16,), "ff"),
        ("toString", -255, (2,), "-11111111"),
        ("toString", 0.5, (2,), "0.1"),
        ("toString", 3.14, (10,), "3.14"),
        ("toString", 0.1, (3,), "0.0022002200220022002200220022002201"),
        ("toLocaleString", 1234567.891, (), "1,234,567.891"),
    ],
)
def test_numbers_are_formatted(name: str, number: Any, args: Any, text: str) -> None:
    assert call(JsNumber(number), name, *args) == text


@pytest.mark.parametrize(
    ("name", "argument", "text"),
    [
        ("toFixed", 101, "toFixed() digits argument must be between 0 and 100"),
        ("toPrecision", 0, "toPrecision() argument must be between 1 and 100"),
        ("toExponential", -1, "toExponential() argument must be between 0 and 100"),
        ("toString", 1, "toString() radix argument must be between 2 and 36"),
    ],
)
def test_formats_have_limits(name: str, argument: int, text: str) -> None:
    assert thrown_by(lambda: call(JsNumber(1), name, argument)) == f"RangeError: {text}"


def test_string_converts_and_makes_text() -> None:
    assert convert(JsString) == ""
    assert convert(JsString, JsSymbol("x")) == "Symbol(x)"
    assert convert(JsString, JsArray([1, 2])) == "1,2"
    assert new(JsString, "ab\U0001f600").js_get("length") == 4
    assert list(new(JsString, "ab").js_iter()) == ["a", "b"]
    assert static(JsString, "fromCharCode", 0xD83D, 0xDE00, 65) == "\U0001f600A"
    assert static(JsString, "fromCodePoint", 0x1F600) == "\U0001f600"
    template = PlainObject({"raw": JsArray(["a", "b", "c"])})
    assert static(JsString, "raw", template, 1, 2, 3) == "a1b2c"
    assert (
        thrown_by(lambda: static(JsString, "fromCodePoint", -1))
        == "RangeError: Invalid code point -1"
    )


def test_boolean_converts() -> None:
    falsy = (None, null, 0, "", math.nan, False)
    assert [convert(JsBoolean, value) for value in falsy] == [False] * 6
    assert convert(JsBoolean, new(JsBoolean, False)) is True
    assert call(new(JsBoolean, 1), "valueOf") is True


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "SyntaxError: Cannot convert x to a BigInt"),
        ("1_0", "SyntaxError: Cannot convert 1_0 to a BigInt"),
        (1.5, "RangeError: The number 1.5 cannot be converted to a BigInt because it is not an integer"),
        (math.nan, "RangeError: The number NaN cannot be converted to a BigInt because it is not an integer"),
        (None, "TypeError: Cannot convert undefined to a BigInt"),
        (null, "TypeError: Cannot convert null to a BigInt"),
        (JsSymbol("q"), "TypeError: Cannot convert Symbol(q) to a BigInt"),
    ],
)  # fmt: skip
def test_bigint_refuses_what_is_no_integer(value: Any, text: str) -> None:
    assert thrown_by(lambda: convert(BoxedBigInt, value)) == text


def test_bigint_converts() -> None:
    assert convert(BoxedBigInt, "0x10") == 16
    assert convert(BoxedBigInt, "") == 0
    assert type(convert(BoxedBigInt, 5)) is JsBigInt
    assert convert(BoxedBigInt, True) == 1
    assert static(BoxedBigInt, "asIntN", 8, JsBigInt(255)) == -1
    assert static(BoxedBigInt, "asUintN", 8, JsBigInt(-1)) == 255
    assert thrown_by(lambda: new(BoxedBigInt, 1)) == "TypeError: BigInt is not a constructor"


def test_symbols_are_unique_unless_registered() -> None:
    first, second = convert(BoxedSymbol, "x"), convert(BoxedSymbol, "x")
    assert first is not second
    assert repr(first) == "Symbol(x)"
    registered = static(BoxedSymbol, "for", "shared")
    assert static(BoxedSymbol, "for", "shared") is registered
    assert static(BoxedSymbol, "keyFor", registered) == "shared"
    assert static(BoxedSymbol, "keyFor", first) is None
    assert BoxedSymbol.js_constructor.js_get("iterator") is ITERATOR
    assert thrown_by(lambda: static(BoxedSymbol, "keyFor", 5)) == "TypeError: 5 is not a symbol"
    assert thrown_by(lambda: new(BoxedSymbol)) == "TypeError: Symbol is not a constructor"


# -- global functions ---------------------------------------------------------------------------


def run(name: str, *args: Any) -> Any:
    return FUNCTIONS[name].js_call(None, args)


@pytest.mark.parametrize(
    ("args", "number"),
    [
        (("42px",), 42), (("  -0x1F",), -31), (("101", 2), 5), (("z", 36), 35), (("",), math.nan),
        (("9", 8), math.nan), (("12", 1), math.nan), (("0x",), math.nan), (("1e3",), 1),
        (("9" * 400,), math.inf), ((None,), math.nan), (("\ufeff7",), 7),
    ],
)  # fmt: skip
def test_parse_int_reads_a_prefix(args: Any, number: float) -> None:
    assert same(run("parseInt", *args), number)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3.14abc", 3.14), (" .5", 0.5), ("-1e3x", -1000), ("5.", 5), ("Infinityx", math.inf),
        ("-Infinity", -math.inf), ("e5", math.nan), ("1e", 1), ("inf", math.nan), ("1_0", 1),
    ],
)  # fmt: skip
def test_parse_float_reads_a_prefix(text: str, number: float) -> None:
    assert same(run("parseFloat", text), number)


def test_number_tests_convert_first() -> None:
    assert run("isNaN", "x") is True
    assert run("isNaN", "5") is False
    assert run("isFinite", "5") is True
    assert run("isFinite", math.inf) is False


def test_uri_coding() -> None:
    text = "a b&c=d/é?\U0001f600~!*'()"
    assert run("encodeURIComponent", text) == "a%20b%26c%3Dd%2F%C3%A9%3F%F0%9F%98%80~!*'()"
    assert run("encodeURI", text) == "a%20b&c=d/%C3%A9?%F0%9F%98%80~!*'()"
    assert run("decodeURIComponent", "a%20b%26%C3%A9") == "a b&é"
    assert run("decodeURI", "a%20b%26%C3%A9%2f") == "a b%26é%2f"
    assert run("escape", "a é\u20ac") == "a%20%E9%u20AC"
    assert run("unescape", "a%20%E9%u20AC%") == "a é\u20ac%"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("decodeURIComponent", "%"), ("decodeURIComponent", "%zz"), ("decodeURI", "%ff"),
        ("decodeURIComponent", "%c3"), ("encodeURIComponent", "\ud800"),
    ],
)  # fmt: skip
def test_malformed_uris_are_refused(name: str, text: str) -> None:
    assert thrown_by(lambda: run(name, text)) == "URIError: URI malformed"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_uri_coding(text: str) -> None:
    assert run("decodeURIComponent", run("encodeURIComponent", text)) == text
    assert run("unescape", run("escape", text)) == text


# -- Math ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "args", "result"),
    [
        ("max", (), -math.inf), ("max", (1, "3", 2), 3), ("max", (1, math.nan), math.nan),
        ("min", (), math.inf), ("round", (2.5,), 3), ("round", (-2.5,), -2), ("round", (0.49999999999999994,), 0),
        ("floor", (-1.5,), -2), ("trunc", (-1.5,), -1), ("ceil", (math.inf,), math.inf),
        ("sign", (-3,), -1), ("sqrt", (-1,), math.nan), ("cbrt", (27,), 3), ("hypot", (3, 4), 5),
        ("pow", (2, 10), 1024), ("pow", (0, -1), math.inf), ("pow", (1, math.inf), math.nan), ("pow", (10, 400), math.inf),
        ("log", (0,), -math.inf), ("log2", (8,), 3), ("exp", (1000,), math.inf), ("sinh", (-1000,), -math.inf),
        ("imul", (0xFFFFFFFF, 5), -5), ("clz32", (1,), 31), ("fround", (5.5,), 5.5), ("fround", (1e300,), math.inf),
        ("atan2", (0, 1), 0), ("abs", ("-5",), 5), ("atanh", (1,), math.inf), ("acos", (2,), math.nan),
        ("abs", (), math.nan), ("log1p", (-1,), -math.inf),
    ],
)  # fmt: skip
def test_math_agrees_with_v8(name: str, args: Any, result: float) -> None:
    assert same(call(JsMath(), name, *args), result)


def test_math_constants_and_random(js_host: FakeHost) -> None:
    assert JsMath().js_get("PI") == math.pi
    first, second = call(JsMath(), "random"), call(JsMath(), "random")
    assert 0 <= first < 1
    assert first != second
    text = "TypeError: Cannot convert a BigInt value to a number"
    assert thrown_by(lambda: call(JsMath(), "max", JsBigInt(1))) == text


# -- RegExp -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "flags", "text", "groups"),
    [
        (r"(\d+)-(?<word>\w+)", "", "a 12-bc", ["12-bc", "12", "bc"]),
        (r"^a.c$", "", "abc", ["abc"]),
        (r"^a.c$", "", "abc\n", None),
        (r"b$", "m", "ab\ncd", ["b"]),
        (r"a.c", "s", "a\nc", ["a\nc"]),
        (r"ABC", "i", "xabc", ["abc"]),
        (r"[^]", "", "\n", ["\n"]),
        (r"[]", "", "x", None),
        (r"\u0041\x42\u{43}", "u", "ABC", ["ABC"]),
        (r"(?<a>x)\k<a>", "", "xx", ["xx", "x"]),
        (r"\d", "", "\u0663", None),
        (r"[\w-]+", "", "é a-b", ["a-b"]),
        (r"a\/b", "", "a/b", ["a/b"]),
        (r"(a)|(b)", "", "b", ["b", None, "b"]),
        (r"(?<!a)b", "", "ab b", ["b"]),
        (r"[[&]", "", "&", ["&"]),
    ],
)
def test_patterns_match_as_in_javascript(source: str, flags: str, text: str, groups: Any) -> None:
    result = call(new(JsRegExp, source, flags), "exec", text)
    assert (None if result is null else result.items) == groups


def test_exec_moves_last_index_with_global_and_sticky() -> None:
    expression = new(JsRegExp, "a", "g")
    first = call(expression, "exec", "xaxa")
    assert (first.js_get("index"), first.js_get("input")) == (1, "xaxa")
    assert expression.js_get("lastIndex") == 2
    assert call(expression, "test", "xaxa") is True
    assert call(expression, "exec", "xaxa") is null
    assert expression.js_get("lastIndex") == 0
    assert call(new(JsRegExp, "a", "y"), "test", "xa") is False


def test_named_groups_and_indices() -> None:
    result = call(new(JsRegExp, "(?<y>[0-9]{4})", "d"), "exec", "in 2020")
    assert result.js_get("groups").js_get("y") == "2020"
    assert result.js_get("indices").items[0].items == [3, 7]


def test_source_flags_and_text() -> None:
    expression = new(JsRegExp, "a/b\n", "mgi")
    assert expression.js_get("source") == "a\\/b\\n"
    assert expression.js_get("flags") == "gim"
    assert str(expression.js_to_string()) == "/a\\/b\\n/gim"
    assert new(JsRegExp).js_get("source") == "(?:)"
    assert expression.js_get("global") is True
    assert expression.js_get("sticky") is False
    assert new(JsRegExp, expression, "y").js_get("flags") == "y"


def test_wrong_patterns_are_refused() -> None:
    text = "SyntaxError: Invalid regular expression: /(/: Unterminated group"
    assert thrown_by(lambda: new(JsRegExp, "(")) == text
    text = "SyntaxError: Invalid flags supplied to RegExp constructor 'zz'"
    assert thrown_by(lambda: new(JsRegExp, "a", "zz")) == text
    assert "Nothing to repeat" in thrown_by(lambda: new(JsRegExp, "*"))
    assert "pyworkers does not support" in thrown_by(lambda: new(JsRegExp, r"\p{L}", "u"))
    assert "pyworkers does not support" in thrown_by(lambda: new(JsRegExp, "(?<=a+)b"))
