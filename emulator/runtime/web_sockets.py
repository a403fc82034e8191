"""Sockets as they travel in HTTP messages: channels of frames.

A `SocketChannel` is the way to the other end of a socket, for whoever receives an `HttpResponse`
with status 101. Inside of one process it is one end of a pipe; a host implements it over a network
connection.

Guarantees: `join` carries frames in both directions, each at the pace of its receiver, until both
sides have sent a close frame or one of them is gone, and lets go of both.
Does not know: guests, aiohttp.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final, Protocol

from emulator.js.errors import error_value, type_error
from emulator.js.frames import (
    CloseFrame,
    Disconnect,
    Frame,
    PipeEnd,
    ProtocolFailure,
    make_pipe,
)
from emulator.js.websocket import WebSocket

if TYPE_CHECKING:
    from emulator.runtime.http import HttpRequest
    from emulator.runtime.io_context import IoContext

NOT_ASKED: Final = (
    "Worker tried to return a WebSocket in a response to a request which did not contain the "
    'header "Upgrade: websocket".'
)
RETURNED: Final = {
    "accepted": "Can't return WebSocket in a Response after calling accept().",
    "hibernatable": "Can't return WebSocket in a Response after calling acceptWebSocket().",
    "used": "Can't return WebSocket that was already used in a response.",
}


class SocketChannel(Protocol):
    """The way to the other end of a socket."""

    async def send(self, frame: Frame) -> None:
        """Sends a frame; done when the other end has taken it, or never will."""
        ...

    async def receive(self) -> Frame:
        """The next frame; `Disconnect` once the other end is gone."""
        ...

    def close(self) -> None:
        """This side is gone; without a close frame before, the other one hears a disconnect."""
        ...


class PipeChannel:
    """A channel inside of this process."""

    __slots__ = ("end",)

    def __init__(self, end: PipeEnd) -> None:
        self.end = end

    async def send(self, frame: Frame) -> None:
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.end.send(frame, lambda: None if taken.done() else taken.set_result(None))
        await taken

    async def receive(self) -> Frame:
        if self.end.gone:
            return Disconnect()
        arrived: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self.end.receive(lambda frame: None if arrived.done() else arrived.set_result(frame))
        try:
            return await arrived
        except asyncio.CancelledError:
            self.end.stop_receiving()
            raise

    def close(self) -> None:
        self.end.abort()

    def __repr__(self) -> str:
        return f"<PipeChannel {self.end!r}>"


async def join(first: SocketChannel, second: SocketChannel) -> None:
    """Carries frames between two channels until the conversation is over."""
    closes = 0

    async def carry(source: SocketChannel, target: SocketChannel) -> None:
        nonlocal closes
        while True:
            frame = await source.receive()
            if isinstance(frame, Disconnect):
                return
            await target.send(frame)
            if isinstance(frame, CloseFrame):
                closes += 1
            if closes == 2 or isinstance(frame, ProtocolFailure):
                return

    loop = asyncio.get_running_loop()
    ways = [loop.create_task(carry(first, second)), loop.create_task(carry(second, first))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        first.close()
        second.close()
    for way in ways:
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await way


def received_socket(context: IoContext, channel: SocketChannel) -> WebSocket:
    """The guest's WebSocket for a channel that it received in a response."""
    if isinstance(channel, PipeChannel):
        return WebSocket.received(channel.end)
    ours, theirs = make_pipe()
    context.services.spawn(join(channel, PipeChannel(theirs)))
    return WebSocket.received(ours)


def wants_upgrade(request: HttpRequest) -> bool:
    """Whether a request asks for a WebSocket."""
    return any(
        name.lower() == "upgrade" and value.lower() == "websocket"
        for name, value in request.headers
    )


def given_socket(context: IoContext, socket: WebSocket, request: HttpRequest) -> SocketChannel:
    """The channel for a socket that a guest returned in a response."""
    if not wants_upgrade(request):
        raise type_error(NOT_ASKED)
    end = socket.state.end
    if socket.state.use == "new":
        socket.take("used")
        context.disown_socket(end)
        return PipeChannel(end)
    # As on Cloudflare the response is on its way already: its receiver is disconnected.
    context.report_error(error_value(type_error(RETURNED[socket.state.use])))
    dead, given = make_pipe()
    dead.abort()
    return PipeChannel(given)
