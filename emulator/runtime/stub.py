"""Stubs: the guest's end of a channel to another object or entrypoint.

Every property name of a stub leads to the other side (`rpc_client`), except `then` (so that stubs
are not awaitable) and the few real members.
Source: workerd src/workerd/api/http.h (`Fetcher`), worker-rpc.h.
"""

from __future__ import annotations

from collections.abc import Awaitable

from emulator.js.define import method
from emulator.js.errors import error_value, type_error
from emulator.js.fetch import CANNOT_LOAD
from emulator.js.object import JsObject
from emulator.js.promise import Promise, rejected
from emulator.js.request import sent_request
from emulator.js.values import MISSING, JsValue, PropertyKey
from emulator.runtime.abortable import send_request
from emulator.runtime.actor_namespace import ActorChannel
from emulator.runtime.durable_object_id import DurableObjectId
from emulator.runtime.http import HttpRequest, HttpResponse
from emulator.runtime.io_context import current_context
from emulator.runtime.redirects import fetch_following, wire_url
from emulator.runtime.rpc_client import RpcProperty, is_rpc_name
from emulator.runtime.rpc_values import External, Sender, StubChannel
from emulator.runtime.worker_interface import WorkerInterface


class Fetcher(JsObject, name="Fetcher", constructible=False):
    """A stub of an entrypoint; the base of Durable Object stubs."""

    __slots__ = ("_channel",)
    js_dynamic = True
    js_clone_refusal = "ServiceStub cannot be serialized in this context."

    def __init__(self, channel: WorkerInterface) -> None:
        super().__init__()
        self._channel = channel

    def rpc_send(self, sender: Sender) -> External:
        """What others get when the stub is sent to them; it shares no broken object with this."""
        channel = self._channel
        return StubChannel(channel.anew() if isinstance(channel, ActorChannel) else channel)

    def rpc_client(self) -> WorkerInterface:
        return self._channel

    def js_get(self, key: PropertyKey) -> JsValue:
        value = super().js_get(key)
        if value is MISSING and is_rpc_name(key):
            return RpcProperty(self, (key,))  # type: ignore[arg-type]
        return value

    @method
    def fetch(self, input: JsValue = MISSING, init: JsValue = None) -> Promise:
        try:
            return self._send(input, init)
        except Exception as exception:  # noqa: BLE001 - a request that cannot be sent is a rejection
            return rejected(error_value(exception))

    def _send(self, input: JsValue, init: JsValue) -> Promise:
        context = current_context()
        context.check_io_allowed()
        request = sent_request("Fetcher", input, init)
        if not request.url.startswith(("http:", "https:")):
            raise type_error(CANNOT_LOAD.format(url=request.url))
        return send_request(context, request, self._fetch)

    def _fetch(self, message: HttpRequest) -> Awaitable[HttpResponse]:
        message.url = wire_url(message.url)
        return fetch_following(self.rpc_client().fetch, message)


class ServiceStub(Fetcher, name="ServiceStub", tag="Fetcher", constructible=False):
    """A stub that was received: its class is named so, its text is that of a Fetcher."""

    __slots__ = ()


class DurableObjectStub(Fetcher, name="DurableObject", constructible=False):
    """A stub of a Durable Object: has `id` and `name` of its own."""

    __slots__ = ("_guest_id",)

    def __init__(self, channel: WorkerInterface, guest_id: DurableObjectId) -> None:
        super().__init__(channel)
        self._guest_id = guest_id

    def js_get(self, key: PropertyKey) -> JsValue:
        if key == "id":
            return self._guest_id
        if key == "name":
            return self._guest_id.actor_id.name
        return super().js_get(key)

    def js_own_keys(self) -> list[PropertyKey]:
        return ["id", "name", *super().js_own_keys()]
