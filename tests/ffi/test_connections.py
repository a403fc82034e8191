"""TCP connections of asyncio code in a Worker: streams, transports, sockets, TLS."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop

from tests.support.certificates import make_certificate
from tests.support.worker import TestWorker, open_worker

SOURCE = """
import asyncio, errno, json, socket, ssl
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit
from workers import DurableObject, Response, WorkerEntrypoint, wait_until

kept = []

@asynccontextmanager
async def connected(port, host="127.0.0.1", **options):
    reader, writer = await asyncio.open_connection(host, port, **options)
    try:
        yield reader, writer
    finally:
        writer.close()

async def attempt(awaitable):
    try:
        return await awaitable
    except Exception as error:
        return f"{type(error).__name__}: {error}"

class Recorder(asyncio.Protocol):
    def __init__(self):
        self.calls, self.data = [], b""
        self.lost = asyncio.get_running_loop().create_future()
    def connection_made(self, transport):
        self.calls.append("made")
        self.transport = transport
    def data_received(self, data):
        self.data += data
    def eof_received(self):
        self.calls.append("eof")
    def connection_lost(self, error):
        self.calls.append(f"lost {type(error).__name__}")
        self.lost.set_result(None)
    def pause_writing(self):
        self.calls.append("pause")
    def resume_writing(self):
        self.calls.append("resume")

class Buffered(asyncio.BufferedProtocol):
    def __init__(self):
        self.buffer, self.data = bytearray(7), b""
        self.lost = asyncio.get_running_loop().create_future()
    def get_buffer(self, size_hint):
        return self.buffer
    def buffer_updated(self, size):
        self.data += self.buffer[:size]
    def connection_lost(self, error):
        self.lost.set_result(None)

