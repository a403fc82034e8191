"""`MessageChannel` and `MessagePort`: two ends, of which each hears what the other is told.

Messages wait until somebody listens; a listener for `message` is enough, `start()` is not needed.
A message is delivered as a microtask of its own, also if a port was closed meanwhile. Closing is
heard at once, by the other end first. Nothing can be transferred.
Source: workerd src/workerd/api/messagechannel.c++.
"""

from __future__ import annotations

from collections import deque

from emulator.js import host
from emulator.js.array import JsArray
from emulator.js.clone import structured_clone
from emulator.js.convert import get_option
from emulator.js.define import getter, method
from emulator.js.errors import error, error_value
from emulator.js.event import Event, MessageEvent
from emulator.js.events import EventTarget
from emulator.js.object import JsObject
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_parameter

NO_TRANSFER = "Transfer list is not supported"


class MessagePort(EventTarget, name="MessagePort", constructible=False):
    """One end of a channel."""

    __slots__ = ("_is_closed", "_is_started", "_onmessage", "_waiting", "other")

    def __init__(self) -> None:
        super().__init__()
        self.other: MessagePort | None = None
        self._waiting: deque[JsValue] = deque()
        self._is_started = False
        self._is_closed = False
        self._onmessage: JsValue = null

    # -- for the emulator ---------------------------------------------------------------------

    def receive(self, data: JsValue) -> None:
        """A message for this end; lost if it is closed."""
        if self._is_closed:
            return
        self._waiting.append(data)
        if self._is_started:
            self._deliver_waiting()

    def _deliver_waiting(self) -> None:
        while self._waiting:
            self._deliver_soon(self._waiting.popleft())

    def _deliver_soon(self, data: JsValue) -> None:
        host.current().queue_microtask(lambda: self._deliver(data))

    def _deliver(self, data: JsValue) -> None:
        event = MessageEvent("message", data=data, source=self)
        try:
            self.dispatch(event)
        except Exception as exception:  # noqa: BLE001 - nobody else is there to hear of it
            host.current().report_error(error_value(exception))

    def _end(self) -> None:
        self._is_closed = True
        self._waiting.clear()
        self.dispatch(Event("close"))

    # -- JavaScript members -------------------------------------------------------------------

    @method
    def postMessage(self, data: JsValue = None, options: JsValue = None) -> None:
        _check_transfer(options)
        message = structured_clone(data)
        if self.other is not None and not self._is_closed:
            self.other.receive(message)

    @method
    def start(self) -> None:
        if not self._is_closed:
            self._is_started = True
            self._deliver_waiting()

    @method
    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        other, self.other = self.other, None
        if other is not None:
            other.other = None
            other._end()
        self._end()

    @getter
    def onmessage(self) -> JsValue:
        return self._onmessage

    @onmessage.setter
    def onmessage(self, value: JsValue) -> None:
        self._onmessage = value if isinstance(value, JsObject) else null
        if self._onmessage is not null:
            self.start()

    @method
    def addEventListener(
        self, type: JsValue = MISSING, handler: JsValue = MISSING, options: JsValue = None
    ) -> None:
        super().addEventListener(type, handler, options)
        if type == "message":
            self.start()


class MessageChannel(JsObject, name="MessageChannel"):
    """Two ports that belong together."""

    __slots__ = ("_ports",)

    def __init__(self) -> None:
        super().__init__()
        first, second = MessagePort(), MessagePort()
        first.other, second.other = second, first
        self._ports = (first, second)

    @classmethod
    def js_new(cls) -> JsValue:
        return cls()

    @getter
    def port1(self) -> MessagePort:
        return self._ports[0]

    @getter
    def port2(self) -> MessagePort:
        return self._ports[1]


def _check_transfer(options: JsValue) -> None:
    if options is None or options is null:
        return
    if not isinstance(options, JsObject):
        raise wrong_parameter("MessagePort", "postMessage", 2, "Array or PostMessageOptions")
    transfer = options if isinstance(options, JsArray) else get_option(options, "transfer")
    if isinstance(transfer, JsArray) and transfer.items:
        raise error(NO_TRANSFER)
