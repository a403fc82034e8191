import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint

LATER = 4102444800000


class Subject(DurableObject):
    async def alarm(self):
        await self.ctx.storage.put("ran", (await self.ctx.storage.get("ran") or 0) + 1)

    async def state(self):
        alarm = await self.ctx.storage.getAlarm()
        left = "past" if alarm is not None and alarm < LATER else alarm and alarm - LATER
        return {"ran": await self.ctx.storage.get("ran") or 0, "left": left}

    async def act(self, kind):
        await getattr(self, f"do_{kind}")(self.ctx.storage)

    def abort(self):
        self.ctx.abort("stopped")

    async def do_set_and_abort(self, storage):
        await storage.setAlarm(LATER)
        self.abort()

    async def do_set_and_wait_and_abort(self, storage):
        await storage.setAlarm(LATER)
        await asyncio.sleep(0.002)
        self.abort()

    async def do_set_and_sync_and_abort(self, storage):
        storage.setAlarm(LATER)
        await storage.sync()
        storage.setAlarm(LATER + 5)
        self.abort()

    async def do_set_and_throw(self, storage):
        await storage.setAlarm(LATER)
        raise ValueError("own")

    async def do_due_and_abort(self, storage):
        await storage.setAlarm(1)
        self.abort()

    async def do_due_and_delete(self, storage):
        await storage.setAlarm(1)
        await storage.deleteAlarm()

    async def do_due_and_rolled_back(self, storage):
        async def closure(txn):
            await txn.setAlarm(1)
            await asyncio.sleep(0.01)
            txn.rollback()

        await storage.transaction(closure)

    async def do_due_and_sync_thrown(self, storage):
        def closure():
            storage.setAlarm(1)
            raise ValueError("undo")

        with suppress(ValueError):
            storage.transactionSync(closure)

    async def do_delete_and_abort(self, storage):
        await storage.setAlarm(LATER)
        await storage.sync()
        await storage.deleteAlarm()
        self.abort()

    async def do_move_and_abort(self, storage):
        await storage.setAlarm(LATER)
        await storage.sync()
        await storage.setAlarm(1)
        self.abort()

    async def do_move_and_roll_back(self, storage):
        async def closure(txn):
            await txn.setAlarm(1)
            txn.rollback()

        await storage.setAlarm(LATER)
        await storage.transaction(closure)

    async def do_deleted_with_all(self, storage):
        await storage.setAlarm(LATER)
        await storage.deleteAll()

    async def do_deleted_with_all_and_set(self, storage):
        await storage.setAlarm(1)
        await storage.deleteAll()
        await storage.setAlarm(LATER + 7)

    async def do_many(self, storage):
        for i in range(50):
            storage.setAlarm(LATER + i)

    async def do_committed_in_transaction(self, storage):
        await storage.transaction(lambda txn: txn.setAlarm(1))


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kind = urlsplit(request.url).path[1:]
        failed = None
        try:
            await self.env.SUBJECT.getByName(kind).act(kind)
        except JsException as error:
            failed = getattr(error.js_error, "durableObjectReset", "thrown")
        await asyncio.sleep(0.04)
        state = await self.env.SUBJECT.getByName(kind).state()
        return Response.json({"failed": failed, **state})
