"""`Map`, `Set`, and Pyodide's `LiteralMap`.

Keys are compared by SameValueZero (`emulator.js.equality`). Entries form a linked list beside the
index, which gives JavaScript's iteration rules under mutation: entries added while iterating are
visited, removed ones are not, and a removed and re-added one is visited again.

Source: ECMA-262, 24.1 and 24.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from emulator.js.array import JsArray
from emulator.js.convert import is_iterable, iterate, to_property_key
from emulator.js.define import getter, method, static
from emulator.js.equality import key_of
from emulator.js.errors import type_error
from emulator.js.object import JsIterator, JsObject
from emulator.js.plain import PlainObject
from emulator.js.text import object_text, require_function, value_text
from emulator.js.values import MISSING, JsValue, PropertyKey, null, typeof


class MapIterator(JsIterator):
    """What the iterating methods of Map give."""

    __slots__ = ()
    js_tag = "Map Iterator"


class SetIterator(JsIterator):
    """What the iterating methods of Set give."""

    __slots__ = ()
    js_tag = "Set Iterator"


class _Entry:
    """One entry; a removed one still knows its predecessor, where iterators resume."""

    __slots__ = ("alive", "key", "next", "previous", "value")

    def __init__(self, key: JsValue, value: JsValue, previous: _Entry | None) -> None:
        self.key = key
        self.value = value
        self.previous = previous
        self.next: _Entry | None = None
        self.alive = True


class _Entries:
    """The ordered table behind Map and Set."""

    __slots__ = ("head", "index", "last")

    def __init__(self) -> None:
        self.head = _Entry(None, None, None)
        self.last = self.head
        self.index: dict[Any, _Entry] = {}

    def put(self, key: JsValue, value: JsValue) -> None:
        lookup = key_of(key)
        entry = self.index.get(lookup)
        if entry is not None:
            entry.value = value
            return
        if type(key) is float and key == 0:
            key = 0  # a Map never holds -0 as a key
        entry = _Entry(key, value, self.last)
        self.last.next = entry
        self.last = entry
        self.index[lookup] = entry

    def remove(self, key: JsValue) -> bool:
        entry = self.index.pop(key_of(key), None)
        if entry is None:
            return False
        entry.alive = False
        assert entry.previous is not None
        entry.previous.next = entry.next
        if entry.next is None:
            self.last = entry.previous
        else:
            entry.next.previous = entry.previous
        return True

    def clear(self) -> None:
        for entry in self.index.values():
            entry.alive = False
            entry.previous = self.head
        self.index.clear()
        self.head.next = None
        self.last = self.head

    def __iter__(self) -> Iterator[_Entry]:
        entry = self.head
        while True:
            while not entry.alive:
                assert entry.previous is not None
                entry = entry.previous
            following = entry.next
            if following is None:
                return
            entry = following
            yield entry


class JsMap(JsObject, name="Map"):
    """`Map`."""

    __slots__ = ("_entries",)
    js_iterable = True

    def __init__(self) -> None:
        super().__init__()
        self._entries = _Entries()

    # -- the emulator's own access ------------------------------------------------------------

    def set_item(self, key: JsValue, value: JsValue) -> None:
        """Adds or replaces an entry."""
        self._entries.put(key, value)

    def get_item(self, key: JsValue, default: JsValue = MISSING) -> JsValue:
        """The entry's value; the default (MISSING) if there is none."""
        entry = self._entries.index.get(key_of(key))
        return default if entry is None else entry.value

    def entries_list(self) -> list[tuple[JsValue, JsValue]]:
        """A snapshot of the entries."""
        return [(entry.key, entry.value) for entry in self._entries]

    def __len__(self) -> int:
        return len(self._entries.index)

    def __bool__(self) -> bool:
        return True

    def js_iter(self) -> Iterator[JsValue]:
        return (JsArray([entry.key, entry.value]) for entry in self._entries)

    # -- JavaScript members -------------------------------------------------------------------

    @classmethod
    def js_new(cls, source: JsValue = None) -> JsValue:
        result = cls()
        if source is None or source is null:
            return result
        for pair in iterate_argument(source):
            if not isinstance(pair, JsObject):
                raise type_error(f"Iterator value {value_text(pair)} is not an entry object")
            key, value = pair.js_get("0"), pair.js_get("1")
            result.set_item(undefined_if_missing(key), undefined_if_missing(value))
        return result

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        raise type_error(f"Constructor {cls.js_class_name} requires 'new'")

    @static
    def groupBy(cls, items: JsValue = None, callback: JsValue = None) -> JsValue:
        result = JsMap()
        require_function(callback)
        for index, item in enumerate(iterate_argument(items)):
            key = callback.js_call(None, (item, index))
            group = result.get_item(key)
            if group is MISSING:
                group = JsArray([])
                result.set_item(key, group)
            group.items.append(item)
        return result

    @getter
    def size(self) -> int:
        return len(self._entries.index)

    @method
    def get(self, key: JsValue = None) -> JsValue:
        return self.get_item(key, None)

    @method
    def set(self, key: JsValue = None, value: JsValue = None) -> Self:
        self.set_item(key, value)
        return self

    @method
    def has(self, key: JsValue = None) -> bool:
        return key_of(key) in self._entries.index

    @method
    def delete(self, key: JsValue = None) -> bool:
        return self._entries.remove(key)

    @method
    def clear(self) -> None:
        self._entries.clear()

    @method
    def forEach(self, callback: JsValue = None, this: JsValue = None) -> None:
        call = require_function(callback).js_call
        for entry in self._entries:
            call(this, (entry.value, entry.key, self))

    @method
    def keys(self) -> JsIterator:
        return MapIterator(entry.key for entry in self._entries)

    @method
    def values(self) -> JsIterator:
        return MapIterator(entry.value for entry in self._entries)

    @method
    def entries(self) -> JsIterator:
        return MapIterator(self.js_iter())

    def __repr__(self) -> str:
        return f"<js {self.js_class_name} size={len(self)}>"


