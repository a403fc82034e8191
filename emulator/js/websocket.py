"""`WebSocket`: a guest's end of a connection, over a pipe of frames.

An end is accepted by `accept()`, and then heard through events, or by a Durable Object's
`acceptWebSocket()`, and then heard by its handlers; both let it send. `SocketState` is all of it
that outlives the guest's object when its instance is evicted.

Guarantees: a message leaves after everything written before it is durable, in the order of sending;
an event is a turn of its own, and the next one comes after it. A listener that throws ends the
connection. Once the other side is gone, sending is ignored.
Does not know: network, hibernation. Differs from the real runtime: no `error` event comes after the
`close` event when an automatic answer to a close frame could not be delivered any more.
Source: workerd src/workerd/api/web-socket.c++; texts and states confirmed by running it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from emulator.js import host
from emulator.js.blob import Blob
from emulator.js.buffers import ArrayBuffer, bytes_of
from emulator.js.clone import build, flatten
from emulator.js.convert import get_option, to_boolean, to_integer, to_string
from emulator.js.define import getter, method
from emulator.js.errors import JsError, describe, dom_exception, error, error_value, type_error
from emulator.js.event import CloseEvent, ErrorEvent, Event, MessageEvent
from emulator.js.events import EventTarget
from emulator.js.frames import (
    BinaryFrame,
    CloseFrame,
    Disconnect,
    Frame,
    PipeEnd,
    ProtocolFailure,
    TextFrame,
)
from emulator.js.host import EventPort
from emulator.js.object import JsObject
from emulator.js.serialized_size import serialized_size
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import scalar_text, wrong_parameter

NOT_ACCEPTED = (
    "You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending "
    "messages."
)
SEND_AFTER_CLOSE = "Can't call WebSocket send() after close()."
ACCEPT_HIBERNATABLE = "Can't accept() WebSocket after enabling hibernation."
ACCEPT_USED = "Can't accept() WebSocket that was already used in a response."
ACCEPT_CLIENT = "Websockets obtained from the 'new WebSocket()' constructor cannot call accept"
INVALID_CODE = "Invalid WebSocket close code: {}."
REASON_WITHOUT_CODE = "If you specify a WebSocket close reason, you must also specify a code."
LONG_REASON = "WebSocket close reason must not be longer than 123 bytes when UTF-8 encoded."
LARGE_ATTACHMENT = (
    "A WebSocket 'attachment' cannot be larger than {limit} bytes.'attachment' was {size} bytes."
)
LOST = "Network connection lost."
DISCONNECTED = "WebSocket disconnected without sending Close frame."
PROTOCOL_FAILED = (
    "WebSocket protocol error; protocolError.statusCode = {}; protocolError.description = {}"
)

CONNECTING, OPEN, CLOSING, CLOSED = range(4)
NO_CODE: Final = 1005
ABNORMAL: Final = 1006
MAX_ATTACHMENT_BYTES: Final = 16384
MAX_REASON_BYTES: Final = 123
_RESERVED_CODES: Final = frozenset({1004, NO_CODE, ABNORMAL, 1015})
_MESSAGE_TYPES: Final = "ArrayBuffer or ArrayBufferView or string"


Use = Literal["new", "accepted", "hibernatable", "used"]


@dataclass(slots=True, eq=False)
class SocketState:
    """What there is of a socket without its guest object. `use`: nobody has accepted it yet,
    accept() or acceptWebSocket() was called, or it was given away in a Response."""

    end: PipeEnd
    use: Use = "new"
    url: str | None = None
    protocol: str | None = ""
    extensions: str | None = ""
    attachment: tuple[list[Any], JsValue] | None = None
    closed_incoming: bool = False
    closed_outgoing: bool = False
    failed: bool = False

    @property
    def ready_state(self) -> int:
        if self.failed or (self.closed_incoming and self.closed_outgoing):
            return CLOSED
        return CLOSING if self.closed_incoming or self.closed_outgoing else OPEN


class WebSocket(EventTarget, name="WebSocket"):
    """See the module docstring."""

    __slots__ = (
        "_allow_half_open", "_binary_type", "_port", "connecting", "from_constructor", "state",
    )  # fmt: skip

    def __init__(self, state: SocketState) -> None:
        super().__init__()
        self.state = state
        self.connecting = False
        self.from_constructor = False
        self._allow_half_open = False
        self._binary_type = ""
        self._port: EventPort | None = None

    # -- for the emulator ---------------------------------------------------------------------

    @classmethod
    def received(cls, end: PipeEnd, url: str | None = None) -> WebSocket:
        """The socket of a response, in the context that received it."""
        host.current().own_socket(end)
        return cls(SocketState(end, url=url))

    def listen(self, *, allow_half_open: bool) -> None:
        """Begins to hear events, in the current context."""
        self.take("accepted")
        self._allow_half_open = allow_half_open
        self._port = host.current().expect_events()
        self.state.end.receive(self._arrived)

    def take(self, use: Use) -> None:
        """Notes what becomes of a new socket."""
        self.state.use = use
        self.state.end.in_use = True

    def fail(self, reason: JsValue) -> None:
        """Ends the connection for an error, which listeners hear of."""
        self.state.failed = True
        self.state.end.abort()
        self._end_events()
        self.dispatch(ErrorEvent(message=f"Uncaught {describe(reason)}", error=reason))

    # -- events -------------------------------------------------------------------------------

    def _arrived(self, frame: Frame) -> None:
        assert self._port is not None, "only an accepted socket receives"
        self._port.deliver(partial(self._hear, frame))

    def _hear(self, frame: Frame) -> None:
        try:
            self._handle(frame)
        except Exception as exception:  # noqa: BLE001 - whatever a listener raises ends the socket
            reason = error_value(exception)
            host.current().report_error(reason)
            self.fail(reason)

    def _handle(self, frame: Frame) -> None:
        match frame:
            case TextFrame(text):
                self._dispatch_message(text)
            case BinaryFrame(data):
                blob = self.binaryType == "blob"
                self._dispatch_message(Blob(data) if blob else ArrayBuffer(data))
            case CloseFrame():
                self._peer_closed(frame)
            case Disconnect():
                self._peer_vanished()
            case ProtocolFailure():
                self.fail(protocol_error(frame))

    def _dispatch_message(self, data: JsValue) -> None:
        if self.state.failed:
            return
        self.dispatch(MessageEvent("message", data=data))
        self.state.end.receive(self._arrived)

    def _peer_vanished(self) -> None:
        if self.state.end.lost:
            self.fail(JsError(LOST))
        self._end_events()
        try:
            self.dispatch(CloseEvent(code=ABNORMAL, reason=DISCONNECTED))
        finally:
            self.state.closed_incoming = True

    def _peer_closed(self, frame: CloseFrame) -> None:
        self.state.closed_incoming = True
        if not self._allow_half_open and not self.state.closed_outgoing:
            self._send_close(frame)
        self._end_events()
        code = NO_CODE if frame.code is None else frame.code
        self.dispatch(CloseEvent(code=code, reason=frame.reason, was_clean=True))

    def _end_events(self) -> None:
        if self._port is not None:
            self._port.end()

    # -- sending ------------------------------------------------------------------------------

    def _check_may_send(self) -> None:
        if self.state.use == "new" or self.connecting:
            raise type_error(NOT_ACCEPTED)

    def _send_close(self, frame: CloseFrame) -> None:
        self.state.closed_outgoing = True
        host.current().when_durable(partial(self.state.end.send, frame))

    # -- JavaScript members -------------------------------------------------------------------

    @classmethod
    def js_new(cls, url: JsValue = MISSING, protocols: JsValue = None) -> JsValue:
        from emulator.js.websocket_client import connect  # noqa: PLC0415 - needs this module

        return connect(url, protocols)

    @method
    def accept(self, options: JsValue = None) -> None:
        if not (options is None or options is null or isinstance(options, JsObject)):
            raise wrong_parameter("WebSocket", "accept", 1, "AcceptOptions")
        if self.from_constructor:
            raise type_error(ACCEPT_CLIENT)
        match self.state.use:
            case "accepted":
                return
            case "hibernatable":
                raise type_error(ACCEPT_HIBERNATABLE)
            case "used":
                raise type_error(ACCEPT_USED)
        half_open = get_option(options, "allowHalfOpen")
        if half_open is None:
            half_open = not host.current().flag("web_socket_auto_reply_to_close")
        self.listen(allow_half_open=to_boolean(half_open))

    @method
    def send(self, message: JsValue = MISSING) -> None:
        if message is MISSING:
            raise wrong_parameter("WebSocket", "send", 1, _MESSAGE_TYPES)
        data = bytes_of(message)
        frame = TextFrame(scalar_text(to_string(message))) if data is None else BinaryFrame(data)
        self._check_may_send()
        if self.state.closed_outgoing:
            raise type_error(SEND_AFTER_CLOSE)
        if self.state.use != "used":
            host.current().when_durable(partial(self.state.end.send, frame))

    @method
    def close(self, code: JsValue = None, reason: JsValue = None) -> None:
        frame = close_frame(code, reason)
        self._check_may_send()
        state = self.state
        if not state.closed_outgoing and state.use != "used" and not state.end.peer.gone:
            self._send_close(frame)

    @method
    def serializeAttachment(self, value: JsValue = MISSING) -> None:
        if value is MISSING:
            raise wrong_parameter("WebSocket", "serializeAttachment", 1, "Value")
        nodes, root = flatten(value)
        size = serialized_size(nodes, root)
        if size > MAX_ATTACHMENT_BYTES:
            raise error(LARGE_ATTACHMENT.format(limit=MAX_ATTACHMENT_BYTES, size=size))
        self.state.attachment = nodes, root

    @method
    def deserializeAttachment(self) -> JsValue:
        attachment = self.state.attachment
        return null if attachment is None else build(*attachment)

    @getter
    def readyState(self) -> int:
        return CONNECTING if self.connecting else self.state.ready_state

    @getter
    def url(self) -> JsValue:
        return null if self.state.url is None else self.state.url

    @getter
    def protocol(self) -> JsValue:
        return null if self.state.protocol is None else self.state.protocol

    @getter
    def extensions(self) -> JsValue:
        return null if self.state.extensions is None else self.state.extensions

    @getter
    def binaryType(self) -> str:
        if self._binary_type:
            return self._binary_type
        standard = host.current().flag("websocket_standard_binary_type")
        return "blob" if standard else "arraybuffer"

    @binaryType.setter
    def binaryType(self, value: JsValue) -> None:
        # As the standard has it for enumerations: what is none of its values is ignored.
        text = to_string(value)
        if text in ("blob", "arraybuffer"):
            self._binary_type = text


def close_frame(code: JsValue, reason: JsValue) -> CloseFrame:
    """The frame for the arguments of close()."""
    number = None if code is None else to_integer(code)
    if number is not None and not _valid_code(number):
        raise dom_exception("InvalidAccessError", INVALID_CODE.format(number))
    if reason is None:
        return CloseFrame(number)
    if number is None:
        raise dom_exception("InvalidAccessError", REASON_WITHOUT_CODE)
    text = scalar_text(to_string(reason))
    limited = host.current().flag("websocket_close_reason_byte_limit")
    if limited and len(text.encode()) > MAX_REASON_BYTES:
        raise dom_exception("SyntaxError", LONG_REASON)
    return CloseFrame(number, text)


def _valid_code(code: int) -> bool:
    if host.current().flag("pedantic_wpt"):
        return code == 1000 or 3000 <= code <= 4999
    return 1000 <= code <= 4999 and code not in _RESERVED_CODES


def protocol_error(failure: ProtocolFailure) -> JsError:
    """What the guest hears of a broken connection."""
    return JsError(PROTOCOL_FAILED.format(failure.status_code, failure.description))


def open_event() -> Event:
    """The event of a connection that `new WebSocket()` asked for."""
    return Event("open")


def _constant(value: int) -> Any:
    def read(self: WebSocket) -> int:
        del self
        return value

    return getter(read)


for _value, _state in enumerate(("CONNECTING", "OPEN", "CLOSING", "CLOSED")):
    for _name in (_state, f"READY_STATE_{_state}"):
        WebSocket.js_statics[_name] = _value
        WebSocket.js_define(_name, _constant(_value))
