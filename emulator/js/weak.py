"""`WeakMap`, `WeakSet`, `WeakRef` and `FinalizationRegistry`, over Python's weak references.

Source: ECMA-262, 24.3, 24.4, 26.1 and 26.2. Error texts: V8.
"""

from __future__ import annotations

import weakref
from typing import Self

from emulator.js.collections import iterate_argument, undefined_if_missing
from emulator.js.define import method
from emulator.js.errors import type_error
from emulator.js.object import JsObject
from emulator.js.text import value_text
from emulator.js.values import JsValue, null


class JsWeakMap(JsObject, name="WeakMap"):
    """`WeakMap`: keys are objects or symbols, held weakly where Python can."""

    __slots__ = ("_table",)

    def __init__(self) -> None:
        super().__init__()
        self._table: weakref.WeakKeyDictionary[JsObject, JsValue] = weakref.WeakKeyDictionary()

    @classmethod
    def js_new(cls, source: JsValue = None) -> JsValue:
        result = cls()
        if source is not None and source is not null:
            for pair in iterate_argument(source):
                if not isinstance(pair, JsObject):
                    raise type_error(f"Iterator value {value_text(pair)} is not an entry object")
                result.set(pair.js_get("0"), pair.js_get("1"))
        return result

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        raise type_error("Constructor WeakMap requires 'new'")

    @method
    def get(self, key: JsValue = None) -> JsValue:
        return self._table.get(key) if isinstance(key, JsObject) else None

    @method
    def set(self, key: JsValue = None, value: JsValue = None) -> Self:
        if not isinstance(key, JsObject):
            raise type_error("Invalid value used as weak map key")
        self._table[key] = undefined_if_missing(value)
        return self

    @method
    def has(self, key: JsValue = None) -> bool:
        return isinstance(key, JsObject) and key in self._table

    @method
    def delete(self, key: JsValue = None) -> bool:
        if not self.has(key):
            return False
        del self._table[key]
        return True


class JsWeakSet(JsObject, name="WeakSet"):
    """`WeakSet`."""

    __slots__ = ("_members",)

    def __init__(self) -> None:
        super().__init__()
        self._members: weakref.WeakSet[JsObject] = weakref.WeakSet()

    @classmethod
    def js_new(cls, source: JsValue = None) -> JsValue:
        result = cls()
        if source is not None and source is not null:
            for value in iterate_argument(source):
                result.add(value)
        return result

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        raise type_error("Constructor WeakSet requires 'new'")

    @method
    def add(self, value: JsValue = None) -> Self:
        if not isinstance(value, JsObject):
            raise type_error("Invalid value used in weak set")
        self._members.add(value)
        return self

    @method
    def has(self, value: JsValue = None) -> bool:
        return isinstance(value, JsObject) and value in self._members

    @method
    def delete(self, value: JsValue = None) -> bool:
        present = self.has(value)
        if present:
            self._members.discard(value)
        return present


class JsWeakRef(JsObject, name="WeakRef"):
    """`WeakRef`."""

    __slots__ = ("_reference",)

    def __init__(self, target: JsObject) -> None:
        super().__init__()
        self._reference = weakref.ref(target)

    @classmethod
    def js_new(cls, target: JsValue = None) -> JsValue:
        if not isinstance(target, JsObject):
            raise type_error("WeakRef: invalid target")
        return cls(target)

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        raise type_error("Constructor WeakRef requires 'new'")

    @method
    def deref(self) -> JsValue:
        return self._reference()


class JsFinalizationRegistry(JsObject, name="FinalizationRegistry"):
    """`FinalizationRegistry`. Callbacks never run, which the standard allows."""

    __slots__ = ()

    @classmethod
    def js_new(cls, callback: JsValue = None) -> JsValue:
        if not getattr(callback, "js_callable", False):
            raise type_error("FinalizationRegistry: cleanup must be callable")
        return cls()

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        raise type_error("Constructor FinalizationRegistry requires 'new'")

    @method
    def register(self, target: JsValue = None, held: JsValue = None, token: JsValue = None) -> None:
        if not isinstance(target, JsObject):
            raise type_error("FinalizationRegistry.prototype.register: invalid target")

    @method
    def unregister(self, token: JsValue = None) -> bool:
        return False
