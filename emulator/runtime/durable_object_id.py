"""`DurableObjectId`, as guests hold it."""

from __future__ import annotations

from emulator.js.define import method
from emulator.js.object import JsObject
from emulator.js.values import JsValue, PropertyKey
from emulator.js.webidl import wrong_parameter
from emulator.runtime.actor_ids import ActorId


class DurableObjectId(JsObject, name="DurableObjectId", constructible=False):
    """An id: 64 hex digits, and the name where it is known."""

    __slots__ = ("actor_id",)

    def __init__(self, actor_id: ActorId) -> None:
        super().__init__()
        self.actor_id = actor_id

    def js_get(self, key: PropertyKey) -> JsValue:
        if key == "name":
            return self.actor_id.name
        if key == "jurisdiction":
            return None
        return super().js_get(key)

    def js_own_keys(self) -> list[PropertyKey]:
        return ["jurisdiction", "name"]

    @method
    def toString(self) -> str:
        return self.actor_id.hex

    def js_to_string(self) -> str:
        return self.actor_id.hex

    @method
    def equals(self, other: JsValue = None) -> bool:
        if not isinstance(other, DurableObjectId):
            raise wrong_parameter("DurableObjectId", "equals", 1, "DurableObjectId")
        return self.actor_id.same(other.actor_id)
