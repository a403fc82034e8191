from contextlib import suppress
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint

LATER = 4102444800000


class Undo(Exception):
    pass


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.storage = ctx.storage
        self.storage.sql.exec("create table if not exists t(a)")

    async def alarm(self):
        pass

    async def write(self, label, txn=None):
        """Writes through every interface."""
        txn = txn or self.storage
        await txn.put(f"txn {label}", 1)
        await self.storage.put(f"put {label}", 1)
        self.storage.kv.put(f"kv {label}", 1)
        self.storage.sql.exec("insert into t values(?)", label)
        await txn.setAlarm(LATER + len(label))

    def write_sync(self, label):
        self.storage.kv.put(f"kv {label}", 1)
        self.storage.put(f"put {label}", 1)
        self.storage.sql.exec("insert into t values(?)", label)
        self.storage.setAlarm(LATER + len(label))

    async def state(self):
        alarm = await self.storage.getAlarm()
        rows = self.storage.sql.exec("select a from t").toArray()
        return {
            "keys": ",".join(await self.storage.list()),
            "rows": ",".join(row["a"] for row in rows),
            "alarm": None if alarm is None else alarm - LATER,
        }

    async def commit(self):
        await self.storage.transaction(lambda txn: self.write("in", txn))

    async def throw(self):
        async def closure(txn):
            await self.write("within", txn)
            raise Undo

        await self.write("before")
        with suppress(JsException):
            await self.storage.transaction(closure)

    async def rollback(self):
        async def closure(txn):
            await self.write("in", txn)
            txn.rollback()

        await self.storage.transaction(closure)

    async def rollback_and_go_on(self):
        async def closure(txn):
            await self.write("in", txn)
            txn.rollback()
            await self.write("afterwards")

        await self.storage.transaction(closure)

    async def inner_rollback(self):
        async def inner_closure(inner):
            await self.write("in", inner)
            inner.rollback()

        async def closure(outer):
            await self.write("outer", outer)
            await self.storage.transaction(inner_closure)
            await outer.put("last", 1)

        await self.storage.transaction(closure)

    async def inner_throw(self):
        async def inner_closure(inner):
            await self.write("in", inner)
            raise Undo

        async def closure(outer):
            await self.write("outer", outer)
            try:
                await self.storage.transaction(inner_closure)
            except JsException:
                self.storage.kv.put("caught", 1)

        await self.storage.transaction(closure)

    async def outer_throw(self):
        async def closure(outer):
            await self.storage.transaction(lambda inner: self.write("in", inner))
            raise Undo

        with suppress(JsException):
            await self.storage.transaction(closure)

    async def sync_inside(self):
        async def kept(txn):
            self.storage.transactionSync(lambda: self.write_sync("in"))
            await txn.put("txn", 1)

        async def lost(txn):
            self.storage.transactionSync(lambda: self.write_sync("lost"))
            txn.rollback()

        await self.storage.transaction(kept)
        await self.storage.transaction(lost)

    def undone(self, closure):
        def failing():
            closure()
            raise Undo

        with suppress(Undo):
            self.storage.transactionSync(failing)

    async def sync_thrown_inside(self):
        async def closure(txn):
            await txn.put("txn", 1)
            self.undone(lambda: self.write_sync("in"))

        await self.storage.transaction(closure)

    async def sync_nested(self):
        def second():
            self.write_sync("two")
            self.storage.transactionSync(lambda: self.write_sync("three"))

        def first():
            self.write_sync("one")
            self.undone(second)
            self.write_sync("last one")

        self.storage.transactionSync(first)

    async def delete_all(self):
        async def closure(txn):
            await self.write("in", txn)
            for call in (self.storage.deleteAll, txn.deleteAll):
                try:
                    await call()
                except JsException as error:
                    await self.storage.put(error.message, 1)

        await self.storage.transaction(closure)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(method)
        await getattr(stub, method)()
        return Response.json(await stub.state())
