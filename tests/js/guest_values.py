"""Values as a Python guest passes them: stand-ins for the proxies of emulator/ffi."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.js.define import method
from emulator.js.errors import error
from emulator.js.object import JsFunction, JsObject, NativeFunction
from emulator.js.values import MISSING

GLOBAL_SCOPE = "Disallowed operation called within global scope."


class WrappedDict(JsObject, name="PyProxy"):
    """A Python dict: properties are its keys, iteration gives keys."""

    js_iterable = True

    def __init__(self, items: dict[str, Any]) -> None:
        super().__init__()
        self.items = items

    def js_get(self, key: Any) -> Any:
        return self.items[key] if key in self.items else super().js_get(key)

    def js_iter(self) -> Iterator[Any]:
        return iter(list(self.items))

    @method
    def toString(self) -> str:
        return str(self.items)


def recorder(calls: list[tuple[Any, ...]], result: Any = None) -> JsFunction:
    """A function that notes its arguments."""

    def call(this: Any, *args: Any) -> Any:
        calls.append(args)
        return result

    return NativeFunction("recorder", call)


def forbid_io() -> None:
    """What the host does at a Worker's top level."""
    raise error(GLOBAL_SCOPE)


def call(target: JsObject, member: str, *args: Any) -> Any:
    """Calls a member as a guest does."""
    function = target.js_get(member)
    assert function is not MISSING, f"no member {member}"
    return function.js_call(target, args)


def new(cls: type[JsObject], *args: Any) -> Any:
    """`new cls(...args)` as a guest does it."""
    return cls.js_constructor.js_construct(args)


def static(cls: type[JsObject], member: str, *args: Any) -> Any:
    """`cls.member(...args)` as a guest does it."""
    return call(cls.js_constructor, member, *args)
