"""`ExecutionContext`: the `ctx` of a stateless event, and the context that it runs in."""

from __future__ import annotations

from collections.abc import Callable

from emulator.js.define import getter, method
from emulator.js.errors import not_supported
from emulator.js.object import JsObject
from emulator.js.values import MISSING, JsValue
from emulator.js.webidl import wrong_parameter
from emulator.runtime.io_context import IoContext
from emulator.runtime.props import received_props
from emulator.runtime.services import Services
from emulator.runtime.worker_interface import RpcPayload


class StatelessContext(IoContext):
    """An I/O context that ends with its event, unless something still needs it."""

    def __init__(self, services: Services) -> None:
        super().__init__(services, detects_hangs=True)
        self._needed = 1  # the event itself

    def keep_alive(self) -> Callable[[], None]:
        self._needed += 1
        return self.release

    def release(self) -> None:
        """One thing less needs the context; after the last nothing of it runs any more."""
        self._needed -= 1
        if not self._needed:
            self.close_between_turns()


class ExecutionContext(JsObject, name="ExecutionContext", constructible=False):
    """`ctx` of entrypoints."""

    __slots__ = ("_context", "_props", "_sent_props")

    def __init__(self, context: IoContext, props: RpcPayload | None = None) -> None:
        super().__init__()
        self._context = context
        self._sent_props = props
        self._props: JsValue = None

    @method
    def waitUntil(self, promise: JsValue = MISSING) -> None:
        if promise is MISSING:
            raise wrong_parameter("ExecutionContext", "waitUntil", 1, "Promise")
        self._context.wait_until(promise)

    @method
    def passThroughOnException(self) -> None:
        """Has no effect where there is no origin server to pass through to."""

    @getter
    def props(self) -> JsValue:
        if self._props is None:
            self._props = received_props(self._context, self._sent_props)
        return self._props

    @getter
    def exports(self) -> JsValue:
        return self._context.services.exports_for_guests()

    @method
    def abort(self, reason: JsValue = None) -> None:
        raise not_supported("ctx.abort() of a stateless Worker")
