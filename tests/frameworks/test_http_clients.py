"""HTTP clients, WebSocket clients and database drivers inside a Worker and a Durable Object."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from tests.support.certificates import make_certificate
from tests.support.postgres import FakePostgres
from tests.support.redis import FakeRedis
from tests.support.worker import TestWorker, open_worker

SOURCE = """
import asyncio, json, ssl, urllib.request
from urllib.parse import parse_qs, urlsplit

import aiohttp, asyncpg, httpx, redis, redis.asyncio, requests, urllib3, websockets
from workers import DurableObject, Response, WorkerEntrypoint


kept = {}


def tls(ca):
    return ssl.create_default_context(cafile=ca)


class Clients:
    async def httpx_async(self, url, ca=None):
        async with httpx.AsyncClient(verify=tls(ca) if ca else True) as client:
            first, *rest = await asyncio.gather(*(client.get(url) for _ in range(3)))
            posted = await client.post(url, content=b"x" * 1_000_000)
            async with client.stream("GET", url) as streamed:
                chunks = [chunk async for chunk in streamed.aiter_bytes()]
        return [first.text, *(r.text for r in rest), posted.text, b"".join(chunks).decode()]

    async def httpx_sync(self, url, ca=None):
        with httpx.Client(verify=tls(ca) if ca else True) as client:
            return [client.get(url).text, client.post(url, content=b"x" * 1_000_000).text]

    async def httpx_kept(self, url, ca=None):
        client = kept.setdefault("async", httpx.AsyncClient(verify=tls(ca) if ca else True))
        return [(await client.get(url)).text for _ in range(2)]

    async def requests_kept(self, url, ca=None):
        session = kept.setdefault("blocking", requests.Session())
        return [session.get(url, verify=ca or True).text for _ in range(2)]

    async def close_kept(self):
        for client in kept.values():
            await client.aclose() if hasattr(client, "aclose") else client.close()

    async def httpx_timeout(self, url):
        async with httpx.AsyncClient(timeout=0.05) as client:
            try:
                await client.get(url + "never")
            except httpx.ReadTimeout as error:
                return type(error).__name__

    async def httpx_refused(self, url):
        async with httpx.AsyncClient() as client:
            try:
                await client.get(url)
            except httpx.ConnectError as error:
                return type(error).__name__

    async def aiohttp(self, url, ca=None):
        options = {"ssl": tls(ca)} if ca else {}
        async with aiohttp.ClientSession() as session:
            async with session.get(url, **options) as found:
                got = await found.text()
            async with session.post(url, data=b"x" * 1_000_000, **options) as found:
                posted = await found.text()
            async with session.ws_connect(url + "ws", **options) as socket:
                await socket.send_str("text")
                echoed = [(await socket.receive()).data]
                await socket.send_bytes(b"x" * 300_000)
                echoed.append(len((await socket.receive()).data))
                closed = await socket.close()
        return [got, posted, *echoed, closed]

    async def aiohttp_timeout(self, url):
        timeout = aiohttp.ClientTimeout(total=0.05)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                await session.get(url + "never")
            except TimeoutError as error:
                return "timeout"

    async def requests(self, url, ca=None):
        with requests.Session() as session:
            got = [session.get(url, verify=ca or True).text for _ in range(2)]
            return [*got, session.post(url, data=b"x" * 1_000_000, verify=ca or True).text]

    async def urllib3(self, url, ca=None):
        with urllib3.PoolManager(ca_certs=ca) as pool:
            return pool.request("GET", url).data.decode()

    async def urllib(self, url, ca=None):
        with urllib.request.urlopen(url, context=tls(ca) if ca else None) as found:
            return found.read().decode()

    async def websockets(self, url, ca=None):
        url = "ws" + url.removeprefix("http") + "ws"
        async with websockets.connect(url, ssl=tls(ca) if ca else None) as socket:
            await socket.send("text")
            return await socket.recv()

    async def redis(self, url):
        async with redis.asyncio.from_url(url, decode_responses=True) as client:
            await client.set("key", "value")
            async with client.pipeline(transaction=False) as pipeline:
                pipeline.get("key").get("missing").incr("count")
                piped = await pipeline.execute()
            try:
                await client.execute_command("FAIL")
            except redis.ResponseError as error:
                piped.append(str(error))
        return piped

    async def redis_blocking(self, url):
        with redis.Redis.from_url(url, decode_responses=True) as client:
            client.set("key", "value")
            return client.get("key")

    async def asyncpg(self, url, ca=None):
        connection = await asyncpg.connect(url, ssl=tls(ca) if ca else False)
        try:
            found = [await connection.execute("SELECT 1"), connection.get_server_version().major]
            try:
                await connection.execute("FAIL")
            except asyncpg.PostgresError as error:
                found.append(f"{type(error).__name__}: {error}")
            return found
        finally:
            await connection.close()


