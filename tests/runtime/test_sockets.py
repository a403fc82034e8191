"""`connect()` of `cloudflare:sockets`; texts and outcomes are those of workerd with the same calls."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.certificates import make_certificate
from tests.support.worker import TestWorker, open_worker

SOURCE = """
import json
from urllib.parse import parse_qs, urlsplit
from js import Object, TextDecoder, TextEncoder
from pyodide.ffi import to_js
from workers import Response, WorkerEntrypoint, import_from_javascript

connect = import_from_javascript("cloudflare:sockets").connect
encode = TextEncoder.new().encode

async def attempt(function):
    try:
        result = function()
        return await result if hasattr(result, "then") or hasattr(result, "__await__") else result
    except Exception as error:
        return f"{error.name}: {error.message}"

async def everything(readable):
    text = ""
    async for chunk in readable:
        text += TextDecoder.new().decode(chunk)
    return text

async def read(reader):
    result = await reader.read()
    return None if result.done else TextDecoder.new().decode(result.value)

class Cases:
    def __init__(self, port):
        self.port = port

    def open(self, **options):
        return connect(f"127.0.0.1:{self.port}", **options)

    async def echo(self):
        socket = self.open()
        info = await socket.opened
        writer = socket.writable.getWriter()
        await writer.write(encode("hello"))
        await writer.close()
        text = await everything(socket.readable)
        await socket.closed
        return [info.remoteAddress == f"127.0.0.1:{self.port}", text, socket.upgraded, socket.secureTransport]

    async def writes(self):
        writer = self.open().writable.getWriter()
        return [await attempt(lambda: writer.write("text")), await attempt(lambda: writer.write(5))]

    async def close(self):
        socket = self.open()
        await socket.opened
        return [
            await attempt(socket.close), await attempt(lambda: socket.closed),
            await attempt(lambda: socket.writable.getWriter().write(encode("x"))),
            await attempt(lambda: socket.readable.getReader().read()), await attempt(socket.close),
        ]

    async def close_locked(self):
        socket = self.open()
        await socket.opened
        reader, writer = socket.readable.getReader(), socket.writable.getWriter()
        pending = reader.read()
        return [await attempt(socket.close), await attempt(lambda: pending), await attempt(lambda: writer.closed)]

    async def refused(self):
        socket = self.open()
        return [
            await attempt(lambda: socket.opened), await attempt(lambda: socket.closed),
            await read(socket.readable.getReader()),
            await attempt(lambda: socket.writable.getWriter().write(encode("x"))),
        ]

    async def unknown(self):
        return await attempt(lambda: connect("name.invalid:80").opened)

    async def remote_close(self):
        socket = self.open()
        writer = socket.writable.getWriter()
        await writer.write(encode("bye"))
        return [
            await everything(socket.readable), await attempt(lambda: socket.closed),
            await attempt(lambda: writer.write(encode("more"))), await attempt(lambda: writer.closed),
        ]

    async def half_open(self):
        socket = self.open(allowHalfOpen=True)
        writer = socket.writable.getWriter()
        await writer.write(encode("fin"))
        text = await everything(socket.readable)
        return [text, await attempt(lambda: writer.write(encode("more"))), await attempt(socket.close)]

    async def drop(self):
        socket = self.open()
        await socket.writable.getWriter().write(encode("drop"))
        return await read(socket.readable.getReader())

    async def tls(self):
        socket = self.open(secureTransport="on")
        return await attempt(lambda: socket.opened)

    async def start_tls(self):
        plain = self.open(secureTransport="starttls")
        secure = plain.startTls()
        return [
            plain.upgraded, plain.secureTransport, secure.upgraded, secure.secureTransport,
            await attempt(plain.startTls), await attempt(lambda: plain.closed),
            await attempt(plain.readable.getReader), await attempt(plain.writable.getWriter),
            await attempt(lambda: secure.opened),
        ]

    async def start_tls_refused(self):
        return await attempt(self.open().startTls)

    async def addresses(self):
        o = lambda **members: to_js(members, dict_converter=Object.fromEntries)
        calls = {
            "none": lambda: connect(), "empty": lambda: connect(""), "no port": lambda: connect("localhost"),
            "bad port": lambda: connect("localhost:abc"), "bad": lambda: connect("a b:1"), "number": lambda: connect(5),
            "object without port": lambda: connect(o(hostname="a")), "large": lambda: connect(o(hostname="a", port=70000)),
            "negative": lambda: connect(o(hostname="a", port=-1)), "transport": lambda: self.open(secureTransport="maybe"),
            "scheme": lambda: connect("http://localhost:80"), "path": lambda: connect("localhost:1/x"),
            "user": lambda: connect("me@localhost:1"),
        }
        return {name: await attempt(call) for name, call in calls.items()}

    async def leave(self):
        socket = self.open()
        await socket.opened
        return "left"

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        url = urlsplit(request.url)
        port = parse_qs(url.query)["port"][0]
        return Response.json(await getattr(Cases(port), url.path[1:])())
