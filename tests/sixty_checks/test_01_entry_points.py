"""Checks 1 to 15: entry points."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.runtime.errors import HUNG
from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]
SDK = "from workers import DurableObject, Response, WorkerEntrypoint\nimport asyncio, json\n"
LEGACY = "2025-07-01"


def default(body: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    return f"{SDK}\nclass Default(WorkerEntrypoint):\n{lines}\n"


def test_01_a_default_class_answers(worker: Open) -> None:
    source = default('async def fetch(self, request): return Response("hi")')
    found = worker(source).fetch("/")
    assert (found.status, found.text) == (200, "hi")
    assert ("content-type", "text/plain;charset=UTF-8") in found.headers


def test_02_a_synchronous_handler_works(worker: Open) -> None:
    assert worker(default('def fetch(self, request): return Response("hi")')).text("/") == "hi"


def test_02_env_and_ctx_of_a_class_handler_are_none(worker: Open) -> None:
    source = default("async def fetch(self, request, env, ctx): return Response(f'{env} {ctx}')")
    assert worker(source).text("/") == "None None"


def test_03_variables_are_attributes_of_env(worker: Open) -> None:
    source = default("""
async def fetch(self, request):
    env = self.env
    try:
        env.MISSING
    except AttributeError as error:
        missing = type(error).__name__
    return Response(json.dumps([env.VAR, missing, getattr(env, "X", None), type(env).__name__]))
""")
    found = worker(source, variables={"VAR": "value"}).fetch("/")
    assert found.json == ["value", "AttributeError", None, "_EnvWrapper"]


@pytest.mark.parametrize("arguments", ["request", "request, env", "request, env, ctx"])
@pytest.mark.parametrize("keyword", ["def", "async def"])
@pytest.mark.parametrize(
    "answer",
    ["js.Response.new('ok')", "Response('ok')", "FetchResponse('', js.Response.new('ok'))"],
)
def test_06_legacy_handlers_take_what_they_like(
    worker: Open, arguments: str, keyword: str, answer: str
) -> None:
    source = (
        "import js\nfrom pyodide.http import FetchResponse\nfrom workers import Response\n"
        f"{keyword} on_fetch({arguments}):\n    return {answer}\n"
    )
    assert worker(source, date=LEGACY).text("/") == "ok"


def test_07_without_legacy_mode_on_fetch_is_no_handler(worker: Open) -> None:
    error = worker("def on_fetch(request): pass\n").failure("/")
    assert error.message == "Handler does not export a fetch() function."


def test_07_in_legacy_mode_a_missing_handler_is_named(worker: Open) -> None:
    error = worker("x = 1\n", date=LEGACY).failure("/")
    assert error.message.endswith('does not export a handler named "on_fetch"')


def test_08_in_legacy_mode_methods_are_renamed(worker: Open) -> None:
    source = default('async def fetch(self, request): return Response("hi")')
    assert worker(source, date=LEGACY).failure("/").message == "Method on_fetch does not exist"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('"str"', "the Promise did not resolve to 'Response'."),
        ("None", "the Promise did not resolve to 'Response'."),
        ('{"a": 1}', "the Promise did not resolve to 'Response'."),
        ("(Response('x'),)", "<class 'tuple'> cannot be sent over RPC."),
    ],
)
def test_09_only_a_response_may_be_returned(worker: Open, value: str, text: str) -> None:
    error = worker(default(f"async def fetch(self, request): return {value}")).failure("/")
    assert error.message.rstrip().endswith(text)


def test_10_an_exception_shows_the_users_frame_and_its_causes(worker: Open) -> None:
    source = default("""
async def fetch(self, request):
    try:
        {}["key"]
    except KeyError as error:
        raise ValueError("my message") from error
""")
    error = worker(source).failure("/")
    assert error.name == "PythonError"
    assert error.message.startswith("Traceback (most recent call last):")
    assert "entry.py" in error.message
    assert "KeyError: 'key'" in error.message
    assert "direct cause of the following exception" in error.message
    assert error.message.endswith("ValueError: my message\n")


def test_11_an_entrypoint_is_new_for_each_request_and_globals_stay(worker: Open) -> None:
    source = default("""
async def fetch(self, request):
    global count
    count += 1
    self.seen = getattr(self, "seen", 0) + 1
    return Response(f"{count} {self.seen}")
