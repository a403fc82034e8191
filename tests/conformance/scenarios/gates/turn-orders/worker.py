import asyncio
from urllib.parse import urlsplit

from js import Promise
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def wait(self, kind):
        storage = self.ctx.storage
        match kind:
            case "resolved":
                await Promise.resolve()
            case "get":
                await storage.get("k")
            case "put":
                await storage.put("k", 1)
            case "delete":
                await storage.delete("k")
            case "list":
                await storage.list()
            case "deleteall":
                await storage.deleteAll()
            case "sleep":
                await asyncio.sleep(0.005)
            case "sync":
                await storage.sync()
            case "sleep0":
                await asyncio.sleep(0)

    async def steps(self, label, kind):
        for i in range(3):
            self.log.append(f"{label}{i}")
            await self.wait(kind)

    async def order(self):
        return " ".join(self.log)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kind = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(kind)
        await asyncio.gather(stub.steps("A", kind), stub.steps("B", kind))
        return Response.json(await stub.order())
