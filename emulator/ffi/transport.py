"""The transport of a guest's TCP connection: asyncio's contract, over a Link.

The protocol's methods are called inside turns, each look at the link in a job of its own, in the
contextvars of whoever made the connection. Reading that is paused keeps the bytes; a protocol that
fails loses its connection, and the failure goes to the loop's exception handler.
Closing sends what waits first; `connection_lost` comes once, last, and never from within a call.

Does not know: how bytes move, TLS, gates.
Source: asyncio's documentation of transports and protocols. Differs: nothing a protocol can see.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Iterable
from typing import Any, Final

from emulator.ffi.flow_control import FlowControl
from emulator.ffi.link import OTHER_REQUEST, Link
from emulator.js import host

AFTER_EOF: Final = "Cannot call write() after write_eof()"
NOT_BYTES: Final = "data argument must be a bytes-like object, not {!r}"
NO_EOF: Final = "this transport cannot close one direction only"


class SocketTransport(asyncio.Transport):
    """See the module docstring."""

    _start_tls_compatible = True  # libraries ask for it, as asyncio does

    def __init__(
        self, loop: asyncio.AbstractEventLoop, link: Link, protocol: asyncio.BaseProtocol
    ) -> None:
        super().__init__()
        self.link = link
        self._loop = loop
        self._context = contextvars.copy_context()
        self._protocol: Any = protocol
        self._flow = FlowControl()
        self._paused = False
        self._closing = False
        self._end_sent = False
        self._end_told = False
        self._failure: Exception | None = None
        link.limit_waiting(self._flow.low)

    def begin(self, waiter: asyncio.Future[None]) -> None:
        """Tells the protocol that there is a connection, then the waiter, and begins to read."""

        def made() -> None:
            self._call("connection_made", self._protocol.connection_made, self)
            self.go_on()
            if not waiter.done():
                waiter.set_result(None)

        self._loop.call_soon(made, context=self._context)

    def go_on(self) -> None:
        """Takes what the link has, from now on."""
        self.link.receiver = self
        self.look()

    # -- what arrives ------------------------------------------------------------------------------

    def look(self) -> None:
        """As `Receiver` says."""
        self._loop.call_soon(self._look, context=self._context)

    def _look(self) -> None:
        link = self.link
        if link.receiver is not self:
            return  # the connection is over, or somebody else's
        self._feed()
        if self._flow.may_resume(link.waiting_size):
            link.awaits_room = False
            self._call("resume_writing", self._protocol.resume_writing)
        if link.lost and self._has_heard_all():
            self._lose()

    def _feed(self) -> None:
        link = self.link
        while link.has_data and self.is_reading():
            data = link.take()
            if isinstance(self._protocol, asyncio.BufferedProtocol):
                data = self._call("buffer_updated", self._fill, self._protocol, data) or b""
                if data:
                    link.put_back(data)
            else:
                self._call("data_received", self._protocol.data_received, data)
        if link.at_end and not self._end_told and not link.has_data and self.is_reading():
            self._end_told = True
            keeps = self._call("eof_received", self._protocol.eof_received)
            if not keeps or link.secure:
                self.close()

    def _fill(self, protocol: asyncio.BufferedProtocol, data: bytes) -> bytes:
        """Copies into the protocol's buffer; gives what did not fit."""
        with memoryview(protocol.get_buffer(-1)) as buffer, buffer.cast("B") as room:
            size = min(len(room), len(data))
            if not size:
                raise RuntimeError("get_buffer() returned an empty buffer")
            room[:size] = data[:size]
        protocol.buffer_updated(size)
        return data[size:]

    def _has_heard_all(self) -> bool:
        link = self.link
        if self._closing or link.failure is not None:
            return True
        return not link.has_data and (self._end_told or not link.at_end)

    def _lose(self) -> None:
        self._closing = True
        failure = self._failure or self.link.failure
        self.link.end()
        self._call("connection_lost", self._protocol.connection_lost, failure)

    def _call(self, name: str, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return function(*args)
        except Exception as error:  # noqa: BLE001 - a protocol that fails loses its connection
            self._loop.call_exception_handler(
                {
                    "message": f"Fatal error: protocol.{name}() call failed.",
                    "exception": error,
                    "transport": self,
                    "protocol": self._protocol,
                }
            )
            self._end_with(error)

    # -- BaseTransport -----------------------------------------------------------------------------

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """`peername`, `sockname`, `socket`, and with TLS `ssl_object`, `cipher`, `peercert`, ..."""
        link = self.link
        if name == "socket" and (link.lost or link.ended or self._is_foreign()):
            return link.closed_socket or default
        transport = link.host_transport
        return default if transport is None else transport.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        protocol: asyncio.BaseProtocol = self._protocol
        return protocol

    def is_closing(self) -> bool:
        return self._closing or self.link.ended or self._is_foreign()

    def _is_foreign(self) -> bool:
        """Whether another request looks, as a pool does: to that one the connection is closed."""
        context = host.slot.host
        return context is not self.link.context and not isinstance(context, host.NoHost)

    def close(self) -> None:
        """Sends what waits, then ends the connection."""
        if not self.is_closing():
            self._closing = True
            self.link.use_here()
            self.link.close()
            self.look()

    def abort(self) -> None:
        """Ends the connection at once."""
        self._end_with(None)

    def _end_with(self, failure: Exception | None) -> None:
        if self.link.ended or self._is_foreign():
            return
        self._closing = True
        self._failure = self._failure or failure
        self.link.use_here()
        self.link.cut()
        self.look()

    # -- ReadTransport -----------------------------------------------------------------------------

    def is_reading(self) -> bool:
        return not self._paused and not self.is_closing()

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        if self._paused and not self.is_closing():
            self._paused = False
            self.link.use_here()
            self.look()

    # -- WriteTransport ----------------------------------------------------------------------------

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._flow.set_limits(high, low)
        if not self.is_closing():
            self.link.limit_waiting(self._flow.low)
            self._maybe_pause()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._flow.low, self._flow.high

    def get_write_buffer_size(self) -> int:
        return self.link.waiting_size

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(NOT_BYTES.format(type(data).__name__))
        if self._end_sent:
            raise RuntimeError(AFTER_EOF)
        if self._is_foreign():
            raise ConnectionResetError(OTHER_REQUEST)  # an OSError, so that pools drop it
        if not data or self.is_closing():
            return
        self.link.use_here()
        self.link.send(bytes(data))
        self._maybe_pause()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    def _maybe_pause(self) -> None:
        if self._flow.must_pause(self.link.waiting_size):
            self.link.awaits_room = True
            self._call("pause_writing", self._protocol.pause_writing)

    def can_write_eof(self) -> bool:
        return not self.link.secure

    def write_eof(self) -> None:
        """Sends the end; what the other side sends still arrives."""
        if not self.can_write_eof():
            raise NotImplementedError(NO_EOF)
        if not self._end_sent and not self.is_closing():
            self._end_sent = True
            self.link.use_here()
            self.link.send_end()

    def __repr__(self) -> str:
        state = "closed" if self.link.ended else "closing" if self.is_closing() else "open"
        return f"<SocketTransport {state} peer={self.get_extra_info('peername')!r}>"
