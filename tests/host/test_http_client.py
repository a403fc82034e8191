"""Requests over real connections: what is on the wire, when connections are kept, and when they end."""

from __future__ import annotations

import asyncio
import base64
import gc
import hashlib
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from emulator.host.outbound import HttpOutbound
from emulator.js.frames import BinaryFrame, CloseFrame, Disconnect, TextFrame
from emulator.runtime.errors import GuestError
from emulator.runtime.http import HttpRequest, HttpResponse, read_all
from emulator.runtime.services import OutboundFailure
from tests.host.fakes import ListStream

Connection = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A raw server: the origin it has, the heads that it read, and how many connections it had."""

    def __init__(self) -> None:
        self.url = ""
        self.heads: list[str] = []
        self.connections = 0

    async def head(self, reader: asyncio.StreamReader) -> str:
        """The next request without its body."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        return head


@asynccontextmanager
async def listening(talk: Callable[[Server], Connection]) -> AsyncIterator[Server]:
    server = Server()
    tasks: set[asyncio.Task[None]] = set()
    connection = talk(server)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await connection(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def always(response: bytes) -> Callable[[Server], Connection]:
    """Answers every request on a connection with the same bytes."""

    def talk(server: Server) -> Connection:
        async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                await server.head(reader)
                writer.write(response)

        return connection

    return talk


OK = b"HTTP/1.1 200 Fine\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
async def outbound() -> AsyncIterator[HttpOutbound]:
    async with HttpOutbound() as opened:
        yield opened


def get(url: str, *headers: tuple[str, str]) -> HttpRequest:
    return HttpRequest("GET", url, list(headers))


async def test_nothing_is_added_but_the_host(outbound: HttpOutbound) -> None:
    async with listening(always(OK)) as server:
        response = await outbound.fetch(
            get(f"{server.url}/a?b=%20", ("x-Own", "1"), ("x-Own", "2"))
        )
        assert await read_all(response.body) == b"ok"
    (head,) = server.heads
    first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    assert first == "GET /a?b=%20 HTTP/1.1"
    assert sorted(lines) == [f"Host: {server.url[7:]}", "x-Own: 1", "x-Own: 2"]
    assert (response.status, response.status_text) == (200, "Fine")
    assert response.headers == [("X-A", "1"), ("x-a", "2"), ("Content-Length", "2")]


async def test_a_connection_whose_response_was_read_serves_the_next_request(
    outbound: HttpOutbound,
) -> None:
    async with listening(always(OK)) as server:
        for _ in range(3):
            await read_all((await outbound.fetch(get(server.url))).body)
        assert server.connections == 1


async def test_requests_at_once_have_connections_of_their_own(outbound: HttpOutbound) -> None:
    async with listening(always(OK)) as server:
        responses = await asyncio.gather(*(outbound.fetch(get(server.url)) for _ in range(20)))
        assert [await read_all(response.body) for response in responses] == [b"ok"] * 20
        assert server.connections == 20


def hanging(server: Server) -> Connection:
    """Sends the start of a response; then waits for the client to leave, and notes it."""
    server.left = asyncio.Event()  # type: ignore[attr-defined]

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await server.head(reader)
        if "/silent" not in head:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nstart")
        await reader.read()
        server.left.set()  # type: ignore[attr-defined]

    return connection


async def left(server: Server) -> None:
    await asyncio.wait_for(server.left.wait(), 5)  # type: ignore[attr-defined]


async def test_a_cancelled_request_ends_its_connection(outbound: HttpOutbound) -> None:
    async with listening(hanging) as server:
        request = asyncio.create_task(outbound.fetch(get(f"{server.url}/silent")))
        while not server.heads:
            await asyncio.sleep(0)
        request.cancel()
        await left(server)
        with pytest.raises(asyncio.CancelledError):
            await request


async def test_a_cancelled_body_ends_its_connection(outbound: HttpOutbound) -> None:
    async with listening(hanging) as server:
        response = await outbound.fetch(get(server.url))
        assert not isinstance(response.body, bytes | None)
        assert await response.body.read() == b"start"
        await response.body.cancel()
        await left(server)


async def test_a_dropped_body_ends_its_connection(outbound: HttpOutbound) -> None:
    async with listening(hanging) as server:
        response: HttpResponse | None = await outbound.fetch(get(server.url))
        assert response is not None
        response = None
        gc.collect()
        await left(server)


async def test_a_body_that_ends_early_gives_what_came_and_then_fails(
    outbound: HttpOutbound,
) -> None:
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"

    def talk(server: Server) -> Connection:
        async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await server.head(reader)
            writer.write(short)

        return connection

    async with listening(talk) as server:
        body = (await outbound.fetch(get(server.url))).body
        assert not isinstance(body, bytes | None)
        assert await body.read() == b"short"
        with pytest.raises(ConnectionResetError, match=r"Network connection lost\."):
            await body.read()


async def test_a_stream_is_sent_chunked_or_with_its_length(outbound: HttpOutbound) -> None:
    async with listening(always(OK)) as server:
        for length in (None, 6):
            body = ListStream(b"one", b"two")
            request = HttpRequest("POST", server.url, [], body, body_length=length)
            await read_all((await outbound.fetch(request)).body)
            assert body.cancelled == []
    sent = "".join(server.heads).lower()  # the server takes bodies for heads
    assert sent.count("transfer-encoding: chunked") == 1
    assert sent.count("content-length: 6") == 1


async def test_the_failure_of_a_sent_stream_is_the_failure_of_the_request(
    outbound: HttpOutbound,
) -> None:
    failure = GuestError("RangeError", "enough")
    async with listening(hanging) as server:
        body = ListStream(b"one", failure)
        with pytest.raises(GuestError) as caught:
            await outbound.fetch(HttpRequest("POST", f"{server.url}/silent", [], body))
        assert caught.value is failure
        await left(server)


class SlowStream:
    """A body without an end, that counts how much of it was wanted."""

    def __init__(self) -> None:
        self.given = 0
        self.cancelled = asyncio.Event()

    async def read(self) -> bytes:
        await asyncio.sleep(0)
        self.given += 65536
        return b"x" * 65536

    async def cancel(self, reason: BaseException | None = None) -> None:
        self.cancelled.set()


async def test_a_server_that_does_not_read_holds_a_stream_back(outbound: HttpOutbound) -> None:
    def talk(server: Server) -> Connection:
        async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await server.head(reader)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await asyncio.Event().wait()

        return connection

    async with listening(talk) as server:
        body = SlowStream()
        request = asyncio.create_task(outbound.fetch(HttpRequest("POST", server.url, [], body)))
        seen = -1
        while seen != body.given:  # until nothing more is wanted for many rounds of the loop
            seen = body.given
            for _ in range(500):
                await asyncio.sleep(0)
        assert 0 < body.given < 64 * 1024 * 1024
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert body.cancelled.is_set()


async def test_a_response_may_come_before_the_request_has_left(outbound: HttpOutbound) -> None:
    def talk(server: Server) -> Connection:
        async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await server.head(reader)
            writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
            await reader.read()

        return connection

    async with listening(talk) as server:
        body = SlowStream()
        response = await outbound.fetch(HttpRequest("POST", server.url, [], body))
        assert (response.status, await read_all(response.body)) == (413, b"no")
        await asyncio.wait_for(body.cancelled.wait(), 5)


async def test_expecting_continue_waits_for_nothing(outbound: HttpOutbound) -> None:
    async with listening(always(OK)) as server:
        request = HttpRequest("POST", server.url, [("Expect", "100-continue")], b"x")
        assert (await outbound.fetch(request)).status == 200


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/"])
async def test_nobody_listens(outbound: HttpOutbound, unused_tcp_port: int, url: str) -> None:
    with pytest.raises(ConnectionError):
        await outbound.fetch(get(url.format(port=unused_tcp_port)))


async def test_a_name_that_does_not_exist_is_no_lost_connection(outbound: HttpOutbound) -> None:
    with pytest.raises(OutboundFailure, match="no-such-host"):
        await outbound.fetch(get("http://no-such-host.invalid/"))


async def test_a_server_that_speaks_no_tls(outbound: HttpOutbound) -> None:
    async with listening(always(OK)) as server:
        server.head = lambda reader: reader.readexactly(1)  # type: ignore[method-assign, assignment]
        with pytest.raises(OutboundFailure):
            await outbound.fetch(get(server.url.replace("http:", "https:")))


TLS = Path(__file__).parent / "tls"


@asynccontextmanager
async def listening_with_tls() -> AsyncIterator[str]:
    """A server with a certificate of its own making."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(connection, "127.0.0.1", 0, ssl=context) as listener:
        yield f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"


async def test_a_certificate_that_nobody_trusts_is_refused(outbound: HttpOutbound) -> None:
    async with listening_with_tls() as url:
        with pytest.raises(OutboundFailure, match="certificate verify failed"):
            await outbound.fetch(get(url))


async def test_a_certificate_that_is_trusted_is_taken(
    outbound: HttpOutbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting = ssl.create_default_context(cafile=TLS / "certificate.pem")
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
    async with listening_with_tls() as url:
        assert await read_all((await outbound.fetch(get(url))).body) == b"ok"


async def test_the_client_is_not_imported_before_it_is_needed() -> None:
    program = (
        "import asyncio, sys\n"
        "from emulator.host.preload import preload\n"
        "preload()\n"
        "from emulator.host.outbound import HttpOutbound\n"
        "async def main():\n"
        "    async with HttpOutbound(): pass\n"
        "asyncio.run(main())\n"
        "heavy = ['aiohttp.client', 'aiohttp.connector', 'brotli', 'emulator.runtime.caching',\n"
        "         'emulator.js.eventsource', 'emulator.runtime.subrequests']\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert output.decode().strip() == "[]"


def socket_server(*frames: bytes) -> Callable[[Server], Connection]:
    """Accepts a WebSocket (its answer to the key is always the same), and sends these bytes."""

    def talk(server: Server) -> Connection:
        async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await server.head(reader)
            key = head.partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
            digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
            accept = base64.b64encode(digest).decode()
            writer.write(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
            )
            for frame in frames:
                writer.write(frame)
            server.said = await reader.read(100)  # type: ignore[attr-defined]

        return connection

    return talk


async def test_a_socket_carries_frames_until_the_server_is_gone(outbound: HttpOutbound) -> None:
    frames = [b"\x81\x02hi", b"\x82\x01\xff", b"\x88\x02\x03\xe8"]
    async with listening(socket_server(*frames)) as server:
        response = await outbound.fetch(get(server.url, ("Upgrade", "websocket")))
        channel = response.web_socket
        assert response.status == 101
        assert channel is not None
        assert await channel.receive() == TextFrame("hi")
        assert await channel.receive() == BinaryFrame(b"\xff")
        assert await channel.receive() == CloseFrame(1000)
        await channel.send(TextFrame("back"))
        assert await channel.receive() == Disconnect()
        channel.close()
    said = server.said  # type: ignore[attr-defined]
    mask = said[2:6]
    assert said[:2] == b"\x81\x84"
    assert bytes(byte ^ mask[i % 4] for i, byte in enumerate(said[6:10])) == b"back"


@pytest.mark.parametrize(
    "line", ["Sec-WebSocket-Accept: wrong", "Sec-WebSocket-Extensions: permessage-deflate"]
)
async def test_a_handshake_that_is_none_is_a_bad_gateway(outbound: HttpOutbound, line: str) -> None:
    answer = (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"{line}\r\n\r\n"
    ).encode()
    async with listening(always(answer)) as server:
        response = await outbound.fetch(get(server.url, ("Upgrade", "websocket")))
        assert (response.status, response.web_socket) == (502, None)
