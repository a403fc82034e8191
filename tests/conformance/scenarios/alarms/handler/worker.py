import asyncio
from urllib.parse import urlsplit

from js import Date, Object
from pyodide.ffi import JsException, to_js
from workers import DurableObject, Response, WorkerEntrypoint

LATER = 4102444800000


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def run(self, mode, count, meanwhile=None):
        """Runs the alarm in a mode; what it noted."""
        self.mode = mode
        await self.ctx.storage.put("mode", mode)
        await self.ctx.storage.setAlarm(1)
        for _ in range(300):
            if len(self.log) >= count:
                break
            await asyncio.sleep(0.01)
        if meanwhile:
            await meanwhile()
        await asyncio.sleep(0.06)
        return self.log

    async def stored(self):
        time = await self.ctx.storage.getAlarm()
        return None if time is None else "later" if time == LATER else "past"

    async def finish(self):
        stored = await self.stored()
        await self.ctx.storage.deleteAlarm()
        return stored

    async def meanwhile(self):
        async def set_alarm():
            self.log.append(["outside", await self.stored()])
            self.mode = "plain"
            await self.ctx.storage.setAlarm(1)
            self.log.append(["outside", await self.stored()])
            await asyncio.sleep(0.15)

        return await self.run("slow", 1, set_alarm)

    async def alarm(self, info):
        before = len(self.log)
        self.log.append(
            [self.mode, info.retryCount, info.isRetry, await self.stored(), self.ctx.id.name]
        )
        await getattr(self, f"in_{self.mode}")(info, self.ctx.storage, before)

    async def in_plain(self, *_):
        pass

    async def in_info(self, info, *_):
        keys = list(Object.keys(info))
        self.log.append([keys, info.constructor.name, "number"])
        self.log.append([abs(Date.now() - info.scheduledTime) < 5000, 1])
        try:
            info.retryCount = 7
        except JsException as error:
            self.log.append(error.message)

    async def in_again(self, info, storage, _):
        self.mode = "plain"
        await storage.setAlarm(2)
        await asyncio.sleep(0.03)
        self.log.append("end of the first")

    async def in_sameTime(self, info, storage, _):
        self.mode = "plain"
        await storage.setAlarm(info.scheduledTime)

    async def in_slow(self, *_):
        await asyncio.sleep(0.1)
        self.log.append("end of the slow one")

    async def in_rolledBack(self, info, storage, _):
        async def set_alarm(txn):
            await txn.setAlarm(LATER)
            self.log.append(await self.stored())
            txn.rollback()

        async def delete_alarm(txn):
            await txn.deleteAlarm()
            txn.rollback()

        await storage.transaction(set_alarm)
        await storage.transaction(delete_alarm)
        self.log.append(await self.stored())

    async def in_deletedAndThrown(self, info, storage, _):
        await storage.deleteAlarm()
        raise ValueError("after deleting")

    async def in_setAndThrown(self, info, storage, _):
        await storage.setAlarm(LATER)
        raise ValueError("after setting")

    async def in_thrown(self, *_):
        raise ValueError("in the alarm")

    async def in_givenUp(self, info, storage, before):
        await storage.put("noted", len(self.log) - before)
        await asyncio.sleep(0.03)
        options = to_js({"retryAlarm": False}, dict_converter=Object.fromEntries)
        self.ctx._ctx.abort("given up", options)  # the SDK's own abort() takes no options


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        mode = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(mode)
        counts = {"again": 3, "sameTime": 2}
        try:
            if mode == "meanwhile":
                log = await stub.meanwhile()
            else:
                log = await stub.run(mode, counts.get(mode, 1))
        except JsException as error:
            log = error.message
            await asyncio.sleep(0.03)
        left = await self.env.SUBJECT.getByName(mode).finish()
        return Response.json({"log": log, "left": left})
