"""The part of `DurableObjectState` that deals with hibernatable WebSockets.

Source: workerd src/workerd/api/actor-state.c++; texts confirmed by running it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from emulator.js.array import JsArray
from emulator.js.convert import to_number, to_string
from emulator.js.date import JsDate
from emulator.js.define import method
from emulator.js.errors import error, range_error, type_error
from emulator.js.object import JsObject
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_parameter
from emulator.js.websocket import WebSocket
from emulator.js.websocket_pair import WebSocketRequestResponsePair
from emulator.runtime.hibernation import MAX_SOCKETS, HibernatableSocket

if TYPE_CHECKING:
    from emulator.runtime.actor import Actor

ALREADY_ACCEPTED = (
    "Cannot call `acceptWebSocket()` if the WebSocket was already accepted via `accept()`"
)
PEER_ACCEPTED = (
    "Cannot call `acceptWebSocket()` on this WebSocket because its pair has already been accepted "
    "or used in a Response."
)
TOO_MANY_SOCKETS = "only {} websockets can be accepted on a single Durable Object instance"
TOO_MANY_TAGS = "a Hibernatable WebSocket cannot have more than {} tags"
LONG_TAG = '"{}" is longer than the max tag length ({} characters).'
TAGS_NOT_ACCEPTED = (
    "you must call 'acceptWebSocket()' before attempting to access the tags of a WebSocket."
)
TAGS_STANDARD = "only hibernatable websockets can have tags."
LARGE_PAIR = "{0} cannot be larger than {1} bytes. A {2} of size {3} was provided."
LONG_TIMEOUT = "Event timeout should not exceed {} ms."
NEGATIVE = (
    "The value cannot be converted because it is negative and this API expects a positive number."
)
NOT_INTEGER = "The value cannot be converted because it is not an integer."

MAX_TAGS: Final = 10
MAX_TAG_BYTES: Final = 256
MAX_PAIR_BYTES: Final = 2048
MAX_EVENT_TIMEOUT_MS: Final = 604_800_000
_CLASS: Final = "DurableObjectState"
_PAIR: Final = "WebSocketRequestResponsePair"


class HibernatableSockets(JsObject):
    """Members that `DurableObjectState` inherits."""

    __slots__ = ("_actor",)

    def __init__(self, actor: Actor) -> None:
        super().__init__()
        self._actor = actor

    @method
    def acceptWebSocket(self, socket: JsValue = None, tags: JsValue = None) -> None:
        checked = _socket_argument(socket, "acceptWebSocket")
        if tags is not None and not isinstance(tags, JsArray):
            raise wrong_parameter(_CLASS, "acceptWebSocket", 2, "Array")
        self._actor.check_guest_alive()
        end = checked.state.end
        if checked.state.use in ("accepted", "hibernatable"):
            raise error(ALREADY_ACCEPTED)
        if checked.state.use == "used" or end.peer.in_use:
            raise error(PEER_ACCEPTED)
        manager = self._actor.hibernation
        if len(manager) >= MAX_SOCKETS:
            raise error(TOO_MANY_SOCKETS.format(MAX_SOCKETS))
        names = _checked_tags([] if tags is None else tags.items)
        self._actor.context.disown_socket(end)
        manager.accept(checked, names)

    @method
    def getWebSockets(self, tag: JsValue = None) -> JsArray:
        name = None if tag is None else to_string(tag)
        sockets = self._actor.hibernation.sockets(name)
        return JsArray([socket.guest_object() for socket in sockets])

    @method
    def getTags(self, socket: JsValue = None) -> JsArray:
        state = _socket_argument(socket, "getTags").state
        if isinstance(state, HibernatableSocket):
            return JsArray(list(state.tags))
        raise error(TAGS_NOT_ACCEPTED if state.use == "new" else TAGS_STANDARD)

    @method
    def setWebSocketAutoResponse(self, pair: JsValue = None) -> None:
        if pair is None:
            self._actor.hibernation.auto_response = None
            return
        if not isinstance(pair, WebSocketRequestResponsePair):
            raise wrong_parameter(_CLASS, "setWebSocketAutoResponse", 1, _PAIR)
        _check_size("Request", pair.request)
        _check_size("Response", pair.response)
        self._actor.hibernation.auto_response = pair.request, pair.response

    @method
    def getWebSocketAutoResponse(self) -> JsValue:
        pair = self._actor.hibernation.auto_response
        return null if pair is None else WebSocketRequestResponsePair(*pair)

    @method
    def getWebSocketAutoResponseTimestamp(self, socket: JsValue = None) -> JsValue:
        state = _socket_argument(socket, "getWebSocketAutoResponseTimestamp").state
        time_ms = state.answered_at_ms if isinstance(state, HibernatableSocket) else None
        return null if time_ms is None else JsDate(time_ms)

    @method
    def setHibernatableWebSocketEventTimeout(self, timeout_ms: JsValue = None) -> None:
        number = 0.0 if timeout_ms is None else to_number(timeout_ms)
        if not math.isfinite(number):
            raise type_error(NOT_INTEGER)
        if number < 0:
            raise type_error(NEGATIVE)
        if number > MAX_EVENT_TIMEOUT_MS:
            raise error(LONG_TIMEOUT.format(MAX_EVENT_TIMEOUT_MS))
        self._actor.hibernation.event_timeout_ms = int(number) or None

    @method
    def getHibernatableWebSocketEventTimeout(self) -> JsValue:
        timeout_ms = self._actor.hibernation.event_timeout_ms
        return null if timeout_ms is None else timeout_ms


def _socket_argument(value: JsValue, name: str) -> WebSocket:
    if not isinstance(value, WebSocket):
        raise wrong_parameter(_CLASS, name, 1, "WebSocket")
    return value


def _checked_tags(values: list[JsValue]) -> tuple[str, ...]:
    tags: dict[str, None] = {}
    for value in values:
        # Looked at before a duplicate is recognised, so that after ten tags nothing may follow.
        if len(tags) >= MAX_TAGS:
            raise error(TOO_MANY_TAGS.format(MAX_TAGS))
        tag = to_string(None if value is MISSING else value)
        if len(tag.encode("utf-8", "replace")) > MAX_TAG_BYTES:
            raise error(LONG_TAG.format(tag, MAX_TAG_BYTES))
        tags[tag] = None
    return tuple(tags)


def _check_size(what: str, text: str) -> None:
    size = len(text.encode())
    if size > MAX_PAIR_BYTES:
        raise range_error(LARGE_PAIR.format(what, MAX_PAIR_BYTES, what.lower(), size))
