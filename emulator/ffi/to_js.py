"""`pyodide.ffi.to_js`: deep conversion of Python data to JavaScript data.

Containers are copied with JavaScript's own types, buffers become typed arrays, scalars cross as
always; what has no counterpart goes to `default_converter`, else becomes a PyProxy. Containers that
contain themselves stay so.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

from emulator.ffi import semantics
from emulator.ffi.binary import typed_array_of
from emulator.ffi.proxy import JsProxy, exception_for
from emulator.ffi.pyproxy import PyProxy, is_buffer
from emulator.ffi.translate import SCALARS, js_to_py, py_to_js
from emulator.js.array import JsArray
from emulator.js.collections import JsSet, LiteralMap
from emulator.js.convert import to_string
from emulator.js.errors import JsThrow, type_error
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import JsNull, JsSymbol, JsValue

BAD_KEY: Final = "Cannot use {} as a key for a Javascript {}"
CONVERSION_FAILED: Final = "Conversion from python to javascript failed"
NO_ARRAY: Final = "Expected a JsArray for the pyproxies argument"
NO_PROXY: Final = "Expected a JsProxy for the argument"
NO_CONVERTER: Final = "jscontext.{} is not a function"
NO_CONVERSION: Final = "No conversion known for x."

_DIRECT: Final = (str, int, float, type(None), JsNull, JsSymbol)
_KEYS: Final = (str, int, float, type(None), JsNull)


class ConversionError(Exception):
    """A value has no counterpart on the other side."""


class InternalError(Exception):
    """A bug in the FFI itself."""


ConversionError.__module__ = InternalError.__module__ = "pyodide.ffi"


class Conversion:
    """One run of `to_js`: its options, and what has been converted already."""

    __slots__ = (
        "cache", "create_pyproxies", "default_converter", "dict_as_object", "dict_converter",
        "eager_converter", "from_entries", "pyproxies",
    )  # fmt: skip

    def __init__(
        self,
        *,
        pyproxies: JsArray | None = None,
        create_pyproxies: bool = True,
        dict_converter: Any = None,
        default_converter: Any = None,
        eager_converter: Any = None,
        dict_as_object: bool | None = None,
    ) -> None:
        self.pyproxies = pyproxies
        self.create_pyproxies = create_pyproxies
        self.dict_converter = dict_converter
        self.default_converter = default_converter
        self.eager_converter = eager_converter
        current = semantics.current.dict_becomes_object
        self.dict_as_object = current if dict_as_object is None else dict_as_object
        # The converter that nearly everybody passes makes what a plain object is anyway.
        self.from_entries = dict_converter is not None and _is_from_entries(dict_converter)
        # By id; the value is kept too, so that the id stays its own.
        self.cache: dict[int, tuple[Any, JsValue]] = {}

    def convert(self, value: Any, depth: int) -> JsValue:
        """The JavaScript value; a negative depth is no limit."""
        kind = type(value)
        if kind in SCALARS or kind is float:
            return py_to_js(value)
        if isinstance(value, JsProxy):
            return value.js_value
        if self.eager_converter is not None and not isinstance(value, str | int | float):
            return self._by_guest(self.eager_converter, value, depth)
        return self._convert(value, depth)

    def _convert(self, value: Any, depth: int) -> JsValue:
        if isinstance(value, _DIRECT):
            return py_to_js(value)
        known = self.cache.get(id(value))
        if known is not None:
            return known[1]
        if depth != 0:
            if isinstance(value, list | tuple):
                return self._array(value, depth - 1)
            if isinstance(value, dict):
                return self._dict(value, depth - 1)
            if isinstance(value, set):
                return self._set(value, depth - 1)
            if is_buffer(value):
                return typed_array_of(value)
        return self._other(value, depth)

    def _array(self, value: Any, depth: int) -> JsValue:
        items: list[JsValue] = []
        array = JsArray(items)
        self.cache[id(value)] = (value, array)
        for item in value:
            items.append(self.convert(item, depth))  # noqa: PERF401 - the array may contain itself
        return array

    def _set(self, value: Any, depth: int) -> JsValue:
        result = JsSet()
        self.cache[id(value)] = (value, result)
        for item in value:
            _check_key(item, "Set")
            result.add_item(self.convert(item, depth))
        return result

    def _dict(self, value: dict[Any, Any], depth: int) -> JsValue:
        if self.from_entries or (self.dict_converter is None and self.dict_as_object):
            properties: dict[Any, JsValue] = {}
            plain = PlainObject(properties)
            assert plain._own is not None
            own = plain._own
            self.cache[id(value)] = (value, plain)
            for key, item in value.items():
                own[key if type(key) is str else _property_key(key)] = self.convert(item, depth)
            return plain
        if self.dict_converter is None:
            literal = LiteralMap()
            self.cache[id(value)] = (value, literal)
            for key, item in value.items():
                _check_key(key, "Map")
                literal.set_item(py_to_js(key), self.convert(item, depth))
            return literal
        return self._dict_by_guest(value, depth)

    def _dict_by_guest(self, value: dict[Any, Any], depth: int) -> JsValue:
        pairs: list[JsValue] = []
        for key, item in value.items():
            _check_key(key, "Map")
            pairs.append(JsArray([py_to_js(key), self.convert(item, depth)]))
        converter = _callable(self.dict_converter, "dict_converter")
        if isinstance(converter, JsProxy):
            result: JsValue = converter.js_value.js_call(None, (JsArray(pairs),))
        else:
            result = py_to_js(converter(js_to_py(JsArray(pairs))))
        self.cache[id(value)] = (value, result)
        return result

    def _other(self, value: Any, depth: int) -> JsValue:
        if self.default_converter is not None:
            converter = _callable(self.default_converter, "default_converter")
            return self._by_guest(converter, value, depth)
        return self._proxy(value)

    def _proxy(self, value: Any) -> JsValue:
        if not self.create_pyproxies:
            raise ConversionError(NO_CONVERSION)
        proxy = py_to_js(value)
        if self.pyproxies is not None:
            self.pyproxies.items.append(proxy)
        return proxy

    def _by_guest(self, converter: Callable[..., Any], value: Any, depth: int) -> JsValue:
        def convert(inner: Any) -> Any:
            return js_to_py(
                self._convert(inner, depth) if inner is value else self.convert(inner, depth)
            )

        def cache(inner: Any, result: Any) -> None:
            self.cache[id(inner)] = (inner, py_to_js(result))

        if isinstance(converter, JsProxy):
            return converter.js_value.js_call(None, (py_to_js(value),))
        result = py_to_js(converter(value, convert, cache))
        if type(result) is PyProxy and not self.create_pyproxies:
            raise ConversionError(NO_CONVERSION)
        return result


def _callable(converter: Any, name: str) -> Any:
    if not callable(converter):
        raise type_error(NO_CONVERTER.format(name))
    return converter


def _is_from_entries(converter: Any) -> bool:
    if not isinstance(converter, JsProxy):
        return False
    return converter.js_value is JsObject.js_constructor.js_get("fromEntries")


def _check_key(key: Any, container: str) -> None:
    if not isinstance(key, _KEYS) and not isinstance(key, JsProxy):
        raise ConversionError(BAD_KEY.format(repr(key), container))


def _property_key(key: Any) -> str:
    _check_key(key, "Map")
    return to_string(py_to_js(key))


def convert(value: Any, *, depth: int = -1, dict_as_object: bool | None = None) -> JsValue:
    """`to_js` without options, for JavaScript values."""
    return Conversion(dict_as_object=dict_as_object).convert(value, depth)


def to_js(
    obj: Any,
    /,
    *,
    depth: int = -1,
    pyproxies: Any = None,
    create_pyproxies: bool = True,
    dict_converter: Any = None,
    default_converter: Any = None,
    eager_converter: Any = None,
) -> Any:
    """Converts an object to JavaScript; scalars and JavaScript objects come back unchanged."""
    if isinstance(obj, (*_DIRECT, JsProxy)):
        return obj
    array = None if pyproxies is None else getattr(pyproxies, "js_value", None)
    if pyproxies is not None and not isinstance(array, JsArray):
        raise TypeError(NO_ARRAY)
    conversion = Conversion(
        pyproxies=array,
        create_pyproxies=create_pyproxies,
        dict_converter=dict_converter,
        default_converter=default_converter,
        eager_converter=eager_converter,
    )
    levels = operator.index(depth)
    try:
        return _to_handle(conversion.convert(obj, levels))
    except ConversionError:
        raise
    except JsThrow as thrown:
        failure = exception_for(thrown.value)
    except Exception as exception:  # noqa: BLE001 - whatever a converter raises
        failure = exception
    raise ConversionError(CONVERSION_FAILED) from failure


def _to_handle(value: JsValue) -> Any:
    """The result for Python; a PyProxy stays visible as a JavaScript object, as in Pyodide."""
    if isinstance(value, PyProxy):
        from emulator.ffi.create_proxy import handle_of  # noqa: PLC0415 - it is built on this module

        return handle_of(value)
    return js_to_py(value)


def destroy_proxies(pyproxies: Any, /) -> None:
    """Destroys every PyProxy in a JavaScript array."""
    if not isinstance(pyproxies, JsProxy):
        raise TypeError(NO_PROXY)
    for value in pyproxies.js_value.items:
        if isinstance(value, PyProxy):
            value.destroy()


to_js.__module__ = destroy_proxies.__module__ = "_pyodide_core"
