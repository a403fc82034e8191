"""What arrays and typed arrays share: reading members, callbacks, and their algorithms.

Everything here works on `items`, a list (holes are MISSING) or a memoryview.

Source: ECMA-262, 23.1.3 and 23.2.3. Error texts: V8.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from emulator.js.convert import is_iterable, iterate, to_boolean, to_integer, to_number, to_string
from emulator.js.define import method
from emulator.js.equality import same_value_zero, strict_equals
from emulator.js.errors import type_error
from emulator.js.object import JsIterator, JsObject
from emulator.js.text import require_function, value_text
from emulator.js.values import MISSING, JsValue, PropertyKey, null

BAD_COMPARISON = "The comparison function must be either a function or undefined"
EMPTY_REDUCE = "Reduce of empty array with no initial value"
MAX_LENGTH = 2**32 - 1


class ArrayIterator(JsIterator):
    """What `keys()`, `values()` and `entries()` of arrays give."""

    __slots__ = ()
    js_tag = "Array Iterator"


class ArrayLike(JsObject):
    """Members of Array.prototype and %TypedArray%.prototype that only read."""

    __slots__ = ()
    js_iterable = True
    items: Any

    def js_iter(self) -> Iterator[JsValue]:
        return map(present, self.items)

    @classmethod
    def js_foreign_receiver(cls, method: str, this: JsValue) -> JsValue:
        """Array's methods work on anything that has a length; typed arrays' do not."""
        if cls.js_class_name != "Array" and cls is not ArrayLike:
            raise type_error("this is not a typed array.")
        from emulator.js.array import JsArray  # noqa: PLC0415 - array is built on this module

        return JsArray(_items_by_length(this))

    # -- reading ------------------------------------------------------------------------------

    @method
    def at(self, index: JsValue = None) -> JsValue:
        position = to_integer(index)
        position += len(self.items) if position < 0 else 0
        return present(self.items[position]) if 0 <= position < len(self.items) else None

    @method
    def join(self, separator: JsValue = None) -> str:
        return join_items(self, self.js_iter(), separator)

    @method
    def toString(self) -> str:
        return self.join()

    @method
    def toLocaleString(self) -> str:
        return self.join()

    @method
    def indexOf(self, value: JsValue = None, start: JsValue = None) -> int:
        for index in range(relative_index(start, len(self.items)), len(self.items)):
            if strict_equals(self.items[index], value):
                return index
        return -1

    @method
    def lastIndexOf(self, value: JsValue = None, *start: JsValue) -> int:
        size = len(self.items)
        last = to_integer(start[0]) if start else size - 1
        last = min(last, size - 1) if last >= 0 else size + last
        for index in range(last, -1, -1):
            if strict_equals(self.items[index], value):
                return index
        return -1

    @method
    def includes(self, value: JsValue = None, start: JsValue = None) -> bool:
        first = relative_index(start, len(self.items))
        return any(same_value_zero(present(item), value) for item in self.items[first:])

    @method
    def keys(self) -> JsIterator:
        return ArrayIterator(index for index, _ in _live(self))

    @method
    def values(self) -> JsIterator:
        return ArrayIterator(item for _, item in _live(self))

    @method
    def entries(self) -> JsIterator:
        return ArrayIterator(_pair(index, item) for index, item in _live(self))

    # -- callbacks ----------------------------------------------------------------------------

    def _calls(
        self, callback: JsValue, this: JsValue, *, holes: bool = False
    ) -> Iterator[tuple[int, JsValue, JsValue]]:
        """(index, item, callback's answer) for the items present when iteration starts."""
        call = require_function(callback).js_call
        for index in range(len(self.items)):
            # A callback may shorten the array; what is gone counts as a hole.
            item = self.items[index] if index < len(self.items) else MISSING
            if item is MISSING:
                if not holes:
                    continue
                item = None
            yield index, item, call(this, (item, index, self))

    @method
    def forEach(self, callback: JsValue = None, this: JsValue = None) -> None:
        for _ in self._calls(callback, this):
            pass

    @method
    def some(self, callback: JsValue = None, this: JsValue = None) -> bool:
        return any(to_boolean(answer) for _, _, answer in self._calls(callback, this))

    @method
    def every(self, callback: JsValue = None, this: JsValue = None) -> bool:
        return all(to_boolean(answer) for _, _, answer in self._calls(callback, this))

    @method
    def find(self, callback: JsValue = None, this: JsValue = None) -> JsValue:
        for _, item, answer in self._calls(callback, this, holes=True):
            if to_boolean(answer):
                return item
        return None

    @method
    def findIndex(self, callback: JsValue = None, this: JsValue = None) -> int:
        for index, _, answer in self._calls(callback, this, holes=True):
            if to_boolean(answer):
                return index
        return -1

    @method
    def findLast(self, callback: JsValue = None, this: JsValue = None) -> JsValue:
        index = self.findLastIndex(callback, this)
        return present(self.items[index]) if index >= 0 else None

    @method
    def findLastIndex(self, callback: JsValue = None, this: JsValue = None) -> int:
        call = require_function(callback).js_call
        for index in range(len(self.items) - 1, -1, -1):
            item = present(self.items[index]) if index < len(self.items) else None
            if to_boolean(call(this, (item, index, self))):
                return index
        return -1

    @method
    def reduce(self, callback: JsValue = None, *initial: JsValue) -> JsValue:
        return reduce_items(self, self.items, callback, initial, reverse=False)

    @method
    def reduceRight(self, callback: JsValue = None, *initial: JsValue) -> JsValue:
        return reduce_items(self, self.items, callback, initial, reverse=True)


def array_index(key: PropertyKey) -> int | None:
    """The index that a property key names, or None."""
    if isinstance(key, str) and key.isascii() and key.isdigit() and (key == "0" or key[0] != "0"):
        index = int(key)
        return index if index < MAX_LENGTH else None
    return None


def relative_index(value: JsValue, size: int, default: int = 0) -> int:
    """A start argument: negative counts from the end, clamped to 0..size."""
    if value is None:
        return default
    index = to_integer(value)
    return max(index + size, 0) if index < 0 else min(index, size)


def relative_range(start: JsValue, end: JsValue, size: int) -> tuple[int, int]:
    """A [start, end) pair as `slice` takes it; never reversed."""
    first = relative_index(start, size)
    return first, max(relative_index(end, size, size), first)


def sorted_items(items: list[JsValue], compare: JsValue) -> list[JsValue]:
    """Items in the order of `sort`: undefined last, holes after them."""
    if compare is not None and not getattr(compare, "js_callable", False):
        raise type_error(f"{BAD_COMPARISON}: {value_text(compare)}")
    values = [item for item in items if item is not None and item is not MISSING]
    if compare is None:
        values.sort(key=lambda value: _utf16_key(to_string(value)))
    else:
        values.sort(key=functools.cmp_to_key(comparator(compare)))
    rest = [item for item in items if item is None]
    return values + rest + [MISSING] * (len(items) - len(values) - len(rest))


def comparator(compare: JsObject) -> Callable[[Any, Any], int]:
    """A Python comparison from a JavaScript one; NaN counts as equal."""

    def run(left: JsValue, right: JsValue) -> int:
        answer = to_number(compare.js_call(None, (left, right)))
        return 1 if answer > 0 else -1 if answer < 0 else 0

    return run


def reduce_items(
    owner: JsObject,
    items: Sequence[JsValue],
    callback: JsValue,
    initial: tuple[JsValue, ...],
    *,
    reverse: bool,
) -> JsValue:
    """`reduce` and `reduceRight`."""
    call = require_function(callback).js_call
    present = [(index, item) for index, item in enumerate(items) if item is not MISSING]
    if reverse:
        present.reverse()
    if initial:
        result = initial[0]
    elif present:
        _, result = present.pop(0)
    else:
        raise type_error(EMPTY_REDUCE)
    for index, item in present:
        result = call(None, (result, item, index, owner))
    return result


_joining: set[int] = set()


def join_items(owner: JsObject, items: Iterator[JsValue], separator: JsValue) -> str:
    """`join`: null and undefined are empty, and so is an array inside itself."""
    if id(owner) in _joining:
        return ""
    _joining.add(id(owner))
    try:
        between = "," if separator is None else to_string(separator)
        return between.join(
            "" if item is None or item is null else to_string(item) for item in items
        )
    finally:
        _joining.discard(id(owner))


def array_like_items(source: JsValue) -> list[JsValue]:
    """The items of an iterable or array-like value, as `Array.from` takes them."""
    if source is None or source is null:
        text = "undefined" if source is None else "object null"
        raise type_error(f"{text} is not iterable (cannot read property Symbol(Symbol.iterator))")
    if isinstance(source, str) or is_iterable(source):
        return list(iterate(source))
    if not isinstance(source, JsObject):
        return []
    size = source.js_get("length")
    count = 0 if size is MISSING else max(to_integer(size), 0)
    return [present(source.js_get(str(index))) for index in range(count)]


def _items_by_length(value: JsValue) -> list[JsValue]:
    """The items of anything with a length; what is absent is a hole."""
    if isinstance(value, str):
        return list(value)
    if not isinstance(value, JsObject):
        return []
    size = present(value.js_get("length"))
    return [value.js_get(str(index)) for index in range(max(to_integer(size), 0))]


def present(item: JsValue) -> JsValue:
    """An item as a read gives it: a hole is undefined."""
    return None if item is MISSING else item


def _live(array: ArrayLike) -> Iterator[tuple[int, JsValue]]:
    index = 0
    while index < len(array.items):
        yield index, present(array.items[index])
        index += 1


def _utf16_key(text: str) -> bytes | str:
    # JavaScript orders strings by UTF-16 unit; code points agree unless astral ones are present.
    return text.encode("utf-16-be", "surrogatepass")


def _pair(index: int, item: JsValue) -> JsObject:
    from emulator.js.array import JsArray  # noqa: PLC0415 - array is built on this module

    return JsArray([index, item])
