"""From aiohttp's parsed request to the `HttpRequest` that the core receives.

Adds what the edge adds (`Accept-Encoding`, `CF-Connecting-IP`, `cf`) and nothing else. A body is
streamed with back-pressure, unless all of it arrived together with the head.

Does not know: guests, responses, how a request is answered.
Source: the requests that a Worker receives under `wrangler dev`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp.streams import EmptyStreamReader

from emulator.host.cf import incoming_cf
from emulator.runtime.http import HttpRequest

if TYPE_CHECKING:
    from aiohttp.streams import StreamReader
    from aiohttp.web_request import BaseRequest

    from emulator.runtime.http import ByteStream

EDGE_ACCEPT_ENCODING: Final = "br, gzip"
_CONNECTION_LOST: Final = "Network connection lost."


class RequestBody:
    """A request's body as it arrives. Reading drives the socket: what nobody reads stays there."""

    __slots__ = ("_cancelled", "_payload")

    def __init__(self, payload: StreamReader) -> None:
        self._payload = payload
        self._cancelled = False

    def __repr__(self) -> str:
        return f"<RequestBody eof={self._payload.at_eof()} cancelled={self._cancelled}>"

    async def read(self) -> bytes:
        """The next chunk, b"" at the end.

        Raises:
            ConnectionResetError: the client went away, or sent a body that is no HTTP.
        """
        if self._cancelled:
            return b""
        try:
            return await self._payload.readany()
        except Exception as error:
            raise ConnectionResetError(_CONNECTION_LOST) from error

    async def cancel(self, reason: BaseException | None = None) -> None:
        """Nobody will read the rest. The server discards it."""
        self._cancelled = True


def build_request(request: BaseRequest, client_ip: str, origin: str | None = None) -> HttpRequest:
    """The request as the Worker is to see it; `origin` replaces the scheme and host of its URL."""
    message = request._message
    headers: list[tuple[str, str]] = []
    accept_encoding = host = ""
    has_client_ip = False
    for name, text in message.headers.items():
        value = text if text.isascii() else _clean(text)
        match len(name):
            case 4 if name.lower() == "host":
                host = value
            case 15 if name.lower() == "accept-encoding":
                accept_encoding = value
                continue
            case 16 if name.lower() == "cf-connecting-ip":
                has_client_ip = True
        headers.append((name, value))
    headers.append(("Accept-Encoding", EDGE_ACCEPT_ENCODING))
    if not has_client_ip:
        headers.append(("CF-Connecting-IP", client_ip))
    return HttpRequest(
        message.method,
        _absolute_url(message.path, origin or f"http://{host or _own_address(request)}"),
        headers,
        _body(request._payload),
        incoming_cf(accept_encoding),
    )


def _absolute_url(target: str, origin: str) -> str:
    if target.startswith("/"):
        return origin + target
    if "://" in target:  # the form that proxies are sent
        return target if target.isascii() else _clean(target)
    return f"{origin}/{'' if target == '*' else target}"


def _own_address(request: BaseRequest) -> str:
    """What an HTTP/1.0 client that names no host must have meant."""
    transport = request.transport
    address = transport.get_extra_info("sockname") if transport is not None else None
    return f"{address[0]}:{address[1]}" if address else "localhost"


def _clean(text: str) -> str:
    """Header bytes as UTF-8 or, when they are not, as Latin-1: never a lone surrogate."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _body(payload: StreamReader) -> bytes | ByteStream | None:
    if isinstance(payload, EmptyStreamReader):
        return None
    if payload.is_eof() and payload.exception() is None:
        return payload.read_nowait()
    return RequestBody(payload)