""").replace("\nclass", "\ncount = 0\nclass")
    found = worker(source)
    assert [found.text("/"), found.text("/")] == ["1 1", "2 1"]


def test_11_an_object_is_kept(worker: Open) -> None:
    source = default("""
async def fetch(self, request):
    return Response(str(await self.env.OBJECT.getByName("a").next()))
""") + (
        "class Object(DurableObject):\n"
        "    seen = 0\n"
        "    async def next(self):\n"
        "        self.seen += 1\n"
        "        return self.seen\n"
    )
    found = worker(source)
    assert [found.text("/"), found.text("/")] == ["1", "2"]


def test_12_a_handler_that_can_never_answer_is_canceled(worker: Open) -> None:
    source = default("async def fetch(self, request): await asyncio.Future()")
    assert worker(source).failure("/").message == HUNG


OBJECT = """
class Object(DurableObject):
    async def fetch(self, request):
        return Response("fetched " + request.url)
    async def greet(self, name):
        return f"hello {name}"
    async def _private(self):
        return "private"
    @property
    def prop(self):
        return 1
    async def set_alarm(self):
        await self.ctx.storage.setAlarm(1)
    async def alarm(ALARM):
        await self.ctx.storage.put("alarm", [ALARM_SEEN])
    async def alarmed(self):
        return await self.ctx.storage.get("alarm")
"""


def test_14_objects_have_ids_names_and_methods(worker: Open) -> None:
    source = default("""
async def fetch(self, request):
    objects = self.env.OBJECT
    stub = objects.getByName("a")
    by_id = objects.get(objects.idFromName("a"))
    text = objects.idFromName("a").toString()
    return Response(json.dumps([
        len(text), set(text) <= set("0123456789abcdef"), stub.id.toString() == text, stub.name,
        await (await stub.fetch("http://x/path")).text(), await by_id.greet("you"), await stub._private(),
    ]))
""") + OBJECT.replace("ALARM_SEEN", "1").replace("ALARM", "self")
    assert worker(source).fetch("/").json == [
        64, True, True, "a", "fetched http://x/path", "hello you", "private",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "seen", "expected"),
    [
        ("self", "'no info'", ["no info"]),
        ("self, info", "info.retryCount, info.isRetry", [0, False]),
    ],
)
def test_14_alarm_may_take_its_info(
    worker: Open, parameters: str, seen: str, expected: list[object]
) -> None:
    source = default("""
async def fetch(self, request):
    stub = self.env.OBJECT.getByName("a")
    if request.url.endswith("/set"):
        await stub.set_alarm()
        return Response("set")
    return Response(json.dumps(list(await stub.alarmed())))
""") + OBJECT.replace("ALARM_SEEN", seen).replace("ALARM", parameters).replace(
        f"[{seen}]", f"to_js([{seen}])"
    ).replace("class Object", "from pyodide.ffi import to_js\nclass Object")
    found = worker(source)
    assert found.text("/set") == "set"
    found.advance(5)
    assert found.fetch("/").json == expected


def test_15_a_hibernatable_socket_brings_its_events(worker: Open) -> None:
    source = (
        default("""
async def fetch(self, request):
    stub = self.env.OBJECT.getByName("a")
    if request.url.endswith("/seen"):
        return Response(json.dumps(json.loads(await stub.events())))
    answer = await stub.fetch("http://x/", headers={"upgrade": "websocket"})
    socket = answer.js_object.webSocket
    socket.accept()
    socket.send("text")
    socket.send(to_js(b"bytes"))
    socket.close(1000, "bye")
    await asyncio.sleep(1)
    return Response(str(answer.status))
""").replace(
            "import asyncio",
            "import js\nfrom js import WebSocketPair\nfrom pyodide.ffi import to_js\nimport asyncio",
        )
        + """
class Object(DurableObject):
    seen = []
    async def fetch(self, request):
        client, server = WebSocketPair.new().object_values()
        self.ctx.acceptWebSocket(server)
        return Response(None, status=101, web_socket=client)
    async def webSocketMessage(self, ws, message):
        is_text = isinstance(message, str)
        self.seen.append(message if is_text else message.to_bytes().decode() + " " + message.constructor.name)
    async def webSocketClose(self, ws, code, reason, was_clean):
        self.seen.append([code, reason, was_clean])
    async def events(self):
        return json.dumps(self.seen)
"""
    )
    found = worker(source)
    assert found.text("/") == "101"
    assert found.fetch("/seen").json == ["text", "bytes ArrayBuffer", [1000, "bye", True]]
