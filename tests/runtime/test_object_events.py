"""What waits while an object is locked, and what an object's end does to what was set in motion."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.runtime.objects import Box
from tests.support.socket_client import SocketClient
from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]

LOCKED = """
    import js
    LOG = []
    def note(text):
        LOG.append(text)
    class Object(DurableObject):
        async def log(self):
            return LOG
        async def fetch(self, request):
            client, server = js.WebSocketPair.new()
            self.ctx.acceptWebSocket(server)
            return Response(None, status=101, web_socket=client)
        async def webSocketMessage(self, ws, message):
            note("socket")
        async def alarm(self):
            note("alarm")
        async def request(self):
            note("request")
        async def section(self):
            async def work():
                note("inside")
                await asyncio.sleep(0.5)
                note("still inside")
                await asyncio.sleep(0.5)
                note("end of the section")
            await self.start_outside()
            await self.ctx.blockConcurrencyWhile(work)
            note("caller")
        async def start_outside(self):
            other = self.env.OBJECT.getByName("other")
            asyncio.get_running_loop().call_later(0.1, note, "timer")
            js.setTimeout(create_proxy(lambda *_: note("setTimeout")), 100)
            reader = (await other.streamed()).getReader()
            await self.ctx.storage.setAlarm(js.Date.now() + 100)
            async def reply():
                await other.reply()
                note("reply")
            async def read():
                await reader.read()
                note("stream")
            self.tasks = [asyncio.ensure_future(each()) for each in (reply, read)]
        async def reply(self):
            await asyncio.sleep(0.1)
        async def streamed(self):
            async def start(controller):
                await asyncio.sleep(0.1)
                controller.enqueue(js.TextEncoder.new().encode("piece"))
            underlying = {"start": create_proxy(start), "type": "bytes"}
            return js.ReadableStream.new(to_js(underlying, dict_converter=JsObject.fromEntries))
"""


@pytest.mark.rule("IG-7", "IG-8", "LC-18", "LC-19", "AL-9")
def test_every_kind_of_event_waits_for_a_critical_section(worker: Open) -> None:
    box = Box(worker, LOCKED)
    client = SocketClient.connect(box.worker, "/a/fetch")
    running = box.worker.start(box.path("section"))
    box.advance(0.05)
    client.send("hello")
    waiting = box.worker.start(box.path("request"))
    box.advance(0.9)
    assert box.call("log", name="reader") == ["inside", "still inside"]
    box.advance(1.0)
    assert (running.done(), waiting.done()) == (True, True)
    seen = box.call("log", name="reader")
    assert seen[:4] == ["inside", "still inside", "end of the section", "caller"]
    assert sorted(seen[4:]) == [
        "alarm", "reply", "request", "setTimeout", "socket", "stream", "timer",
    ]  # fmt: skip


OPTIONS = """
    class Object(DurableObject):
        async def add(self):
            storage = self.ctx.storage
            value = await storage.get("value", allowConcurrency=True, noCache=True) or 0
            await storage.put("value", value + 1, allowConcurrency=True, noCache=True, other=5)
            await storage.list(allowConcurrency=True)
            await storage.delete("none", allowConcurrency=True)
        async def value(self):
            return await self.ctx.storage.get("value")
"""


@pytest.mark.rule("IG-9", "KV-5", "IG-12")
@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
def test_hints_change_nothing(worker: Open, sqlite: bool) -> None:
    box = Box(worker, OPTIONS, sqlite=sqlite)
    box.together(*["add"] * 10)
    assert box.call("value") == 10


NAMED = """
    class Object(DurableObject):
        async def whoami(self):
            return self.ctx.id.name
"""
BY_STRING = """
    async def by_string(self, stub):
        ns = self.env.OBJECT
        return await ns.get(ns.idFromString(str(ns.idFromName("a")))).whoami()
"""


@pytest.mark.rule("LC-7", "ID-8")
def test_a_container_that_nobody_used_for_a_while_forgets_the_name(worker: Open) -> None:
    box = Box(worker, NAMED, BY_STRING)
    assert box.call("whoami") == "a"
    box.advance(30)
    assert box.call("@by_string") == "a"
    box.advance(200)
    assert box.call("@by_string") is None
    box.advance(30)
    assert box.call("whoami") is None  # the container was made without it


ALARMS = """
    import js
    LOG = []
    class Object(DurableObject):
        async def set(self):
            await self.ctx.storage.setAlarm(js.Date.now() + 20_000)
        async def abort(self):
            self.ctx.abort("gone")
        async def mode(self, mode):
            await self.ctx.storage.put("mode", mode)
        async def log(self):
            return LOG
        async def alarm(self, info):
            LOG.append(info.retryCount)
            if await self.ctx.storage.get("mode") == "section" and not info.isRetry:
                async def fail():
                    raise ValueError("in a section")
                await self.ctx.blockConcurrencyWhile(fail)
"""


@pytest.mark.rule("AL-5", "AL-7")
@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
@pytest.mark.parametrize("end", ["abort", "eviction"])
def test_an_alarm_survives_the_end_of_its_instance(worker: Open, end: str, sqlite: bool) -> None:
    box = Box(worker, ALARMS, sqlite=sqlite)
    box.call("set")
    if end == "abort":
        box.call("abort")
    box.advance(15)
    assert box.events[-1] == (
        "evicted Object" if end == "eviction" else "reset Object: Error: gone"
    )
    assert box.call("log", name="b") == []
    box.advance(6)
    assert box.call("log", name="b") == [0]


@pytest.mark.rule("AL-14", "LC-23")
def test_a_section_that_fails_in_an_alarm_is_a_failure(worker: Open) -> None:
    box = Box(worker, ALARMS)
    box.call("mode", "section")
    box.call("set")
    box.advance(60)
    assert box.call("log", name="b") == [0, 1]
    assert any(event.startswith("reset Object: PythonError:") for event in box.events)


TIMING_OUT = """
    class Object(DurableObject):
        async def hang(self):
            async def work():
                await self.ctx.storage.put("before", 1)
                await asyncio.sleep(1)
                await self.ctx.storage.put("also before", 1)
                await asyncio.sleep(100)
            await self.ctx.blockConcurrencyWhile(work)
        async def keys(self):
            return list(await self.ctx.storage.list())
"""


@pytest.mark.rule("LC-22")
@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
def test_what_was_committed_in_a_section_stays_when_its_time_is_up(
    worker: Open, sqlite: bool
) -> None:
    box = Box(worker, TIMING_OUT, sqlite=sqlite)
    assert "waited for too long" in box.call("hang")
    assert box.time_s == pytest.approx(30)
    assert box.call("keys") == ["also before", "before"]
