"""`new WebSocket(url, protocols)`: a connection to the world outside.

The handshake is an ordinary `fetch` with `Upgrade: websocket`, whose response brings the socket.
Source: workerd src/workerd/api/web-socket.c++; texts confirmed by running it.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from emulator.js import host
from emulator.js import url as urls
from emulator.js.array import JsArray
from emulator.js.convert import to_string
from emulator.js.errors import dom_exception, type_error
from emulator.js.event import CloseEvent
from emulator.js.frames import make_pipe
from emulator.js.plain import PlainObject
from emulator.js.request import Request
from emulator.js.response import Response
from emulator.js.values import MISSING, JsValue
from emulator.js.webidl import wrong_constructor_parameter
from emulator.js.websocket import ABNORMAL, SocketState, WebSocket, open_event

BAD_URL = "WebSocket Constructor: The url is invalid."
BAD_SCHEME = "WebSocket Constructor: The url scheme must be ws or wss."
HAS_FRAGMENT = "WebSocket Constructor: The url fragment must be empty."
BAD_PROTOCOL = "WebSocket Constructor: The protocol header token is invalid."
BAD_PROTOCOLS = "WebSocket Constructor: One of the protocol header tokens is invalid."
REPEATED_PROTOCOL = "WebSocket Constructor: The protocols header cannot have repeating values."
NOT_SWITCHED = (
    "Failed to establish the WebSocket connection: expected server to reply with HTTP status code "
    "101 (switching protocols), but received {} instead."
)
NOT_ESTABLISHED = "Failed to establish websocket connection"

_SCHEMES: Final = {"ws": "http", "wss": "https"}
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def connect(url: JsValue, protocols: JsValue) -> WebSocket:
    """A socket that is being connected, and tells by events how that goes."""
    if url is MISSING:
        raise wrong_constructor_parameter("WebSocket", 1, "string")
    href = _checked_url(to_string(url))
    names = _protocols(protocols)
    context = host.current()
    context.check_io_allowed()
    placeholder = make_pipe()[0]
    socket = WebSocket(SocketState(placeholder, "accepted", href))
    socket.connecting = socket.from_constructor = True
    context.fetch(_handshake(href, names)).subscribe(
        partial(_answered, socket), partial(_failed, socket)
    )
    return socket


def _checked_url(text: str) -> str:
    href = urls.normalize(text)
    if href is None:
        raise dom_exception("SyntaxError", BAD_URL)
    if href.partition(":")[0] not in _SCHEMES:
        raise dom_exception("SyntaxError", BAD_SCHEME)
    if "#" in href:
        raise dom_exception("SyntaxError", HAS_FRAGMENT)
    return href


def _protocols(value: JsValue) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, JsArray):
        name = to_string(value)
        if _TOKEN.fullmatch(name) is None:
            raise dom_exception("SyntaxError", BAD_PROTOCOL)
        return [name]
    names = [to_string(item) for item in value.items]
    if any(_TOKEN.fullmatch(name) is None for name in names):
        raise dom_exception("SyntaxError", BAD_PROTOCOLS)
    if len(set(names)) < len(names):
        raise dom_exception("SyntaxError", REPEATED_PROTOCOL)
    return names


def _handshake(href: str, protocols: list[str]) -> JsValue:
    scheme, _, rest = href.partition(":")
    headers = PlainObject({"Upgrade": "websocket"})
    if protocols:
        headers.js_set("Sec-WebSocket-Protocol", ", ".join(protocols))
    init = PlainObject({"headers": headers, "redirect": "manual"})
    return Request.js_new(f"{_SCHEMES[scheme]}:{rest}", init)


def _answered(socket: WebSocket, response: JsValue) -> None:
    assert isinstance(response, Response)
    received = response.web_socket
    if not isinstance(received, WebSocket):
        _failed(socket, type_error(NOT_SWITCHED.format(response.status)).value)
        return
    state = socket.state
    state.end = received.state.end
    state.protocol = response.headers.first("sec-websocket-protocol")
    state.extensions = response.headers.first("sec-websocket-extensions")
    socket.connecting = False
    socket.dispatch(open_event())
    half_open = not host.current().flag("web_socket_auto_reply_to_close")
    socket.listen(allow_half_open=half_open)


def _failed(socket: WebSocket, reason: JsValue) -> None:
    socket.connecting = False
    socket.fail(reason)
    socket.dispatch(CloseEvent(code=ABNORMAL, reason=NOT_ESTABLISHED))
