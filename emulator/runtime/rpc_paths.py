"""Following the path of an RPC call into values: what has members, and what can be called.

Plain objects show their own properties, and nothing else has any. A result that has arrived is
followed as it is, without the guest: where the path meets a stub, the rest of it is sent there.
Source: workerd src/workerd/api/worker-rpc.c++ (`tryGetProperty`).
"""

from __future__ import annotations

from typing import Any, Final

from emulator import codec
from emulator.js.errors import JsThrow, type_error
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsValue
from emulator.runtime.errors import platform_error
from emulator.runtime.worker_interface import RpcCall, RpcPayload

NO_MEMBER: Final = 'The RPC receiver does not implement the method "{}".'
NOT_A_FUNCTION: Final = '"{}" is not a function.'
TOO_DEEP: Final = "RPC pipelined property path is too deep (max {})."
THIS: Final = "(this)"
MAX_DEPTH: Final = 64


def walk(value: JsValue, path: tuple[str, ...]) -> tuple[JsValue, tuple[str, ...]]:
    """What the path leads to in a value, or the live thing that it meets and the rest of it."""
    for depth, name in enumerate(path):
        if isinstance(value, Live):
            return value, path[depth:]
        found = value.js_get_own(name) if type(value) is PlainObject else MISSING
        is_last = depth == len(path) - 1
        # As there: what has no members is not implemented itself, unless it is the root.
        if found is MISSING or not (is_last or _has_members(found)):
            raise type_error(NO_MEMBER.format(name))
        value = found
    return value, ()


def _has_members(value: JsValue) -> bool:
    return isinstance(value, JsObject) and (
        value.js_callable or isinstance(value, Live | PlainObject)
    )


def not_a_function(path: tuple[str, ...]) -> JsThrow:
    """Why what the path leads to cannot be called."""
    return type_error(NOT_A_FUNCTION.format(".".join(path) or THIS))


class Live(JsObject):
    """Stands for something in a payload that is not data: a function, a stub, a stream."""

    __slots__ = ("external",)

    def __init__(self, external: Any) -> None:
        super().__init__()
        self.external = external


class _Kept:
    """Collects the live things of the part that is answered. Implements codec.Externals."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def add(self, value: JsObject) -> int | None:
        assert isinstance(value, Live), "a payload has no other objects that are not data"
        self.items.append(value.external)
        return len(self.items) - 1


async def follow(payload: RpcPayload, call: RpcCall) -> RpcPayload:
    """The answer to a call that was made on a result before it was there."""
    result = codec.decode(payload.data, [Live(external) for external in payload.externals])
    try:
        value, rest = walk(result, call.path)
        if rest:
            return await _pass_on(value, RpcCall(rest, call.arguments))
        if call.arguments is None:
            kept = _Kept()
            return RpcPayload(codec.encode(value, kept), tuple(kept.items))
        if isinstance(value, Live):
            return await _pass_on(value, RpcCall((), call.arguments))
        raise not_a_function(call.path)
    except JsThrow as thrown:
        raise platform_error(thrown.value.message, thrown.value.name, remote=True) from None


async def _pass_on(live: Live, call: RpcCall) -> RpcPayload:
    channel = getattr(live.external, "channel", None)
    if channel is None:
        raise type_error(NO_MEMBER.format(call.path[0])) if call.path else not_a_function(())
    answer: RpcPayload = await channel.call(call)
    return answer
