"""Stateless entrypoints: when their context lives, what ends it, what the client hears."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

import pytest

from emulator.runtime.errors import HUNG
from emulator.runtime.http import HttpRequest, HttpResponse
from tests.support.worker import VirtualWorker, open_worker, request_for

Open = Callable[..., VirtualWorker]

PRELUDE = """
import asyncio
import sys
from urllib.parse import urlsplit
import js
from js import AbortController, fetch as js_fetch, setTimeout
from pyodide.ffi import JsException, create_proxy, run_sync, to_js
from workers import Response, WorkerEntrypoint, wait_until

log = []

async def after(seconds, text):
    await asyncio.sleep(seconds)
    log.append(text)

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return await getattr(self, urlsplit(request.url).path[1:])(request)

    async def log(self, request):
        return Response(" ".join(log))
"""


class Bench:
    def __init__(self, worker: Open, methods: str, **options: object) -> None:
        indented = "\n".join(f"    {line}" for line in methods.strip("\n").splitlines())
        self.worker = worker(f"{PRELUDE}\n{indented}\n", **options)

    def log(self) -> list[str]:
        return self.worker.text("/log").split()


# -- hangs ---------------------------------------------------------------------------------------

HANGS = """
async def forever(self, request):
    await asyncio.get_running_loop().create_future()
async def promise(self, request):
    await js.Promise.new(create_proxy(lambda *_: None))
async def blocked(self, request):
    run_sync(asyncio.get_running_loop().create_future())
async def after_timer(self, request):
    await asyncio.sleep(1)
    await asyncio.get_running_loop().create_future()
async def task_left(self, request):
    self.task = asyncio.create_task(after(3, "task"))
    await asyncio.get_running_loop().create_future()
async def never_pulled(self, request):
    stream = js.ReadableStream.new(to_js({}, dict_converter=js.Object.fromEntries))
    return Response(await js.Response.new(stream).text())
"""


@pytest.mark.parametrize(
    ("path", "after_s"),
    [
        ("forever", 0),
        ("promise", 0),
        ("blocked", 0),
        ("after_timer", 1),
        ("task_left", 3),
        ("never_pulled", 0),
    ],
)
def test_a_handler_that_can_never_answer_is_canceled(
    worker: Open, path: str, after_s: float
) -> None:
    bench = Bench(worker, HANGS)
    error = bench.worker.failure(f"/{path}")
    assert (error.name, error.message) == ("Error", HUNG)
    assert bench.worker.loop.time() == pytest.approx(after_s)


# -- after the answer ----------------------------------------------------------------------------

AFTER = """
async def ctx_wait_until(self, request):
    self.ctx.waitUntil(after(5, "ctx"))
    return Response("ok")
async def module_wait_until(self, request):
    wait_until(after(5, "module"))
    return Response("ok")
async def failing_wait_until(self, request):
    async def fail():
        await asyncio.sleep(1)
        raise ValueError("in the background")
    self.ctx.waitUntil(fail())
    return Response("ok")
async def task(self, request):
    self.task = asyncio.create_task(after(5, "task"))
    return Response("ok")
async def timer(self, request):
    setTimeout(create_proxy(lambda *_: log.append("timer")), 5000)
    return Response("ok")
async def both(self, request):
    self.ctx.waitUntil(after(2, "waited"))
    self.tasks = [asyncio.create_task(after(1, "early")), asyncio.create_task(after(3, "late"))]
    return Response("ok")
async def nested(self, request):
    async def first():
        await after(1, "first")
        self.ctx.waitUntil(after(1, "second"))
    self.ctx.waitUntil(first())
    return Response("ok")
async def fails(self, request):
    self.ctx.waitUntil(after(5, "after-failure"))
    raise ValueError("boom")
async def no_argument(self, request):
    try:
        self.ctx.waitUntil()
    except JsException as error:
        return Response(str(error))
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("ctx_wait_until", ["ctx"]),
        ("module_wait_until", ["module"]),
        ("task", []),
        ("timer", []),
        ("both", ["early", "waited"]),
        ("nested", ["first", "second"]),
    ],
)
def test_only_wait_until_keeps_work_alive_after_the_answer(
    worker: Open, path: str, expected: list[str]
) -> None:
    """Spec python-surface 2.6: what outlives its request stops."""
    bench = Bench(worker, AFTER)
    assert bench.worker.text(f"/{path}") == "ok"
    assert bench.worker.loop.time() == 0
    bench.worker.advance(20)
    assert bench.log() == expected
    assert bench.worker.observer.errors == []


