"""TCP clients on a guest's event loop: `create_connection`, `start_tls`, `sock_*`, name look-ups.

Names are looked up, sockets connected and TLS spoken on the host's loop; what a guest's protocol
sees happens in turns of its context (`emulator.ffi.transport`, `emulator.ffi.link`).

Guarantees: nothing leaves before what the guest wrote is on disk; everything ends with its context;
waiting that is given up closes what was made. Addresses are tried one after another:
`happy_eyeballs_delay` and `interleave` have no effect, as in Pyodide.
Does not know: listening sockets, UDP, Unix sockets, which WebLoop refuses.
Source: Pyodide's `pyodide.webloop`. Differs: TLS works (`emulator.loader.restriction_rules` tells),
as do `local_addr` and closing one direction; no `sock_*` method takes another socket than TCP.
"""

from __future__ import annotations

import asyncio
import socket
import ssl as tls
from collections.abc import Callable
from typing import Any, Final

from emulator.ffi.host_work import check_io_allowed, on_host
from emulator.ffi.link import Link
from emulator.ffi.transport import SocketTransport
from emulator.js import host as current_host

NO_ADDRESS: Final = "host and port must be specified if sock is not provided"
TWO_ADDRESSES: Final = "host/port and sock can not be specified at the same time"
NOT_A_STREAM: Final = "A Stream Socket was expected, got {!r}"
NO_INFO: Final = "getaddrinfo() returned empty list"
ALL_FAILED: Final = "create_connection failed"
NO_HOSTNAME: Final = "You must set server_hostname when using ssl without a host"
ONLY_WITH_TLS: Final = "{} is only meaningful with ssl"
NOT_A_CONTEXT: Final = "sslcontext is expected to be an instance of ssl.SSLContext, got {!r}"
NOT_UPGRADABLE: Final = "transport {!r} is not supported by start_tls()"
NO_LOCAL_ADDRESS: Final = "no matching local address with family={} found"
BLOCKS: Final = "the socket must be non-blocking"
NOT_TCP: Final = (
    "{}() is not available in browser environments due to restricted raw socket access."
)

Info = tuple[Any, Any, int, str, Any]


