"""HTTP requests of the Worker over aiohttp's client: exactly what it asks for, exactly what comes.

Nothing is added to a request but what the wire needs (`Host`, the length of a body, the WebSocket
handshake), and nothing is interpreted in a response: no cookies, no redirects, no decompression.

Guarantees: bodies stream with back-pressure in both directions; a response may come before the
request's body has left. A cancelled request or body ends its connection, a body that was read to
its end leaves it to the next request.
Does not know: guests, redirects, the platform's error texts.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import weakref
from typing import TYPE_CHECKING, Any, Final, Self

from aiohttp import hdrs
from aiohttp.client import ClientSession, ClientTimeout
from aiohttp.client_exceptions import (
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientSSLError,
    InvalidURL,
)
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import TCPConnector
from aiohttp.cookiejar import DummyCookieJar
from aiohttp.http import WS_KEY
from multidict import CIMultiDict
from yarl import URL

from emulator.host.web_sockets import NetworkSocket
from emulator.runtime.errors import LOST, GuestError
from emulator.runtime.http import HttpResponse
from emulator.runtime.services import OutboundFailure
from emulator.runtime.web_sockets import wants_upgrade

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientResponse

    from emulator.runtime.http import Body, ByteStream, HttpRequest

BAD_HANDSHAKE: Final = "The server's answer to the WebSocket handshake was not valid."

_NOT_ADDED: Final = (hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE, hdrs.USER_AGENT)
_BODILESS_STATUSES: Final = frozenset({204, 205, 304})
_HANDSHAKE_HEADERS: Final = frozenset(
    {"sec-websocket-extensions", "sec-websocket-key", "sec-websocket-version", "upgrade"}
)
_NO_TIMEOUT: Final = ClientTimeout(total=None, sock_connect=None)


class _PlainRequest(ClientRequest):
    """A request that waits for no `100 Continue`, whatever its headers are."""

    def update_expect_continue(self, expect: bool = False) -> None:  # noqa: FBT001, FBT002
        del expect


class HttpClient:
    """Sends requests; one per process, since it keeps connections."""

    def __init__(self) -> None:
        self._session = ClientSession(
            connector=TCPConnector(limit=0),
            cookie_jar=DummyCookieJar(),
            timeout=_NO_TIMEOUT,
            auto_decompress=False,
            skip_auto_headers=_NOT_ADDED,
            request_class=_PlainRequest,
            max_line_size=65536,
            max_field_size=131072,
        )

    async def close(self) -> None:
        """Ends all connections."""
        await self._session.close()

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        """See `emulator.runtime.services.Outbound`."""
        handshake = _Handshake(request) if wants_upgrade(request) else None
        upload = _Upload(request.body)
        headers = _framed(request) if handshake is None else handshake.headers
        try:
            response = await self._session.request(
                request.method,
                URL(request.url, encoded=True),
                headers=headers,
                data=upload.data,
                allow_redirects=False,
            )
        except BaseException as error:
            await upload.cancel()
            raise upload.failure or _failure(error) from error
        if handshake is not None and response.status == 101:
            return handshake.accepted(response)
        return await _received(response, request.method, upload)

    def __repr__(self) -> str:
        return f"<HttpClient closed={self._session.closed}>"


def _failure(error: BaseException) -> BaseException:
    """What the Outbound port says of an exception of aiohttp."""
    if isinstance(error, ClientConnectorDNSError | ClientSSLError | InvalidURL | ValueError):
        return OutboundFailure(str(error))
    if isinstance(error, ClientConnectorError) and error.ssl and error.os_error.errno is None:
        return OutboundFailure(f"the TLS handshake failed: {error}")
    if isinstance(error, ClientError | OSError):
        return ConnectionResetError(str(error) or LOST)
    return error


def _framed(request: HttpRequest) -> CIMultiDict[str]:
    headers = CIMultiDict(request.headers)
    if request.body is None:
        if request.method not in ("GET", "HEAD"):
            headers["Content-Length"] = "0"
    elif isinstance(request.body, bytes):
        headers["Content-Length"] = str(len(request.body))
    elif request.body_length is not None:
        headers["Content-Length"] = str(request.body_length)
    return headers


class _Upload:
    """A request's body on its way. An asynchronous iterator, as aiohttp wants it."""

    def __init__(self, body: Body) -> None:
        self._stream: ByteStream | None = None
        self.data: Any = body
        self.failure: GuestError | None = None
        """What the guest's stream raised."""
        if body is not None and not isinstance(body, bytes):
            self._stream = body
            self.data = self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._stream is None:
            raise StopAsyncIteration
        try:
            piece = await self._stream.read()
        except GuestError as error:
            self.failure = error
            self._stream = None
            raise
        if not piece:
            self._stream = None
            raise StopAsyncIteration
        return piece

    async def cancel(self) -> None:
        """What is left of it will not be sent."""
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.cancel()


