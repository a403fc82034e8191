"""`DurableObjectNamespace`, as guests find it on `env`.

Source: workerd src/workerd/api/actor.h; texts confirmed by running it.
"""

from __future__ import annotations

from typing import Final

from emulator.js import host
from emulator.js.convert import get_option, to_string
from emulator.js.define import method
from emulator.js.errors import error, range_error, type_error
from emulator.js.object import JsObject
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import options_argument, string_argument, wrong_parameter
from emulator.runtime.actor_namespace import ActorNamespace
from emulator.runtime.durable_object_id import DurableObjectId
from emulator.runtime.stub import DurableObjectStub

_CLASS: Final = "DurableObjectNamespace"
JURISDICTION: Final = "Jurisdiction restrictions are not implemented in workerd."
ROUTING_MODE: Final = "unknown routingMode: {}"


class DurableObjectNamespace(JsObject, name=_CLASS, constructible=False):
    """Ids and stubs of one class."""

    __slots__ = ("_actors",)

    def __init__(self, actors: ActorNamespace) -> None:
        super().__init__()
        self._actors = actors

    @method
    def idFromName(self, name: JsValue = MISSING) -> DurableObjectId:
        text = string_argument(name, _CLASS, "idFromName")
        return DurableObjectId(self._actors.ids.from_name(text))

    @method
    def newUniqueId(self, options: JsValue = None) -> DurableObjectId:
        options_argument(options, _CLASS, "newUniqueId", 1, "NewUniqueIdOptions")
        _refuse_jurisdiction(get_option(options, "jurisdiction"))
        host.current().check_io_allowed()
        return DurableObjectId(self._actors.ids.new_unique())

    @method
    def idFromString(self, text: JsValue = MISSING) -> DurableObjectId:
        digits = string_argument(text, _CLASS, "idFromString")
        try:
            return DurableObjectId(self._actors.ids.from_string(digits))
        except ValueError as problem:
            raise type_error(str(problem)) from None

    @method
    def get(self, id: JsValue = MISSING, options: JsValue = None) -> DurableObjectStub:
        if not isinstance(id, DurableObjectId):
            raise wrong_parameter(_CLASS, "get", 1, "DurableObjectId")
        _check_options(options, "get")
        return self._stub(id)

    @method
    def getByName(self, name: JsValue = MISSING, options: JsValue = None) -> DurableObjectStub:
        text = string_argument(name, _CLASS, "getByName")
        _check_options(options, "getByName")
        return self._stub(DurableObjectId(self._actors.ids.from_name(text)))

    @method
    def jurisdiction(self, jurisdiction: JsValue = None) -> DurableObjectNamespace:
        _refuse_jurisdiction(jurisdiction)
        return DurableObjectNamespace(self._actors)

    def _stub(self, id: DurableObjectId) -> DurableObjectStub:
        return DurableObjectStub(self._actors.channel(id.actor_id), id)


def _refuse_jurisdiction(value: JsValue) -> None:
    if value is not None and value is not null:
        raise error(JURISDICTION)


def _check_options(options: JsValue, method_name: str) -> None:
    options_argument(options, _CLASS, method_name, 2, "GetDurableObjectOptions")
    mode = get_option(options, "routingMode")
    if mode is not None and mode != "primary-only":
        raise range_error(ROUTING_MODE.format(to_string(mode)))