def test_a_failing_wait_until_is_logged_only(worker: Open) -> None:
    bench = Bench(worker, AFTER)
    assert bench.worker.text("/failing_wait_until") == "ok"
    bench.worker.advance(2)
    (error,) = bench.worker.observer.errors
    assert error.rstrip().endswith("ValueError: in the background")


def test_wait_until_goes_on_when_the_handler_failed(worker: Open) -> None:
    bench = Bench(worker, AFTER)
    assert bench.worker.failure("/fails").summary == "ValueError: boom"
    bench.worker.advance(10)
    assert bench.log() == ["after-failure"]


def test_wait_until_needs_an_argument(worker: Open) -> None:
    assert "parameter 1 is not of type 'Promise'" in Bench(worker, AFTER).worker.text(
        "/no_argument"
    )


# -- failures ------------------------------------------------------------------------------------

FAILURES = """
async def raises(self, request):
    raise ValueError("boom")
async def interrupts(self, request):
    raise KeyboardInterrupt
async def cancels(self, request):
    raise asyncio.CancelledError
async def exits(self, request):
    sys.exit(3)
async def exits_deep(self, request):
    def leave():
        sys.exit(3)
    leave()
async def js_error(self, request):
    js.JSON.parse("{")
async def in_callback(self, request):
    def interrupt(*_):
        raise KeyboardInterrupt
    try:
        to_js([1]).forEach(create_proxy(interrupt))
    except KeyboardInterrupt:
        return Response("caught")
async def in_timer(self, request):
    def interrupt(*_):
        raise KeyboardInterrupt("in a timer")
    setTimeout(create_proxy(interrupt), 1)
    await asyncio.sleep(1)
    return Response("ok")
async def in_task(self, request):
    async def leave():
        sys.exit(3)
    self.task = asyncio.ensure_future(leave())
    await asyncio.sleep(1)
    return Response("ok")
async def in_call_soon(self, request):
    def fail():
        raise SystemExit(3)
    asyncio.get_running_loop().call_soon(fail)
    await asyncio.sleep(1)
    return Response("ok")
async def ok(self, request):
    return Response("ok")
"""


@pytest.mark.parametrize(
    ("path", "summary", "fatal"),
    [
        ("raises", "ValueError: boom", False),
        ("interrupts", "KeyboardInterrupt", False),
        ("cancels", "asyncio.exceptions.CancelledError", False),
        ("exits", "SystemExit: 3", True),
        ("exits_deep", "SystemExit: 3", True),
    ],
)
def test_whatever_a_handler_raises_is_the_answer(
    worker: Open, path: str, summary: str, fatal: bool
) -> None:
    """Python-surface 1.7."""
    bench = Bench(worker, FAILURES)
    error = bench.worker.failure(f"/{path}")
    assert error.name == "PythonError"
    assert error.summary == summary
    assert error.fatal is fatal
    assert "remote" not in error.properties
    assert "entry.py" in error.traceback_text
    assert "dispatch.py" not in error.traceback_text
    assert bench.worker.text("/ok") == "ok"


def test_a_javascript_error_that_escapes_is_a_python_error(worker: Open) -> None:
    error = Bench(worker, FAILURES).worker.failure("/js_error")
    assert error.name == "PythonError"
    assert "pyodide.ffi.JsException: SyntaxError" in error.message


@pytest.mark.parametrize("path", ["in_timer", "in_task", "in_call_soon"])
def test_what_is_raised_where_nobody_waits_stops_nothing(worker: Open, path: str) -> None:
    bench = Bench(worker, FAILURES)
    assert bench.worker.text(f"/{path}") == "ok"
    assert bench.worker.text("/ok") == "ok"


def test_python_can_catch_its_own_exception_behind_javascript(worker: Open) -> None:
    assert Bench(worker, FAILURES).worker.text("/in_callback") == "caught"


# -- the client ----------------------------------------------------------------------------------

CLIENT = """
async def slow(self, request):
    try:
        await asyncio.sleep(5)
    finally:
        log.append("finally")
    return Response("slow")
async def waits(self, request):
    self.ctx.waitUntil(after(10, "waited"))
    await asyncio.sleep(5)
async def echo(self, request):
    return Response(await request.text())
async def stream(self, request):
    body = js.TransformStream.new()
    async def write():
        writer = body.writable.getWriter()
        for number in range(3):
            await asyncio.sleep(1)
            await writer.write(js.TextEncoder.new().encode(str(number)))
        await writer.close()
    self.task = asyncio.create_task(write())
    return Response(body.readable)
"""


