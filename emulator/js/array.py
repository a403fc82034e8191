"""`Array`: a Python list behind JavaScript's array members."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.js.object import JsObject
from emulator.js.values import JsValue, PropertyKey


class JsArray(JsObject, name="Array"):
    """A JavaScript array; `items` is its content, shared and mutable."""

    __slots__ = ("items",)
    js_iterable = True

    def __init__(self, items: list[JsValue] | None = None) -> None:
        super().__init__()
        self.items: list[JsValue] = items if items is not None else []

    def js_get(self, key: PropertyKey) -> JsValue:
        if key == "length":
            return len(self.items)
        return super().js_get(key)

    def js_iter(self) -> Iterator[JsValue]:
        return iter(self.items)
