from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    async def keys(self):
        return list(await self.ctx.storage.list())

    async def run(self):
        storage = self.ctx.storage
        out = {}
        await storage.put({"a": 1, "b": 2})
        out["result"] = await storage.deleteAll()
        out["empty"] = await self.keys()
        await storage.deleteAll()
        out["again"] = await self.keys()
        pending = [storage.put("a", 1), storage.deleteAll(), storage.put("b", 2)]
        out["between"] = await self.keys()
        out["get"] = await storage.get("a")
        for operation in pending:
            await operation
        await storage.sync()
        out["synced"] = await self.keys()
        return out


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName("foo"), method)())
