"""The world outside, for scenarios with `origin = true`: HTTP servers on loopback that do as they are told.

A request's path says what it is answered; `OriginClient` tells the Worker where the servers are, in
headers of every request, and hides the ports in what the Worker answers:

    x-origin, x-other    two servers, so that one can redirect to the other: `http://ORIGIN`, `http://OTHER`
    x-refused            an address where nobody listens: `http://REFUSED`

    /echo                what was asked, as JSON
    /answer?...          any response: status, reason, header (repeated, `name:value`), body, base64, chunk
                         (repeated: sent chunked), encode (gzip, deflate, br), length (declared), cut
                         (the connection ends early)
    /redirect/302?to=x   a redirect; `to` is the text of the Location header
    /events?retry=       one server-sent event: what was asked, with the id 5
    /loop/n              a redirect to /loop/n+1
    /raw?text=           these bytes, whatever they mean
    /hang                no answer, until the client leaves
    /socket?protocol=    a WebSocket that echoes; texts `close 4000 why`, `drop`, `garbage`, `ping` and `head` are orders

Guarantees: answers depend on the request alone; nothing is read ahead of the request's end.
Does not know: scenarios, Workers.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import hashlib
import json
import socket
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from .answers import Client, RawAnswer

_WEB_SOCKET_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass(slots=True)
class Asked:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    query: dict[str, list[str]] = field(default_factory=dict)

    def header(self, name: str) -> str:
        """The value of a lower-case name."""
        return next((value for key, value in self.headers if key == name), "")

    def one(self, name: str, default: str = "") -> str:
        """A parameter of the query."""
        return self.query.get(name, [default])[0]


class Origin:
    """The two servers, and the address that refuses."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self._refusing = socket.socket()
        self.addresses: dict[str, str] = {}
        """Header -> origin."""

    async def start(self) -> None:
        """Listen on loopback."""
        for name in ("x-origin", "x-other"):
            server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
            self._servers.append(server)
            self.addresses[name] = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._refusing.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets the port
        self.addresses["x-refused"] = f"http://127.0.0.1:{self._refusing.getsockname()[1]}"

    async def stop(self) -> None:
        """End all conversations."""
        self._refusing.close()
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            # What is no request ends the connection.
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
                while await _converse(reader, writer):
                    pass
        except asyncio.CancelledError:
            pass  # asyncio's server would report it
        finally:
            self._tasks.discard(task)
            writer.close()


@asynccontextmanager
async def running_origin() -> AsyncIterator[Origin]:
    """An Origin for as long as the block lasts."""
    origin = Origin()
    await origin.start()
    try:
        yield origin
    finally:
        await origin.stop()


