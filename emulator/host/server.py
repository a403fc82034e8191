"""The HTTP server of one generation of a Worker.

aiohttp's parser and connection handling on a socket that is already listening; requests are built
by `bridge`, answered by a `RequestHandler` and written by `reply`. No routing, no middleware:
everything is the Worker's, except what `host_check` refuses.

Guarantees: a request that was accepted is answered, or its handler is cancelled because the client
left or the time for draining is up; a failure ends in a response or a cut connection, never in a
dead server. `drain` lets go of the listening socket at once and breaks no connection in use.
Does not know: emulators, processes, terminals.
"""

from __future__ import annotations

import asyncio
import time
import traceback
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from aiohttp.http import HttpVersion11
from aiohttp.web_server import Server

from emulator.errors import NotSupportedError, UserError
from emulator.host import reply, web_sockets
from emulator.host.bridge import build_request
from emulator.host.failure import error_response
from emulator.host.host_check import refusal
from emulator.host.reporter import RequestLine
from emulator.host.request_log import RequestLog
from emulator.runtime.errors import GuestError
from emulator.runtime.web_sockets import join

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Coroutine, Sequence

    from aiohttp.web_protocol import RequestHandler as Connection
    from aiohttp.web_request import BaseRequest
    from aiohttp.web_response import StreamResponse

    from emulator.host.reporter import Reporter
    from emulator.runtime.http import HttpRequest, HttpResponse
    from emulator.runtime.web_sockets import SocketChannel

KEEP_ALIVE_S: Final = 75.0
IDLE_GRACE_S: Final = 0.05
"""A connection that was quiet for so long is idle; a client in full swing sends sooner."""
_DRAIN_POLL_S: Final = 0.005
_CANCEL_TIMEOUT_S: Final = 0.2
_BACKLOG: Final = 2048
_CLIENT_CLOSED: Final = (499, "Client Closed Request")


class RequestHandler(Protocol):
    """Answers requests. `Emulator` is one."""

    def fetch(self, request: HttpRequest) -> Awaitable[HttpResponse]: ...


class _Sent:
    """Tells aiohttp that the response is on its way already."""

    __slots__ = ("keep_alive",)

    def __init__(self, *, keep_alive: bool) -> None:
        self.keep_alive = keep_alive

    async def prepare(self, request: object) -> None: ...

    async def write_eof(self) -> None: ...


_SENT: Final = cast("StreamResponse", _Sent(keep_alive=True))
_SENT_LAST: Final = cast("StreamResponse", _Sent(keep_alive=False))