class LiteralMap(JsMap, name="LiteralMap", tag="Map"):
    """What Pyodide 0.28 makes of a dict: a Map whose string keys read as properties too."""

    __slots__ = ()
    js_dynamic = True

    def _visible(self, key: PropertyKey) -> bool:
        return isinstance(key, str) and key not in self.js_members and self.has(key)

    def js_get(self, key: PropertyKey) -> JsValue:
        return self.get_item(key) if self._visible(key) else super().js_get(key)

    def js_get_own(self, key: PropertyKey) -> JsValue:
        return self.get_item(key) if self._visible(key) else super().js_get_own(key)

    def js_set(self, key: PropertyKey, value: JsValue) -> None:
        if isinstance(key, str) and key not in self.js_members:
            self.set_item(key, value)
        else:
            super().js_set(key, value)

    def js_delete(self, key: PropertyKey) -> bool:
        return self.delete(key) if self._visible(key) else super().js_delete(key)

    def js_own_keys(self) -> list[PropertyKey]:
        names = [key for key, _ in self.entries_list() if isinstance(key, str)]
        return names + super().js_own_keys()


class JsSet(JsObject, name="Set"):
    """`Set`."""

    __slots__ = ("_entries",)
    js_iterable = True

    def __init__(self) -> None:
        super().__init__()
        self._entries = _Entries()

    def add_item(self, value: JsValue) -> None:
        """Adds a value."""
        self._entries.put(value, value)

    def items_list(self) -> list[JsValue]:
        """A snapshot of the values."""
        return [entry.key for entry in self._entries]

    def __len__(self) -> int:
        return len(self._entries.index)

    def __bool__(self) -> bool:
        return True

    def js_iter(self) -> Iterator[JsValue]:
        return (entry.key for entry in self._entries)

    @classmethod
    def js_new(cls, source: JsValue = None) -> JsValue:
        result = cls()
        if source is not None and source is not null:
            for value in iterate_argument(source):
                result.add_item(value)
        return result

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        raise type_error("Constructor Set requires 'new'")

    @getter
    def size(self) -> int:
        return len(self._entries.index)

    @method
    def add(self, value: JsValue = None) -> Self:
        self.add_item(value)
        return self

    @method
    def has(self, value: JsValue = None) -> bool:
        return key_of(value) in self._entries.index

    @method
    def delete(self, value: JsValue = None) -> bool:
        return self._entries.remove(value)

    @method
    def clear(self) -> None:
        self._entries.clear()

    @method
    def forEach(self, callback: JsValue = None, this: JsValue = None) -> None:
        call = require_function(callback).js_call
        for entry in self._entries:
            call(this, (entry.key, entry.key, self))

    @method
    def values(self) -> JsIterator:
        return SetIterator(self.js_iter())

    @method
    def keys(self) -> JsIterator:
        return SetIterator(self.js_iter())

    @method
    def entries(self) -> JsIterator:
        return SetIterator(JsArray([entry.key, entry.key]) for entry in self._entries)

    @method
    def union(self, other: JsValue = None) -> JsSet:
        return _set_of([*self.items_list(), *_set_record(other)])

    @method
    def intersection(self, other: JsValue = None) -> JsSet:
        wanted = {key_of(value) for value in _set_record(other)}
        return _set_of([value for value in self.items_list() if key_of(value) in wanted])

    @method
    def difference(self, other: JsValue = None) -> JsSet:
        dropped = {key_of(value) for value in _set_record(other)}
        return _set_of([value for value in self.items_list() if key_of(value) not in dropped])

    @method
    def symmetricDifference(self, other: JsValue = None) -> JsSet:
        result = self.difference(other)
        for value in _set_record(other):
            if not self.has(value):
                result.add_item(value)
        return result

    @method
    def isSubsetOf(self, other: JsValue = None) -> bool:
        wanted = {key_of(value) for value in _set_record(other)}
        return all(key_of(value) in wanted for value in self.items_list())

    @method
    def isSupersetOf(self, other: JsValue = None) -> bool:
        return all(self.has(value) for value in _set_record(other))

    @method
    def isDisjointFrom(self, other: JsValue = None) -> bool:
        return not any(self.has(value) for value in _set_record(other))

    def __repr__(self) -> str:
        return f"<js Set size={len(self)}>"


