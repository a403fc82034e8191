"""What the runtime asks of a guest class; the loader implements it for Python classes."""

from __future__ import annotations

from typing import Any, Protocol

from emulator.js.errors import JsThrow, type_error
from emulator.js.object import JsObject
from emulator.js.values import JsValue


class RpcRefusal(JsThrow):
    """A call that the platform refuses before the guest has anything to do with it."""

    def __init__(self, message: str) -> None:
        super().__init__(type_error(message).value)


class GuestClass(Protocol):
    """A Durable Object class or an entrypoint. All methods run inside a turn."""

    name: str

    def construct(self, context: JsObject) -> Any:
        """A new instance, given its DurableObjectState or ExecutionContext."""
        ...

    async def fetch(self, instance: Any, request: JsObject) -> JsValue:
        """Runs the fetch handler; the JavaScript value it gave."""
        ...

    async def call(self, instance: Any, method: str, arguments: list[JsValue]) -> JsValue:
        """Runs a method by RPC."""
        ...

    def handles(self, instance: Any, method: str) -> bool:
        """Whether the class has a handler for one of the platform's events."""
        ...

    async def event(self, instance: Any, method: str, arguments: list[JsValue]) -> bool:
        """Runs the handler of one of the platform's events, such as `webSocketMessage`.

        Arguments reach it as they are, and those that it does not take are dropped. False: there is
        no such handler.
        """
        ...
