import asyncio
from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.finished = asyncio.Event()

    async def start(self):
        self.ctx.waitUntil(self.failing())
        self.ctx.waitUntil(self.later())
        return "started"

    async def failing(self):
        raise ValueError("only logged")

    async def later(self):
        await asyncio.sleep(0.01)
        await self.ctx.storage.put("later", True)
        self.finished.set()

    async def finish(self):
        await self.finished.wait()
        return await self.ctx.storage.get("later")


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName("foo"), method)())
