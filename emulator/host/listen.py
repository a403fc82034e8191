"""The listening sockets.

`localhost` means 127.0.0.1 and, where it can be had, ::1, because clients differ in which they try
first. Only the default port gives way when it is taken; a port that somebody asked for is theirs or
an error.
"""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from typing import Final

from emulator.errors import AddressInUse, UserError
from emulator.host.options import DEFAULT_IP, DEFAULT_PORT

_BACKLOG: Final = 2048
"""Connections that wait here while a reload takes place."""
_TRIES: Final = 100
_ANY: Final = frozenset({"0.0.0.0", "::", "*"})  # noqa: S104 - names to recognize, none to bind


@dataclass(frozen=True, slots=True)
class Listener:
    """Sockets that accept connections in the kernel already."""

    sockets: tuple[socket.socket, ...]
    ip: str
    port: int
    wanted_port: int

    @property
    def url(self) -> str:
        if self.ip in _ANY:
            return f"http://{DEFAULT_IP}:{self.port}"
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"http://{host}:{self.port}"

    def close(self) -> None:
        for each in self.sockets:
            each.close()


def listen(ip: str | None, port: int | None) -> Listener:
    """Binds and listens.

    Args:
        ip: an address or `localhost`, which is also the default.
        port: 0 for any; None for the default port or the next free one.

    Raises:
        AddressInUse: `port` was given and is taken.
        UserError: this machine has no such address.
    """
    ip = ip or DEFAULT_IP
    first = DEFAULT_PORT if port is None else port
    candidates = range(first, first + (_TRIES if port is None else 1))
    for candidate in candidates:
        sockets = _bind_all(ip, candidate)
        if sockets:
            return Listener(sockets, ip, sockets[0].getsockname()[1], first)
    if port is None:
        raise AddressInUse(
            f"no port from {first} to {candidates[-1]} is free on {ip}",
            hint="name a free one with --port, or use --port 0",
        )
    raise AddressInUse(
        f"port {port} on {ip} is in use by another program",
        hint="stop that program, or choose another port with --port (0 takes any free one)",
    )


def _bind_all(ip: str, port: int) -> tuple[socket.socket, ...]:
    """The sockets for an address, or none at all if the port is taken."""
    if ip != DEFAULT_IP:
        bound = _bind("0.0.0.0" if ip == "*" else ip, port)  # noqa: S104 - the user asked for it
        return () if bound is None else (bound,)
    first = _bind("127.0.0.1", port)
    if first is None:
        return ()
    try:
        second = _bind("::1", first.getsockname()[1])
    except UserError:  # a machine without IPv6
        return (first,)
    if second is not None:
        return (first, second)
    if port == 0:
        return (first,)
    first.close()
    return ()


def _bind(ip: str, port: int) -> socket.socket | None:
    """A listening socket, None if the port is taken."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    try:
        bound = socket.socket(family)
    except OSError as error:
        raise UserError(f"cannot listen on {ip}: {error.strerror or error}") from error
    try:
        if socket.has_dualstack_ipv6() and ":" in ip:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((ip, port))
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            return None
        raise UserError(
            f"cannot listen on {ip}, port {port}: {error.strerror or error}",
            hint="use an address of this machine, such as localhost",
        ) from error
    bound.setblocking(False)  # noqa: FBT003 - a socket's own signature
    return bound
