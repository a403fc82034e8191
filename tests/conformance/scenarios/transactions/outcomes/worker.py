import contextlib
from urllib.parse import urlsplit

from js import Object
from pyodide.ffi import JsException, to_js
from workers import DurableObject, Response, WorkerEntrypoint


def js_object(entries):
    return to_js(entries, dict_converter=Object.fromEntries)


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.memory = 0

    async def commit(self):
        inside = []

        async def closure(txn):
            await txn.put("a", 1)
            await txn.put(js_object({"b": 2, "c": 3}))
            await txn.delete("c")
            inside.append(await txn.get("a"))
            inside.append(",".join((await txn.list()).to_py()))
            return "result"

        result = await self.ctx.storage.transaction(closure)
        return {"result": result, "inside": inside}

    async def throwing(self):
        await self.ctx.storage.put("before", 1)
        self.memory = 1

        async def closure(txn):
            await txn.put("a", 1)
            await txn.delete("before")
            raise TypeError("boom")

        caught = None
        try:
            await self.ctx.storage.transaction(closure)
        except JsException as error:
            caught = {"name": error.name, "message": error.message}
        return {"caught": caught, "memory": self.memory}

    async def rollback(self):
        async def closure(txn):
            await txn.put("a", 1)
            txn.rollback()
            txn.rollback()
            return "returned"

        return {"result": await self.ctx.storage.transaction(closure)}

    async def unawaited_before(self):
        async def closure(txn):
            await txn.put("a", 1)
            raise TypeError("boom")

        pending = self.ctx.storage.put("before", 1)
        with contextlib.suppress(JsException):
            await self.ctx.storage.transaction(closure)
        await pending
        return {}

    async def without_await(self):
        def closure(txn):
            txn.put("a", 1)
            return 7

        return {"result": await self.ctx.storage.transaction(closure)}

    async def nested_inner_fails(self):
        async def fail(inner):
            await inner.put("inner", 1)
            raise TypeError("boom")

        async def closure(outer):
            await outer.put("outer", 1)
            with contextlib.suppress(JsException):
                await self.ctx.storage.transaction(fail)
            await outer.put("outer2", 2)

        await self.ctx.storage.transaction(closure)
        return {}

    async def nested_outer_fails(self):
        async def succeed(inner):
            await inner.put("inner", 1)

        async def closure(outer):
            await outer.put("outer", 1)
            await self.ctx.storage.transaction(succeed)
            raise TypeError("boom")

        with contextlib.suppress(JsException):
            await self.ctx.storage.transaction(closure)
        return {}

    async def keys(self):
        return list(await self.ctx.storage.list())


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(method)
        result = await getattr(stub, method)()
        return Response.json({**result, "keys": await stub.keys()})
