import asyncio
from urllib.parse import urlsplit

from js import Date
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    async def set(self):
        await self.ctx.storage.setAlarm(Date.now() + 300)

    async def note(self, text):
        await self.ctx.storage.put("noted", text)

    async def noted(self):
        for _ in range(300):
            noted = await self.ctx.storage.get("noted")
            if noted:
                return noted
            await asyncio.sleep(0.01)
        return None

    async def alarm(self, info):
        left = await self.ctx.storage.getAlarm()
        log = self.env.SUBJECT.getByName("log")
        await log.note([self.ctx.id.name, info.retryCount, left])


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        _, name, *method = urlsplit(request.url).path.split("/")
        stub = self.env.SUBJECT.getByName(name)
        return Response.json(await (stub.set() if method else stub.noted()))
