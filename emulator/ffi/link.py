"""The host's end of a guest's TCP connection: what the bytes go through.

A Link is the protocol of a transport of the host's loop. What arrives is kept until the guest
takes it, and the guest is told by an event, at the gate of whoever used the connection last. What
the guest sends goes to the host's transport once everything it wrote before is on disk.

Guarantees: order both ways; no more than about RECEIVE_LIMIT bytes are read ahead; ends with its
context.
Does not know: the guest's protocol (`emulator.ffi.transport`), how connections are made.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Protocol, cast

from emulator.ffi.closed_socket import ClosedSocket
from emulator.js.host import Host

RECEIVE_LIMIT: Final = 262_144
OTHER_REQUEST: Final = (
    "Cannot perform I/O on behalf of a different request. I/O objects (such as streams, "
    "request/response bodies, and others) created in the context of one request handler cannot be "
    "accessed from a different request's handler. This is a limitation of Cloudflare Workers which "
    "allows us to improve overall performance."
)


class Receiver(Protocol):
    """The guest's end."""

    def look(self) -> None:
        """Something has changed; called inside a turn."""
        ...


class Link(asyncio.Protocol):
    """See the module docstring. Methods for the guest's end are called inside turns."""

    def __init__(self, context: Host) -> None:
        self.context = context
        self.host_transport: asyncio.Transport | None = None
        self.closed_socket: ClosedSocket | None = None
        self.receiver: Receiver | None = None
        self.secure = False
        self.at_end = False
        self.lost = False
        self.ended = False
        self.failure: Exception | None = None
        self.awaits_room = False
        self._received: deque[bytes] = deque()
        self._received_size = 0
        self._reading_paused = False
        self._held_size = 0
        self._told = False
        self._events = context.expect_events(outlives_event=False)
        context.own_socket(self)

    # -- asyncio.Protocol, called by the host's loop ----------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.host_transport = cast("asyncio.Transport", transport)
        sock, sockname, peername = map(transport.get_extra_info, ("socket", "sockname", "peername"))
        if sock is not None:
            self.closed_socket = ClosedSocket(sock, sockname, peername)

    def data_received(self, data: bytes) -> None:
        if self.ended:
            return
        self._received.append(data)
        self._received_size += len(data)
        if self._received_size >= RECEIVE_LIMIT and not self._reading_paused:
            self._reading_paused = True
            self._host.pause_reading()
        self._tell()

    def eof_received(self) -> bool:
        self.at_end = True
        self._tell()
        return not self.secure  # TLS has no half-closed connections

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self.failure = exc
        self._tell()

    def pause_writing(self) -> None:
        """The guest's end looks at the size itself, whenever it writes."""

    def resume_writing(self) -> None:
        self._tell()

    def _tell(self) -> None:
        if not self._told and not self.ended:
            self._told = True
            self._events.deliver(self._wake)

    def _wake(self) -> None:
        self._told = False
        if self.receiver is not None:
            self.receiver.look()

    # -- for the guest's end ----------------------------------------------------------------------

    @property
    def _host(self) -> asyncio.Transport:
        assert self.host_transport is not None, "there is no connection yet"
        return self.host_transport

    @property
    def has_data(self) -> bool:
        """Whether there is something to take."""
        return bool(self._received)

    def take(self) -> bytes:
        """The next bytes that arrived."""
        data = self._received.popleft()
        self._received_size -= len(data)
        if self._reading_paused and self._received_size < RECEIVE_LIMIT // 2:
            self._reading_paused = False
            if not self.lost and not self._host.is_closing():
                self._host.resume_reading()
        return data

    def put_back(self, data: bytes) -> None:
        """The rest of what was taken."""
        self._received.appendleft(data)
        self._received_size += len(data)

    def use_here(self) -> None:
        """Lets events in where the connection is used: whoever sends a question waits there."""
        if self._events.move_here() and self._told:
            self._events.deliver(self._wake)

    @property
    def waiting_size(self) -> int:
        """How much is not with the operating system yet."""
        size = self._held_size
        if not self.lost and self.host_transport is not None:
            size += self.host_transport.get_write_buffer_size()
        return size

    def limit_waiting(self, low: int) -> None:
        """Asks to be told whenever no more than so many bytes wait."""
        # Equal limits: the host's transport is never silent between them.
        self._host.set_write_buffer_limits(high=low, low=low)

    def send(self, data: bytes) -> None:
        """Sends bytes in their turn."""
        self._held_size += len(data)
        self._let_out(partial(self._send_now, data))

    def _send_now(self, data: bytes) -> None:
        self._held_size -= len(data)
        self._host.write(data)
        if self.awaits_room:
            self._tell()

    def send_end(self) -> None:
        """Sends the end of what is sent."""
        self._let_out(self._host.write_eof)

    def close(self) -> None:
        """Closes the connection when everything is sent."""
        self._let_out(self._host.close)

    def _let_out(self, job: Callable[[], Any]) -> None:
        self.context.when_durable(partial(self._unless_over, job))

    def _unless_over(self, job: Callable[[], Any]) -> None:
        if not self.lost and not self.ended and not self._host.is_closing():
            job()

    # -- the end ----------------------------------------------------------------------------------

    def cut(self) -> None:
        """Ends the connection at once; what waits is never sent."""
        if self.host_transport is not None and not self.lost:
            self.host_transport.abort()

    def abort(self) -> None:
        """The context is over."""
        self.cut()
        self.end()

    def end(self) -> None:
        """Nobody has the connection any more."""
        if not self.ended:
            self.ended = True
            self.receiver = None
            self._received.clear()
            self.context.disown_socket(self)
            self._events.end()
