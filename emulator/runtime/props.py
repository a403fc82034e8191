"""`ctx.props`: values that whoever makes a stub gives to the other side.

They are encoded when the stub is made, and decoded anew for each event, so that nobody sees what
another one does to them.
"""

from __future__ import annotations

from typing import Final

from emulator import codec
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_field, wrong_parameter
from emulator.runtime.io_context import IoContext
from emulator.runtime.rpc_values import StubChannel, unpack
from emulator.runtime.worker_interface import ClassReference, RpcPayload

_OPTIONS: Final = "Options"
_AS_FUNCTION: Final = "(called as function)"


class _PropsSender:
    """What props may hold besides data: stubs and class references. Implements codec.Externals."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[StubChannel | ClassReference] = []

    def add(self, value: JsObject) -> int | None:
        if (reference := getattr(value, "rpc_class", None)) is not None:
            self.items.append(reference)
        elif not value.js_callable and hasattr(value, "rpc_channel"):
            self.items.append(StubChannel(value.rpc_channel))
        else:
            return None
        return len(self.items) - 1


def props_of(args: tuple[JsValue, ...], interface: str) -> RpcPayload | None:
    """The props in the options with which an export was called; None for no props."""
    options = args[0] if args else False
    if options is None or options is null:
        return None
    if not isinstance(options, JsObject):
        raise wrong_parameter(interface, _AS_FUNCTION, 1, _OPTIONS)
    props = options.js_get("props")
    if props is None or props is MISSING:
        return None
    if not isinstance(props, JsObject):
        raise wrong_field(_OPTIONS, "props", "Object")
    sender = _PropsSender()
    return RpcPayload(codec.encode(props, sender), tuple(sender.items))


def received_props(context: IoContext, props: RpcPayload | None) -> JsValue:
    """`ctx.props` in the context that has them: a copy of its own."""
    return PlainObject() if props is None else unpack(context, props)
