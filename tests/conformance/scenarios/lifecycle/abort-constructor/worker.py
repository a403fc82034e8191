import asyncio
from collections import Counter
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint

attempts = Counter()


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        how = ctx.id.name
        attempts[how] += 1
        if attempts[how] > 1:
            return
        if how == "direct":
            ctx.abort("no start")
        if how == "section":
            ctx.blockConcurrencyWhile(self.failing_start)
        if how == "afterPut":
            ctx.storage.put("a", 1)
            ctx.abort("no start")

    async def failing_start(self):
        await self.ctx.storage.put("a", 1)
        await asyncio.sleep(0.002)
        self.ctx.abort("no start")

    async def ping(self):
        return ["pong", await self.ctx.storage.get("a")]


async def outcome(awaitable):
    try:
        return await awaitable
    except JsException as error:
        flags = ("remote", "retryable", "overloaded", "durableObjectReset")
        set_flags = [flag for flag in flags if getattr(error, flag, None) is True]
        return [error.name, error.message, *set_flags]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        how = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(how)
        other = self.env.SUBJECT.getByName(how)
        first = await asyncio.gather(
            outcome(stub.ping()), outcome(stub.ping()), outcome(other.ping())
        )
        return Response.json(
            {
                "first": first,
                "same": await outcome(stub.ping()),
                "other": await outcome(other.ping()),
                "fresh": await outcome(self.env.SUBJECT.getByName(how).ping()),
                "stillBroken": await outcome(stub.ping()),
                "attempts": attempts[how],
            }
        )
