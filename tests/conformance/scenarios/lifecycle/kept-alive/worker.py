import asyncio
import contextlib
from collections import Counter
from urllib.parse import urlsplit

import js
from js import clearTimeout, scheduler, setInterval, setTimeout
from pyodide.ffi import JsException, create_proxy
from workers import DurableObject, Response, WorkerEntrypoint

instances = Counter()
nothing = create_proxy(lambda: None)


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        instances[ctx.id.name] += 1

    async def instance(self):
        return instances[self.ctx.id.name]

    async def nothing(self):
        pass

    async def timeout(self):
        setTimeout(nothing, 60_000)

    async def clearedTimeout(self):
        clearTimeout(setTimeout(nothing, 60_000))

    async def shortTimeout(self):
        setTimeout(nothing, 500)

    async def interval(self):
        setInterval(nothing, 4_000)

    async def waitUntil(self):
        self.ctx.waitUntil(scheduler.wait(60_000))

    async def waitUntilRejected(self):
        self.ctx.waitUntil(js.Promise.reject(js.Error.new("only logged")))

    async def waitUntilSettled(self):
        self.ctx.waitUntil(asyncio.sleep(0.001))

    async def sleeping(self):
        self.task = asyncio.create_task(asyncio.sleep(60))

    async def stored(self):
        await self.ctx.storage.put("a", 1)

    async def failed(self):
        raise ValueError("failed")

    async def alarmLater(self):
        await self.ctx.storage.setAlarm(js.Date.now() + 3_600_000)

    async def alarm(self):
        pass

    async def peer(self):
        self.kept = self.env.SUBJECT.getByName("peer of peer")
        await self.kept.nothing()

    async def promise(self):
        self.pending = asyncio.get_event_loop().create_future()
        self.task = asyncio.ensure_future(self.wait_for_nothing())

    async def wait_for_nothing(self):
        await self.pending


METHODS = [
    "nothing",
    "timeout",
    "clearedTimeout",
    "shortTimeout",
    "interval",
    "waitUntil",
    "waitUntilRejected",
    "waitUntilSettled",
    "sleeping",
    "stored",
    "failed",
    "alarmLater",
    "peer",
    "promise",
]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        ns = self.env.SUBJECT
        if urlsplit(request.url).path == "/start":
            for method in METHODS:
                with contextlib.suppress(JsException):
                    await getattr(ns.getByName(method), method)()
            return Response.json(dict(instances))
        return Response.json({method: await ns.getByName(method).instance() for method in METHODS})