class Connections(asyncio.AbstractEventLoop):
    """The methods of an event loop that make and use client connections; copied to WebLoop."""

    # -- names -------------------------------------------------------------------------------------

    async def getaddrinfo(
        self,
        host: Any,
        port: Any,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> list[Info]:
        check_io_allowed()
        return await on_host(
            lambda loop: loop.getaddrinfo(
                host, port, family=family, type=type, proto=proto, flags=flags
            )
        )

    async def getnameinfo(self, sockaddr: Any, flags: int = 0) -> tuple[str, str]:
        check_io_allowed()
        return await on_host(lambda loop: loop.getnameinfo(sockaddr, flags))

    # -- sockets -----------------------------------------------------------------------------------

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        check_io_allowed()
        _check_socket("sock_connect", sock)
        await on_host(lambda loop: loop.sock_connect(sock, address), outgoing=True)

    async def sock_recv(self, sock: socket.socket, nbytes: int) -> bytes:
        _check_socket("sock_recv", sock)
        return await on_host(lambda loop: loop.sock_recv(sock, nbytes))

    async def sock_recv_into(self, sock: socket.socket, buf: Any) -> int:
        _check_socket("sock_recv_into", sock)
        return await on_host(lambda loop: loop.sock_recv_into(sock, buf))

    async def sock_sendall(self, sock: socket.socket, data: Any) -> None:
        _check_socket("sock_sendall", sock)
        await on_host(lambda loop: loop.sock_sendall(sock, data), outgoing=True)

    # -- connections -------------------------------------------------------------------------------

    async def create_connection(
        self,
        protocol_factory: Callable[[], Any],
        host: Any = None,
        port: Any = None,
        *,
        ssl: tls.SSLContext | bool | None = None,
        family: int = 0,
        proto: int = 0,
        flags: int = 0,
        sock: socket.socket | None = None,
        local_addr: tuple[Any, Any] | None = None,
        server_hostname: str | None = None,
        ssl_handshake_timeout: float | None = None,
        ssl_shutdown_timeout: float | None = None,
        happy_eyeballs_delay: float | None = None,
        interleave: int | None = None,
        all_errors: bool = False,
    ) -> tuple[SocketTransport, Any]:
        check_io_allowed()
        options = _tls_options(
            ssl,
            server_hostname=server_hostname,
            ssl_handshake_timeout=ssl_handshake_timeout,
            ssl_shutdown_timeout=ssl_shutdown_timeout,
        )
        if sock is None:
            if host is None or port is None:
                raise ValueError(NO_ADDRESS)
            if options:
                options.setdefault("server_hostname", host)
            infos = await self.getaddrinfo(
                host, port, family=family, type=socket.SOCK_STREAM, proto=proto, flags=flags
            )
            sock = await self._connect(infos, local_addr, all_errors=all_errors)
        else:
            if host is not None or port is not None:
                raise ValueError(TWO_ADDRESSES)
            if sock.type != socket.SOCK_STREAM:
                raise ValueError(NOT_A_STREAM.format(sock))
            if options and "server_hostname" not in options:
                raise ValueError(NO_HOSTNAME)
        sock.settimeout(0)
        return await self._attach(sock, options, protocol_factory)

    async def _connect(
        self, infos: list[Info], local_addr: tuple[Any, Any] | None, *, all_errors: bool
    ) -> socket.socket:
        """A socket that is connected to the first address that answers."""
        if not infos:
            raise OSError(NO_INFO)
        local = [] if local_addr is None else await self._local(local_addr)
        failures: list[Exception] = []
        for info in infos:
            try:
                return await self._connect_to(info, local)
            except OSError as failure:
                failures.append(failure)
        try:
            if all_errors:
                raise ExceptionGroup(ALL_FAILED, failures)
            raise failures[-1]
        finally:
            failures = []  # or failure and frame keep each other

    async def _local(self, address: tuple[Any, Any]) -> list[Info]:
        infos = await self.getaddrinfo(*address[:2], type=socket.SOCK_STREAM)
        if not infos:
            raise OSError(NO_INFO)
        return infos

    async def _connect_to(self, info: Info, local: list[Info]) -> socket.socket:
        family, kind, proto, _, address = info
        sock = socket.socket(family, kind, proto)
        try:
            sock.settimeout(0)
            if local:
                sock.bind(_of_family(local, family))
            await self.sock_connect(sock, address)
        except BaseException:
            sock.close()
            raise
        return sock

    async def _attach(
        self, sock: socket.socket, options: dict[str, Any], protocol_factory: Callable[[], Any]
    ) -> tuple[SocketTransport, Any]:
        """Puts a protocol on a connected socket, with TLS if there are options for that."""
        link = Link(current_host.current())
        link.secure = bool(options)
        try:
            await on_host(
                lambda loop: loop.create_connection(lambda: link, sock=sock, **options),
                outgoing=bool(options),
            )
            protocol = protocol_factory()
            transport = SocketTransport(self, link, protocol)
        except BaseException:
            link.abort()
            sock.close()
            raise
        waiter = self.create_future()
        transport.begin(waiter)
        try:
            await waiter
        except BaseException:
            transport.close()
            raise
        return transport, protocol

    async def start_tls(
        self,
        transport: asyncio.BaseTransport,
        protocol: asyncio.BaseProtocol,
        sslcontext: tls.SSLContext,
        *,
        server_side: bool = False,
        server_hostname: str | None = None,
        ssl_handshake_timeout: float | None = None,
        ssl_shutdown_timeout: float | None = None,
    ) -> SocketTransport:
        if not isinstance(sslcontext, tls.SSLContext):
            raise TypeError(NOT_A_CONTEXT.format(sslcontext))
        if not isinstance(transport, SocketTransport) or transport.is_closing():
            raise TypeError(NOT_UPGRADABLE.format(transport))
        link = transport.link
        plain = link.host_transport
        assert plain is not None
        link.use_here()
        link.receiver = None  # what arrives from here on is for the new transport
        link.secure = True
        try:
            upgraded = await on_host(
                lambda loop: loop.start_tls(
                    plain,
                    link,
                    sslcontext,
                    server_side=server_side,
                    server_hostname=server_hostname,
                    ssl_handshake_timeout=ssl_handshake_timeout,
                    ssl_shutdown_timeout=ssl_shutdown_timeout,
                ),
                outgoing=True,
            )
        except BaseException:
            link.abort()
            raise
        assert upgraded is not None, "TLS failed without saying so"
        link.host_transport = upgraded
        secure = SocketTransport(self, link, protocol)
        secure.go_on()
        return secure


def _tls_options(context: Any, **options: Any) -> dict[str, Any]:
    """What the host's `create_connection` is to be told of TLS; nothing without."""
    given = {name: value for name, value in options.items() if value is not None}
    if context:
        return {"ssl": context, **given}
    for name in given:
        raise ValueError(ONLY_WITH_TLS.format(name))
    return {}


def _of_family(infos: list[Info], family: int) -> Any:
    for info in infos:
        if info[0] == family:
            return info[4]
    raise OSError(NO_LOCAL_ADDRESS.format(family))


def _check_socket(name: str, sock: Any) -> None:
    """Only TCP is there for guests; a socket that blocks would block everybody."""
    if not (
        isinstance(sock, socket.socket)
        and sock.type == socket.SOCK_STREAM
        and sock.family in (socket.AF_INET, socket.AF_INET6)
    ):
        raise NotImplementedError(NOT_TCP.format(name))
    if sock.gettimeout() != 0:
        raise ValueError(BLOCKS)
