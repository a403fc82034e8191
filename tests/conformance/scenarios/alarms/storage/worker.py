import asyncio
import datetime
from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint

LATER = 4102444800000


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def run(self):
        async def roll_back(txn):
            await txn.deleteAlarm()
            txn.rollback()

        storage = self.ctx.storage
        out = {}
        out["none"] = await storage.getAlarm()
        out["set"] = await storage.setAlarm(LATER)
        out["get"] = await storage.getAlarm()
        await storage.setAlarm(datetime.datetime.fromtimestamp(LATER / 1000 + 1, datetime.UTC))
        out["byDate"] = await storage.getAlarm()
        await storage.transaction(roll_back)
        out["afterRollback"] = await storage.getAlarm()
        out["delete"] = await storage.deleteAlarm()
        out["deleted"] = await storage.getAlarm()
        await storage.setAlarm(LATER)
        await storage.deleteAll()
        out["afterDeleteAll"] = await storage.getAlarm()
        await storage.setAlarm(LATER)
        return out

    async def stored(self):
        return await self.ctx.storage.getAlarm()

    async def steps(self, label):
        for i in range(3):
            self.log.append(f"{label}{i}")
            await self.ctx.storage.getAlarm()
            await self.ctx.storage.setAlarm(LATER)

    async def log_text(self):
        return " ".join(self.log)

    async def alarm(self):
        pass


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName("foo")
        if method == "order":
            await asyncio.gather(stub.steps("A"), stub.steps("B"))
            return Response.json(await stub.log_text())
        return Response.json(await getattr(stub, method)())