def group_by_property(items: JsValue, callback: JsValue) -> PlainObject:
    """`Object.groupBy`: an object without prototype."""
    require_function(callback)
    groups: dict[PropertyKey, JsValue] = {}
    for index, item in enumerate(iterate_argument(items)):
        key = to_property_key(callback.js_call(None, (item, index)))
        if key not in groups:
            groups[key] = JsArray([])
        groups[key].items.append(item)
    return PlainObject(groups, null_prototype=True)


def iterate_argument(source: JsValue) -> Iterator[JsValue]:
    """Iterates a constructor's argument with V8's text for values that cannot be iterated."""
    if isinstance(source, str) or is_iterable(source):
        return iterate(source)
    if isinstance(source, JsObject):
        kind = "object"
    elif source is None:
        kind = "undefined"
    else:
        kind = f"{typeof(source)} {value_text(source)}"
    raise type_error(f"{kind} is not iterable (cannot read property Symbol(Symbol.iterator))")


def undefined_if_missing(value: JsValue) -> JsValue:
    """MISSING, as a property read gives it, becomes undefined."""
    return None if value is MISSING else value


def _set_record(other: JsValue) -> list[JsValue]:
    if isinstance(other, JsSet):
        return other.items_list()
    if isinstance(other, JsMap):
        return [key for key, _ in other.entries_list()]
    name = object_text(other) if isinstance(other, JsObject) else value_text(other)
    raise type_error(f"{name} is not a Set-like object")


def _set_of(values: list[JsValue]) -> JsSet:
    result = JsSet()
    for value in values:
        result.add_item(value)
    return result


# `keys` and `values` of a Set are one function.
JsSet.js_members["keys"] = JsSet.js_members["values"]
