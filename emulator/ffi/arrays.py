"""Handles of JavaScript arrays behave as Python lists.

They work on the array's own item list and translate single items, so that indexing costs no
JavaScript call. Holes read as undefined. An assignment beyond the end grows the array, as
JavaScript does (Pyodide too).
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.ffi import capabilities
from emulator.ffi.containers import public
from emulator.ffi.proxy import exception_for
from emulator.ffi.translate import js_to_py, py_to_js
from emulator.js.array import JsArray
from emulator.js.array_like import present
from emulator.js.equality import same_value_zero
from emulator.js.errors import JsThrow
from emulator.js.values import MISSING, JsValue

NOT_ITERABLE = "must assign iterable to extended slice"
BAD_INDEX = "list indices must be integers or slices, not {}"


def _index(key: Any) -> int:
    if isinstance(key, int):
        return int(key)
    try:
        return operator.index(key)
    except TypeError:
        raise TypeError(BAD_INDEX.format(type(key).__name__)) from None


class Arrays:
    """Python's list protocol; copied into handle types."""

    js_value: Any

    def __len__(self) -> int:
        return len(self.js_value.items)

    def __bool__(self) -> bool:
        return bool(self.js_value.items)

    def __iter__(self) -> Iterator[Any]:
        return map(js_to_py, self.js_value.js_iter())

    def __reversed__(self) -> Iterator[Any]:
        return map(js_to_py, reversed(self.js_value.items))

    def __contains__(self, value: Any) -> bool:
        wanted = py_to_js(value)
        return any(same_value_zero(present(item), wanted) for item in self.js_value.items)

    def __getitem__(self, key: Any) -> Any:
        items = self.js_value.items
        if isinstance(key, slice):
            return js_to_py(JsArray(list(items[key])))
        index = _index(key)
        if index < 0:
            index += len(items)
        if not 0 <= index < len(items) or items[index] is MISSING:
            raise IndexError(key)
        return js_to_py(items[index])

    def __setitem__(self, key: Any, value: Any) -> None:
        array = self.js_value
        if isinstance(key, slice):
            _assign_slice(array, key, value)
            return
        index = _index(key)
        if index < 0:
            index += len(array.items)
        # An index that is still negative is a property like any other, as in Pyodide.
        _mutate(array, lambda items: array.js_set(str(index), py_to_js(value)))

    def __delitem__(self, key: Any) -> None:
        array = self.js_value
        if not isinstance(key, slice):
            index = _index(key)
            if not -len(array.items) <= index < len(array.items):
                raise IndexError(key)
            key = index
        _mutate(array, lambda items: operator.delitem(items, key))

    def __add__(self, other: Any) -> Any:
        items = [*self.js_value.items, *(py_to_js(value) for value in other)]
        return js_to_py(JsArray(items))

    def __iadd__(self, other: Any) -> Any:
        _extend(self.js_value, other)
        return self

    def __mul__(self, count: Any) -> Any:
        return js_to_py(JsArray(list(self.js_value.items) * count))

    def __rmul__(self, count: Any) -> Any:
        return js_to_py(JsArray(list(self.js_value.items) * count))

    def __imul__(self, count: Any) -> Any:
        repeated = list(self.js_value.items) * count
        _mutate(self.js_value, lambda items: operator.setitem(items, slice(None), repeated))
        return self

    def append(self, value: Any) -> None:
        """Adds one item at the end."""
        _mutate(self.js_value, lambda items: items.append(py_to_js(value)))

    def extend(self, values: Any) -> None:
        """Adds items at the end."""
        _extend(self.js_value, values)

    def insert(self, index: Any, value: Any) -> None:
        """Puts an item before an index."""
        _mutate(self.js_value, lambda items: items.insert(operator.index(index), py_to_js(value)))

    def pop(self, index: Any = -1) -> Any:
        """Removes the item at an index and returns it."""
        if not self.js_value.items:
            raise IndexError("pop from empty list")
        position = operator.index(index)
        if not -len(self.js_value.items) <= position < len(self.js_value.items):
            raise IndexError("pop index out of range")
        return js_to_py(_mutate(self.js_value, lambda items: items.pop(position)))

    def index(self, value: Any, start: Any = 0, stop: Any = None) -> int:
        """The first index of a value."""
        wanted = py_to_js(value)
        items = self.js_value.items
        for position in range(*slice(start, stop).indices(len(items))):
            if same_value_zero(present(items[position]), wanted):
                return position
        raise ValueError(f"{value!r} is not in list")

    def count(self, value: Any) -> int:
        """How often a value occurs."""
        wanted = py_to_js(value)
        return sum(same_value_zero(present(item), wanted) for item in self.js_value.items)

    def remove(self, value: Any) -> None:
        """Removes the first occurrence of a value."""
        position = Arrays.index(self, value)
        _mutate(self.js_value, lambda items: operator.delitem(items, position))

    def reverse(self) -> None:
        """Reverses in place; returns nothing, unlike JavaScript's."""
        _mutate(self.js_value, lambda items: items.reverse())


def _assign_slice(array: Any, key: slice, values: Any) -> None:
    try:
        translated = [py_to_js(value) for value in values]
    except TypeError:
        if hasattr(type(values), "__iter__"):
            raise
        raise TypeError(NOT_ITERABLE) from None
    _mutate(array, lambda items: operator.setitem(items, key, translated))


def _extend(array: Any, values: Any) -> None:
    translated = [py_to_js(value) for value in values]
    _mutate(array, lambda items: items.extend(translated))


def _mutate(array: Any, change: Any) -> JsValue:
    """Changes the item list; a frozen array throws."""
    try:
        value = change(array.items)
    except JsThrow as thrown:
        failure = thrown.value
    else:
        return None if value is MISSING else value
    raise exception_for(failure)


def members(flags: int) -> Mapping[str, Any]:
    """The functions for a handle type with these capabilities."""
    return public(Arrays) if flags & capabilities.ARRAY else {}