class Object(DurableObject, Clients):
    async def run(self, name, arguments):
        return json.dumps(await getattr(self, name)(**json.loads(arguments)))

    async def run_exclusively(self, name, arguments):
        return await self.ctx.blockConcurrencyWhile(lambda: self.run(name, arguments))


class Default(WorkerEntrypoint, Clients):
    async def fetch(self, request):
        where, name = urlsplit(request.url).path[1:].split("/")
        arguments = {k: v[0] for k, v in parse_qs(urlsplit(request.url).query).items()}
        if where == "object":
            return Response(await self.env.OBJECT.getByName("a").run(name, json.dumps(arguments)))
        if where == "section":
            stub = self.env.OBJECT.getByName("a")
            return Response(await stub.run_exclusively(name, json.dumps(arguments)))
        return Response(json.dumps(await getattr(self, name)(**arguments)))
"""
HTTP = {
    "httpx_async": ["hello", "hello", "hello", "1000000", "hello"],
    "httpx_sync": ["hello", "1000000"],
    "aiohttp": ["hello", "1000000", "text", 300_000, True],
    "requests": ["hello", "hello", "1000000"],
    "urllib3": "hello",
    "urllib": "hello",
    "websockets": "text",
}
PLACES = ("handler", "object", "section")


async def _answer(request: web.Request) -> web.StreamResponse:
    if request.method == "POST":
        return web.Response(text=str(len(await request.read())))
    return web.Response(text="hello")


async def _echo(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        else:
            await socket.send_bytes(message.data)
    return socket


class Server:
    """An HTTP server; `/never` answers when the server ends."""

    def __init__(self) -> None:
        self._end = asyncio.Event()
        app = web.Application(client_max_size=1 << 30)
        app.router.add_get("/never", self._never)
        app.router.add_get("/ws", _echo)
        app.router.add_route("*", "/", _answer)
        self._app = app

    async def _never(self, request: web.Request) -> web.StreamResponse:
        await self._end.wait()
        return web.Response()

    @asynccontextmanager
    async def serving(self, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        server = TestServer(self._app, scheme="https" if context else "http")
        await server.start_server(ssl=context)
        try:
            yield str(server.make_url("/")).replace("127.0.0.1", "localhost")
        finally:
            self._end.set()
            await server.close()


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[TestWorker]:
    async with open_worker(tmp_path / "worker", SOURCE) as opened:
        yield opened


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path)


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("name", HTTP)
async def test_an_http_client_works(worker: TestWorker, name: str) -> None:
    async with Server().serving() as url:
        for place in PLACES:
            assert (await worker.fetch(f"/{place}/{name}?url={url}")).json == HTTP[name], place


@pytest.mark.parametrize("name", HTTP)
async def test_an_http_client_speaks_tls(worker: TestWorker, name: str, certificate: Path) -> None:
    async with Server().serving(server_context(certificate)) as url:
        for place in PLACES:
            found = await worker.fetch(f"/{place}/{name}?url={url}&ca={certificate}")
            assert found.json == HTTP[name], place


async def test_timeouts_and_refusals_are_those_of_the_clients(worker: TestWorker) -> None:
    async with Server().serving() as url:
        assert (await worker.fetch(f"/handler/httpx_timeout?url={url}")).json == "ReadTimeout"
        assert (await worker.fetch(f"/object/aiohttp_timeout?url={url}")).json == "timeout"
    assert (await worker.fetch(f"/handler/httpx_refused?url={url}")).json == "ConnectError"


@pytest.mark.parametrize("place", PLACES)
async def test_redis_clients_work(worker: TestWorker, place: str) -> None:
    async with FakeRedis().serving() as url:
        found = await worker.fetch(f"/{place}/redis?url={url}")
        assert found.json == ["value", None, 1, "no such thing"]
        assert (await worker.fetch(f"/{place}/redis_blocking?url={url}")).json == "value"


@pytest.mark.parametrize("place", PLACES)
async def test_asyncpg_works(worker: TestWorker, place: str, certificate: Path) -> None:
    expected = ["SELECT 1", 16, "PostgresSyntaxError: no such thing"]
    async with FakePostgres().serving() as url:
        assert (await worker.fetch(f"/{place}/asyncpg?url={url}")).json == expected
    async with FakePostgres(server_context(certificate)).serving() as url:
        found = await worker.fetch(f"/{place}/asyncpg?url={url}&ca={certificate}")
        assert found.json == expected


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("name", ["httpx_kept", "requests_kept"])
async def test_a_client_that_is_kept_serves_the_next_requests(
    worker: TestWorker, name: str, secure: bool, certificate: Path
) -> None:
    async with Server().serving(server_context(certificate) if secure else None) as url:
        query = f"url={url}&ca={certificate}" if secure else f"url={url}"
        for _ in range(3):
            found = await worker.fetch(f"/handler/{name}?{query}")
            assert found.json == ["hello", "hello"]
        await worker.fetch("/handler/close_kept")
