"""The called side of RPC: what a path leads to, and the call of it.

A Python class has no properties to read: as on Cloudflare, where the class is behind a JavaScript
proxy, any name gives a function, which looks the method up when it is called.
Stubs among the arguments are disposed of when the call is over; who keeps one must `dup` it.
Source: workerd src/workerd/api/worker-rpc.c++ (`JsRpcTargetBase`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.js.array import JsArray
from emulator.js.errors import JsThrow, error_value, type_error
from emulator.js.object import JsFunction
from emulator.js.promise import Promise
from emulator.js.values import JsValue
from emulator.runtime.guest_class import GuestClass, RpcRefusal
from emulator.runtime.io_context import IoContext
from emulator.runtime.rpc_paths import NO_MEMBER, NOT_A_FUNCTION, THIS
from emulator.runtime.rpc_values import pack, unpack
from emulator.runtime.worker_interface import RpcCall, RpcPayload


class NotSendable(RpcRefusal):
    """What the guest gave cannot be sent; that is not its own error."""

    def __init__(self, thrown: JsThrow) -> None:
        JsThrow.__init__(self, thrown.value)


async def answer_call(
    context: IoContext, guest_class: GuestClass, get_instance: Callable[[], Any], call: RpcCall
) -> RpcPayload:
    """Runs a call of an instance's method; guest work."""
    instance = get_instance()
    if call.arguments is None or len(call.path) != 1:
        return pack(context, _property(context, guest_class, instance, call.path))
    arguments, received = unpack(context, call.arguments)
    assert isinstance(arguments, JsArray)
    try:
        result = await guest_class.call(instance, call.path[0], arguments.items)
        try:
            return pack(context, result)
        except JsThrow as thrown:
            raise NotSendable(thrown) from None
    finally:
        for stub in received:
            stub.dispose()


def _property(
    context: IoContext, guest_class: GuestClass, instance: object, path: tuple[str, ...]
) -> JsFunction:
    if not path:
        raise type_error(NOT_A_FUNCTION.format(THIS))
    guest_class.check_method(path[0])
    if len(path) > 1:
        raise type_error(NO_MEMBER.format(path[1]))
    return BoundMethod(context, guest_class, instance, path[0])


class BoundMethod(JsFunction, name="Function"):
    """A method of an instance, by its name."""

    __slots__ = ("_context", "_guest_class", "_instance", "function_name")

    def __init__(
        self, context: IoContext, guest_class: GuestClass, instance: object, name: str
    ) -> None:
        super().__init__()
        self.function_name = name
        self._context = context
        self._guest_class = guest_class
        self._instance = instance

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> Promise:
        promise = Promise()

        async def run() -> None:
            try:
                result = await self._guest_class.call(
                    self._instance, self.function_name, list(args)
                )
            except Exception as exception:  # noqa: BLE001 - the method's error is the rejection
                promise.reject_with(error_value(exception))
            else:
                promise.resolve_with(result)

        self._context.loop.create_task(run())
        return promise
