import asyncio
from urllib.parse import urlsplit

from js import clearInterval, clearTimeout, setInterval, setTimeout
from pyodide.ffi import create_proxy
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []
        self.ticks = 0

    async def start(self):
        note = self.log.append
        setTimeout(create_proxy(lambda: note("second")), 20)
        setTimeout(create_proxy(lambda: note("first")), 5)
        setTimeout(create_proxy(lambda a, b: note(f"arguments {a} {b}")), 10, "x", 2)
        cleared = setTimeout(create_proxy(lambda: note("cleared")), 5)
        clearTimeout(cleared)
        clearTimeout(12345)
        clearTimeout(None)
        setTimeout(create_proxy(self.fail_in_timer), 12)
        self.interval = setInterval(create_proxy(self.tick), 25)
        self.tasks = [asyncio.create_task(self.task()), asyncio.create_task(self.failing())]
        return "started"

    def fail_in_timer(self):
        raise RuntimeError("from a timer")

    def tick(self):
        self.ticks += 1
        self.log.append(f"tick {self.ticks}")
        if self.ticks == 3:
            clearInterval(self.interval)

    async def task(self):
        await asyncio.sleep(0.015)
        await self.ctx.storage.put("task", True)
        self.log.append("task")

    async def failing(self):
        await asyncio.sleep(0.003)
        raise TypeError("unhandled")

    async def result(self):
        while "tick 3" not in self.log:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.03)
        return [self.log, await self.ctx.storage.get("task")]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName("foo"), method)())
