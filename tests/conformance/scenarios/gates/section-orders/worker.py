import asyncio
from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    def section(self, label, seconds=0.002):
        async def run():
            self.log.append(f"{label}1")
            await asyncio.sleep(seconds)
            self.log.append(f"{label}2")
            return f"r{label}"

        return self.ctx.blockConcurrencyWhile(run)

    async def nested(self):
        async def run():
            self.log.append("a1")
            await self.section("in")
            self.log.append("a2")
            return "ra"

        pending = self.ctx.blockConcurrencyWhile(run)
        self.log.append("after-call")
        self.log.append("v=" + await pending)

    async def two(self):
        await asyncio.gather(self.section("a"), self.section("b"))

    async def timer(self):
        fired = asyncio.Event()

        def fire():
            self.log.append("timer")
            fired.set()

        asyncio.get_running_loop().call_later(0.001, fire)
        await self.section("a", 0.02)
        self.log.append("done")
        await fired.wait()

    async def others(self):
        async def run():
            self.log.append("s")
            await asyncio.sleep(0.01)
            self.log.append("e")

        await self.ctx.blockConcurrencyWhile(run)

    async def microtask(self):
        async def get():
            await self.ctx.storage.get("k")
            self.log.append("get")

        got = asyncio.create_task(get())
        await self.section("a")
        await got

    async def plain(self):
        value = await self.ctx.blockConcurrencyWhile(lambda: 7)
        self.log.append(f"v={value}")

    async def other(self):
        self.log.append("other")

    async def order(self):
        return " ".join(self.log)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(method)
        calls = [getattr(stub, method)()]
        if method == "others":
            calls.append(stub.other())
        await asyncio.gather(*calls)
        return Response.json(await stub.order())
