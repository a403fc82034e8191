import asyncio
import re
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Other(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def note(self, label):
        self.log.append(label)

    async def report(self):
        return self.log


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.sql = ctx.storage.sql
        self.sql.exec("create table if not exists p(id integer primary key)")
        self.sql.exec(
            "create table if not exists c(p references p(id) deferrable initially deferred)"
        )

    def bad(self):
        """Allowed until the commit."""
        self.sql.exec("insert into c values(9)")

    def tell(self, label):
        return self.env.OTHER.getByName(self.ctx.id.name).note(label)

    async def commit(self):
        async def closure(txn):
            await txn.put("in", 1)
            self.bad()

        await self.ctx.storage.transaction(closure)
        await self.tell("after")
        return "committed"

    async def caught(self):
        try:
            await self.ctx.storage.transaction(lambda _: self.bad())
        except Exception:
            await self.tell("caught")
        finally:
            await self.tell("finally")
        return "committed"

    async def rolled_back(self):
        async def closure(txn):
            await txn.put("in", 1)
            self.bad()
            txn.rollback()
            await self.ctx.storage.put("after rollback", 1)

        await self.ctx.storage.transaction(closure)
        await self.tell("after")
        return "rolled back"

    async def thrown(self):
        async def closure(txn):
            self.bad()
            raise TypeError("own")

        try:
            await self.ctx.storage.transaction(closure)
        except Exception:
            await self.tell("caught")
        return "thrown"

    async def nested(self):
        async def outer(txn):
            await self.ctx.storage.transaction(lambda _: self.bad())
            await self.ctx.storage.put("outer", 1)

        await self.ctx.storage.transaction(outer)
        return "committed"

    async def nested_rolled_back(self):
        async def inner(txn):
            self.bad()
            txn.rollback()

        async def outer(txn):
            await self.ctx.storage.put("outer", 1)
            await self.ctx.storage.transaction(inner)

        await self.ctx.storage.transaction(outer)
        await self.tell("after")
        return "committed"

    async def sync(self):
        def closure():
            self.bad()
            return "released"

        result = self.ctx.storage.transactionSync(closure)
        self.telling = asyncio.ensure_future(self.tell(result))
        return result

    async def sync_thrown(self):
        def closure():
            self.bad()
            raise TypeError("own")

        try:
            self.ctx.storage.transactionSync(closure)
        except TypeError as error:
            await self.tell(str(error))
        return "thrown"

    async def sync_in_transaction(self):
        async def closure(txn):
            await txn.put("outer", 1)
            self.ctx.storage.transactionSync(self.bad)
            rows = len(self.sql.exec("select * from c").toArray())
            txn.rollback()
            await self.tell(f"rows {rows}")

        await self.ctx.storage.transaction(closure)
        return "rolled back"

    async def repaired(self):
        async def closure(txn):
            self.bad()
            await asyncio.sleep(0.002)
            self.sql.exec("insert into p values(9)")

        await self.ctx.storage.transaction(closure)
        await self.tell("after")
        return "committed"

    async def statement(self):
        async def closure(txn):
            await txn.put("in", 1)
            try:
                self.sql.exec("insert into p values(1), (2), (1)")
            except JsException as error:
                await self.tell(error.message[:30])

        await self.ctx.storage.transaction(closure)
        return len(self.sql.exec("select * from p").toArray())

    async def two(self):
        first = self.ctx.storage.transaction(lambda txn: txn.put("first", 1))
        second = self.ctx.storage.transaction(lambda _: self.bad())
        await first
        await second
        await self.tell("second")
        return "committed"

    async def after(self):
        return {
            "rows": len(self.sql.exec("select * from c").toArray()),
            "keys": list(await self.ctx.storage.list()),
        }


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        out = {}
        try:
            out["result"] = await getattr(self.env.SUBJECT.getByName(method), method)()
        except JsException as error:
            message = re.sub(r"reference = \w+", "reference = ...", error.message)
            out["failed"] = f"{error.name}: {message}"
        await asyncio.sleep(0.01)
        out["told"] = await self.env.OTHER.getByName(method).report()
        out["after"] = await self.env.SUBJECT.getByName(method).after()
        return Response.json(out)
