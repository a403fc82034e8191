import asyncio
import inspect
from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, create_proxy, to_js
from workers import DurableObject, Response, WorkerEntrypoint

LATER = 4102444800000
null = js.JSON.parse("null")


async def failure(call):
    try:
        value = call()
        if inspect.isawaitable(value):
            value = await value
    except JsException as error:
        return f"{error.name}: {error.message}"
    return "nothing" if value is None else value


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []
        self.storage = ctx.storage

    async def note(self, label):
        self.log.append(label)

    async def keys(self):
        return ",".join(await self.storage.list())

    async def reads(self):
        results = []

        async def closure(txn):
            await txn.put(to_js({"b": 20, "d": 4}, dict_converter=js.Object.fromEntries))
            deleted = [await txn.delete("a"), await txn.delete("a")]
            deleted.append(await txn.delete(to_js(["c", "x"])))
            found = await txn.get(to_js(["a", "b", "d"]))
            alarm = await txn.getAlarm()
            results.extend(
                [
                    deleted,
                    await txn.get("a") or "gone",
                    await txn.get("b"),
                    [[key, found.get(key)] for key in found],
                    list((await txn.list(reverse=True, limit=1)).keys()),
                    list(await self.storage.list()),
                    None if alarm is null else alarm,
                    await txn.put("e", 1) or "nothing",
                    await txn.put("e", 2, allowUnconfirmed=True) or "nothing",
                ]
            )

        await self.storage.put({"a": 1, "b": 2, "c": 3})
        await self.storage.transaction(closure)
        return results

    async def others_wait(self):
        async def closure(txn):
            self.log.append("in")
            await txn.put("a", 1)
            await asyncio.sleep(0.015)
            self.log.append("out")

        js.setTimeout(create_proxy(lambda: self.log.append("timer from before")), 1)
        await self.storage.transaction(closure)
        self.log.append("after")
        await asyncio.sleep(0.005)
        return self.log

    async def timer_inside(self):
        async def closure(txn):
            js.setTimeout(create_proxy(lambda: self.storage.put("from a timer", 1)), 2)
            await asyncio.sleep(0.01)
            self.log.append(await self.keys())
            txn.rollback()

        await self.storage.transaction(closure)
        return [*self.log, await self.keys()]

    async def section_inside(self):
        async def section():
            await self.storage.put("b", 1)
            await asyncio.sleep(0.002)

        async def closure(txn):
            await txn.put("a", 1)
            await self.ctx.blockConcurrencyWhile(section)
            txn.rollback()

        await self.storage.transaction(closure)
        return await self.keys()

    async def inside_section(self):
        async def closure(txn):
            await txn.put("a", 1)
            return "from the transaction"

        result = await self.ctx.blockConcurrencyWhile(lambda: self.storage.transaction(closure))
        return [result, await self.keys()]

    async def nested_unawaited(self):
        async def inner_closure(txn):
            await txn.put("inner", 1)
            await asyncio.sleep(0.005)
            self.log.append("inner ends")

        async def closure(txn):
            await txn.put("outer", 1)
            inner = self.storage.transaction(inner_closure)
            self.inner = asyncio.ensure_future(failure(lambda: inner))
            self.log.append("outer ends")

        out = [await failure(lambda: self.storage.transaction(closure)), await self.inner]
        return [*out, *self.log, await self.keys()]

    async def rollback_twice(self):
        async def closure(txn):
            await txn.put("a", 1)
            out = [await failure(txn.rollback), await failure(txn.rollback)]
            await self.storage.put("b", 1)
            out.append(await failure(txn.rollback))
            return [*out, await self.keys()]

        return await self.storage.transaction(closure)

    async def returns_rolled_back(self):
        def closure(txn):
            txn.put("a", 1)
            txn.rollback()
            return {"value": 1}

        return [await self.storage.transaction(closure), await self.keys()]

    async def abort_after_commit(self):
        await self.storage.transaction(lambda txn: txn.put("a", 1))
        await self.storage.put("b", 1)
        self.ctx.abort("stopped")

    async def abort_inside(self):
        async def closure(txn):
            await txn.put("a", 1)
            await asyncio.sleep(0.005)
            await self.storage.put("b", 1)
            self.ctx.abort("stopped")

        await self.storage.put("before", 1)
        await self.storage.transaction(closure)

    async def sync_inside(self):
        async def closure(txn):
            await txn.put("a", 1)
            await self.storage.sync()
            self.log.append("synced")
            txn.rollback()

        await self.storage.transaction(closure)
        return [*self.log, await self.keys()]

    async def own_errors(self):
        transaction = self.storage.transaction
        return [
            await failure(lambda: transaction(lambda txn: txn.put("a", None))),
            await failure(lambda: transaction(lambda txn: txn.list(limit=0))),
            await failure(lambda: transaction(lambda txn: txn.get())),
            await failure(lambda: transaction(lambda txn: txn.setAlarm(LATER))),
            await self.keys(),
        ]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(method)
        calls = [failure(getattr(stub, method))]
        if method == "others_wait":
            calls.append(failure(lambda: stub.note("another call")))
        result = (await asyncio.gather(*calls))[0]
        keys = await self.env.SUBJECT.getByName(method).keys()
        return Response.json({"result": result, "keys": keys})