class HttpServer:
    """Serves one handler on listening sockets."""

    def __init__(
        self,
        handler: RequestHandler,
        reporter: Reporter,
        *,
        origin: str | None = None,
        allowed_hosts: frozenset[str] = frozenset(),
    ) -> None:
        loop = asyncio.get_running_loop()
        self._fetch = handler.fetch
        self._reporter = reporter
        self._origin = origin
        self._allowed_hosts = allowed_hosts
        self._log = RequestLog(reporter, loop)
        self._draining = False
        self._sockets: set[web_sockets.NetworkSocket] = set()
        self._listening: list[asyncio.Server] = []
        self._http = Server(
            self._handle,
            handler_cancellation=True,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=KEEP_ALIVE_S,
            max_line_size=65536,
            max_field_size=131072,
        )

    def __repr__(self) -> str:
        connections = len(self._http.connections)
        return f"<HttpServer connections={connections} draining={self._draining}>"

    async def start(self, sockets: Sequence[socket.socket]) -> None:
        """Accepts connections from sockets that are bound already."""
        loop = asyncio.get_running_loop()
        for listener in sockets:
            server = await loop.create_server(self._http, sock=listener, backlog=_BACKLOG)
            self._listening.append(server)

    async def drain(self, timeout_s: float) -> None:
        """Accepts no more, finishes what runs, and after `timeout_s` cuts off the rest.

        While it lasts, connections in use are told to close with their next response; one in use
        may be between two requests, so only those that have been quiet for a while are closed.
        """
        self._draining = True
        for server in self._listening:
            server.close()
        for socket in list(self._sockets):
            socket.close()  # a conversation has no end that could be waited for
        deadline = time.monotonic() + timeout_s
        while self._http.connections and time.monotonic() < deadline:
            self._close_idle()
            await asyncio.sleep(_DRAIN_POLL_S)
        await self._cut_off_rest()
        self._log.flush()

    async def _cut_off_rest(self) -> None:
        """Cancels the handlers that still run, and gives them a moment to say so to the guest."""
        tasks = []
        for connection in self._http.connections:
            task, transport = connection._task_handler, connection.transport
            if task is not None:
                task.cancel()
                tasks.append(task)
            if transport is not None and connection._request_in_progress:
                transport.abort()
            else:
                connection.force_close()
        if tasks:
            await asyncio.wait(tasks, timeout=_CANCEL_TIMEOUT_S)

    def _close_idle(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in self._http.connections:
            if _is_idle(connection) and now - _quiet_since(connection) >= IDLE_GRACE_S:
                connection.force_close()

    async def _handle(self, request: BaseRequest) -> StreamResponse:
        started = time.perf_counter()
        message = request._message
        exchange = reply.Exchange(
            is_head=message.method == "HEAD",
            is_http_10=message.version < HttpVersion11,
            keep_alive=not (message.should_close or self._draining),
        )
        status, status_text = _CLIENT_CLOSED
        keep_alive = upgraded = False
        try:
            response = await self._respond(request)
            status, status_text = response.status, reply.reason_of(response)
            if response.web_socket is None:
                keep_alive = await reply.send(response, exchange, request._payload_writer)
            else:
                conversation = self._upgrade(request, response, response.web_socket, exchange)
                self._log_line(request, status, status_text, started)
                upgraded = True
                await conversation
        except reply.ResponseCut as error:
            self._cut(request, error)
        except ConnectionError:
            _abort(request)
        except Exception as error:  # noqa: BLE001 - reported as a bug; the server lives on
            status, status_text = 500, "Internal Server Error"
            keep_alive = await self._answer_bug(request, error, exchange)
        finally:
            if not upgraded:
                self._log_line(request, status, status_text, started)
        # `drain` may have begun meanwhile; the connection then waits for one more request, briefly.
        return _SENT if keep_alive else _SENT_LAST

    def _log_line(
        self, request: BaseRequest, status: int, status_text: str, started: float
    ) -> None:
        elapsed_ms = (time.perf_counter() - started) * 1000
        message = request._message
        path = message.path.partition("?")[0]
        self._log.add(RequestLine(message.method, path, status, status_text, elapsed_ms))

    def _upgrade(
        self,
        request: BaseRequest,
        response: HttpResponse,
        channel: SocketChannel,
        exchange: reply.Exchange,
    ) -> Coroutine[Any, Any, None]:
        """Accepts a handshake; the result is the conversation, to be awaited."""
        try:
            socket = web_sockets.accept_handshake(request, response, exchange)
        except BaseException:
            channel.close()
            raise
        return self._converse(socket, channel)

    async def _converse(self, socket: web_sockets.NetworkSocket, channel: SocketChannel) -> None:
        self._sockets.add(socket)
        try:
            await join(socket, channel)
        finally:
            self._sockets.discard(socket)

    async def _respond(self, request: BaseRequest) -> HttpResponse:
        headers = request._message.headers
        refused = refusal(request._message.path, headers, self._allowed_hosts)
        if refused is not None:
            return refused
        if "Expect" in headers and headers["Expect"].lower() == "100-continue":
            _write(request, b"HTTP/1.1 100 Continue\r\n\r\n")
        peer = request._protocol.peername
        client_ip = peer[0] if isinstance(peer, tuple) else "127.0.0.1"
        incoming = build_request(request, client_ip, self._origin)
        try:
            response = await self._fetch(incoming)
        except (GuestError, UserError, NotSupportedError) as error:
            self._reporter.guest_error(error)
            if isinstance(error, GuestError) and error.fatal:
                raise ConnectionAbortedError(error.summary) from error
            return error_response(error, headers, incoming)
        if response.web_socket is not None:
            refused = web_sockets.refuse_handshake(request)
            if refused is not None:
                response.web_socket.close()
                return refused
        return response

    def _cut(self, request: BaseRequest, error: reply.ResponseCut) -> None:
        cause = error.__cause__ or error
        if not isinstance(cause, ConnectionResetError):
            self._reporter.stream_failed(request._message.path, cause)
        _abort(request)

    async def _answer_bug(
        self, request: BaseRequest, error: Exception, exchange: reply.Exchange
    ) -> bool:
        """Something of ours failed before the head was sent."""
        self._reporter.internal_error("".join(traceback.format_exception(error)))
        response = error_response(error, request._message.headers, None)
        return await reply.send(response, exchange, request._payload_writer)


def _is_idle(connection: Connection) -> bool:
    return connection._waiter is not None and not connection._messages


def _quiet_since(connection: Connection) -> float:
    """When its last response ended, or it was opened: aiohttp keeps that as a time to close at."""
    return connection._next_keepalive_close_time - KEEP_ALIVE_S


def _write(request: BaseRequest, data: bytes) -> None:
    if request.transport is not None:
        request.transport.write(data)


def _abort(request: BaseRequest) -> None:
    """Ends the connection so that the client cannot take what it got for the whole."""
    if request.transport is not None:
        request.transport.abort()
