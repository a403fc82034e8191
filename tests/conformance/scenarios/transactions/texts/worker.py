import inspect
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


async def failure(call):
    try:
        result = call()
        if inspect.isawaitable(result):
            await result
    except JsException as error:
        return f"{error.name}: {error.message}"
    return None


async def all_of(txn):
    return {
        "get": await failure(lambda: txn.get("a")),
        "put": await failure(lambda: txn.put("a", 1)),
        "delete": await failure(lambda: txn.delete("a")),
        "list": await failure(lambda: txn.list()),
        "getAlarm": await failure(lambda: txn.getAlarm()),
        "setAlarm": await failure(lambda: txn.setAlarm(4102444800000)),
        "deleteAlarm": await failure(lambda: txn.deleteAlarm()),
    }


class Subject(DurableObject):
    async def rolled_back(self):
        results = {}

        async def closure(txn):
            txn.rollback()
            results.update(await all_of(txn))

        await self.ctx.storage.transaction(closure)
        return results

    async def committed(self):
        escaped = []

        async def closure(txn):
            escaped.append(txn)

        await self.ctx.storage.transaction(closure)
        txn = escaped[0]
        return {**await all_of(txn), "rollback": await failure(lambda: txn.rollback())}

    async def outer_rollback(self):
        async def outer_closure(outer):
            async def inner_closure(inner):
                return await failure(lambda: outer.rollback())

            return await self.ctx.storage.transaction(inner_closure)

        return await self.ctx.storage.transaction(outer_closure)

    async def delete_all(self):
        async def closure(txn):
            return await failure(lambda: txn.deleteAll())

        return await self.ctx.storage.transaction(closure)

    async def no_closure(self):
        return await failure(lambda: self.ctx.storage.transaction())

    async def alarm(self):
        pass


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
