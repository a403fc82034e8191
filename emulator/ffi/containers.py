"""Python's container protocols on handles: maps, sets, and everything with get/has/size.

The classes here are templates whose functions are copied into handle types. They call the
object's JavaScript methods, so that one `Headers.get` serves both languages. Arrays are in
`arrays`, buffers in `binary`.

Source: which protocol follows from which JavaScript method is Pyodide's.
"""

from __future__ import annotations

import math
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from types import FunctionType
from typing import Any, Final, cast

from emulator.ffi import capabilities
from emulator.ffi.proxy import call_js, get_js
from emulator.ffi.translate import js_to_py, py_to_js
from emulator.js.values import MISSING, JsValue

NO_LENGTH: Final = "object does not have a valid length"
NEGATIVE_LENGTH: Final = "length {} of object is negative"
_NO_DEFAULT: Final = object()


def invoke(js: Any, name: str, *args: JsValue) -> JsValue:
    """Calls a method of a JavaScript object with JavaScript values."""
    return call_js(get_js(js, name), js, *args)


class Sized:
    """`length` or `size`."""

    js_value: Any

    def __len__(self) -> int:
        js = self.js_value
        size = get_js(js, "size")
        if type(size) is not int:
            size = get_js(js, "length")
        if type(size) is float and math.isfinite(size):
            size = int(size)
        if type(size) is not int:
            raise TypeError(NO_LENGTH)
        if size < 0:
            raise ValueError(NEGATIVE_LENGTH.format(size))
        return size

    def __bool__(self) -> bool:
        return bool(get_js(self.js_value, "size") != 0)


class Gettable:
    """`get(key)`: subscripts."""

    js_value: Any

    def __getitem__(self, key: Any) -> Any:
        return js_to_py(invoke(self.js_value, "get", py_to_js(key)))


class Settable:
    """`set(key, value)` and `delete(key)`: assignment and deletion by subscript."""

    js_value: Any

    def __setitem__(self, key: Any, value: Any) -> None:
        invoke(self.js_value, "set", py_to_js(key), py_to_js(value))

    def __delitem__(self, key: Any) -> None:
        # As in Pyodide, a `delete` that returns nothing (Headers) counts as a miss.
        if not invoke(self.js_value, "delete", py_to_js(key)):
            raise KeyError(key)


class Having:
    """`has(key)`: membership."""

    js_value: Any

    def __contains__(self, key: Any) -> bool:
        return bool(invoke(self.js_value, "has", py_to_js(key)))


class Including:
    """`includes(value)`: membership."""

    js_value: Any

    def __contains__(self, value: Any) -> bool:
        return bool(invoke(self.js_value, "includes", py_to_js(value)))


class Mapped:
    """A map: Python's read-only mapping methods."""

    js_value: Any

    def __getitem__(self, key: Any) -> Any:
        js = self.js_value
        js_key = py_to_js(key)
        value = invoke(js, "get", js_key)
        if value is None and not _has(js, js_key):
            # Pyodide's KeyError(None) has no arguments.
            raise KeyError if key is None else KeyError(key)
        return js_to_py(value)

    def __iter__(self) -> Iterator[Any]:
        return cast("Iterator[Any]", iter(js_to_py(invoke(self.js_value, "keys"))))

    def get(self, key: Any, default: Any = None) -> Any:
        """The value, as JavaScript's `get` gives it; the default only where that is undefined."""
        js = self.js_value
        js_key = py_to_js(key)
        value = invoke(js, "get", js_key)
        if value is None and not _has(js, js_key):
            return default
        return js_to_py(value)

    def keys(self) -> Any:
        """A view of the keys."""
        return KeysView(cast("Mapping[Any, Any]", self))

    def values(self) -> Any:
        """A view of the values."""
        return ValuesView(cast("Mapping[Any, Any]", self))

    def items(self) -> Any:
        """A view of the entries."""
        return ItemsView(cast("Mapping[Any, Any]", self))


def _has(js: Any, key: JsValue) -> bool:
    has = get_js(js, "has")
    return has is not MISSING and bool(call_js(has, js, key))


class MutableMapped:
    """A map that can be written to: the rest of Python's mapping methods."""

    js_value: Any

    def pop(self, key: Any, default: Any = _NO_DEFAULT) -> Any:
        """Removes a key and returns its value."""
        mapping = cast("Any", self)
        try:
            value = mapping[key]
        except KeyError:
            if default is _NO_DEFAULT:
                raise
            return default
        invoke(self.js_value, "delete", py_to_js(key))
        return value

    def popitem(self) -> tuple[Any, Any]:
        """Removes the first entry and returns it."""
        mapping = cast("Any", self)
        for key in mapping:
            return key, mapping.pop(key)
        raise KeyError

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """The value of a key, which is set first if it is absent."""
        mapping = cast("Any", self)
        try:
            return mapping[key]
        except KeyError:
            mapping[key] = default
            return default

    def update(self, other: Any = (), /, **keywords: Any) -> None:
        """Sets the entries of a mapping, of pairs, and of keyword arguments."""
        mapping = cast("Any", self)
        for key, value in dict(other, **keywords).items():
            mapping[key] = value

    def clear(self) -> None:
        """Removes all entries."""
        js = self.js_value
        clear = get_js(js, "clear")
        if clear is not MISSING:
            call_js(clear, js)
            return
        mapping = cast("Any", self)
        for key in list(mapping):
            invoke(js, "delete", py_to_js(key))


def public(template: type) -> dict[str, Any]:
    """The functions of a template class, which say that they are JsProxy's."""
    skipped = ("__module__", "__qualname__", "__dict__", "__weakref__", "__doc__")
    members = {
        name: value
        for name, value in vars(template).items()
        if name not in skipped and (callable(value) or isinstance(value, property))
    }
    for name, value in members.items():
        if isinstance(value, FunctionType):
            value.__qualname__ = f"JsProxy.{name}"
    return members


def members(flags: int) -> Mapping[str, Any]:
    """The functions for a handle type with these capabilities."""
    namespace: dict[str, Any] = {}
    if flags & capabilities.LENGTH:
        namespace |= public(Sized)
    if flags & capabilities.GET:
        namespace |= public(Gettable)
    if flags & capabilities.SET:
        namespace |= public(Settable)
    if flags & capabilities.INCLUDES:
        namespace |= public(Including)
    if flags & capabilities.HAS:
        namespace |= public(Having)
    if flags & capabilities.MAP:
        namespace |= public(Mapped)
    if flags & capabilities.MUTABLE_MAP:
        namespace |= public(MutableMapped)
    return namespace
