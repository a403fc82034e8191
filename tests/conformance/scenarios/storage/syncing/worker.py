import asyncio
from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, create_proxy
from workers import DurableObject, Response, WorkerEntrypoint

LATER = 4102444800000


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []
        self.storage = ctx.storage

    async def alarm(self):
        pass

    async def note(self, label):
        self.log.append(label)
        return self.log

    async def keys(self):
        return ",".join(await self.storage.list())

    async def orders(self):
        raw = self.ctx._ctx.storage  # promises with then(), which the SDK's storage hides
        await raw.put("a", 1)
        first = raw.sync().then(lambda value: self.log.append(f"first {value or 'undefined'}"))
        raw.put("b", 1)
        second = raw.sync().then(lambda _: self.log.append("second"))
        self.log.append("code")
        await raw.get("a")
        self.log.append("after get")
        await second
        self.log.append("awaited second")
        await first
        return self.log

    async def nothing_written(self):
        return [await self.storage.sync() or "nothing", await self.storage.sync() or "nothing"]

    async def unconfirmed(self):
        self.storage.put("a", 1, allowUnconfirmed=True)
        self.storage.delete("b", allowUnconfirmed=True)
        await self.storage.sync()
        return await self.keys()

    async def others_between(self):
        self.log.append("start")
        await self.storage.put("a", 1)
        self.log.append("put")
        await self.storage.sync()
        self.log.append("synced")
        return self.log

    async def timers(self):
        js.setTimeout(create_proxy(lambda: self.log.append("timer")), 0)
        await self.storage.put("a", 1)
        self.log.append("put")
        await self.storage.get("a")
        self.log.append("got")
        await asyncio.sleep(0.005)
        self.log.append("waited")
        return self.log

    async def abort_after(self):
        await self.storage.put("kept", 1)
        await self.storage.sync()
        await self.storage.put("lost", 1)
        self.storage.sync()
        self.ctx.abort("stopped")

    async def delete_all_orders(self):
        self.storage.put("a", 1)
        self.storage.deleteAll()
        self.storage.put("b", 1)
        between = await self.keys()
        self.storage.put("c", 1)
        await self.storage.deleteAll()
        await self.storage.deleteAll()
        empty = await self.keys()
        await self.storage.put({"d": 1, "e": 2})
        await self.storage.sync()
        return [between, empty, await self.keys()]

    async def delete_all_and_abort(self):
        await self.storage.put("a", 1)
        await self.storage.sync()
        await self.storage.deleteAll()
        await self.storage.sync()
        await self.storage.put("lost", 1)
        self.ctx.abort("stopped")

    async def delete_all_alarm(self):
        await self.storage.setAlarm(LATER)
        await self.storage.deleteAll()
        gone = await self.storage.getAlarm()
        await self.storage.setAlarm(LATER)
        await self.storage.put("a", 1)
        return [gone, await self.storage.getAlarm() == LATER, await self.keys()]

    async def delete_all_from_others(self):
        raw = self.ctx._ctx.storage
        await raw.put("a", 1)
        read, listed = raw.get("a"), raw.list()
        raw.deleteAll()
        return [await read, (await listed).size, await raw.get("a") or "gone"]


async def outcome(awaitable):
    try:
        return await awaitable
    except JsException as error:
        return error.message


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(method)
        calls = [outcome(getattr(stub, method)())]
        if method == "others_between":
            calls.append(stub.note("another call"))
        result = (await asyncio.gather(*calls))[0]
        keys = await self.env.SUBJECT.getByName(method).keys()
        return Response.json({"result": result, "keys": keys})
