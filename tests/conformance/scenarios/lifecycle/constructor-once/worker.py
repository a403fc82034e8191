import asyncio
import contextlib

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint

constructed = 0


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        global constructed
        constructed += 1
        self.starts = None
        self.ctx.blockConcurrencyWhile(self.load)

    async def load(self):
        started = await self.ctx.storage.get("starts") or 0
        await asyncio.sleep(0.005)
        await self.ctx.storage.put("starts", started + 1)
        self.starts = started + 1

    async def starts_seen(self):
        return self.starts

    async def stop(self):
        self.ctx.abort("stop")


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        first = await asyncio.gather(*[stub.starts_seen() for _ in range(10)])
        after_first = constructed
        with contextlib.suppress(JsException):
            await stub.stop()
        again = self.env.SUBJECT.getByName("foo")
        second = await asyncio.gather(*[again.starts_seen() for _ in range(10)])
        return Response.json(
            {
                "first": first,
                "afterFirst": after_first,
                "second": second,
                "afterSecond": constructed,
            }
        )
