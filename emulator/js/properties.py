"""Property tables with attributes: frozen, sealed, hidden, read-only and accessor properties.

An ordinary object's own properties are a plain dict. `Object.freeze`, `seal`,
`preventExtensions` and `defineProperty` replace it by a PropertyTable, a dict subclass whose
writes obey the attributes, so that objects which never use them pay nothing.

Error texts: V8 in strict mode, which module code always is.
"""

from __future__ import annotations

from typing import Any

from emulator.js.errors import type_error
from emulator.js.object import JsObject
from emulator.js.text import object_text
from emulator.js.values import JsValue, PropertyKey


class Accessor:
    """The getter and setter of one accessor property; either may be undefined."""

    __slots__ = ("getter", "setter")

    def __init__(self, getter: JsValue, setter: JsValue) -> None:
        self.getter = getter
        self.setter = setter


class PropertyTable(dict[PropertyKey, JsValue]):
    """Own properties of an object of which some have attributes other than the default."""

    __slots__ = ("accessors", "extensible", "hidden", "owner", "permanent", "readonly")

    def __init__(self, owner: JsObject, properties: dict[PropertyKey, JsValue] | None) -> None:
        super().__init__(properties or {})
        self.owner = owner
        self.extensible = True
        self.readonly: set[PropertyKey] = set()
        self.permanent: set[PropertyKey] = set()
        self.hidden: set[PropertyKey] = set()
        self.accessors: dict[PropertyKey, Accessor] = {}

    def __getitem__(self, key: PropertyKey) -> JsValue:
        accessor = self.accessors.get(key)
        if accessor is None:
            return super().__getitem__(key)
        return None if accessor.getter is None else accessor.getter.js_call(self.owner, ())

    def get(self, key: PropertyKey, default: Any = None) -> JsValue:
        # Not dict.get, which would not run getters.
        return self[key] if key in self else default  # noqa: SIM401

    def __setitem__(self, key: PropertyKey, value: JsValue) -> None:
        accessor = self.accessors.get(key)
        if accessor is not None:
            if accessor.setter is None:
                raise type_error(
                    f"Cannot set property {_text(key)} of {_owner_text(self.owner)} which has "
                    "only a getter"
                )
            accessor.setter.js_call(self.owner, (value,))
            return
        if key in self.readonly:
            raise type_error(
                f"Cannot assign to read only property '{_text(key)}' of object "
                f"'{_owner_text(self.owner)}'"
            )
        if key not in self and not self.extensible:
            raise type_error(f"Cannot add property {_text(key)}, object is not extensible")
        super().__setitem__(key, value)

    def pop(self, key: PropertyKey, *default: Any) -> Any:
        if key in self.permanent:
            raise type_error(f"Cannot delete property '{_text(key)}' of {_owner_text(self.owner)}")
        self.accessors.pop(key, None)
        self.hidden.discard(key)
        self.readonly.discard(key)
        return super().pop(key, *default)

    def define(
        self,
        key: PropertyKey,
        value: JsValue | Accessor,
        *,
        writable: bool,
        enumerable: bool,
        configurable: bool,
    ) -> None:
        """`Object.defineProperty` with all attributes decided."""
        if key in self.permanent and (isinstance(value, Accessor) or key in self.readonly):
            raise type_error(f"Cannot redefine property: {_text(key)}")
        if key not in self and not self.extensible:
            raise type_error(f"Cannot define property {_text(key)}, object is not extensible")
        self.accessors.pop(key, None)
        if isinstance(value, Accessor):
            self.accessors[key] = value
            value = None
        super().__setitem__(key, value)
        for table, member in (
            (self.readonly, not writable and key not in self.accessors),
            (self.hidden, not enumerable),
            (self.permanent, not configurable),
        ):
            if member:
                table.add(key)
            else:
                table.discard(key)

    def seal(self, *, freeze: bool) -> None:
        """`Object.seal` or `Object.freeze` of the properties."""
        self.extensible = False
        self.permanent.update(self)
        if freeze:
            self.readonly.update(key for key in self if key not in self.accessors)

    def copy(self) -> dict[PropertyKey, JsValue]:
        """The enumerable properties as a plain dict; getters run."""
        return {key: self[key] for key in self if key not in self.hidden}


def property_table(target: JsObject) -> PropertyTable:
    """The object's property table, made if its own properties are still a plain dict."""
    own = target._own
    if not isinstance(own, PropertyTable):
        own = PropertyTable(target, own)
        target._own = own
    return own


class FrozenItems(list[JsValue]):
    """The items of a frozen (or sealed) array."""

    __slots__ = ("writable",)

    def __init__(self, items: list[JsValue], *, writable: bool) -> None:
        super().__init__(items)
        self.writable = writable

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            self._refuse_slice(index, list(value))
        elif not self.writable:
            raise type_error(
                f"Cannot assign to read only property '{index}' of object '[object Array]'"
            )
        super().__setitem__(index, value)

    def _refuse_slice(self, index: slice, values: list[JsValue]) -> None:
        start, stop, _ = index.indices(len(self))
        if len(values) > stop - start:
            self._refuse_add()
        if len(values) < stop - start:
            self._refuse_delete()
        if not self.writable and values:
            raise type_error(
                f"Cannot assign to read only property '{start}' of object '[object Array]'"
            )

    def _refuse_add(self) -> None:
        raise type_error(f"Cannot add property {len(self)}, object is not extensible")

    def _refuse_delete(self) -> None:
        raise type_error(f"Cannot delete property '{len(self) - 1}' of [object Array]")

    def __delitem__(self, index: Any) -> None:
        self._refuse_delete()

    def append(self, value: JsValue) -> None:
        self._refuse_add()

    def extend(self, values: Any) -> None:
        if list(values):
            self._refuse_add()

    def insert(self, index: Any, value: JsValue) -> None:
        self._refuse_add()

    def pop(self, index: Any = -1) -> JsValue:
        self._refuse_delete()

    def reverse(self) -> None:
        self[:] = self[::-1]


def _owner_text(owner: JsObject) -> str:
    return object_text(owner) if not owner.js_callable else "function"


def _text(key: PropertyKey) -> str:
    return key if isinstance(key, str) else repr(key)
