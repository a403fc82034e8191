from asyncio import gather
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint

attempts = {}


async def failing():
    raise TypeError("no start")


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        kind = ctx.id.name
        attempts[kind] = attempts.get(kind, 0) + 1
        if attempts[kind] > 1:
            return
        if kind == "raises":
            raise TypeError("no start")
        if kind == "section":
            ctx.blockConcurrencyWhile(failing)

    async def ping(self):
        return "pong"


async def outcome(awaitable):
    try:
        return await awaitable
    except JsException as error:
        flags = [
            flag for flag in ("remote", "durableObjectReset") if getattr(error, flag, None) is True
        ]
        return {"name": error.name, "message": error.message, "flags": flags}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kind = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(kind)
        first = await gather(outcome(stub.ping()), outcome(stub.ping()))
        same = await outcome(stub.ping())
        fresh = await outcome(self.env.SUBJECT.getByName(kind).ping())
        if isinstance(fresh, dict):
            fresh = fresh["name"]
        return Response.json(
            {"first": first, "same": same, "fresh": fresh, "attempts": attempts[kind]}
        )