class _Download:
    """A response's body as it comes. Implements ByteStream."""

    __slots__ = ("__weakref__", "_dropped", "_response", "_upload")

    def __init__(self, response: ClientResponse, upload: _Upload) -> None:
        self._response = response
        self._upload = upload
        # A connection holds its response: nobody else would notice that it is not wanted.
        loop = asyncio.get_running_loop()
        self._dropped = weakref.finalize(self, _close_soon, loop, response)
        self._dropped.atexit = False

    async def read(self) -> bytes:
        content = self._response.content
        try:
            # What came before a failure is the guest's: aiohttp's own methods would drop it.
            piece = content._read_nowait(-1) if content._buffer else await content.readany()
        except (ClientError, OSError) as error:
            self._response.close()
            raise self._upload.failure or ConnectionResetError(LOST) from error
        if not piece:
            self._dropped.detach()
            await self._upload.cancel()  # the server did not want all of it
        return piece

    async def cancel(self, reason: BaseException | None = None) -> None:
        self._dropped.detach()
        self._response.close()
        await self._upload.cancel()

    def __repr__(self) -> str:
        return f"<_Download of {self._response.url} eof={self._response.content.at_eof()}>"


def _close_soon(loop: asyncio.AbstractEventLoop, response: ClientResponse) -> None:
    """A body was dropped. The collector may say so on any thread, or too late."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(response.close)


async def _received(response: ClientResponse, method: str, upload: _Upload) -> HttpResponse:
    body: Body = _Download(response, upload)
    if response.status == 101:  # a connection that speaks something else now
        response.close()
        body = None
    elif method == "HEAD" or response.status in _BODILESS_STATUSES:
        response.release()
        await upload.cancel()
        body = None
    return HttpResponse(response.status, response.reason or "", _headers(response), body)


def _headers(response: ClientResponse) -> list[tuple[str, str]]:
    return [(_text(name), _text(value)) for name, value in response.raw_headers]


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


class _Handshake:
    """A request that asks for a WebSocket."""

    def __init__(self, request: HttpRequest) -> None:
        self._key = base64.b64encode(secrets.token_bytes(16)).decode()
        kept = [pair for pair in request.headers if pair[0].lower() not in _HANDSHAKE_HEADERS]
        self.headers = CIMultiDict(kept)
        self.headers["Connection"] = "Upgrade"
        self.headers["Upgrade"] = "websocket"
        self.headers["Sec-WebSocket-Version"] = "13"
        self.headers["Sec-WebSocket-Key"] = self._key

    def accepted(self, response: ClientResponse) -> HttpResponse:
        """The response that brings the socket."""
        digest = hashlib.sha1(self._key.encode() + WS_KEY).digest()  # noqa: S324 - RFC 6455
        answered = response.headers.get("Sec-WebSocket-Accept")
        if (
            answered != base64.b64encode(digest).decode()
            or "Sec-WebSocket-Extensions" in response.headers
        ):
            response.close()
            return HttpResponse(502, "Bad Gateway", [], BAD_HANDSHAKE.encode())
        connection = response.connection
        protocol = None if connection is None else connection.protocol
        if connection is None or protocol is None:
            raise ConnectionResetError(LOST)
        transport = connection.transport
        assert isinstance(transport, asyncio.Transport) or transport is None
        socket = _ClientSocket(response, protocol, transport)
        protocol.set_parser(socket.reader, socket.queue)
        return HttpResponse(101, response.reason or "", _headers(response), web_socket=socket)


class _ClientSocket(NetworkSocket):
    """A socket whose connection belongs to a response."""

    def __init__(self, response: ClientResponse, protocol: Any, transport: Any) -> None:
        super().__init__(protocol, transport, is_client=True)
        self._response = response

    def close(self) -> None:
        super().close()
        self._response.close()
