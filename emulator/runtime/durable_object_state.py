"""`DurableObjectState`: the `ctx` of a Durable Object."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from emulator.js.convert import get_option, to_boolean, to_string
from emulator.js.define import getter, method
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise
from emulator.js.values import MISSING, JsValue
from emulator.js.webidl import function_argument, wrong_parameter
from emulator.runtime.durable_object_id import DurableObjectId
from emulator.runtime.durable_object_sockets import HibernatableSockets
from emulator.runtime.durable_object_storage import DurableObjectStorage
from emulator.runtime.errors import DEFAULT_ABORT, ActorAborted, platform_error

if TYPE_CHECKING:
    from emulator.runtime.actor import Actor

_CLASS = "DurableObjectState"


class DurableObjectState(HibernatableSockets, name=_CLASS, constructible=False):
    """See the module docstring."""

    __slots__ = ("_guest_id", "_props", "_storage")

    def __init__(self, actor: Actor) -> None:
        super().__init__(actor)
        self._guest_id = DurableObjectId(actor.id)
        self._storage = DurableObjectStorage(actor)
        self._props = PlainObject()

    @getter
    def id(self) -> DurableObjectId:
        return self._guest_id

    @getter
    def storage(self) -> DurableObjectStorage:
        return self._storage

    @getter
    def props(self) -> PlainObject:
        return self._props

    @getter
    def exports(self) -> JsValue:
        return self._actor.services.exports_for_guests()

    @method
    def waitUntil(self, promise: JsValue = MISSING) -> None:
        if promise is MISSING:
            raise wrong_parameter(_CLASS, "waitUntil", 1, "Promise")
        self._actor.context.wait_until(promise)

    @method
    def blockConcurrencyWhile(self, callback: JsValue = None) -> Promise:
        function_argument(callback, _CLASS, "blockConcurrencyWhile")
        self._actor.check_guest_alive()
        return self._actor.run_section(lambda: callback.js_call(None, ()))

    @method
    def abort(self, reason: JsValue = MISSING, options: JsValue = None) -> NoReturn:
        retry_alarm = get_option(options, "retryAlarm")
        if retry_alarm is not None and not to_boolean(retry_alarm):
            self._actor.alarm.retry = False
        text = DEFAULT_ABORT if reason is MISSING or reason is None else to_string(reason)
        self._actor.reset(platform_error(text, durableObjectReset=True))
        raise ActorAborted(text)

    @getter
    def container(self) -> None:
        """Undefined where a class has no container."""
