import asyncio
from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint


class Other(DurableObject):
    async def ping(self):
        pass

    async def fetch(self, request):
        return Response("pong")


class Subject(DurableObject):
    async def wait(self, kind):
        storage = self.ctx.storage
        match kind:
            case "concurrent":
                await storage.get("other", allowConcurrency=True)
            case "kv":
                storage.kv.put("other", 1)
            case "sql":
                storage.sql.exec("select 1").toArray()
            case "list":
                await storage.list()
            case "alarm":
                await storage.getAlarm()
            case "sync":
                await storage.sync()
            case "bookmark":
                await storage.getCurrentBookmark()
            case "call":
                await self.env.OTHER.getByName("x").ping()
            case "fetch":
                await (await self.env.OTHER.getByName("x").fetch("http://x/")).text()
            case "other_section":
                await self.ctx.blockConcurrencyWhile(lambda: asyncio.sleep(0.001))
            case "other_transaction":
                await storage.transaction(lambda _: asyncio.sleep(0.001))
            case "sleep" | "section" | "transaction":
                await asyncio.sleep(0.005)

    async def increment(self, kind):
        storage = self.ctx.storage

        async def add(*_):
            before = await storage.get("n") or 0
            await self.wait(kind)
            await storage.put("n", before + 1)

        match kind:
            case "section":
                await self.ctx.blockConcurrencyWhile(add)
            case "transaction":
                await storage.transaction(add)
            case "transaction_sync":
                storage.transactionSync(lambda: storage.kv.put("n", (storage.kv.get("n") or 0) + 1))
            case _:
                await add()

    async def total(self):
        return await self.ctx.storage.get("n")


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kind = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(kind)
        await stub.total()
        await asyncio.gather(*[stub.increment(kind) for _ in range(5)])
        return Response.json(await stub.total())