"""
FAILED = "Error: proxy request failed, cannot connect to the specified address"
ADDRESSES = {
    "none": "TypeError: Cannot initialize N7workerd3api13SocketAddressE with required members from an undefined or null value.",
    "empty": "TypeError: Specified address is missing hostname.",
    "no port": "TypeError: Specified address is missing port.",
    "bad port": "TypeError: Specified address could not be parsed.",
    "bad": "TypeError: Specified address could not be parsed.",
    "number": "TypeError: Specified address is missing port.",
    "object without port": "TypeError: The value cannot be converted because it is not an integer.",
    "large": "TypeError: Value out of range. Must be less than or equal to 65535.",
    "negative": "TypeError: The value cannot be converted because it is negative and this API expects a positive number.",
    "transport": "TypeError: Unsupported value in secureTransport socket option: maybe",
    "scheme": "TypeError: Specified address is missing port.",
    "path": "TypeError: Specified address is empty string, contains unsupported characters or is too long.",
    "user": "TypeError: Specified address is empty string, contains unsupported characters or is too long.",
}
NOT_BYTES = (
    "TypeError: This TransformStream is being used as a byte stream, but received an object of "
    "non-ArrayBuffer/ArrayBufferView type on its writable side."
)


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[TestWorker]:
    async with open_worker(tmp_path / "worker", SOURCE) as opened:
        yield opened


class Echo:
    """Answers in upper case; ends the connection after `bye`, its own side after `fin`."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1000):
                if data == b"drop":
                    raw = writer.get_extra_info("socket")
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    writer.transport.abort()
                    return
                if writer.can_write_eof() is False or not writer.transport.is_closing():
                    writer.write(data.upper())
                if data == b"bye":
                    break
                if data == b"fin":
                    writer.write_eof()
                    await reader.read()
                    break
        except ConnectionError:
            pass
        finally:
            self.ended.set()
            writer.close()


@asynccontextmanager
async def listening(
    echo: Echo | None = None, context: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    server = await asyncio.start_server(echo or Echo(), "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("echo", [True, "HELLO", False, "off"]),
        ("writes", [None, NOT_BYTES]),
        (
            "close",
            [
                None,
                None,
                "TypeError: This WritableStream belongs to an object that is closing.",
                "TypeError: This ReadableStream belongs to an object that is closing.",
                None,
            ],
        ),
        (
            "close_locked",
            [None, *["TypeError: This socket has been closed."] * 2],
        ),
        ("unknown", FAILED + ". It looks like you might be trying to connect to a HTTP-based service — consider using fetch instead"),
        ("remote_close", ["BYE", None, "TypeError: This WritableStream has been closed.", None]),
        ("half_open", ["FIN", None, None]),
        ("drop", None),
        (
            "start_tls_refused",
            "TypeError: The `secureTransport` socket option must be set to 'starttls' for startTls to be used.",
        ),
        ("tls", FAILED),
        ("addresses", ADDRESSES),
    ],
)  # fmt: skip
async def test_connect(worker: TestWorker, case: str, expected: object) -> None:
    async with listening() as port:
        assert (await worker.fetch(f"/{case}?port={port}")).json == expected


async def test_nobody_listens(worker: TestWorker) -> None:
    async with listening() as port:
        pass
    found = (await worker.fetch(f"/refused?port={port}")).json
    assert found == [FAILED, FAILED, None, "Error: jsg.Error: " + FAILED.removeprefix("Error: ")]


async def test_starttls_locks_the_plain_streams(worker: TestWorker) -> None:
    async with listening() as port:
        found = (await worker.fetch(f"/start_tls?port={port}")).json
    assert found[:4] == [False, "starttls", False, "on"]
    assert found[4:8] == [
        "TypeError: startTls has already been called on this socket, or the socket was transferred over RPC.",
        None,
        "TypeError: This ReadableStream is currently locked to a reader.",
        "TypeError: This WritableStream is currently locked to a writer.",
    ]
    assert found[8] == FAILED  # the server speaks no TLS


async def test_tls(worker: TestWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path, "127.0.0.1")
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with listening(context=server) as port:
        opened = (await worker.fetch(f"/tls?port={port}")).json
    assert opened == {"remoteAddress": f"127.0.0.1:{port}"}


async def test_a_connection_ends_with_its_context(worker: TestWorker) -> None:
    echo = Echo()
    async with listening(echo) as port:
        assert (await worker.fetch(f"/leave?port={port}")).json == "left"
        await echo.ended.wait()
