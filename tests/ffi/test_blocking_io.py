"""Blocking sockets in a Worker: they wait, and everything else goes on."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support.certificates import make_certificate
from tests.support.worker import TestWorker, open_worker

SOURCE = """
import http.client, json, socket, ssl, urllib.request, urllib.error
import requests
from urllib.parse import urlsplit, parse_qs
from workers import DurableObject, Response, WorkerEntrypoint

def parameters(request):
    return {k: v[0] for k, v in parse_qs(urlsplit(request.url).query).items()}

class Object(DurableObject):
    async def save_and_send(self, url):
        await self.ctx.storage.put("saved", True)
        return requests.get(url).text

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return await getattr(self, urlsplit(request.url).path[1:])(**parameters(request))

    async def ping(self):
        return Response("pong")

    async def urllib(self, url):
        with urllib.request.urlopen(url) as answer:
            return Response(answer.read())

    async def requests(self, url):
        return Response(requests.get(url, timeout=10).text)

    async def post(self, url, size):
        return Response(requests.post(url, data=b"x" * int(size)).text)

    async def tls(self, url, ca):
        context = ssl.create_default_context(cafile=ca)
        with urllib.request.urlopen(url, context=context) as answer:
            return Response(answer.read())

    async def timeout(self, port):
        sock = socket.create_connection(("127.0.0.1", int(port)), timeout=0.05)
        try:
            sock.recv(1)
        except TimeoutError as error:
            return Response(f"{type(error).__name__}: {error}, still {sock.gettimeout()}")
        finally:
            sock.close()

    async def refused(self, port):
        try:
            socket.create_connection(("127.0.0.1", int(port)))
        except OSError as error:
            return Response(f"{type(error).__name__}: {error}")

    async def unknown(self):
        try:
            socket.create_connection(("name.invalid", 80))
        except OSError as error:
            return Response(type(error).__name__)

    async def not_blocking(self, port):
        sock = socket.create_connection(("127.0.0.1", int(port)))
        sock.setblocking(False)
        try:
            sock.recv(1)
        except BlockingIOError as error:
            return Response("BlockingIOError")
        finally:
            sock.close()

    async def object(self, url):
        return Response(await self.env.OBJECT.getByName("a").save_and_send(url))
"""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler, **options: object) -> AsyncIterator[str]:
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app, **options) as server:  # type: ignore[arg-type]
        yield str(server.make_url("/"))


async def _hello(request: web.Request) -> web.Response:
    return web.Response(text="hello")


@asynccontextmanager
async def silent() -> AsyncIterator[int]:
    """A server that says nothing; its port."""

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[TestWorker]:
    async with open_worker(tmp_path / "worker", SOURCE) as opened:
        yield opened


@pytest.mark.parametrize("way", ["urllib", "requests"])
async def test_http_clients_of_the_standard_kind_work(worker: TestWorker, way: str) -> None:
    async with serving(_hello) as url:
        assert (await worker.fetch(f"/{way}?url={url}")).text == "hello"


async def test_others_go_on_while_a_socket_is_read(worker: TestWorker) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        asked.set()
        await answer.wait()
        return web.Response(text="slow")

    async with serving(slow) as url:
        waiting = [asyncio.create_task(worker.fetch(f"/requests?url={url}")) for _ in range(3)]
        await asked.wait()
        assert (await worker.fetch("/ping")).text == "pong"
        answer.set()
        assert [(await it).text for it in waiting] == ["slow"] * 3


async def test_a_worker_may_call_itself(worker: TestWorker) -> None:
    async def to_the_worker(request: web.Request) -> web.Response:
        return web.Response(text=(await worker.fetch(str(request.rel_url))).text)

    async with serving(to_the_worker) as url:
        assert (await worker.fetch(f"/requests?url={url}ping")).text == "pong"


async def test_a_body_that_does_not_fit_into_buffers_is_sent(worker: TestWorker) -> None:
    async def count(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    async with serving(count) as url:
        size = 20_000_000
        assert (await worker.fetch(f"/post?url={url}&size={size}")).text == str(size)


async def test_tls(worker: TestWorker, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    app = web.Application()
    app.router.add_get("/", _hello)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=context)
    try:
        url = f"https://localhost:{server.port}/"
        assert (await worker.fetch(f"/tls?url={url}&ca={certificate}")).text == "hello"
    finally:
        await server.close()


async def test_timeouts_and_failures_are_those_of_the_socket(worker: TestWorker) -> None:
    async with silent() as port:
        found = await worker.fetch(f"/timeout?port={port}")
        assert found.text == "TimeoutError: timed out, still 0.05"
        assert (await worker.fetch(f"/not_blocking?port={port}")).text == "BlockingIOError"
    refused = await worker.fetch(f"/refused?port={port}")
    assert refused.text == "ConnectionRefusedError: [Errno 111] Connection refused"
    assert (await worker.fetch("/unknown")).text == "gaierror"


async def test_an_object_sends_only_what_is_on_disk(worker: TestWorker) -> None:
    statistics = []

    async def look(request: web.Request) -> web.Response:
        statistics.append(worker.emulator.storage_statistics())
        return web.Response(text="seen")

    async with serving(look) as url:
        assert (await worker.fetch(f"/object?url={url}")).text == "seen"
    assert [(found.commits, found.in_flight) for found in statistics] == [(1, 0)]


async def test_a_client_that_goes_away_ends_the_wait(worker: TestWorker) -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def never(request: web.Request) -> web.Response:
        asked.set()
        await gone.wait()
        return web.Response()

    async with serving(never) as url:
        request = asyncio.create_task(worker.fetch(f"/requests?url={url}"))
        await asked.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert (await worker.fetch("/ping")).text == "pong"
        gone.set()
