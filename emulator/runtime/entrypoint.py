"""EntrypointChannel: calls a stateless entrypoint, with a new context and instance for each event.

Source: workerd src/workerd/io/worker-entrypoint.c++.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from emulator.js.array import JsArray
from emulator.runtime.errors import GuestError
from emulator.runtime.execution_context import ExecutionContext, StatelessContext
from emulator.runtime.guest_class import GuestClass
from emulator.runtime.http import HttpRequest, HttpResponse
from emulator.runtime.rpc_values import pack, unpack
from emulator.runtime.services import Services
from emulator.runtime.web import guest_response, incoming_request
from emulator.runtime.worker_interface import RpcCall, RpcPayload

T = TypeVar("T")


class EntrypointChannel:
    """Implements WorkerInterface for one entrypoint of a Worker."""

    def __init__(
        self, services: Services, guest_class: GuestClass, props: RpcPayload | None = None
    ) -> None:
        self._services = services
        self._guest_class = guest_class
        self._props = props

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        context = StatelessContext(self._services)

        async def handle() -> HttpResponse:
            instance = self._guest_class.construct(ExecutionContext(context, self._props))
            guest_request = incoming_request(context, request)
            answer = await self._guest_class.fetch(instance, guest_request)
            return guest_response(context, answer, request)

        return await self._event(context, handle)

    async def call(self, call: RpcCall) -> RpcPayload:
        context = StatelessContext(self._services)

        async def handle() -> RpcPayload:
            instance = self._guest_class.construct(ExecutionContext(context, self._props))
            arguments = unpack(context, call.arguments)
            assert isinstance(arguments, JsArray)
            result = await self._guest_class.call(instance, call.method, arguments.items)
            return pack(context, result)

        try:
            return await self._event(context, handle)
        except GuestError as error:
            raise error.flagged(remote=True) from error.exception

    async def _event(
        self, context: StatelessContext, handle: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """Runs the event; cancelling it (the client went away) ends the context at once."""
        reply = context.invoke(handle)
        try:
            result = await reply
        except GuestError:
            context.release()
            raise
        except BaseException:
            context.abandon_tasks()
            context.close()
            raise
        context.release()
        return result


class BoundEntrypoint(EntrypointChannel):
    """An entrypoint as other guest code calls it: to that, what it throws is a remote error."""

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        try:
            return await super().fetch(request)
        except GuestError as error:
            raise error.flagged(remote=True) from error.exception
