import asyncio
from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    async def between(self, kind):
        value = await self.ctx.storage.get("n") or 0
        if kind == "sleep0":
            await asyncio.sleep(0)
        elif kind != "storage":
            await asyncio.sleep(0.005)
        await self.ctx.storage.put("n", value + 1)

    async def increment(self, kind):
        if kind == "section":
            await self.ctx.blockConcurrencyWhile(lambda: self.between(kind))
        elif kind == "transaction":

            async def closure(txn):
                value = await txn.get("n") or 0
                await asyncio.sleep(0.005)
                await txn.put("n", value + 1)

            await self.ctx.storage.transaction(closure)
        else:
            await self.between(kind)

    async def count(self):
        return await self.ctx.storage.get("n")


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kind = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(kind)
        await asyncio.gather(*[stub.increment(kind) for _ in range(10)])
        return Response.json(await stub.count())
