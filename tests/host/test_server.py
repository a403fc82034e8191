"""The server over loopback: what goes in, what comes out, and what happens when it does not."""

from __future__ import annotations

import asyncio
import tracemalloc

import aiohttp
import pytest

from emulator.host.cf import PLACEHOLDER
from emulator.runtime.errors import guest_error, platform_error
from emulator.runtime.http import HttpRequest, HttpResponse
from tests.host.fakes import ListStream, always, serving, text_response

BROWSER = {"Accept": "text/html,*/*;q=0.8", "User-Agent": "Mozilla/5.0"}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
async def test_every_method_reaches_the_worker_as_it_was_sent(method: str) -> None:
    async with serving(always(text_response("ok"))) as served, aiohttp.ClientSession() as client:
        async with client.request(method, f"{served.url}/a/b?c=d%20e") as response:
            assert await response.text() == "ok"
        request = served.emulator.requests[0]
        assert request.method == method
        assert request.url == f"{served.url}/a/b?c=d%20e"


async def test_request_carries_what_the_edge_adds() -> None:
    async with serving(always(text_response("ok"))) as served:
        await served.raw(
            b"GET /x HTTP/1.1\r\nHost: my.example\r\nX-A: 1\r\nX-A: 2\r\n"
            b"Accept-Encoding: gzip;q=1\r\nConnection: close\r\n\r\n"
        )
        request = served.emulator.requests[0]
    assert request.url == "http://my.example/x"
    assert request.headers == [
        ("Host", "my.example"),
        ("X-A", "1"),
        ("X-A", "2"),
        ("Connection", "close"),
        ("Accept-Encoding", "br, gzip"),
        ("CF-Connecting-IP", "127.0.0.1"),
    ]
    assert request.body is None
    assert request.cf == {**PLACEHOLDER, "clientAcceptEncoding": "gzip;q=1"}


async def test_client_may_name_its_own_ip_and_no_encoding() -> None:
    async with serving(always(text_response("ok"))) as served:
        await served.raw(
            b"GET / HTTP/1.1\r\nHost: a\r\ncf-connecting-ip: 9.9.9.9\r\nConnection: close\r\n\r\n"
        )
        request = served.emulator.requests[0]
    assert [value for name, value in request.headers if name.lower() == "cf-connecting-ip"] == [
        "9.9.9.9"
    ]
    assert request.cf is not None
    assert request.cf["clientAcceptEncoding"] == ""


async def test_configured_host_replaces_the_origin_of_the_url() -> None:
    async with serving(always(text_response("ok")), origin="https://example.com") as served:
        await served.raw(b"GET /p?q HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert served.emulator.requests[0].url == "https://example.com/p?q"


async def test_header_bytes_are_utf8_or_else_latin1() -> None:
    async with serving(always(text_response("ok"))) as served:
        await served.raw(
            "GET / HTTP/1.1\r\nHost: a\r\nX-U: grün\r\n".encode()
            + b"X-L: gr\xfcn\r\nConnection: close\r\n\r\n"
        )
        headers = dict(served.emulator.requests[0].headers)
    assert (headers["X-U"], headers["X-L"]) == ("grün", "grün")


async def test_small_body_arrives_as_bytes_and_a_chunked_one_is_streamed() -> None:
    bodies = []

    async def handler(request: HttpRequest) -> HttpResponse:
        body = request.body
        if body is not None and not isinstance(body, bytes):
            pieces = []
            while piece := await body.read():
                pieces.append(piece)
            body = b"".join(pieces)
        bodies.append(body)
        return text_response("ok")

    async def slow():
        for part in (b"one ", b"two"):
            yield part
            await asyncio.sleep(0)

    async with serving(handler) as served, aiohttp.ClientSession() as client:
        await (await client.post(served.url, data=b"small")).read()
        await (await client.post(served.url, data=slow())).read()
        assert isinstance(served.emulator.requests[0].body, bytes)
    assert bodies == [b"small", b"one two"]


async def test_compressed_request_body_is_not_touched() -> None:
    async with serving(always(text_response("ok"))) as served:
        await served.raw(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n"
            b"Connection: close\r\n\r\nabc"
        )
        assert served.emulator.requests[0].body == b"abc"


async def test_expect_continue_is_answered_before_the_body_comes() -> None:
    async def handler(request: HttpRequest) -> HttpResponse:
        assert not isinstance(request.body, bytes | None)
        return text_response((await request.body.read()).decode())

    async with serving(handler) as served:
        reader, writer = await served.connect()
        writer.write(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
            b"Connection: close\r\n\r\n"
        )
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"hi")
        assert (await reader.read()).endswith(b"\r\n\r\nhi")
        writer.close()