def test_a_client_that_goes_away_ends_the_context(
    worker: Open, request: pytest.FixtureRequest
) -> None:
    gc.disable()  # the collector unwinds what is suspended
    request.addfinalizer(gc.enable)
    bench = Bench(worker, CLIENT)
    slow = bench.worker.start("/slow")
    bench.worker.advance(1)
    slow.cancel()
    bench.worker.advance(20)
    assert slow.cancelled()
    assert bench.log() == []


class SlowBody:
    """A request body that arrives a piece a second."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.cancelled = False

    async def read(self) -> bytes:
        await asyncio.sleep(1)
        return self.pieces.pop(0) if self.pieces else b""

    async def cancel(self, reason: BaseException | None = None) -> None:
        self.cancelled = True


def test_a_body_that_arrives_slowly_is_read_to_its_end(worker: Open) -> None:
    bench = Bench(worker, CLIENT)
    body = SlowBody(b"one ", b"two ", b"three")
    assert bench.worker.text("/echo", method="POST", body=body) == "one two three"
    assert bench.worker.loop.time() == pytest.approx(4)


def test_a_streaming_answer_keeps_its_context_until_its_end(worker: Open) -> None:
    bench = Bench(worker, CLIENT)
    assert bench.worker.text("/stream") == "012"
    assert bench.worker.loop.time() == pytest.approx(3)


def test_a_streaming_answer_that_is_cancelled_ends_its_context(worker: Open) -> None:
    bench = Bench(worker, CLIENT)

    async def scenario() -> bytes:
        response = await bench.worker.emulator.fetch(request_for("/stream"))
        body = response.body
        assert body is not None
        assert not isinstance(body, bytes)
        first = await body.read()
        await body.cancel()
        return first

    assert bench.worker.run(scenario()) == b"0"
    bench.worker.advance(10)
    assert bench.log() == []


# -- going out -----------------------------------------------------------------------------------


class Echo:
    """The world outside: answers with what was asked, after a second."""

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        await asyncio.sleep(1)
        text = f"{request.method} {request.url}"
        return HttpResponse(200, "OK", [("content-type", "text/plain")], text.encode())


OUTGOING = """
async def one(self, request):
    return Response(await (await js_fetch("http://outside.test/x")).text())
async def two(self, request):
    answers = await asyncio.gather(*(js_fetch(f"http://outside.test/{n}") for n in range(2)))
    return Response(" ".join([await answer.text() for answer in answers]))
async def sync(self, request):
    return Response(run_sync(run_sync(js_fetch("http://outside.test/sync")).text()))
async def sync_twice(self, request):
    async def part(name):
        return run_sync(run_sync(js_fetch(f"http://outside.test/{name}")).text())
    return Response(" ".join(await asyncio.gather(part("a"), part("b"))))
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("one", "GET http://outside.test/x"),
        ("two", "GET http://outside.test/0 GET http://outside.test/1"),
        ("sync", "GET http://outside.test/sync"),
        ("sync_twice", "GET http://outside.test/a GET http://outside.test/b"),
    ],
)
def test_outgoing_fetches_run_beside_each_other(worker: Open, path: str, expected: str) -> None:
    bench = Bench(worker, OUTGOING, outbound=Echo())
    assert bench.worker.text(f"/{path}") == expected
    assert bench.worker.loop.time() == pytest.approx(1)


def test_without_a_way_out_fetch_is_refused_by_name(worker: Open) -> None:
    error = Bench(worker, OUTGOING).worker.failure("/one")
    assert "without a way outside" in error.message


UNSUPPORTED = """
async def abort(self, request):
    self.ctx.abort("x")
"""


def test_what_is_missing_is_refused_by_name(worker: Open) -> None:
    assert "ctx.abort()" in Bench(worker, UNSUPPORTED).worker.failure("/abort").message


# -- any loop ------------------------------------------------------------------------------------


async def test_the_same_fixture_works_on_an_ordinary_loop(tmp_path) -> None:
    source = PRELUDE + "\n    async def ok(self, request):\n        return Response('ok')\n"
    async with open_worker(tmp_path, source) as worker:
        assert (await worker.fetch("/ok")).text == "ok"
        assert [answer.text for answer in await worker.gather(["/ok", "/ok"])] == ["ok", "ok"]
        assert "AttributeError" in (await worker.failure("/nope")).summary