class Cases:
    async def echo(self, port):
        async with connected(port) as (reader, writer):
            writer.write(b"hel")
            writer.writelines([b"lo", b"\\n"])
            await writer.drain()
            line = await reader.readline()
            writer.close()
            await writer.wait_closed()
            return [line.decode(), writer.is_closing(), repr(writer.transport).split()[1]]

    async def half_close(self, port):
        async with connected(port) as (reader, writer):
            writer.write(b"until the end")
            can = writer.can_write_eof()
            writer.write_eof()
            found = (await reader.read()).decode()
            try:
                writer.write(b"more")
            except RuntimeError as error:
                found += f" {error}"
            return [can, found]

    async def info(self, port):
        async with connected(port) as (_, writer):
            get = writer.get_extra_info
            sock = get("socket")
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return [
                list(get("peername")) == ["127.0.0.1", port], get("sockname")[0],
                sock.family == socket.AF_INET, get("ssl_object"), get("nothing", "default"),
            ]

    async def eof(self, port):
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_connection(Recorder, "127.0.0.1", port)
        transport.write(b"bye\\n")
        await protocol.lost
        transport.write(b"ignored")
        transport.close()
        transport.abort()
        return [protocol.calls, protocol.data.decode(), transport.is_closing(), transport.is_reading()]

    async def reset(self, port):
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_connection(Recorder, "127.0.0.1", port)
        transport.write(b"reset\\n")
        await protocol.lost
        return protocol.calls

    async def abort(self, port):
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_connection(Recorder, "127.0.0.1", port)
        transport.abort()
        before = list(protocol.calls)
        await protocol.lost
        return [before, protocol.calls]

    async def buffered(self, port):
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_connection(Buffered, "127.0.0.1", port)
        transport.write(b"0123456789 0123456789 bye\\n")
        transport.write(b"bye\\n")
        await protocol.lost
        return protocol.data.decode()

    async def pressure(self, port):
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_connection(Recorder, "127.0.0.1", port)
        limits = transport.get_write_buffer_limits()
        transport.set_write_buffer_limits(high=1000)
        size = 8_000_000
        transport.write(b"hold\\n")
        transport.write(b"x" * size + b"\\n")
        found = [limits, transport.get_write_buffer_limits(), list(protocol.calls)]
        waiting = transport.get_write_buffer_size() > 1000
        transport.write(b"bye\\n")
        await protocol.lost
        return [*found, waiting, protocol.calls, len(protocol.data) - size]

    async def drained(self, port):
        async with connected(port) as (reader, writer):
            writer.write(b"hold\\n" + b"x" * 8_000_000)
            try:
                async with asyncio.timeout(0.02):
                    await writer.drain()
            except TimeoutError:
                return "the other side does not read"

    async def paused(self, port):
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_connection(Recorder, "127.0.0.1", port)
        transport.pause_reading()
        transport.pause_reading()
        transport.write(b"x" * 3_000_000 + b"bye\\n")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"line\\n")
        await reader.readline()
        writer.close()
        before = [len(protocol.data), transport.is_reading()]
        transport.resume_reading()
        await protocol.lost
        return [before, len(protocol.data), protocol.calls[-1]]

    async def timeout(self, port):
        async with connected(port) as (reader, writer):
            found = await attempt(asyncio.wait_for(reader.read(1), 0.01))
            writer.write(b"still here\\n")
            return [found, (await reader.readline()).decode()]

    async def sockets(self, port):
        loop = asyncio.get_running_loop()
        with socket.socket() as sock:
            sock.setblocking(False)
            await loop.sock_connect(sock, ("127.0.0.1", port))
            await loop.sock_sendall(sock, b"hello\\n")
            first = await loop.sock_recv(sock, 2)
            buffer = bytearray(100)
            size = await loop.sock_recv_into(sock, buffer)
            late = await attempt(asyncio.wait_for(loop.sock_recv(sock, 1), 0.01))
            await loop.sock_sendall(sock, b"again\\n")
            found = [first.decode(), buffer[:size].decode(), late, (await loop.sock_recv(sock, 9)).decode()]
        with socket.socket() as blocking:
            found.append(await attempt(loop.sock_recv(blocking, 1)))
        with socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            datagrams.setblocking(False)
            found.append(await attempt(loop.sock_connect(datagrams, ("127.0.0.1", port))))
        return found

    async def given_socket(self, port):
        loop = asyncio.get_running_loop()
        sock = socket.create_connection(("127.0.0.1", port))
        async with connected(None, None, sock=sock) as (reader, writer):
            writer.write(b"hello\\n")
            return (await reader.readline()).decode()

    async def names(self, port):
        loop = asyncio.get_running_loop()
        infos = await loop.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)
        name = await loop.getnameinfo(("127.0.0.1", port), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
        return [infos[0][4] == ("127.0.0.1", port), name[0], (await attempt(loop.getaddrinfo("name.invalid", 1)))[:8]]

    async def local_addr(self, port):
        async with connected(port, local_addr=("127.0.0.1", 0)) as (_, writer):
            other = asyncio.open_connection("127.0.0.1", port, local_addr=("::1", 0))
            return [writer.get_extra_info("sockname")[0], (await attempt(other))[:48]]

    async def mistakes(self, port):
        loop = asyncio.get_running_loop()
        connect = lambda *a, **k: attempt(loop.create_connection(Recorder, *a, **k))
        transport, protocol = await loop.create_connection(Recorder, "127.0.0.1", port)
        with socket.socket() as sock, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            found = [
                await connect("127.0.0.1"), await connect("127.0.0.1", port, sock=sock),
                await connect(sock=datagrams), await connect(sock=sock, ssl=True),
                await connect("127.0.0.1", port, server_hostname="a"),
                await attempt(loop.start_tls(transport, protocol, None)),
                await attempt(loop.start_tls(None, protocol, ssl.create_default_context())),
            ]
        for call in (
            lambda: transport.write("text"), lambda: transport.set_write_buffer_limits(1, 2),
        ):
            try:
                call()
            except Exception as error:
                found.append(f"{type(error).__name__}: {error}")
        return found

    async def refused(self, port):
        open_connection = lambda **k: asyncio.open_connection("127.0.0.1", port, **k)
        try:
            await open_connection(all_errors=True)
        except* ConnectionRefusedError as group:
            text = f"{group.message}, {len(group.exceptions)}"
        return [(await attempt(open_connection()))[:24], text]

    async def broken_protocol(self, port):
        loop = asyncio.get_running_loop()
        seen = []
        loop.set_exception_handler(lambda loop, context: seen.append(context))
        class Broken(Recorder):
            def data_received(self, data):
                raise ValueError("bad data")
        transport, protocol = await loop.create_connection(Broken, "127.0.0.1", port)
        transport.write(b"hello\\n")
        await protocol.lost
        loop.set_exception_handler(None)
        return [protocol.calls, [c["message"] for c in seen], seen[0]["transport"] is transport]

    async def broken_factory(self, port):
        loop = asyncio.get_running_loop()
        return await attempt(loop.create_connection(lambda: 1 / 0, "127.0.0.1", port))

    async def cancelled(self, port):
        task = asyncio.create_task(asyncio.open_connection("127.0.0.1", port, ssl=True))
        await asyncio.sleep(0.02)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return "cancelled"

    async def tls(self, port, ca):
        context = ssl.create_default_context(cafile=ca)
        async with connected(port, "localhost", ssl=context) as (reader, writer):
            writer.write(b"hello\\n")
            found = [(await reader.readline()).decode(), writer.can_write_eof()]
            try:
                writer.write_eof()
            except NotImplementedError as error:
                found.append(str(error))
            found.append(writer.get_extra_info("ssl_object").version()[:3])
            found.append(writer.get_extra_info("peercert")["subject"][0][0][1])
            writer.write(b"bye\\n")
            found.append((await reader.read()).decode())
            writer.close()
            await writer.wait_closed()
            return found

    async def untrusted(self, port):
        found = await attempt(asyncio.open_connection("localhost", port, ssl=True))
        return found[:55]

    async def start_tls(self, port, ca):
        async with connected(port, "localhost") as (reader, writer):
            writer.write(b"tls\\n")
            plain = (await reader.readline()).decode()
            before = writer.transport
            await writer.start_tls(ssl.create_default_context(cafile=ca), server_hostname="localhost")
            writer.write(b"hello\\n")
            line = (await reader.readline()).decode()
            secure = writer.get_extra_info("ssl_object") is not None
            writer.close()
            await writer.wait_closed()
            return [plain, line, secure, before is writer.transport]

    async def start_tls_fails(self, port, ca):
        async with connected(port, "localhost") as (reader, writer):
            writer.write(b"tls\\n")
            await reader.readline()
            found = await attempt(writer.start_tls(ssl.create_default_context(), server_hostname="localhost"))
            return [found[:55], writer.is_closing()]

    async def wait(self, port):
        async with connected(port) as (reader, writer):
            writer.write(b"hello\\n")
            await reader.read()

    async def leave(self, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        kept.append(writer)
        wait_until(asyncio.sleep(0))
        return "left"

    async def use_kept(self, port):
        try:
            kept[-1].write(b"hello")
        except ConnectionResetError as error:
            found = [kept[-1].is_closing(), str(error)[:57]]
        sock = kept[-1].get_extra_info("socket")
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            found.append(error.errno == errno.EBADF)
        kept[-1].close()
        return [*found, sock.fileno(), sock.getpeername()[1] == port, sock.getsockname()[0]]

class Object(DurableObject, Cases):
    async def run(self, name, arguments):
        return json.dumps(await getattr(self, name)(**json.loads(arguments)))

    async def save_and_send(self, port):
        await self.ctx.storage.put("connected", True)
        async with connected(port) as (reader, writer):
            await self.ctx.storage.put("sent", True)
            writer.write(b"hello\\n")
            waiting = writer.transport.get_write_buffer_size()
            await reader.readline()
            return waiting

    async def leave_open(self, port):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        self.writer.write(b"hello\\n")
        self.waiting = asyncio.create_task(self.reader.read())
        return "left"

    async def answered_in_a_section(self, port):
        async with connected(port) as (reader, writer):
            async def ask():
                writer.write(b"hello\\n")
                return (await reader.readline()).decode()
            return await self.ctx.blockConcurrencyWhile(ask)

    async def data_waits_for_a_section(self, port):
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_connection(Recorder, "127.0.0.1", port)
        transport.write(b"hello\\n")
        seen = []
        async def section():
            async with connected(port) as (reader, writer):
                writer.write(b"line\\n")
                await reader.readline()
            seen.append(protocol.data.decode())
        await self.ctx.blockConcurrencyWhile(section)
        while not protocol.data:
            await asyncio.sleep(0.001)
        transport.close()
        return [*seen, protocol.data.decode()]

class Default(WorkerEntrypoint, Cases):
    async def fetch(self, request):
        url = urlsplit(request.url)
        arguments = {k: v[0] for k, v in parse_qs(url.query).items()}
        arguments["port"] = int(arguments["port"])
        where, name = url.path[1:].split("/")
        if where == "object":
            stub = self.env.OBJECT.getByName("a")
            return Response(await stub.run(name, json.dumps(arguments)))
        return Response(json.dumps(await getattr(self, name)(**arguments)))
"""
NO_CERTIFICATE = "SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAIL"
NOT_RAW = "{}() is not available in browser environments due to restricted raw socket access."
EXPECTED: dict[str, Any] = {
    "echo": ["hello\n", True, "closed"],
    "half_close": [True, "until the end Cannot call write() after write_eof()"],
    "info": [True, "127.0.0.1", True, None, "default"],
    "eof": [["made", "eof", "lost NoneType"], "bye\n", True, False],
    "reset": ["made", "lost ConnectionResetError"],
    "abort": [["made"], ["made", "lost NoneType"]],
    "buffered": "0123456789 0123456789 bye\nbye\n",
    "pressure": [
        [16_384, 65_536], [250, 1000], ["made", "pause"], True,
        ["made", "pause", "resume", "eof", "lost NoneType"], len(b"hold\n\nbye\n"),
    ],
    "drained": "the other side does not read",
    "paused": [[0, False], 3_000_004, "lost NoneType"],
    "timeout": ["TimeoutError: ", "still here\n"],
    "sockets": [
        "he", "llo\n", "TimeoutError: ", "again\n",
        "ValueError: the socket must be non-blocking",
        "NotImplementedError: " + NOT_RAW.format("sock_connect"),
    ],
    "given_socket": "hello\n",
    "names": [True, "127.0.0.1", "gaierror"],
    "local_addr": ["127.0.0.1", "OSError: no matching local address with family=2"],
    "broken_protocol": [
        ["made", "lost ValueError"], ["Fatal error: protocol.data_received() call failed."], True,
    ],
    "broken_factory": "ZeroDivisionError: division by zero",
}  # fmt: skip
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Echo:
    """Sends back each line. `bye` ends the connection, `reset` breaks it, `tls` goes on with TLS,
    after `hold` nothing is read until `release` is set."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.asked = asyncio.Event()
        self.ended = asyncio.Event()
        self.release = asyncio.Event()
        self.context = context

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._echo(reader, writer)
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            self.ended.set()
            writer.close()

    async def _echo(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            self.asked.set()
            if line == b"reset\n":
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                writer.transport.abort()
                return
            writer.write(line)
            if line == b"hold\n":
                writer.transport.pause_reading()  # type: ignore[attr-defined]
                await self.release.wait()
                writer.transport.resume_reading()  # type: ignore[attr-defined]
            await writer.drain()
            if line.endswith(b"bye\n") and not line.startswith(b"0123"):
                return
            if line == b"tls\n":
                assert self.context is not None
                await writer.start_tls(self.context)


@asynccontextmanager
async def listening(
    handler: Handler | None = None, context: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    server = await asyncio.start_server(
        handler or Echo(), "127.0.0.1", 0, ssl=context, limit=1 << 30
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[TestWorker]:
    async with open_worker(tmp_path / "worker", SOURCE, restrictions="off") as opened:
        yield opened


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path)


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


async def run_case(worker: TestWorker, name: str, place: str = "handler") -> Any:
    echo = Echo()
    async with listening(echo) as port:
        if name == "pressure":
            asyncio.get_running_loop().call_later(0.02, echo.release.set)
        try:
            return (await worker.fetch(f"/{place}/{name}?port={port}")).json
        finally:
            echo.release.set()


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("place", ["handler", "object"])
async def test_connections(worker: TestWorker, name: str, place: str) -> None:
    assert await run_case(worker, name, place) == EXPECTED[name]


def test_connections_on_the_loop_that_the_host_uses(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_worker(tmp_path / "worker", SOURCE, restrictions="off") as opened:
            for name, expected in EXPECTED.items():
                assert await run_case(opened, name) == expected, name

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


async def test_mistakes_have_asyncios_words(worker: TestWorker) -> None:
    found = await run_case(worker, "mistakes")
    shortened = [re.sub(r"<socket.socket [^>]*>", "<socket>", text) for text in found]
    assert shortened == [
        "ValueError: host and port must be specified if sock is not provided",
        "ValueError: host/port and sock can not be specified at the same time",
        "ValueError: A Stream Socket was expected, got <socket>",
        "ValueError: You must set server_hostname when using ssl without a host",
        "ValueError: server_hostname is only meaningful with ssl",
        "TypeError: sslcontext is expected to be an instance of ssl.SSLContext, got None",
        "TypeError: transport None is not supported by start_tls()",
        "TypeError: data argument must be a bytes-like object, not 'str'",
        "ValueError: high (1) must be >= low (2) must be >= 0",
    ]


async def test_nobody_listens(worker: TestWorker) -> None:
    async with listening() as port:
        pass
    found = (await worker.fetch(f"/handler/refused?port={port}")).json
    assert found == [
        "ConnectionRefusedError: ",
        "create_connection failed, 1",
    ]


async def test_who_gives_up_closes_what_was_being_made(worker: TestWorker) -> None:
    opened = asyncio.Event()
    ended = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.set()
        await reader.read()
        ended.set()
        writer.close()

    async with listening(silent) as port:
        assert (await worker.fetch(f"/handler/cancelled?port={port}")).json == "cancelled"
        await opened.wait()
        await ended.wait()
    assert worker.observer.errors == []


# -- TLS -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["handler", "object"])
async def test_streams_speak_tls(worker: TestWorker, certificate: Path, place: str) -> None:
    async with listening(context=server_context(certificate)) as port:
        found = await worker.fetch(f"/{place}/tls?port={port}&ca={certificate}")
    assert found.json == [
        "hello\n",
        False,
        "this transport cannot close one direction only",
        "TLS",
        "localhost",
        "bye\n",
    ]


async def test_a_certificate_is_checked(worker: TestWorker, certificate: Path) -> None:
    async with listening(context=server_context(certificate)) as port:
        found = await worker.fetch(f"/handler/untrusted?port={port}")
    assert found.json == NO_CERTIFICATE


@pytest.mark.parametrize("place", ["handler", "object"])
async def test_a_connection_goes_on_with_tls(
    worker: TestWorker, certificate: Path, place: str
) -> None:
    async with listening(Echo(server_context(certificate))) as port:
        found = await worker.fetch(f"/{place}/start_tls?port={port}&ca={certificate}")
        assert found.json == ["tls\n", "hello\n", True, False]
        found = await worker.fetch(f"/{place}/start_tls_fails?port={port}&ca={certificate}")
        assert found.json == [NO_CERTIFICATE, True]


# -- contexts and gates --------------------------------------------------------------------------


async def test_a_connection_ends_with_its_context(worker: TestWorker) -> None:
    echo = Echo()
    async with listening(echo) as port:
        assert (await worker.fetch(f"/handler/leave?port={port}")).json == "left"
        await echo.ended.wait()
        found = await worker.fetch(f"/handler/use_kept?port={port}")
    text = "Cannot perform I/O on behalf of a different request. I/O "
    assert found.json == [True, text, True, -1, True, "127.0.0.1"]


async def test_an_object_sends_only_what_is_on_disk(worker: TestWorker) -> None:
    commits = []

    async def look(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        commits.append(worker.emulator.storage_statistics())
        await reader.readline()
        commits.append(worker.emulator.storage_statistics())
        writer.write(b"seen\n")
        writer.close()

    async with listening(look) as port:
        found = await worker.fetch(f"/object/save_and_send?port={port}")
    assert found.json == len(b"hello\n")
    assert [(found.commits, found.in_flight) for found in commits] == [(1, 0), (2, 0)]


async def test_what_arrives_for_others_waits_for_a_section(worker: TestWorker) -> None:
    async with listening() as port:
        found = await worker.fetch(f"/object/data_waits_for_a_section?port={port}")
    assert found.json == ["", "hello\n"]


async def test_a_section_may_use_a_connection_that_was_there_before(worker: TestWorker) -> None:
    async with listening() as port:
        found = await worker.fetch(f"/object/answered_in_a_section?port={port}")
    assert found.json == "hello\n"


async def test_a_client_that_goes_away_ends_the_connection(worker: TestWorker) -> None:
    echo = Echo()
    async with listening(echo) as port:
        request = asyncio.create_task(worker.fetch(f"/handler/wait?port={port}"))
        await echo.asked.wait()
        request.cancel()
        await echo.ended.wait()
        assert (await worker.fetch(f"/handler/echo?port={port}")).json == EXPECTED["echo"]


async def test_the_connections_of_objects_end_with_the_worker(tmp_path: Path) -> None:
    echo = Echo()
    async with listening(echo) as port:
        async with open_worker(tmp_path / "worker", SOURCE) as opened:
            assert (await opened.fetch(f"/object/leave_open?port={port}")).json == "left"
            await echo.asked.wait()
            assert not echo.ended.is_set()
        await echo.ended.wait()


TOP_LEVEL = """
import asyncio, socket
from workers import Response, WorkerEntrypoint

seen = []
for connect in (
    lambda: asyncio.run(asyncio.open_connection("127.0.0.1", 1)),
    lambda: asyncio.run(asyncio.get_running_loop().getaddrinfo("127.0.0.1", 1)),
    lambda: socket.create_connection(("127.0.0.1", 1)),
):
    try:
        connect()
    except Exception as error:
        seen.append(f"{type(error).__name__}: {error}"[:59])

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(seen)
"""


async def test_at_the_top_level_there_are_no_connections(tmp_path: Path) -> None:
    async with open_worker(tmp_path / "worker", TOP_LEVEL) as opened:
        found = (await opened.fetch()).json
    assert found == ["JsException: Error: Disallowed operation called within glob"] * 3
