"""Checks 54 to 60: RPC, the SDK's modules, background work, frameworks, restrictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.worker import VirtualWorker

Ask = Callable[..., Any]
Open = Callable[..., VirtualWorker]

OBJECT = """
from workers import DurableObject
import datetime

class Object(DurableObject):
    async def echo(self, value):
        return value
    async def kind(self, value):
        return type(value).__name__
    async def call(self, callback):
        return await callback(20)
    async def fail(self):
        raise KeyError("inside")
    async def callback(self):
        return lambda x: x + 1
"""


def test_54_values_over_rpc(ask: Ask) -> None:
    assert ask(
        """
        stub = self.env.OBJECT.getByName("a")
        echoed = await stub.echo({"a": [1, None, "x"], "f": 1.5, "t": True})
        data = await stub.echo(b"bytes")
        moment = datetime.datetime(2024, 1, 2, 3, 4, 5)
        return [echoed.a[2], echoed["f"], type(echoed).__name__, type(data).__name__, bytes(data).decode(),
                await stub.kind(b"x"), await stub.kind({}), await stub.kind(None), await stub.echo(moment) == moment]
        """,
        top=OBJECT,
    ) == ["x", 1.5, "JsDict", "memoryview", "bytes", "memoryview", "JsDict", "NoneType", True]


def test_54_what_cannot_go_over_rpc(ask: Ask) -> None:
    assert ask(
        """
        stub = self.env.OBJECT.getByName("a")
        async def outcome(value):
            try:
                return await stub.echo(value)
            except Exception as error:
                return f"{type(error).__name__}: {error}"
        return [await outcome((1,)), await outcome([bytearray()]), await outcome(asyncio.Future()),
                await outcome(js.RegExp.new("a")), await outcome(range(2))]
        """,
        top=OBJECT,
    ) == [
        "TypeError: <class 'tuple'> cannot be sent over RPC.",
        "TypeError: <class 'bytearray'> cannot be sent over RPC.",
        "TypeError: Awaitable <class '_asyncio.Future'> cannot be sent over RPC.",
        "TypeError: RegExp cannot be sent over RPC.",
        "JsException: DataCloneError: [object Object] could not be cloned.",
    ]


def test_54_an_exception_of_the_callee(ask: Ask) -> None:
    text = ask(
        """
        return await failure_of(self.env.OBJECT.getByName("a").fail())
        """,
        top=OBJECT,
    )
    assert "KeyError: 'inside'" in text


def test_56_env_and_modules_can_be_imported(ask: Ask) -> None:
    top = """
    import workers
    top_level = workers.env.VAR
    """
    found = ask(
        """
        from workers import import_from_javascript
        cloudflare = import_from_javascript("cloudflare:workers")
        sockets = import_from_javascript("cloudflare:sockets")
        return [top_level, workers.env.VAR, cloudflare.env.VAR, hasattr(sockets, "connect"),
                error_of(import_from_javascript, "cloudflare:nope")]
        """,
        top=top,
        variables={"VAR": "value"},
    )
    assert found[:4] == ["value", "value", "value", True]
    assert "cloudflare:nope" in found[4]


def test_57_background_work(worker: Open) -> None:
    source = """
import asyncio, json
from workers import Response, WorkerEntrypoint, wait_until
log = []
async def later(name):
    await asyncio.sleep(1)
    log.append(name)
async def fail():
    raise ValueError("logged")
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        if request.url.endswith("/log"):
            return Response(json.dumps(log))
        self.ctx.waitUntil(later("coroutine"))
        self.ctx.waitUntil(asyncio.create_task(later("task")))
        self.ctx.waitUntil(5)
        self.ctx.waitUntil(fail())
        wait_until(later("module"))
        self.dropped = asyncio.create_task(asyncio.sleep(9))
        self.dropped.add_done_callback(lambda _: log.append("dropped"))
        return Response("intact")
"""
    found = worker(source)
    assert found.text("/") == "intact"
    found.advance(20)
    assert sorted(found.fetch("/log").json) == ["coroutine", "module", "task"]
    (error,) = found.observer.errors
    assert error.rstrip().endswith("ValueError: logged")


def test_58_asgi_and_wsgi(worker: Open) -> None:
    asgi = """
import asgi
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 201, "headers": [(b"x", b"y")]})
    for part in (b"one ", b"two ", body):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body"})
Default = asgi.entrypoint(app)
"""
    found = worker(asgi).fetch("/", method="POST", body=b"body")
    assert (found.status, found.text) == (201, "one two body")
    wsgi = """
from workers import wsgi
def app(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("content-type", "text/plain")])
    return [environ["REQUEST_METHOD"].encode(), b" ", body]
Default = wsgi.entrypoint(app)
"""
    assert worker(wsgi).text("/", method="POST", body=b"body") == "POST body"


def test_60_io_is_refused_at_the_top_level(ask: Ask) -> None:
    refusal = "Disallowed operation called within global scope."
    top = """
    seen = [error_of(js.setTimeout, create_once_callable(lambda: None), 5), error_of(js.crypto.randomUUID),
            error_of(js.Response.new, "x"), error_of(js.WebSocketPair.new)]
    clock = js.Date.now()
    """
    *errors, now = ask("return [*seen, clock]", top=top)
    assert all(refusal in error for error in errors), errors
    assert now == 0
