"""`WebSocketPair`, and `WebSocketRequestResponsePair` for automatic answers.

Source: workerd src/workerd/api/web-socket.h and actor-state.h; texts confirmed by running it.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.js import host
from emulator.js.convert import to_string
from emulator.js.define import getter
from emulator.js.frames import make_pipe
from emulator.js.object import JsObject
from emulator.js.values import MISSING, JsValue
from emulator.js.webidl import scalar_text, wrong_constructor_parameter
from emulator.js.websocket import SocketState, WebSocket


class WebSocketPair(JsObject, name="WebSocketPair"):
    """Two connected sockets, as properties "0" and "1"."""

    __slots__ = ("sockets",)
    js_iterable = True

    def __init__(self, first: WebSocket, second: WebSocket) -> None:
        super().__init__()
        self.sockets = first, second
        self._own = {"0": first, "1": second}

    @classmethod
    def js_new(cls) -> JsValue:
        context = host.current()
        context.check_io_allowed()
        ends = make_pipe()
        for end in ends:
            context.own_socket(end)
        return cls(*(WebSocket(SocketState(end)) for end in ends))

    def js_iter(self) -> Iterator[JsValue]:
        return iter(self.sockets)


class WebSocketRequestResponsePair(JsObject, name="WebSocketRequestResponsePair"):
    """A text message, and the text that is to answer it."""

    __slots__ = ("_request", "_response")

    def __init__(self, request: str, response: str) -> None:
        super().__init__()
        self._request = request
        self._response = response

    @classmethod
    def js_new(cls, request: JsValue = MISSING, response: JsValue = MISSING) -> JsValue:
        for index, value in enumerate((request, response), 1):
            if value is MISSING:
                raise wrong_constructor_parameter(cls.js_class_name, index, "string")
        return cls(scalar_text(to_string(request)), scalar_text(to_string(response)))

    @getter
    def request(self) -> str:
        return self._request

    @getter
    def response(self) -> str:
        return self._response
