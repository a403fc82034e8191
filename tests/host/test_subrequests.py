"""A Worker behind a real server that asks other real servers, itself among them."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from emulator.host.outbound import HttpOutbound
from tests.host.fakes import Served, serving
from tests.support.worker import open_worker

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def outside(handler: Handler) -> AsyncIterator[str]:
    """A server of the world outside; its origin."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(application) as server:
        yield str(server.make_url("/")).rstrip("/")


@asynccontextmanager
async def dev(directory: Path, source: str, **config: object) -> AsyncIterator[Served]:
    """A Worker with a way out, served as `pyworkers dev` does."""
    async with (
        HttpOutbound() as outbound,
        open_worker(directory, source, outbound=outbound, **config) as worker,
        serving(worker.emulator.fetch) as served,
    ):
        yield served


async def told(request: web.Request) -> web.Response:
    headers = sorted((name.lower(), value) for name, value in request.headers.items())
    return web.json_response(
        {"method": request.method, "headers": headers, "body": await request.text()}
    )


PROXY = """
    import js
    from workers import WorkerEntrypoint
    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            return await js.fetch(request.headers.get("x-to"), request.js_object)
"""


async def test_a_proxy_hands_on_request_and_response(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        body = f"{request.method} {request.path_qs} {await request.text()}"
        response = web.Response(text=body, status=299, reason="Handed On")
        response.headers.add("Set-Cookie", "a=1")
        response.headers.add("Set-Cookie", "b=2")
        return response

    async with outside(handler) as url, dev(tmp_path, PROXY) as served:
        async with aiohttp.ClientSession() as client:
            headers = {"x-to": f"{url}/p?q=1"}
            async with client.put(served.url, data=b"content", headers=headers) as answer:
                assert await answer.text() == "PUT /p?q=1 content"
                assert (answer.status, answer.reason) == (299, "Handed On")
                assert answer.headers.getall("Set-Cookie") == ["a=1", "b=2"]


async def test_the_edge_names_the_worker_and_hides_the_client(tmp_path: Path) -> None:
    async with outside(told) as url, dev(tmp_path, PROXY) as served:
        async with aiohttp.ClientSession() as client:
            async with client.get(served.url, headers={"x-to": url, "User-Agent": "me"}) as answer:
                headers = dict((await answer.json())["headers"])
    assert headers["cf-worker"] == "worker.example.com"
    assert "cf-connecting-ip" not in headers
    assert headers["user-agent"] == "me"
    assert headers["host"] == url.removeprefix("http://")


@pytest.mark.parametrize(
    ("extra", "zone"),
    [('[dev]\nhost = "my.test"', "my.test"), ('routes = ["shop.test/*"]', "shop.test")],
)
async def test_the_zone_is_that_of_the_config(tmp_path: Path, extra: str, zone: str) -> None:
    async with outside(told) as url, dev(tmp_path, PROXY, extra=extra) as served:
        headers = {"x-to": url, "Host": zone}
        async with aiohttp.ClientSession() as client:
            async with client.get(served.url, headers=headers) as answer:
                assert dict((await answer.json())["headers"])["cf-worker"] == zone


ZIPPED = gzip.compress(b"zipped " * 1000)


async def zipped(request: web.Request) -> web.Response:
    return web.Response(body=ZIPPED, headers={"Content-Encoding": "gzip"})


async def test_an_encoded_response_is_handed_on_as_it_came(tmp_path: Path) -> None:
    async with outside(zipped) as url, dev(tmp_path, PROXY) as served:
        async with aiohttp.ClientSession(auto_decompress=False) as client:
            async with client.get(served.url, headers={"x-to": url}) as answer:
                assert answer.headers["Content-Encoding"] == "gzip"
                assert answer.headers["Content-Length"] == str(len(ZIPPED))
                assert await answer.read() == ZIPPED


async def test_an_encoded_response_that_was_changed_is_encoded_anew(tmp_path: Path) -> None:
    source = """
        import js
        from workers import WorkerEntrypoint
        class Default(WorkerEntrypoint):
            async def fetch(self, request):
                response = await js.fetch(request.headers.get("x-to"))
                text = await response.text()
                return js.Response.new(text.replace("zipped", "changed"), response)
    """
    async with outside(zipped) as url, dev(tmp_path, source) as served:
        async with aiohttp.ClientSession(auto_decompress=False) as client:
            async with client.get(served.url, headers={"x-to": url}) as answer:
                assert answer.headers["Content-Encoding"] == "gzip"
                assert gzip.decompress(await answer.read()) == b"changed " * 1000


async def test_a_response_that_was_returned_is_no_more_the_guests(tmp_path: Path) -> None:
    source = """
        import asyncio
        import js
        from pyodide.ffi import JsException
        from workers import WorkerEntrypoint
        class Default(WorkerEntrypoint):
            async def fetch(self, request):
                response = await js.fetch(request.headers.get("x-to"))
                self.ctx.waitUntil(self.look(response))
                return response
            async def look(self, response):
                await asyncio.sleep(0)
                for read in (response.text, response.body.getReader):
                    try:
                        await read()
                    except JsException as error:
                        js.console.log(error.message)
    """
    async with (
        outside(told) as url,
        HttpOutbound() as outbound,
        open_worker(tmp_path, source, outbound=outbound) as worker,
    ):
        answer = await worker.fetch(headers=[("x-to", url)])
        assert answer.json["method"] == "GET"
        while len(worker.observer.log) < 2:
            await asyncio.sleep(0)
        assert worker.observer.log == [
            (
                "log: Body has already been used. It can only be used once. Use tee() first if you "
                "need to read it twice."
            ),
            "log: This ReadableStream is currently locked to a reader.",
        ]


async def test_bodies_stream_through_a_proxy_in_both_directions(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        async for piece in request.content.iter_any():
            await response.write(piece.upper())
        return response

    async with outside(handler) as url, dev(tmp_path, PROXY) as served:
        answered = asyncio.Event()

        async def upload() -> AsyncIterator[bytes]:
            yield b"one "
            await asyncio.wait_for(answered.wait(), 5)  # the answer to it came before the rest
            yield b"two"

        async with aiohttp.ClientSession() as client:
            async with client.post(served.url, data=upload(), headers={"x-to": url}) as answer:
                assert await answer.content.readany() == b"ONE "
                answered.set()
                assert await answer.content.read() == b"TWO"


async def test_a_body_that_nobody_reads_holds_its_server_back(tmp_path: Path) -> None:
    written = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(1000):
            await response.write(b"x" * 65536)
            written += 65536
        return response

    source = """
        from workers import Response, WorkerEntrypoint
        import js
        class Default(WorkerEntrypoint):
            async def fetch(self, request):
                response = await js.fetch(request.headers.get("x-to"))
                piece = await response.body.getReader().read()
                return Response(str(piece.value.length))
    """
    async with outside(handler) as url, dev(tmp_path, source) as served:
        async with aiohttp.ClientSession() as client:
            async with client.get(served.url, headers={"x-to": url}) as answer:
                assert int(await answer.text()) == 4096
    assert written < 32 * 1024 * 1024


async def test_a_body_that_is_left_unread_ends_with_the_handler(tmp_path: Path) -> None:
    gone = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65536)
        finally:
            gone.set()

    source = """
        from workers import Response, WorkerEntrypoint, fetch
        class Default(WorkerEntrypoint):
            async def fetch(self, request):
                return Response(str((await fetch(request.headers.get("x-to"))).status))
    """
    async with outside(handler) as url, dev(tmp_path, source) as served:
        async with aiohttp.ClientSession() as client:
            async with client.get(served.url, headers={"x-to": url}) as answer:
                assert await answer.text() == "200"
        await asyncio.wait_for(gone.wait(), 5)


async def test_a_client_that_leaves_ends_the_request_that_was_made_for_it(tmp_path: Path) -> None:
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        arrived.set()
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        raise AssertionError

    application = web.Application()
    application.router.add_get("/", handler)
    async with TestServer(application, handler_cancellation=True) as server:
        async with dev(tmp_path, PROXY) as served:
            _, writer = await served.connect()
            address = str(server.make_url("/"))
            writer.write(f"GET / HTTP/1.1\r\nHost: localhost\r\nx-to: {address}\r\n\r\n".encode())
            await asyncio.wait_for(arrived.wait(), 5)
            writer.close()
            await asyncio.wait_for(gone.wait(), 5)


ITSELF = """
    from workers import DurableObject, Response, WorkerEntrypoint, fetch
    class Object(DurableObject):
        async def fetch(self, request):
            depth = int(request.url.rpartition("=")[2])
            if depth == 0:
                return Response("the end")
            origin = request.headers.get("x-self")
            answer = await fetch(f"{origin}/?depth={depth - 1}", headers={"x-self": origin})
            return Response(f"{depth} {await answer.text()}")
    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            return await self.env.OBJECT.getByName("one").fetch(request)
"""


async def test_a_worker_may_ask_itself_and_its_own_object(tmp_path: Path) -> None:
    async with dev(tmp_path, ITSELF) as served, aiohttp.ClientSession() as client:
        url = f"{served.url}/?depth=5"
        async with client.get(url, headers={"x-self": served.url}) as answer:
            assert await answer.text() == "5 4 3 2 1 the end"


async def test_what_guests_are_not_told_is_on_the_console(tmp_path: Path) -> None:
    source = """
        from workers import Response, WorkerEntrypoint, fetch
        class Default(WorkerEntrypoint):
            async def fetch(self, request):
                try:
                    await fetch("http://no-such-host.invalid/")
                except Exception as error:
                    return Response(str(error))
    """
    async with HttpOutbound() as outbound:
        async with open_worker(tmp_path, source, outbound=outbound) as worker:
            text = (await worker.fetch()).text
            assert text.startswith("internal error; reference = ")
            (entry,) = worker.observer.errors
            failed = "fetch() of http://no-such-host.invalid/ failed: Cannot connect to host"
            assert entry.startswith(f"{text}\n  caused by: {failed}")


async def test_a_socket_is_handed_on_to_the_client(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=["chat"])
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data[::-1])
        return socket

    async with outside(handler) as url, dev(tmp_path, PROXY) as served:
        async with aiohttp.ClientSession() as client:
            connecting = client.ws_connect(served.url, headers={"x-to": url}, protocols=["chat"])
            async with connecting as socket:
                assert socket.protocol == "chat"
                await socket.send_str("hello")
                assert await socket.receive_str() == "olleh"
                await socket.close(code=4000)


