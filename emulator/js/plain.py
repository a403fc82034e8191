"""Plain objects, the things `{}` makes: the currency of options, JSON and structured clones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.js.object import JsObject
from emulator.js.values import MISSING, JsValue, PropertyKey


class PlainObject(JsObject):
    """An ordinary object whose prototype is Object.prototype (or null)."""

    __slots__ = ("null_prototype",)
    js_dynamic = True

    def __init__(
        self, properties: Mapping[Any, JsValue] | None = None, *, null_prototype: bool = False
    ) -> None:
        self._own = dict(properties) if properties is not None else {}
        self.null_prototype = null_prototype

    def js_get(self, key: PropertyKey) -> JsValue:
        own = self._own
        assert own is not None
        value = own.get(key, MISSING)
        if value is not MISSING:
            return value
        if self.null_prototype:
            return MISSING
        if key == "constructor":
            return self.js_constructor
        return self._get_inherited(key)


class HeirObject(PlainObject):
    """What `Object.create(prototype)` makes: what it does not have itself, its prototype has."""

    __slots__ = ("prototype",)

    def __init__(self, prototype: JsObject) -> None:
        super().__init__()
        self.prototype = prototype

    def js_get(self, key: PropertyKey) -> JsValue:
        value = self.js_get_own(key)
        return self.prototype.js_get(key) if value is MISSING else value

    def js_all_keys(self) -> list[str]:
        return [*dict.fromkeys([*super().js_all_keys(), *self.prototype.js_all_keys()])]


def iterator_result(value: JsValue, *, done: bool) -> PlainObject:
    """`{value, done}` as iterators and stream readers give it."""
    return PlainObject({"value": value, "done": done})
