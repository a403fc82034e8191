# ruff: noqa: PLC0415 - the modules of a guest exist only inside a realm
"""Scalars at the crossing: null, undefined, numbers, strings (checks 16 to 18)."""

from __future__ import annotations

import enum
import http
import json
import math

import pytest

from emulator.ffi.translate import js_to_py, py_to_js
from emulator.js.values import JsBigInt, null

pytestmark = pytest.mark.usefixtures("realm")


def test_null_is_jsnull_and_undefined_is_none():
    import js
    from pyodide.ffi import jsnull

    assert js.JSON.parse("null") is jsnull
    assert js.undefined is None
    assert jsnull is not None
    assert not jsnull
    assert jsnull != None  # noqa: E711 - the point
    assert type(jsnull)() is jsnull
    assert (repr(jsnull), jsnull.typeof) == ("jsnull", "object")


def test_json_dumps_writes_jsnull_as_null():
    from pyodide.ffi import jsnull

    assert json.dumps({"a": jsnull, "b": [jsnull]}) == '{"a": null, "b": [null]}'
    assert json.dumps({"a": jsnull}, indent=1) == '{\n "a": null\n}'


def test_a_missing_raw_header_is_jsnull():
    import js
    from pyodide.ffi import jsnull

    assert js.Headers.new().get("missing") is jsnull


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.0, 1), (-0.0, 0), (2.0**53 - 1, 2**53 - 1), (1.5, 1.5), (float(2**53), float(2**53))],
)
def test_integral_numbers_become_int_as_far_as_they_are_safe(value, expected):
    result = js_to_py(value)
    assert result == expected
    assert type(result) is type(expected)


def test_nan_and_infinity_stay_floats():
    assert math.isnan(js_to_py(math.nan))
    assert js_to_py(math.inf) == math.inf


def test_large_python_ints_become_bigint():
    assert type(py_to_js(2**53 - 2)) is int
    assert type(py_to_js(2**53 - 1)) is JsBigInt
    assert type(py_to_js(-(2**60))) is JsBigInt


def test_a_bigint_stays_a_bigint_with_314():
    from pyodide.ffi import JsBigInt as GuestBigInt

    value = js_to_py(JsBigInt(2**60))
    assert type(value) is GuestBigInt
    assert value == 2**60
    assert GuestBigInt.__module__ == "pyodide.ffi"


def test_subclasses_of_scalars_cross_as_the_scalar():
    class Colour(enum.StrEnum):
        RED = "red"

    class Length(float):
        pass

    assert py_to_js(http.HTTPStatus.CREATED) == 201
    assert type(py_to_js(http.HTTPStatus.CREATED)) is int
    assert type(py_to_js(Colour.RED)) is str
    assert type(py_to_js(Length(2.5))) is float


def test_lone_surrogates_pass():
    assert js_to_py(py_to_js("\ud800")) == "\ud800"


def test_null_crosses_as_null():
    from pyodide.ffi import jsnull

    assert py_to_js(jsnull) is null
    assert py_to_js(None) is None


def test_native_values_have_no_constructor():
    for value in ("", 1, 1.5, True, None, b"", {}, []):
        assert not hasattr(value, "constructor")


def test_what_is_no_javascript_value_is_refused():
    with pytest.raises(TypeError, match="is not a JavaScript value"):
        js_to_py(object())
