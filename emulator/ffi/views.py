"""Mapping views of plain objects: `as_py_json()` and the older `as_object_map()`.

A view is another kind of handle on the same object, so it is equal to the object's handle and
crosses to JavaScript as the object.
"""

from __future__ import annotations

import warnings
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any, Final, cast

from emulator.ffi import capabilities, semantics
from emulator.ffi.containers import MutableMapped, public
from emulator.ffi.proxy import get_js, make_handle
from emulator.ffi.translate import js_to_py, py_to_js
from emulator.js.array import JsArray
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsValue

DEPRECATED: Final = "JsProxy.as_object_map() is deprecated. Use as_py_json() instead."
_VIEW: Final = capabilities.MAP | capabilities.MUTABLE_MAP | capabilities.ITERABLE
_NO_DEFAULT: Final = object()

told = False
"""Whether this realm's guest was told of the deprecation; it is told once."""


def as_py_json(js: JsObject) -> Any:
    """The view of an object or array; anything else is its handle."""
    if js.js_callable:
        raise AttributeError("as_py_json")
    if isinstance(js, PlainObject):
        return make_handle(js, _VIEW | capabilities.JSON_VIEW)
    if isinstance(js, JsArray):
        return make_handle(js, capabilities.class_flags(JsArray) | capabilities.JSON_VIEW)
    return js_to_py(js)


def as_object_map(js: JsObject, *, hereditary: bool) -> Any:
    """The view of one object; what it holds is not wrapped."""
    global told
    if isinstance(js, JsArray):
        raise AttributeError("as_object_map")  # noqa: TRY004 - there is no such method
    if semantics.current.object_map_deprecated and not told:
        told = True
        warnings.warn(DEPRECATED, RuntimeWarning, stacklevel=3)
    del hereditary  # Pyodide takes it, and wraps nothing inside either
    return make_handle(js, _VIEW | capabilities.OBJECT_MAP)


def _wrap(handle: Any, value: JsValue) -> Any:
    if type(handle)._js_type_flags & capabilities.JSON_VIEW and isinstance(value, JsObject):
        return as_py_json(value)
    return js_to_py(value)


class ObjectViews:
    """A plain object as a mutable mapping; copied into handle types."""

    js_value: Any

    def __len__(self) -> int:
        return len(self.js_value.js_own_keys())

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Any]:
        return iter(self.js_value.js_own_keys())

    def __contains__(self, key: Any) -> bool:
        return isinstance(key, str) and self.js_value.js_get_own(key) is not MISSING

    def __getitem__(self, key: Any) -> Any:
        if key not in cast("Any", self):
            raise KeyError(key)
        return _wrap(self, get_js(self.js_value, key))

    def __setitem__(self, key: Any, value: Any) -> None:
        self.js_value.js_set(key, py_to_js(value))

    def __delitem__(self, key: Any) -> None:
        if key not in cast("Any", self):
            raise KeyError(key)
        self.js_value.js_delete(key)

    def get(self, key: Any, default: Any = None) -> Any:
        """The property's value, or the default if it is absent."""
        mapping = cast("Any", self)
        return mapping[key] if key in mapping else default  # noqa: SIM401 - this is get

    def pop(self, key: Any, default: Any = _NO_DEFAULT) -> Any:
        """Removes a property and returns its value."""
        mapping = cast("Any", self)
        if key not in mapping:
            if default is _NO_DEFAULT:
                raise KeyError(key)
            return default
        value = mapping[key]
        del mapping[key]
        return value

    def clear(self) -> None:
        """Removes all properties."""
        for key in self.js_value.js_own_keys():
            self.js_value.js_delete(key)

    def keys(self) -> Any:
        """A view of the names."""
        return KeysView(cast("Mapping[Any, Any]", self))

    def values(self) -> Any:
        """A view of the values."""
        return ValuesView(cast("Mapping[Any, Any]", self))

    def items(self) -> Any:
        """A view of the properties."""
        return ItemsView(cast("Mapping[Any, Any]", self))


class ArrayViews:
    """An array whose items are wrapped as views."""

    js_value: Any

    def __iter__(self) -> Iterator[Any]:
        return (_wrap(self, item) for item in self.js_value.js_iter())

    def __getitem__(self, key: Any) -> Any:
        items = self.js_value.items
        if isinstance(key, slice):
            return as_py_json(JsArray(list(items[key])))
        try:
            return _wrap(self, items[key])
        except IndexError:
            raise IndexError(key) from None


def members(flags: int) -> Mapping[str, Any]:
    """The functions for a handle type with these capabilities."""
    if flags & capabilities.JSON_VIEW and flags & capabilities.ARRAY:
        return public(ArrayViews)
    if flags & (capabilities.JSON_VIEW | capabilities.OBJECT_MAP):
        return {**public(MutableMapped), **public(ObjectViews)}
    return {}
