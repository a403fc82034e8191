"""Blocking sockets in guest code: the stack waits, and the event loop goes on.

Code that blocks on a socket (`http.client`, `urllib`, `requests`, database drivers) would hold up
the whole process, and for good if it waits for an answer of this very Worker. So the methods of
`socket.socket` and `ssl.SSLSocket` that block are replaced for guests: they try without blocking,
and where that is not enough, park the stack until the host's loop says that the socket is ready.
Names are looked up on a thread of the host's.

Guarantees: same results, exceptions and timeouts as the originals. Where the stack cannot be
parked (`can_run_sync`), and for sockets that do not block, the original is called.
Does not know: listening sockets, `select`, files and pipes, which block as ever.
Source: Pyodide's sockets over stack switching.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any, Final, Literal, Self

from emulator.ffi.host_work import check_io_allowed, wait_for_host
from emulator.js import host

Event = Literal["read", "write"]

TIMED_OUT: Final = "timed out"
_IN_PROGRESS: Final = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY)


def _wait_until_ready(sock: socket.socket, event: Event, deadline_s: float | None) -> None:
    """Parks this stack until the socket can be read or written; TimeoutError at the deadline."""
    number = sock.fileno()
    left_s = None if deadline_s is None else max(0.0, deadline_s - time.monotonic())

    async def ready(loop: asyncio.AbstractEventLoop) -> None:
        arrived: asyncio.Future[None] = loop.create_future()
        add, remove = (
            (loop.add_reader, loop.remove_reader)
            if event == "read"
            else (loop.add_writer, loop.remove_writer)
        )
        add(number, _settle, arrived)
        try:
            await asyncio.wait_for(arrived, left_s)
        except TimeoutError:
            raise TimeoutError(TIMED_OUT) from None
        finally:
            remove(number)

    wait_for_host(ready)


def _settle(arrived: asyncio.Future[None]) -> None:
    if not arrived.done():
        arrived.set_result(None)


class _NotBlocking:
    """A socket that does not block for a while; what its timeout was is kept."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._timeout_s = sock.gettimeout()
        self.deadline_s = None if self._timeout_s is None else time.monotonic() + self._timeout_s

    def __enter__(self) -> Self:
        self._sock.settimeout(0)
        return self

    def __exit__(self, *_: object) -> None:
        if self._sock.fileno() >= 0:
            self._sock.settimeout(self._timeout_s)


def blocks(sock: socket.socket) -> bool:
    """Whether operations of this socket wait."""
    return sock.gettimeout() != 0


def _pass_output_gate() -> None:
    """Nothing leaves a Durable Object before what it wrote is on disk."""
    if not host.current().sends_at_once:
        wait_for_host(_nothing, outgoing=True)


async def _nothing(loop: asyncio.AbstractEventLoop) -> None:
    """Only the way there matters."""


def _waiting(original: Callable[..., Any], event: Event) -> Callable[..., Any]:
    """An operation that is tried again whenever the socket is ready."""

    def call(sock: Any, *args: Any, **kwargs: Any) -> Any:
        with _NotBlocking(sock) as mode:
            if event == "write":
                _pass_output_gate()
            while True:
                try:
                    return original(sock, *args, **kwargs)
                except ssl.SSLWantReadError:
                    wanted: Event = "read"
                except ssl.SSLWantWriteError:
                    wanted = "write"
                except BlockingIOError:
                    wanted = event
                _wait_until_ready(sock, wanted, mode.deadline_s)

    return call


def _connect(sock: socket.socket, address: Any) -> None:
    """`socket.connect`."""
    code = _connect_ex(sock, address)
    if code:
        raise OSError(code, os.strerror(code))


def _connect_ex(sock: socket.socket, address: Any) -> int:
    """`socket.connect_ex`."""
    check_io_allowed()
    with _NotBlocking(sock) as mode:
        _pass_output_gate()
        # Not `sock.connect_ex`, which for a TLS socket would shake hands too.
        code = _original_connect_ex(sock, _resolved(sock, address))
        if code in _IN_PROGRESS:
            _wait_until_ready(sock, "write", mode.deadline_s)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return code


def _resolved(sock: socket.socket, address: Any) -> Any:
    """The address with its name looked up, so that `connect_ex` does not do so."""
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return address
    found = getaddrinfo(address[0], address[1], sock.family, sock.type, sock.proto)
    return found[0][4]


def getaddrinfo(*args: Any, **kwargs: Any) -> Any:
    """`socket.getaddrinfo`."""
    check_io_allowed()

    async def look_up(loop: asyncio.AbstractEventLoop) -> Any:
        return await loop.run_in_executor(None, lambda: _look_up(*args, **kwargs))

    return wait_for_host(look_up)


def _sendall(sock: socket.socket, data: Any, flags: int = 0) -> None:
    """`socket.sendall`."""
    with _NotBlocking(sock) as mode, memoryview(data) as view, view.cast("B") as left:
        _pass_output_gate()
        sent = 0
        while sent < len(left):
            try:
                sent += sock.send(left[sent:], flags)
            except BlockingIOError:
                _wait_until_ready(sock, "write", mode.deadline_s)


_look_up = socket.getaddrinfo
_original_connect_ex = socket.socket.connect_ex

_WAITING: Final[tuple[tuple[Any, str, Event], ...]] = (
    (socket.socket, "recv", "read"),
    (socket.socket, "recv_into", "read"),
    (socket.socket, "recvfrom", "read"),
    (socket.socket, "recvfrom_into", "read"),
    (socket.socket, "send", "write"),
    (ssl.SSLSocket, "do_handshake", "read"),
    (ssl.SSLSocket, "read", "read"),
    (ssl.SSLSocket, "write", "write"),
    (ssl.SSLSocket, "send", "write"),
    (ssl.SSLSocket, "unwrap", "read"),
)
REPLACEMENTS: Final[tuple[tuple[Any, str, Callable[..., Any]], ...]] = (
    (socket.socket, "connect", _connect),
    (socket.socket, "connect_ex", _connect_ex),
    (socket.socket, "sendall", _sendall),
    *((owner, name, _waiting(getattr(owner, name), event)) for owner, name, event in _WAITING),
)
"""What guests get in the place of methods of sockets, wherever `blocks(sock)`."""
