import asyncio
from urllib.parse import urlsplit

from js import setTimeout
from pyodide.ffi import JsException, create_once_callable
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.calls = 0
        self.myself = env.SUBJECT.get(ctx.id)

    async def ping(self):
        self.calls += 1
        return [self.calls, await self.ctx.storage.get("kept")]

    async def fetch(self, request):
        return Response("never")

    async def rpc(self):
        async def section():
            await self.ctx.storage.put("kept", "yes")
            await self.myself.ping()

        await self.ctx.blockConcurrencyWhile(section)

    async def fetched(self):
        async def section():
            await self.myself.fetch("http://object/")

        await self.ctx.blockConcurrencyWhile(section)

    async def timer(self):
        fired = asyncio.Event()
        setTimeout(create_once_callable(fired.set), 1)
        await self.ctx.blockConcurrencyWhile(fired.wait)

    async def transaction(self):
        async def closure(txn):
            await txn.put("kept", "yes")
            await self.myself.ping()

        await self.ctx.storage.transaction(closure)


async def outcome(awaitable):
    try:
        return await awaitable
    except JsException as error:
        flags = ("remote", "retryable", "overloaded", "durableObjectReset")
        set_flags = [flag for flag in flags if getattr(error, flag, None) is True]
        return [error.name, error.message, *set_flags]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(method)
        await stub.ping()
        call, waiting = await asyncio.gather(outcome(getattr(stub, method)()), outcome(stub.ping()))
        return Response.json(
            {
                "call": call,
                "waiting": waiting,
                "same": await outcome(stub.ping()),
                "fresh": await outcome(self.env.SUBJECT.getByName(method).ping()),
            }
        )