PYTHONIC = """
    from pyodide.http import pyfetch
    from workers import Response, WorkerEntrypoint, fetch
    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            to = request.headers.get("x-to")
            mine = await fetch(to, method="POST", body="sdk", headers={"x-a": "1"})
            theirs = await pyfetch(to, method="PUT", body=b"pyodide", headers={"x-b": "2"})
            log = [await mine.json(), await theirs.json()]
            for call in (fetch, pyfetch):
                try:
                    await call(request.headers.get("x-closed"))
                except OSError as error:
                    log.append(f"{type(error).__name__}: {error}")
            return Response.json(log)
"""


async def test_the_sdk_and_pyodide_fetch_too(tmp_path: Path, unused_tcp_port: int) -> None:
    closed = f"http://127.0.0.1:{unused_tcp_port}/"
    async with outside(told) as url, dev(tmp_path, PYTHONIC) as served:
        async with aiohttp.ClientSession() as client:
            headers = {"x-to": url, "x-closed": closed}
            async with client.get(served.url, headers=headers) as answer:
                mine, theirs, *errors = await answer.json()
    assert (mine["method"], mine["body"], ["x-a", "1"] in mine["headers"]) == ("POST", "sdk", True)
    assert (theirs["method"], theirs["body"]) == ("PUT", "pyodide")
    assert errors == ["AbortError: Network connection lost."] * 2