class OriginClient:
    """A Client that introduces the Worker to an Origin."""

    def __init__(self, client: Client, origin: Origin) -> None:
        self._client = client
        self._origin = origin

    async def fetch(
        self, method: str, path: str, headers: Mapping[str, str], body: str | None
    ) -> RawAnswer:
        """Send one request and read the entire response."""
        told = {**headers, **self._origin.addresses}
        answer = await self._client.fetch(method, path, told, body)
        content = answer.body
        for name, address in self._origin.addresses.items():
            host = address.removeprefix("http://").encode()
            content = content.replace(host, name.removeprefix("x-").upper().encode())
        return RawAnswer(answer.status, answer.headers, content)


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Answer one request; whether another one may follow."""
    start = await reader.readexactly(1)
    if start == b"\x16":  # the client speaks TLS
        return False
    head = start + await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = [line.partition(":")[::2] for line in lines]
    headers = sorted((name.lower(), value.strip()) for name, value in pairs)
    # `wrangler dev` adds this one, bare workerd does not.
    asked = Asked(method, target, [pair for pair in headers if pair[0] != "cf-worker"])
    asked.query = parse_qs(urlsplit(target).query, keep_blank_values=True)
    path = urlsplit(target).path
    if path == "/hang":
        await reader.read()
        return False
    if path == "/early":  # answers before it has read the request
        writer.write(
            b"HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nearly"
        )
        await reader.read(1)
        return False
    if path == "/socket":
        await _web_socket(asked, reader, writer)
        return False
    asked.body = await _read_body(asked, reader)
    if path == "/raw":
        writer.write(unquote_to_bytes(urlsplit(target).query.removeprefix("text=")))
        return False
    return _answer(asked, path, writer)


async def _read_body(asked: Asked, reader: asyncio.StreamReader) -> bytes:
    if asked.header("transfer-encoding") != "chunked":
        return await reader.readexactly(int(asked.header("content-length") or 0))
    pieces = []
    while size := int(await reader.readline(), 16):
        pieces.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(pieces)


def _answer(asked: Asked, path: str, writer: asyncio.StreamWriter) -> bool:
    kind, _, rest = path.strip("/").partition("/")
    if kind == "echo":
        return _send(writer, asked, "200 OK", ["Content-Type: application/json"], _told(asked))
    if kind == "redirect":
        return _send(writer, asked, f"{rest} Moved", [f"Location: {asked.one('to')}"], b"moved")
    if kind == "events":
        return _send(writer, asked, "200 OK", ["Content-Type: text/event-stream"], _as_event(asked))
    if kind == "loop":
        return _send(writer, asked, "302 Found", [f"Location: /loop/{int(rest) + 1}"], b"")
    if kind == "answer":
        return _made_to_order(asked, writer)
    return _send(writer, asked, "404 Not Found", [], b"no such thing")


def _told(asked: Asked) -> bytes:
    told = {
        "method": asked.method,
        "target": asked.target,
        "headers": asked.headers,
        "body": asked.body.decode("utf-8", "replace"),
    }
    return json.dumps(told).encode()


def _as_event(asked: Asked) -> bytes:
    told = _told(asked).decode()
    return f"retry: {asked.one('retry', '1')}\nid: 5\ndata: {told}\n\n".encode()


def _made_to_order(asked: Asked, writer: asyncio.StreamWriter) -> bool:
    status = asked.one("status", "200")
    reason = asked.one("reason", "Made To Order")
    headers = asked.query.get("header", [])
    body = base64.urlsafe_b64decode(asked.one("base64")) or asked.one("body").encode()
    encoding = asked.one("encode")
    if encoding:
        headers = [*headers, f"Content-Encoding: {encoding}"]
        body = _encoded(encoding, body)
    chunks = asked.query.get("chunk")
    line = f"{status} {reason}".strip()
    if chunks is None:
        return _send(writer, asked, line, headers, body)
    parts = [f"{len(chunk.encode()):x}\r\n{chunk}\r\n" for chunk in chunks]
    end = "" if asked.one("cut") else "0\r\n\r\n"
    head = "\r\n".join([f"HTTP/1.1 {line}", *headers, "Transfer-Encoding: chunked", "", ""])
    writer.write((head + "".join(parts) + end).encode())
    return not asked.one("cut")


def _encoded(encoding: str, body: bytes) -> bytes:
    if encoding == "gzip":
        return gzip.compress(body, mtime=0)
    if encoding == "deflate":
        return zlib.compress(body)
    if encoding == "br":
        import brotli  # noqa: PLC0415 - needed by few scenarios

        return bytes(brotli.compress(body))
    return body


def _send(
    writer: asyncio.StreamWriter, asked: Asked, status: str, headers: list[str], body: bytes
) -> bool:
    length = asked.one("length") or str(len(body))
    lines = [f"HTTP/1.1 {status}", *headers]
    if length != "none" and status[:3] not in {"204", "304"}:
        lines.append(f"Content-Length: {length}")
    content = b"" if asked.method == "HEAD" or status[:3] in {"204", "304"} else body
    writer.write("\r\n".join([*lines, "", ""]).encode() + content)
    return length == str(len(body)) and not asked.one("cut")


# -- WebSockets ------------------------------------------------------------------------------------


async def _web_socket(
    asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    if asked.one("refuse"):
        _send(writer, asked, f"{asked.one('refuse')} Refused", [], b"no socket here")
        return
    digest = hashlib.sha1(asked.header("sec-websocket-key").encode() + _WEB_SOCKET_KEY).digest()
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}",
        *asked.query.get("header", []),
    ]
    if protocol := asked.one("protocol"):
        lines.append(f"Sec-WebSocket-Protocol: {protocol}")
    writer.write("\r\n".join([*lines, "", ""]).encode())
    if greeting := asked.one("greet"):
        writer.write(_frame(1, greeting.encode()))
    while True:
        opcode, data = await _read_frame(reader)
        text = data.decode("utf-8", "replace")
        if opcode == 8:
            writer.write(_frame(8, data))
            return
        if text == "drop":
            return
        if text == "head":
            writer.write(_frame(1, json.dumps(asked.headers).encode()))
        elif text == "garbage":
            writer.write(_frame(3, b"no such opcode"))
        elif text == "ping":
            writer.write(_frame(9, b"are you there"))
        elif text.startswith("close"):
            code, _, why = text.removeprefix("close").strip().partition(" ")
            writer.write(_frame(8, int(code).to_bytes(2, "big") + why.encode() if code else b""))
        elif opcode == 10:
            writer.write(_frame(1, b"pong " + data))
        else:
            writer.write(_frame(opcode, data))


def _frame(opcode: int, data: bytes) -> bytes:
    if len(data) < 126:
        size = bytes([len(data)])
    else:
        wide = len(data) > 0xFFFF
        size = bytes([127 if wide else 126]) + len(data).to_bytes(8 if wide else 2, "big")
    return bytes([0x80 | opcode]) + size + data


async def _read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size >= 126:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
    mask = await reader.readexactly(4)
    data = await reader.readexactly(size)
    return first & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
