"""A client of a Worker's WebSocket inside of the process: speaks frames with the core."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from emulator.js.frames import BinaryFrame, CloseFrame, Disconnect, Frame, TextFrame
from tests.support.worker import request_for

if TYPE_CHECKING:
    from emulator.runtime.web_sockets import SocketChannel
    from tests.support.worker import VirtualWorker

QUIET_S = 1.0
"""In virtual time: what has not come by then does not come."""


class SocketClient:
    """The client's side of one connection, on the loop of a VirtualWorker."""

    def __init__(self, worker: VirtualWorker, channel: SocketChannel) -> None:
        self._worker = worker
        self.channel = channel

    @classmethod
    def connect(cls, worker: VirtualWorker, path: str = "/") -> Self:
        """Asks for a socket; the Worker must give one."""
        request = request_for(path, headers=[("Upgrade", "websocket")])
        response = worker.run(worker.emulator.fetch(request))
        assert response.status == 101
        assert response.web_socket is not None
        return cls(worker, response.web_socket)

    def send(self, *messages: str | bytes | Frame) -> None:
        """Sends messages; each has been taken by the Worker's side when this returns."""
        for message in messages:
            frame: Frame
            if isinstance(message, str):
                frame = TextFrame(message)
            elif isinstance(message, bytes):
                frame = BinaryFrame(message)
            else:
                frame = message
            self._worker.run(self.channel.send(frame))

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Sends a close frame."""
        self.send(CloseFrame(code, reason))

    def vanish(self) -> None:
        """Goes away without a word."""
        self.channel.close()

    def receive(self) -> str | bytes | Frame:
        """The next message, or the frame that is none."""
        frame = self._worker.run(self.channel.receive())
        match frame:
            case TextFrame(text):
                return text
            case BinaryFrame(data):
                return data
        return frame

    def received(self, count: int) -> list[str | bytes | Frame]:
        """The next messages."""
        return [self.receive() for _ in range(count)]

    def ask(self, message: str | bytes) -> str | bytes | Frame:
        """Sends a message and gives the next one that comes."""
        self.send(message)
        return self.receive()

    def hears_nothing(self) -> bool:
        """Whether no frame comes for a while."""
        return self._worker.run(self._quiet())

    async def _quiet(self) -> bool:
        try:
            async with asyncio.timeout(QUIET_S):
                await self.channel.receive()
        except TimeoutError:
            return True
        return False

    @property
    def is_disconnected(self) -> bool:
        """Whether the next frame says that the other side is gone."""
        return isinstance(self.receive(), Disconnect)
