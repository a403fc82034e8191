import asyncio
from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint

constructed = []


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.memory = 0
        constructed.append(ctx.id)

    async def write(self):
        self.memory += 1
        storage = self.ctx.storage
        await storage.put("count", (await storage.get("count") or 0) + 1)
        await storage.put({"list": [1, "two", None], "nested": {"a": {"b": True}}})
        await storage.put("gone", 1)
        await storage.delete("gone")
        return [self.memory, await storage.get("count")]

    async def background(self):
        self.ctx.waitUntil(self.late())
        self.ctx.storage.put("notAwaited", True)
        return "answered"

    async def late(self):
        await asyncio.sleep(3600)
        await self.ctx.storage.put("late", True)

    async def read(self):
        return [len(constructed), self.memory, await self.ctx.storage.list()]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        ns = self.env.SUBJECT
        by_hex = ns.idFromString(str(ns.idFromName("by hex")))
        return Response.json(
            {
                "named": await getattr(ns.get(ns.idFromName("foo")), method)(),
                "hex": await getattr(ns.get(by_hex), method)(),
            }
        )
