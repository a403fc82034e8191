import asyncio
from collections import Counter
from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint

instances = Counter()


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        instances[ctx.id.name] += 1
        self.calls = 0

    async def touch(self):
        self.calls += 1
        stored = (await self.ctx.storage.get("calls") or 0) + 1
        await self.ctx.storage.put("calls", stored)
        return {"instance": instances[self.ctx.id.name], "calls": self.calls, "stored": stored}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        path = urlsplit(request.url).path
        stub = self.env.SUBJECT.getByName(path)
        first = await stub.touch()
        if path != "/held":
            return Response.json(first)
        await asyncio.sleep(12)
        return Response.json([first, await stub.touch()])
