import asyncio
from urllib.parse import urlsplit

from js import Promise
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []
        self.myself = env.SUBJECT.get(ctx.id)

    async def note(self, text):
        self.log.append(text)
        return text

    async def once(self):
        self.log.append("before")
        self.log.append(f"got {await self.myself.note('inner')}")
        return self.log

    async def down(self, left):
        self.log.append(left)
        return 1 + await self.myself.down(left - 1) if left else 0

    async def recursive(self):
        return [await self.myself.down(5), self.log]

    async def fetch(self, request):
        return Response(await self.note(f"fetched {urlsplit(request.url).path}"))

    async def fetched(self):
        answer = await self.myself.fetch("http://object/x")
        return [await answer.text(), self.log]

    async def many(self):
        calls = [self.myself.note(i) for i in range(5)]
        self.log.append("sent")
        return [await asyncio.gather(*calls), self.log]

    async def notAwaited(self):
        call = self.myself.note("inner")
        self.log.append("sent")
        await Promise.resolve()
        self.log.append("microtask")
        await self.ctx.storage.get("x")
        self.log.append("storage")
        await call
        return self.log

    async def fromSection(self):
        async def section():
            call = self.myself.note("inner")
            await asyncio.sleep(0.005)
            self.log.append("end of section")
            self.call = call

        await self.ctx.blockConcurrencyWhile(section)
        self.log.append("after section")
        await self.call
        return self.log


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        path = urlsplit(request.url).path
        return Response.json(await getattr(self.env.SUBJECT.getByName(path), path[1:])())
