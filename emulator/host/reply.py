"""Writing an `HttpResponse` to a connection.

A whole response leaves in one write, composed here: building it with aiohttp's own response classes
costs more than all the rest of the host. Streams are sent chunk by chunk with back-pressure, their
head first (an event stream must open before its first event).

Guarantees: framing is ours (`Content-Length`, `Transfer-Encoding`, `Connection`), so what a guest
puts into those headers cannot desynchronize a connection; a header never smuggles a line break; a
response whose stream fails half-way is cut off, so that the client notices.
Source: RFC 9112; `workerd` for which responses have no body and no length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emulator.errors import InternalError
from emulator.runtime.status_texts import default_status_text

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable

    from aiohttp.abc import AbstractStreamWriter

    from emulator.runtime.http import ByteStream, HttpResponse

_FRAMING: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
_BODILESS: Final = frozenset({204, 304})
_JOIN_BYTES_MAX: Final = 65536
"""Up to here joining head and body is cheaper than two writes."""


class ResponseCut(ConnectionError):
    """The response ended early, after its head was sent; the connection is of no more use."""


@dataclass(slots=True)  # not frozen: that would double its cost, and there is one per request
class Exchange:
    """What of a request decides how its response is framed."""

    is_head: bool
    is_http_10: bool
    keep_alive: bool


def reason_of(response: HttpResponse) -> str:
    return response.status_text or default_status_text(response.status)


async def send(response: HttpResponse, exchange: Exchange, writer: AbstractStreamWriter) -> bool:
    """Sends all of it, and says whether the connection can be used again.

    Raises:
        ResponseCut: the stream failed or was of another length than it said.
        ConnectionError: the client is gone.
    """
    body = response.body
    if body is None or isinstance(body, bytes | bytearray | memoryview):
        return await _send_whole(response, body or b"", exchange, writer)
    if exchange.is_head or response.status in _BODILESS:
        await body.cancel(None)
        return await _send_whole(response, b"", exchange, writer)
    return await _send_stream(response, body, exchange, writer)


async def _send_whole(
    response: HttpResponse, body: bytes, exchange: Exchange, writer: AbstractStreamWriter
) -> bool:
    transport = _transport(writer)
    if exchange.is_head or response.status in _BODILESS:
        # The length of what is not sent is known to the guest only.
        declared = None if response.status == 204 else _declared_length(response.headers)
        framing = "" if declared is None else f"Content-Length: {declared}\r\n"
        body = b""
    else:
        framing = f"Content-Length: {len(body)}\r\n"
    head = _head(response, framing, exchange, keep_alive=exchange.keep_alive)
    if len(body) <= _JOIN_BYTES_MAX:
        transport.write(head + body)
    else:
        transport.write(head)
        transport.write(body)
        await writer.drain()
    return exchange.keep_alive


async def _send_stream(
    response: HttpResponse, body: ByteStream, exchange: Exchange, writer: AbstractStreamWriter
) -> bool:
    declared = _declared_length(response.headers)
    keep_alive = exchange.keep_alive
    chunked = declared is None and not exchange.is_http_10
    if declared is not None:
        framing = f"Content-Length: {declared}\r\n"
    elif chunked:
        framing = "Transfer-Encoding: chunked\r\n"
    else:
        framing, keep_alive = "", False
    try:
        head = _head(response, framing, exchange, keep_alive=keep_alive)
        _transport(writer).write(head)
        if chunked:
            await _copy_chunked(body, writer)
        else:
            await _copy_plain(body, writer, declared)
    except BaseException as error:
        await body.cancel(error)
        raise
    return keep_alive


async def _copy_chunked(body: ByteStream, writer: AbstractStreamWriter) -> None:
    while chunk := await _read(body):
        size = b"%x\r\n" % len(chunk)
        if len(chunk) <= _JOIN_BYTES_MAX:
            _transport(writer).write(b"%b%b\r\n" % (size, chunk))
        else:
            _transport(writer).writelines((size, chunk, b"\r\n"))
        await writer.drain()
    _transport(writer).write(b"0\r\n\r\n")


async def _copy_plain(body: ByteStream, writer: AbstractStreamWriter, length: int | None) -> None:
    sent = 0
    while chunk := await _read(body):
        sent += len(chunk)
        if length is not None and sent > length:
            raise ResponseCut(f"the body is longer than its Content-Length of {length} bytes")
        _transport(writer).write(chunk)
        await writer.drain()
    if length is not None and sent != length:
        raise ResponseCut(f"the body ended after {sent} of {length} bytes of its Content-Length")


async def _read(body: ByteStream) -> bytes:
    try:
        return await body.read()
    except Exception as error:
        raise ResponseCut("the body's stream failed") from error


def _head(response: HttpResponse, framing: str, exchange: Exchange, *, keep_alive: bool) -> bytes:
    lines = [f"HTTP/1.1 {response.status} {reason_of(response)}\r\n"]
    lines += [
        f"{name}: {value}\r\n" for name, value in response.headers if name.lower() not in _FRAMING
    ]
    lines.append(framing)
    if not keep_alive:
        lines.append("Connection: close\r\n")
    elif exchange.is_http_10:
        lines.append("Connection: keep-alive\r\n")
    lines.append("\r\n")
    text = "".join(lines)
    breaks = len(lines) - 1 + framing.count("\n")  # the framing may be several lines, or none
    if text.count("\n") != breaks or text.count("\r") != breaks or "\0" in text:
        raise InternalError("a response header with a line break or NUL reached the wire")
    return text.encode("utf-8", "replace")


def _declared_length(headers: Iterable[tuple[str, str]]) -> int | None:
    for name, value in headers:
        if len(name) == 14 and name.lower() == "content-length":
            return int(value) if value.isascii() and value.isdigit() else None
    return None


def _transport(writer: AbstractStreamWriter) -> asyncio.WriteTransport:
    transport = writer.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the client is gone")
    return transport
