import asyncio
from urllib.parse import urlsplit

from js import setTimeout
from pyodide.ffi import create_once_callable
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = ["constructor starts"]
        start = getattr(self, f"start_{ctx.id.name}", None)
        if start is not None:
            start()
        self.log.append("constructor ends")

    def section(self, label, work):
        async def run():
            self.log.append(f"{label} starts")
            value = await work()
            self.log.append(f"{label} ends")
            return value

        return self.ctx.blockConcurrencyWhile(run)

    def start_several(self):
        self.section("a", lambda: asyncio.sleep(0.005))
        self.section("b", lambda: asyncio.sleep(0.001))

    def start_nested(self):
        async def outer():
            await asyncio.sleep(0.001)
            await self.section("inner", lambda: asyncio.sleep(0.001))

        self.section("outer", outer)

    def start_storage(self):
        async def load():
            self.a = await self.ctx.storage.get("a")
            await self.ctx.storage.put("b", self.a + 1)
            await self.ctx.storage.sync()

        self.ctx.storage.put("a", 1)
        self.section("load", load)

    def start_timer(self):
        setTimeout(create_once_callable(lambda: self.log.append("timer")), 1)
        self.section("a", lambda: asyncio.sleep(0.02))

    def start_calling(self):
        async def call():
            self.log.append(await self.env.SUBJECT.getByName("peer").ping("constructor"))

        self.section("a", call)

    async def ping(self, sender):
        self.log.append(f"ping {sender}")
        return f"pong {sender}"

    async def read(self):
        await asyncio.sleep(0.005)
        return {"log": self.log, "stored": await self.ctx.storage.list()}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName(urlsplit(request.url).path[1:])
        await asyncio.gather(stub.ping(1), stub.ping(2), stub.ping(3))
        return Response.json(await stub.read())
