"""`JsProxy.to_py`: deep conversion of JavaScript data to Python data.

Plain objects become dicts, arrays lists, Maps dicts, Sets sets, buffers memoryviews. Instances of
other classes stay handles, unless `default_converter` has something for them.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any, Final

from emulator.ffi.binary import memoryview_of
from emulator.ffi.proxy import exception_for
from emulator.ffi.translate import SCALARS, js_to_py
from emulator.js import buffers
from emulator.js.array import JsArray
from emulator.js.collections import JsMap, JsSet
from emulator.js.errors import JsThrow, error
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsValue

SAME_KEYS: Final = (
    "Cannot faithfully convert {} into Python since it contains both {} and {} as keys."
)
BAD_KEY: Final = "Cannot use key of type {} as a key to a Python {}"


class _Conversion:
    """One run of `to_py`."""

    __slots__ = ("cache", "default_converter")

    def __init__(self, default_converter: Any) -> None:
        self.default_converter = default_converter
        self.cache: dict[JsObject, Any] = {}

    def convert(self, value: JsValue, depth: int) -> Any:
        kind = type(value)
        if kind in SCALARS:
            return value
        if depth == 0 or not isinstance(value, JsObject):
            return js_to_py(value)
        if value in self.cache:
            return self.cache[value]
        depth -= 1
        if isinstance(value, JsArray):
            return self._list(value, depth)
        if isinstance(value, PlainObject):
            return self._dict(value, depth)
        if isinstance(value, JsMap):
            return self._map(value, depth)
        if isinstance(value, JsSet):
            return self._set(value, depth)
        if buffers.is_buffer_source(value):
            return memoryview_of(value)
        return self._other(value, depth)

    def _list(self, value: JsArray, depth: int) -> list[Any]:
        result: list[Any] = []
        self.cache[value] = result
        for item in value.items:
            result.append(None if item is MISSING else self.convert(item, depth))  # noqa: PERF401 - may contain itself
        return result

    def _dict(self, value: PlainObject, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        self.cache[value] = result
        for key in value.js_own_keys():
            assert isinstance(key, str)
            result[key] = self.convert(value.js_get(key), depth)
        return result

    def _map(self, value: JsMap, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        self.cache[value] = result
        _check_keys((key for key, _ in value.entries_list()), "Map")
        for key, item in value.entries_list():
            result[_hashable(key, "dict")] = self.convert(item, depth)
        return result

    def _set(self, value: JsSet, depth: int) -> set[Any]:
        result: set[Any] = set()
        self.cache[value] = result
        _check_keys(value.items_list(), "Set")
        result.update(_hashable(item, "set") for item in value.items_list())
        return result

    def _other(self, value: JsObject, depth: int) -> Any:
        handle = js_to_py(value)
        if self.default_converter is None:
            return handle

        def convert(inner: Any) -> Any:
            js = getattr(inner, "js_value", None)
            return inner if js is None else self.convert(js, depth)

        def cache(inner: Any, result: Any) -> None:
            self.cache[inner.js_value] = result

        return self.default_converter(handle, convert, cache)


def _check_keys(keys: Iterable[JsValue], container: str) -> None:
    """Python holds 1 and True for one key, JavaScript for two."""
    kinds = {(type(key) is bool, key) for key in keys if type(key) in (bool, int) and key in (0, 1)}
    for number, boolean in ((1, "true"), (0, "false")):
        if {(True, bool(number)), (False, number)} <= kinds:
            raise error(SAME_KEYS.format(container, number, boolean))


def _hashable(key: JsValue, container: str) -> Any:
    python_key = js_to_py(key)
    try:
        hash(python_key)
    except TypeError:
        name = getattr(key, "js_class_name", "Object")
        raise error(BAD_KEY.format(name, container)) from None
    return python_key


def to_py(handle: Any, depth: int, default_converter: Any) -> Any:
    """Converts a handle's object."""
    levels = operator.index(depth)
    if levels == 0:
        return handle
    try:
        return _Conversion(default_converter).convert(handle.js_value, levels)
    except JsThrow as thrown:
        failure = thrown.value
    raise exception_for(failure)