async def test_several_cookies_and_the_status_text_survive() -> None:
    response = HttpResponse(
        418, "Short And Stout", [("set-cookie", "a=1"), ("set-cookie", "b=2")], b"tea"
    )
    async with serving(always(response)) as served, aiohttp.ClientSession() as client:
        async with client.get(served.url) as answer:
            assert (answer.status, answer.reason) == (418, "Short And Stout")
            assert answer.headers.getall("set-cookie") == ["a=1", "b=2"]


async def test_golden_response_head() -> None:
    async with serving(always(text_response("hello", 200, ("x-u", "grün")))) as served:
        data = await served.raw(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert (
        data
        == (
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx-u: grün\r\n"
            "Content-Length: 5\r\nConnection: close\r\n\r\nhello"
        ).encode()
    )


async def test_head_has_headers_and_no_body() -> None:
    stream = ListStream(b"never sent")
    response = HttpResponse(200, "", [("x-a", "1")], stream)
    async with serving(always(response)) as served:
        data = await served.raw(b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert data == b"HTTP/1.1 200 OK\r\nx-a: 1\r\nConnection: close\r\n\r\n"
    assert stream.cancelled == [None]


@pytest.mark.parametrize("status", [204, 304])
async def test_status_without_body_sends_none(status: int) -> None:
    async with serving(always(HttpResponse(status, "", [], b""))) as served:
        data = await served.raw(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert b"Content-Length" not in data
    assert data.endswith(b"\r\n\r\n")


async def test_no_body_is_an_empty_one() -> None:
    async with serving(always(HttpResponse(200, "", [], None))) as served:
        data = await served.raw(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert b"\r\nContent-Length: 0\r\n" in data


async def test_guest_cannot_break_the_framing() -> None:
    headers = [
        ("Content-Length", "999"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "upgrade"),
    ]
    async with serving(always(HttpResponse(200, "", headers, b"abc"))) as served:
        data = await served.raw(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert data == b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"


async def test_header_with_a_line_break_is_refused() -> None:
    async with serving(always(HttpResponse(200, "", [("x", "a\r\nb: c")], b"abc"))) as served:
        data = await served.raw(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert data.startswith(b"HTTP/1.1 500 ")
        assert served.reporter.events[0][0] == "internal_error"


async def test_stream_is_chunked_and_its_head_comes_first() -> None:
    gate = asyncio.Event()

    class Gated(ListStream):
        async def read(self) -> bytes:
            await gate.wait()
            return await super().read()

    response = HttpResponse(200, "", [], Gated(b"one", b"two"))
    async with serving(always(response)) as served:
        reader, writer = await served.connect()
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"Transfer-Encoding: chunked" in head
        gate.set()
        assert await reader.read() == b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
        writer.close()


async def test_stream_for_http_10_ends_with_the_connection() -> None:
    async with serving(always(HttpResponse(200, "", [], ListStream(b"one", b"two")))) as served:
        data = await served.raw(b"GET / HTTP/1.0\r\n\r\n")
        assert served.emulator.requests[0].url == f"{served.url}/"
    assert data == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonetwo"


async def test_stream_with_a_declared_length_is_sent_plain() -> None:
    response = HttpResponse(200, "", [("content-length", "6")], ListStream(b"one", b"two"))
    async with serving(always(response)) as served:
        data = await served.raw(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert data.endswith(b"Content-Length: 6\r\nConnection: close\r\n\r\nonetwo")


@pytest.mark.parametrize("length", ["2", "7"])
async def test_stream_of_another_length_than_declared_is_cut(length: str) -> None:
    stream = ListStream(b"one", b"two")
    response = HttpResponse(200, "", [("content-length", length)], stream)
    async with serving(always(response)) as served, aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.ClientError):
            await (await client.get(served.url)).read()
        assert served.reporter.events[0][0] == "stream_failed"
        assert len(stream.cancelled) == 1


async def test_failing_stream_cuts_the_response_and_the_server_lives_on() -> None:
    responses = [
        HttpResponse(200, "", [], ListStream(b"part", ValueError("boom"))),
        text_response("alive"),
    ]

    async def handler(_request: HttpRequest) -> HttpResponse:
        return responses.pop(0)

    async with serving(handler) as served, aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.ClientError):
            await (await client.get(served.url)).read()
        assert await (await client.get(served.url)).text() == "alive"
        assert served.reporter.events == [("stream_failed", "boom")]


async def test_large_bodies_pass_without_being_held_in_memory() -> None:
    size, piece = 50 * 1024 * 1024, 256 * 1024

    class Echo:
        def __init__(self, body) -> None:
            self.body = body

        async def read(self) -> bytes:
            return await self.body.read()

        async def cancel(self, reason: BaseException | None = None) -> None:
            await self.body.cancel(reason)

    async def handler(request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, "", [], Echo(request.body))

    async def upload():
        for _ in range(size // piece):
            yield bytes(piece)

    received = 0
    async with serving(handler) as served, aiohttp.ClientSession() as client:
        tracemalloc.start()
        async with client.post(served.url, data=upload()) as response:
            async for chunk in response.content.iter_any():
                received += len(chunk)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert received == size
    assert peak_bytes < 16 * 1024 * 1024


async def test_client_that_leaves_cancels_its_request() -> None:
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def handler(_request: HttpRequest) -> HttpResponse:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        raise AssertionError

    async with serving(handler) as served:
        _reader, writer = await served.connect()
        writer.write(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        await started.wait()
        writer.close()
        await asyncio.wait_for(cancelled.wait(), 5)
        await asyncio.wait_for(served.reporter.logged.wait(), 5)
        line = served.reporter.lines[0]
        assert (line.path, line.status, line.status_text) == ("/slow", 499, "Client Closed Request")


async def test_client_that_leaves_cancels_the_stream_it_was_sent() -> None:
    class Endless(ListStream):
        def __init__(self) -> None:
            super().__init__()
            self.done = asyncio.Event()

        async def read(self) -> bytes:
            return bytes(65536)

        async def cancel(self, reason: BaseException | None = None) -> None:
            self.done.set()

    stream = Endless()
    async with serving(always(HttpResponse(200, "", [], stream))) as served:
        reader, writer = await served.connect()
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await reader.readexactly(1000)
        writer.transport.abort()
        await asyncio.wait_for(stream.done.wait(), 5)


async def test_client_that_breaks_off_its_upload_fails_the_read() -> None:
    failed = asyncio.get_running_loop().create_future()

    async def handler(request: HttpRequest) -> HttpResponse:
        assert not isinstance(request.body, bytes | None)
        try:
            while True:
                await request.body.read()
        except (ConnectionError, asyncio.CancelledError) as error:
            failed.set_result(type(error))
            raise

    async with serving(handler) as served:
        _reader, writer = await served.connect()
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
        await writer.drain()
        writer.close()
        assert issubclass(await asyncio.wait_for(failed, 5), BaseException)


async def _raise(error: BaseException) -> HttpResponse:
    def in_guest() -> None:
        raise error

    try:
        in_guest()
    except BaseException as caught:
        raise guest_error(caught) from caught


async def test_guest_exception_is_text_for_a_program() -> None:
    async with serving(lambda _request: _raise(ValueError("boom"))) as served:
        async with aiohttp.ClientSession() as client, client.get(served.url) as response:
            text = await response.text()
            assert response.status == 500
            assert response.headers["Content-Type"] == "text/plain;charset=UTF-8"
        assert text.startswith("ValueError: boom\n")
        assert "in in_guest" in text
        assert [kind for kind, _ in served.reporter.events] == ["guest_error"]


async def test_guest_exception_is_a_page_for_a_browser() -> None:
    async with serving(lambda _request: _raise(ValueError("<b>boom</b>"))) as served:
        async with aiohttp.ClientSession() as client:
            async with client.get(f"{served.url}/a?b", headers=BROWSER) as response:
                page = await response.text()
                assert response.status == 500
                assert response.headers["Content-Type"] == "text/html;charset=UTF-8"
    assert "<h1>ValueError</h1>" in page
    assert "&lt;b&gt;boom&lt;/b&gt;" in page
    assert "<b>boom" not in page


async def test_curl_gets_text_although_it_accepts_everything() -> None:
    headers = {"User-Agent": "curl/7.88.1", "Accept": "*/*"}
    async with serving(lambda _request: _raise(ValueError("boom"))) as served:
        async with aiohttp.ClientSession() as client:
            async with client.get(served.url, headers=headers) as response:
                assert response.headers["Content-Type"] == "text/plain;charset=UTF-8"


async def test_platform_error_is_its_own_text() -> None:
    async def handler(_request: HttpRequest) -> HttpResponse:
        raise platform_error("hung")

    async with serving(handler) as served, aiohttp.ClientSession() as client:
        async with client.get(served.url, headers={"Accept": ""}) as response:
            assert await response.text() == "Error: hung\n"


async def test_bug_of_ours_is_reported_as_one_and_the_server_lives_on() -> None:
    async def handler(request: HttpRequest) -> HttpResponse:
        if request.url.endswith("/bug"):
            raise KeyError("ours")
        return text_response("alive")

    async with serving(handler) as served, aiohttp.ClientSession() as client:
        async with client.get(f"{served.url}/bug") as response:
            assert response.status == 500
        async with client.get(served.url) as response:
            assert await response.text() == "alive"
        assert served.reporter.events == [("internal_error", "KeyError: 'ours'")]


async def test_guest_that_asks_the_process_to_end_only_loses_its_connection() -> None:
    async def handler(request: HttpRequest) -> HttpResponse:
        if request.url.endswith("/exit"):
            return await _raise(SystemExit(3))
        return text_response("alive")

    async with serving(handler) as served, aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.ClientError):
            await client.post(f"{served.url}/exit")
        async with client.get(served.url) as response:
            assert await response.text() == "alive"


async def test_malformed_request_is_refused() -> None:
    async with serving(always(text_response("ok"))) as served:
        assert (await served.raw(b"NONSENSE\r\n\r\n")).startswith(b"HTTP/1.0 400 ")
        assert served.emulator.requests == []


async def test_request_log_has_path_status_and_time() -> None:
    async with (
        serving(always(text_response("ok", 201))) as served,
        aiohttp.ClientSession() as client,
    ):
        await (await client.put(f"{served.url}/a/b?secret=1")).read()
        await asyncio.wait_for(served.reporter.logged.wait(), 5)
    line = served.reporter.lines[0]
    assert (line.method, line.path, line.status, line.status_text) == (
        "PUT",
        "/a/b",
        201,
        "Created",
    )
    assert line.elapsed_ms > 0


async def test_drain_finishes_what_runs_and_tells_the_connection_to_close() -> None:
    started, release = asyncio.Event(), asyncio.Event()

    async def handler(_request: HttpRequest) -> HttpResponse:
        started.set()
        await release.wait()
        return text_response("finished")

    async with serving(handler) as served:
        reader, writer = await served.connect()
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await started.wait()
        draining = asyncio.ensure_future(served.server.drain(5))
        await asyncio.sleep(0)
        with pytest.raises(OSError):
            await served.connect()
        release.set()
        assert (await reader.read()).endswith(b"finished")
        await draining
        writer.close()


async def test_drain_answers_a_busy_connection_once_more_and_closes_an_idle_one() -> None:
    async with serving(always(text_response("ok"))) as served:
        reader, writer = await served.connect()
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await reader.readuntil(b"ok")
        draining = asyncio.ensure_future(served.server.drain(5))
        await asyncio.sleep(0)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"Connection: close" in await reader.read()
        await asyncio.wait_for(draining, 5)
        writer.close()


async def test_drain_cuts_off_what_does_not_end_in_time() -> None:
    started = asyncio.Event()
    cancelled = []

    async def handler(_request: HttpRequest) -> HttpResponse:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        raise AssertionError

    async with serving(handler) as served:
        reader, writer = await served.connect()
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await started.wait()
        await served.server.drain(0.01)
        assert await reader.read() == b""
        writer.close()
    assert cancelled == [True]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (b"Host: localhost:8787", b"200"),
        (b"Host: [::1]:8787", b"200"),
        (b"Host: evil.example", b"403"),
        (b"Host: localhost\r\nOrigin: http://evil.example", b"403"),
        (b"Host: a.routes.example\r\nOrigin: https://b.c.routes.example", b"200"),
    ],
)
async def test_development_paths_answer_to_this_machine_only(
    headers: bytes, expected: bytes
) -> None:
    hosts = frozenset({"*.routes.example"})
    async with serving(always(text_response("ok")), allowed_hosts=hosts) as served:
        data = await served.raw(
            b"GET /cdn-cgi/x HTTP/1.1\r\n" + headers + b"\r\nConnection: close\r\n\r\n"
        )
    assert data.split(b" ")[1] == expected
