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


def iterator_result(value: JsValue, *, done: bool) -> PlainObject:
    """`{value, done}` as iterators and stream readers give it."""
    return PlainObject({"value": value, "done": done})
