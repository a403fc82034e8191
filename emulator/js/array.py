"""`Array`: a Python list behind JavaScript's array members.

`items` is the content, shared and mutable. A hole (`new Array(3)`, `delete a[0]`, growing
`length`) is the sentinel MISSING in it; reads give undefined, and the callback methods skip it.
A Python list never becomes an array by itself: `Array.isArray` looks for this class.

Source: ECMA-262, 23.1. Error texts: V8.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from typing import Self

from emulator.js.array_like import (
    MAX_LENGTH,
    ArrayLike,
    array_index,
    array_like_items,
    present,
    relative_index,
    relative_range,
    sorted_items,
)
from emulator.js.convert import to_boolean, to_integer, to_number, to_string
from emulator.js.define import async_static, method, static
from emulator.js.errors import range_error
from emulator.js.object import JsObject
from emulator.js.promise import as_promise
from emulator.js.text import require_function
from emulator.js.values import MISSING, JsValue, PropertyKey

INVALID_LENGTH = "Invalid array length"
# Holes are stored one by one, so an absurd length must not take all memory.
MAX_HOLES = 2**24


class JsArray(ArrayLike, name="Array"):
    """A JavaScript array; `items` is its content, shared and mutable."""

    __slots__ = ("items",)

    def __init__(self, items: list[JsValue] | None = None) -> None:
        self._own = None
        self.items: list[JsValue] = items if items is not None else []

    # -- object protocol ----------------------------------------------------------------------

    def js_get(self, key: PropertyKey) -> JsValue:
        if key == "length":
            return len(self.items)
        index = array_index(key)
        if index is not None:
            return self.items[index] if index < len(self.items) else MISSING
        return super().js_get(key)

    def js_get_own(self, key: PropertyKey) -> JsValue:
        if key == "length" or array_index(key) is not None:
            return self.js_get(key)
        return super().js_get_own(key)

    def js_set(self, key: PropertyKey, value: JsValue) -> None:
        if key == "length":
            self._set_length(value)
            return
        index = array_index(key)
        if index is None:
            super().js_set(key, value)
        elif index < len(self.items):
            self.items[index] = value
        else:
            _check_holes(index - len(self.items))
            self.items.extend([MISSING] * (index - len(self.items)))
            self.items.append(value)

    def _set_length(self, value: JsValue) -> None:
        length = to_number(value)
        if math.isnan(length) or length < 0 or length > MAX_LENGTH or int(length) != length:
            raise range_error(INVALID_LENGTH)
        wanted = int(length)
        if wanted <= len(self.items):
            if wanted < len(self.items):
                del self.items[wanted:]
            return
        _check_holes(wanted - len(self.items))
        self.items.extend([MISSING] * (wanted - len(self.items)))

    def js_delete(self, key: PropertyKey) -> bool:
        index = array_index(key)
        if index is None:
            return super().js_delete(key)
        if index < len(self.items):
            self.items[index] = MISSING
        return True

    def js_own_keys(self) -> list[PropertyKey]:
        keys: list[PropertyKey] = [
            str(index) for index, item in enumerate(self.items) if item is not MISSING
        ]
        return keys + super().js_own_keys() if self._own else keys

    def js_to_string(self) -> str:
        return self.join()

    @property
    def has_holes(self) -> bool:
        """Whether some index below the length is absent."""
        return any(item is MISSING for item in self.items)

    # -- construction -------------------------------------------------------------------------

    @classmethod
    def js_new(cls, *items: JsValue) -> JsValue:
        if len(items) == 1 and isinstance(items[0], int | float) and not _is_special(items[0]):
            array = cls()
            array._set_length(items[0])
            return array
        return cls(list(items))

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        return cls.js_new(*args)

    @static
    def isArray(cls, value: JsValue = None) -> bool:
        return isinstance(value, JsArray)

    @static
    def of(cls, *items: JsValue) -> JsValue:
        return cls(list(items))

    @static
    def from_(
        cls, source: JsValue = None, map_function: JsValue = None, this: JsValue = None
    ) -> JsValue:
        if map_function is not None:
            require_function(map_function)
        items = array_like_items(source)
        if map_function is not None:
            items = [map_function.js_call(this, (v, i)) for i, v in enumerate(items)]
        return cls(items)

    @async_static
    async def fromAsync(
        cls, source: JsValue = None, map_function: JsValue = None, this: JsValue = None
    ) -> JsValue:
        items: list[JsValue] = []
        async for item in _async_items(source):
            if map_function is None:
                items.append(item)
            else:
                mapped = require_function(map_function).js_call(this, (item, len(items)))
                items.append(await as_promise(mapped))
        return cls(items)

    # -- mutation -----------------------------------------------------------------------------

    @method
    def push(self, *values: JsValue) -> int:
        self.items.extend(values)
        return len(self.items)

    @method
    def pop(self) -> JsValue:
        return present(self.items.pop()) if self.items else None

    @method
    def shift(self) -> JsValue:
        return present(self.items.pop(0)) if self.items else None

    @method
    def unshift(self, *values: JsValue) -> int:
        self.items[0:0] = values
        return len(self.items)

    @method
    def splice(self, *args: JsValue) -> JsArray:
        size = len(self.items)
        start = relative_index(args[0], size) if args else 0
        if len(args) <= 1:
            count = size - start if args else 0
        else:
            count = min(max(to_integer(args[1]), 0), size - start)
        removed = self.items[start : start + count]
        self.items[start : start + count] = args[2:]
        return JsArray(list(removed))

    @method
    def fill(self, value: JsValue = None, start: JsValue = None, end: JsValue = None) -> Self:
        first, last = relative_range(start, end, len(self.items))
        for index in range(first, last):
            self.items[index] = value
        return self

    @method
    def copyWithin(
        self, target: JsValue = None, start: JsValue = None, end: JsValue = None
    ) -> Self:
        size = len(self.items)
        to = relative_index(target, size)
        first, last = relative_range(start, end, size)
        moved = self.items[first : min(last, first + size - to)]
        self.items[to : to + len(moved)] = moved
        return self

    @method
    def reverse(self) -> Self:
        self.items.reverse()
        return self

    @method
    def sort(self, compare: JsValue = None) -> Self:
        self.items[:] = sorted_items(self.items, compare)
        return self

    # -- copies -------------------------------------------------------------------------------

    @method
    def slice(self, start: JsValue = None, end: JsValue = None) -> JsArray:
        first, last = relative_range(start, end, len(self.items))
        return JsArray(list(self.items[first:last]))

    @method
    def concat(self, *values: JsValue) -> JsArray:
        items = list(self.items)
        for value in values:
            if isinstance(value, JsArray):
                items.extend(value.items)
            else:
                items.append(value)
        return JsArray(items)

    @method
    def toSorted(self, compare: JsValue = None) -> JsArray:
        return JsArray(sorted_items(list(self.js_iter()), compare))

    @method
    def toReversed(self) -> JsArray:
        return JsArray(list(self.js_iter())[::-1])

    @method
    def toSpliced(self, *args: JsValue) -> JsArray:
        copy = JsArray(list(self.js_iter()))
        copy.splice(*args)
        return copy

    @method
    def with_(self, index: JsValue = None, value: JsValue = None) -> JsArray:
        items = list(self.js_iter())
        position = to_integer(index)
        position += len(items) if position < 0 else 0
        if not 0 <= position < len(items):
            raise range_error(f"Invalid index : {to_string(index)}")
        items[position] = value
        return JsArray(items)

    @method
    def flat(self, depth: JsValue = None) -> JsArray:
        return JsArray(_flatten(self.items, 1 if depth is None else to_integer(depth)))

    @method
    def flatMap(self, callback: JsValue = None, this: JsValue = None) -> JsArray:
        return JsArray(_flatten(self.map(callback, this).items, 1))

    # -- callbacks ----------------------------------------------------------------------------

    @method
    def map(self, callback: JsValue = None, this: JsValue = None) -> JsArray:
        result: list[JsValue] = [MISSING] * len(self.items)
        for index, _, answer in self._calls(callback, this):
            result[index] = answer
        return JsArray(result)

    @method
    def filter(self, callback: JsValue = None, this: JsValue = None) -> JsArray:
        return JsArray([i for _, i, answer in self._calls(callback, this) if to_boolean(answer)])


async def _async_items(source: JsValue) -> AsyncIterator[JsValue]:
    if not isinstance(source, JsObject) or not source.js_async_iterable:
        for item in array_like_items(source):
            yield await as_promise(item)
        return
    iterator: JsValue = source.js_async_iter()  # type: ignore[attr-defined]
    while True:
        result = await as_promise(iterator.js_get("next").js_call(iterator, ()))
        if to_boolean(present(result.js_get("done"))):
            return
        yield present(result.js_get("value"))


def _flatten(items: list[JsValue], depth: int) -> list[JsValue]:
    result: list[JsValue] = []
    for item in items:
        if isinstance(item, JsArray) and depth > 0:
            result.extend(_flatten(item.items, depth - 1))
        elif item is not MISSING:
            result.append(item)
    return result


def _check_holes(count: int) -> None:
    # Differs: V8 stores such arrays sparsely.
    if count > MAX_HOLES:
        raise range_error(INVALID_LENGTH)


def _is_special(value: JsValue) -> bool:
    return type(value) not in (int, float)
