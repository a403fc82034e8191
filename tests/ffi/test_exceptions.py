# ruff: noqa: PLC0415 - the modules of a guest exist only inside a realm
"""JsException (check 34)."""

from __future__ import annotations

import pickle
import traceback

import pytest

from emulator.ffi.translate import js_to_py
from emulator.js.errors import JsThrow
from emulator.js.object import NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.values import null

pytestmark = pytest.mark.usefixtures("realm")


NOT_AN_ERROR = (
    "Error: A value of type {} with tag [object {}] was thrown as an error!\n"
    'String interpolation of the thrown value gives """{}""".\n'
)
RETURNS = 'The thrown value\'s toString method returns """{}""".'
FAILS = "The thrown value's toString method fails."


def thrower(value):
    def throw(this):
        raise JsThrow(value)

    return js_to_py(NativeFunction("throw", throw))


def test_an_error_is_an_exception_and_a_proxy():
    import js
    from pyodide.ffi import JsException, JsProxy

    with pytest.raises(Exception) as caught:
        js.JSON.parse("{")
    error = caught.value
    assert isinstance(error, JsException)
    assert isinstance(error, JsProxy)
    assert (error.name, error.constructor.name) == ("SyntaxError", "SyntaxError")
    assert str(error) == f"SyntaxError: {error.message}"
    assert error.args == (error,)
    assert error.js_error is error
    assert isinstance(error.stack, str)
    assert not hasattr(error, "cause")
    assert not hasattr(error, "new")
    assert [cls.__name__ for cls in type(error).__mro__[:3]] == [
        "JsException", "JsProxy", "Exception",
    ]  # fmt: skip


def test_an_error_that_is_only_returned_is_an_exception_too():
    import js
    from pyodide.ffi import JsException

    error = js.TypeError.new("boo", cause=5)
    assert isinstance(error, JsException)
    assert error.cause == 5
    with pytest.raises(JsException) as caught:
        raise error
    assert caught.value is error


def test_own_properties_can_be_set():
    import js

    error = js.Error.new("x")
    error.code = 42
    assert error.code == 42
    error.add_note("a note")
    assert error.__notes__ == ["a note"]
    assert error.object_keys().to_py() == ["code"]
    del error.code
    assert not hasattr(error, "code")


def test_the_same_error_is_the_same_exception():
    import js
    from pyodide.ffi import JsException

    error = js.Error.new("again")
    throw = thrower(error.js_value)
    with pytest.raises(JsException) as caught:
        throw()
    assert caught.value is error


def test_constructing_one():
    from pyodide.ffi import JsException

    error = JsException("RangeError", "m", "the stack")
    assert (error.name, error.message, error.stack) == ("RangeError", "m", "the stack")
    assert error.constructor.name == "RangeError"
    assert str(JsException("Custom", "")) == "Custom"


def test_pickling_one():
    from pyodide.ffi import JsException

    error = pickle.loads(pickle.dumps(JsException("TypeError", "m", "st")))
    assert (type(error), str(error), error.stack) == (JsException, "TypeError: m", "st")


def test_a_traceback_names_it_as_pyodide_does():
    import js

    line = traceback.format_exception_only(js.TypeError.new("boo"))[-1]
    assert line == "pyodide.ffi.JsException: TypeError: boo\n"


def test_an_empty_message_leaves_the_name():
    import js

    assert str(js.RangeError.new()) == "RangeError"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("ss", "Error: ss"),
        (5, NOT_AN_ERROR.format("number", "Number", "5") + RETURNS.format("5")),
        (None, NOT_AN_ERROR.format("undefined", "Undefined", "undefined") + FAILS),
        (null, NOT_AN_ERROR.format("object", "Null", "null") + FAILS),
        (
            PlainObject({"a": 1}),
            NOT_AN_ERROR.format("object", "Object", "[object Object]")
            + RETURNS.format("[object Object]"),
        ),
    ],
)
def test_what_is_thrown_without_being_an_error_is_described(value, text, text_of):
    assert text_of(thrower(value)) == f"JsException: {text}"


def test_a_python_exception_seen_by_javascript_is_a_python_error():
    from pyodide.ffi import to_js

    from emulator.js.errors import error_value

    boom = ValueError("boom")
    try:
        raise boom
    except ValueError as failure:
        error = js_to_py(error_value(failure))
    assert (error.name, error.type) == ("PythonError", "ValueError")
    assert error.message.startswith("Traceback (most recent call last):\n")
    assert error.message.endswith("ValueError: boom\n")
    with pytest.raises(ValueError) as caught:
        to_js([1]).map(lambda *_: thrower(error.js_value)())
    assert caught.value is boom


def test_no_javascript_machinery_shows_in_the_chain():
    import js
    from pyodide.ffi import JsException

    with pytest.raises(JsException) as caught:
        js.JSON.parse("{")
    assert caught.value.__context__ is None
