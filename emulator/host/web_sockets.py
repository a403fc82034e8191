"""WebSockets over connections: the server's handshake, and a channel on aiohttp's framing.

Guarantees: frames are read at the pace of whoever receives them, and written with back-pressure;
pings are answered here; a broken protocol ends with the close frame that names it; a client that
vanishes without a close frame is a `Disconnect`. Invalid UTF-8 is replaced, as the runtime does.
Does not know: guests. Compression is never agreed to: on loopback it only costs.
Source: RFC 6455; texts of workerd, where aiohttp does not have its own.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp._websocket.writer import WebSocketWriter
from aiohttp.http import WS_KEY, HttpVersion11, WebSocketError, WSMsgType
from aiohttp.streams import EofStream

from emulator.host import reply
from emulator.js.frames import (
    BinaryFrame,
    CloseFrame,
    Disconnect,
    Frame,
    ProtocolFailure,
    TextFrame,
)
from emulator.runtime.http import HttpResponse

if TYPE_CHECKING:
    from aiohttp.base_protocol import BaseProtocol
    from aiohttp.web_request import BaseRequest

MAX_MESSAGE_BYTES: Final = 32 * 1024 * 1024
READ_BUFFER_BYTES: Final = 65536
UNSUPPORTED_VERSION: Final = "The requested WebSocket version is not supported."
MISSING_KEY: Final = "Missing Sec-WebSocket-Key"
UNKNOWN_OPCODE: Final = "Unknown opcode {}"
TOO_LARGE: Final = "Message is too large: {} > {}"

_KEY_BYTES: Final = 16
_MAX_CONTROL_REASON_BYTES: Final = 123
_OPCODE_BY_PARSER: Final = re.compile(r"Unexpected opcode=(\d+)")
_TOO_LARGE_BY_PARSER: Final = re.compile(r"Message size (\d+) exceeds limit")
_HANDSHAKE_HEADERS: Final = frozenset(
    {"upgrade", "sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-key"}
)


class NetworkSocket:
    """Our side of a connection. Implements SocketChannel.

    Who makes it sets `reader` as the parser of the connection's protocol.
    """

    def __init__(
        self, protocol: BaseProtocol, transport: asyncio.Transport | None, *, is_client: bool
    ) -> None:
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the peer is gone")
        self._transport = transport
        self.queue = WebSocketDataQueue(
            protocol, READ_BUFFER_BYTES, loop=asyncio.get_running_loop()
        )
        # aiohttp refuses messages of its limit and more. The parser is kept by this object.
        self.reader = WebSocketReader(
            self.queue, MAX_MESSAGE_BYTES + 1, compress=False, decode_text=False
        )
        self._writer = WebSocketWriter(protocol, transport, use_mask=is_client)
        self._heard_close = False

    async def receive(self) -> Frame:
        while True:
            try:
                message = await self.queue.read()
            except WebSocketError as error:
                return await self._fail(error)
            except (EofStream, ConnectionError):
                return Disconnect()
            if self._heard_close:
                continue  # whatever comes after a close frame means nothing
            match message.type:
                case WSMsgType.TEXT:
                    return TextFrame(message.data.decode("utf-8", "replace"))
                case WSMsgType.BINARY:
                    return BinaryFrame(bytes(message.data))
                case WSMsgType.PING:
                    await self._write(bytes(message.data), WSMsgType.PONG)
                case WSMsgType.CLOSE:
                    self._heard_close = True
                    return CloseFrame(message.data or None, message.extra or "")

    async def _fail(self, error: WebSocketError) -> Frame:
        if self._heard_close:
            return Disconnect()
        description = str(error)
        size = _TOO_LARGE_BY_PARSER.match(description)
        if size is not None:
            description = TOO_LARGE.format(size[1], MAX_MESSAGE_BYTES)
        opcode = _OPCODE_BY_PARSER.match(description)
        if opcode is not None:
            description = UNKNOWN_OPCODE.format(opcode[1])
        await self.send(CloseFrame(error.code, description))
        return ProtocolFailure(error.code, description)

    async def send(self, frame: Frame) -> None:
        match frame:
            case TextFrame(text):
                await self._write(text.encode("utf-8", "replace"), WSMsgType.TEXT)
            case BinaryFrame(data):
                await self._write(data, WSMsgType.BINARY)
            case CloseFrame(code, reason):
                body = b"" if code is None else code.to_bytes(2, "big") + _cut(reason)
                await self._write(body, WSMsgType.CLOSE)

    async def _write(self, data: bytes, opcode: WSMsgType) -> None:
        try:
            await self._writer.send_frame(data, opcode)
        except ConnectionError:
            return  # the reader finds out

    def close(self) -> None:
        """Ends the connection; what was written still leaves."""
        self._transport.close()

    def __repr__(self) -> str:
        return f"<NetworkSocket heard_close={self._heard_close}>"


def _cut(reason: str) -> bytes:
    """As much of a reason as fits a frame; the length is limited by a flag only."""
    data = reason.encode("utf-8", "replace")[:_MAX_CONTROL_REASON_BYTES]
    return data.decode("utf-8", "ignore").encode()


def refuse_handshake(request: BaseRequest) -> HttpResponse | None:
    """The answer to a client whose handshake is none that can be accepted."""
    headers = request._message.headers
    problem = ""
    if request._message.version < HttpVersion11 or headers.get("Sec-WebSocket-Version") != "13":
        problem = UNSUPPORTED_VERSION
    elif not _is_key(headers.get("Sec-WebSocket-Key", "")):
        problem = MISSING_KEY
    if not problem:
        return None
    return HttpResponse(400, "", [("Content-Type", "text/plain")], problem.encode())


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def accept_handshake(
    request: BaseRequest, response: HttpResponse, exchange: reply.Exchange
) -> NetworkSocket:
    """Writes the head of a 101 response; the connection speaks WebSocket from here on.

    Raises:
        ConnectionError: the client is gone.
    """
    key = request._message.headers["Sec-WebSocket-Key"]
    digest = hashlib.sha1(key.encode() + WS_KEY).digest()  # noqa: S324 - RFC 6455 says so
    kept = [
        (name, text) for name, text in response.headers if name.lower() not in _HANDSHAKE_HEADERS
    ]
    framing = (
        "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}\r\n"
    )
    head = reply._head(replace(response, headers=kept), framing, exchange, keep_alive=True)
    socket = NetworkSocket(request.protocol, request.transport, is_client=False)
    request.protocol.set_parser(socket.reader)
    socket._transport.write(head)
    return socket
