import asyncio
from urllib.parse import parse_qs, urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


async def failing():
    raise TypeError("inside")


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.memory = 0

    async def remember(self):
        self.memory += 1
        return self.memory

    async def caught(self):
        try:
            await self.ctx.blockConcurrencyWhile(failing)
        except Exception:
            return "caught outside"

    async def caught_inside(self):
        async def careful():
            try:
                await failing()
            except TypeError:
                return "caught inside"

        return await self.ctx.blockConcurrencyWhile(careful)

    async def nest(self, depth):
        async def enter(left):
            if left == 0:
                return "bottom"
            try:
                return await self.ctx.blockConcurrencyWhile(lambda: enter(left - 1))
            except JsException as error:
                return f"{error.name}: {error.message}"

        return await enter(depth)

    async def no_function(self):
        return await self.ctx.blockConcurrencyWhile(5)


async def outcome(awaitable):
    try:
        return await awaitable
    except JsException as error:
        reset = getattr(error, "durableObjectReset", None) is True
        return {"name": error.name, "message": error.message, "reset": reset}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        url = urlsplit(request.url)
        stub = self.env.SUBJECT.getByName(request.url)
        await stub.remember()
        arguments = [int(depth) for depth in parse_qs(url.query).get("depth", [])]
        call = getattr(stub, url.path[1:])(*arguments)
        sibling = asyncio.create_task(outcome(stub.remember()))
        result = await outcome(call)
        return Response.json(
            {
                "result": result,
                "sibling": await sibling,
                "after": await self.env.SUBJECT.getByName(request.url).remember(),
            }
        )
