"""Stand-ins for globals that Cloudflare has and pyworkers does not have yet.

`from js import HTMLRewriter` works, so that a module that only mentions the name can be imported;
constructing it, calling it or reading a member raises an error that names pyworkers and the thing.
"""

from __future__ import annotations

from emulator.js.errors import not_supported
from emulator.js.object import JsFunction
from emulator.js.values import MISSING, JsSymbol, JsValue, PropertyKey

# What the boundary to Python asks of every object, to find out which protocols it has.
_PROBES = frozenset({"constructor", "get", "has", "length", "next", "set", "size", "then"})


class Unsupported(JsFunction):
    """A named thing that fails on use."""

    __slots__ = ("function_name",)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.function_name = name

    def js_get(self, key: PropertyKey) -> JsValue:
        if key == "name":
            return self.function_name
        if isinstance(key, JsSymbol) or key in _PROBES:
            return MISSING
        raise not_supported(f"{self.function_name}.{key}")

    def js_set(self, key: PropertyKey, value: JsValue) -> None:
        raise not_supported(f"{self.function_name}.{key}")

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> JsValue:
        raise not_supported(self.function_name)

    def js_construct(self, args: tuple[JsValue, ...]) -> JsValue:
        raise not_supported(self.function_name)
