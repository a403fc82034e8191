"""The implicit translation between Python and JavaScript values: one function each way.

`py_to_js` and `js_to_py` are applied at every call, attribute access and return. Scalars cross
unchanged (None is undefined), which is tested first because it is nearly always the answer. What
happens to the other types is data: `TO_JS` and `TO_PYTHON` map an exact type to its converter, and
are filled by the modules that own the types and by the first value of each type.

Guarantees: a Python object that crosses and comes back is the same object; a JavaScript object
that crosses and comes back is the same object behind a new handle.
Source: Pyodide's type translation rules.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from emulator.ffi import semantics
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsBigInt, JsNull, JsSymbol, JsValue, null

SCALARS: Final = frozenset({str, bool, int, type(None), JsNull})
"""JavaScript values of these exact types are the Python value."""

# Pyodide translates 2**53 - 1 itself to a BigInt already.
MAX_NUMBER: Final = 2**53 - 2
MAX_INTEGRAL_FLOAT: Final = 2**53 - 1

ToPython = Callable[[JsValue, JsValue], Any]
ToJs = Callable[[Any], JsValue]

TO_PYTHON: dict[type, ToPython] = {}
TO_JS: dict[type, ToJs] = {}


class _Makers:
    """The two things that only modules above this one can build."""

    handle_maker: Callable[[type[JsObject]], ToPython]
    wrap_python: ToJs


makers = _Makers()


def js_to_py(value: JsValue, this: JsValue = None) -> Any:
    """A JavaScript value for Python code. `this` is what a function is bound to."""
    kind = type(value)
    if kind in SCALARS:
        return value
    convert = TO_PYTHON.get(kind)
    if convert is None:
        convert = _learn_to_python(kind)
    return convert(value, this)


def _learn_to_python(kind: type) -> ToPython:
    if issubclass(kind, JsObject):
        convert = makers.handle_maker(kind)
    elif issubclass(kind, JsSymbol):
        convert = _same
    elif issubclass(kind, str):
        convert = _string_to_py
    elif issubclass(kind, JsBigInt):
        convert = _bigint_to_py
    elif issubclass(kind, float):
        convert = _number_to_py
    elif issubclass(kind, int):
        convert = _integer_to_py
    else:
        raise TypeError(f"{kind.__module__}.{kind.__qualname__} is not a JavaScript value")
    TO_PYTHON[kind] = convert
    return convert


def _same(value: JsValue, this: JsValue) -> Any:
    return value


def _string_to_py(value: str, this: JsValue) -> str:
    return str.__str__(value)


def _number_to_py(value: float, this: JsValue) -> float:
    return _float_to_py(float(value), this)


def _integer_to_py(value: int, this: JsValue) -> int:
    return int(value)


def _float_to_py(value: float, this: JsValue) -> float:
    if value.is_integer() and -MAX_INTEGRAL_FLOAT <= value <= MAX_INTEGRAL_FLOAT:
        return int(value)
    return value


def _bigint_to_py(value: int, this: JsValue) -> int:
    return value if semantics.current.has_bigint else int(value)


TO_PYTHON[float] = _float_to_py
TO_PYTHON[JsBigInt] = _bigint_to_py
TO_PYTHON[type(MISSING)] = lambda value, this: None


def py_to_js(value: Any) -> JsValue:
    """A Python value for JavaScript code, by the implicit rules (containers become proxies)."""
    convert = TO_JS.get(type(value))
    if convert is None:
        convert = _learn_to_js(type(value))
    return convert(value)


def _int_to_js(value: int) -> JsValue:
    return value if -MAX_NUMBER <= value <= MAX_NUMBER else JsBigInt(value)


def _float_to_js(value: float) -> JsValue:
    if value.is_integer() and -MAX_INTEGRAL_FLOAT <= value <= MAX_INTEGRAL_FLOAT:
        return int(value)
    return value


def _int_subclass_to_js(value: int) -> JsValue:
    return _int_to_js(int.__int__(value))


def _float_subclass_to_js(value: float) -> JsValue:
    return _float_to_js(float.__float__(value))


def _identity(value: Any) -> JsValue:
    return value


for _type in (str, bool, type(None), JsNull, JsBigInt, JsSymbol):
    TO_JS[_type] = _identity
TO_JS[int] = _int_to_js
TO_JS[float] = _float_to_js


def _learn_to_js(kind: type) -> ToJs:
    """Subclasses of scalars cross as the scalar; any other type as a proxy."""
    if issubclass(kind, str):
        convert: ToJs = str.__str__
    elif issubclass(kind, int):
        convert = _int_subclass_to_js
    elif issubclass(kind, float):
        convert = _float_subclass_to_js
    else:
        convert = makers.wrap_python
    # Classes of guests come and go, and the table would keep them alive.
    if kind.__module__ in ("builtins", "enum", "http"):
        TO_JS[kind] = convert
    return convert


def options_object(keywords: dict[str, Any]) -> PlainObject:
    """Keyword arguments as JavaScript sees them: one trailing object, values translated."""
    return PlainObject({name: py_to_js(value) for name, value in keywords.items()})


__all__ = [
    "SCALARS",
    "TO_JS",
    "TO_PYTHON",
    "js_to_py",
    "makers",
    "null",
    "options_object",
    "py_to_js",
]
