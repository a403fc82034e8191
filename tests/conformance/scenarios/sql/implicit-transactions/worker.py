import asyncio
from urllib.parse import urlsplit

from js import Promise
from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.storage = ctx.storage
        self.exec("create table if not exists t(a primary key)")

    def exec(self, statement):
        return self.storage.sql.exec(statement)

    def attempt(self, statement):
        try:
            return len(self.exec(statement).toArray())
        except JsException as error:
            return error.message

    async def state(self):
        rows = self.exec("select a from t order by a").toArray()
        return {"rows": [row["a"] for row in rows], "keys": list(await self.storage.list())}

    async def thrown(self):
        self.exec("insert into t values(1)")
        self.storage.kv.put("a", 1)
        await self.storage.put("b", 1)
        raise ValueError("own")

    async def failed_statement(self):
        self.exec("insert into t values(1), (2)")
        statements = [
            "insert into t values(3), (4), (1), (5)",
            "update t set a = 1",
            "insert into t values(6)",
            "insert into missing values(1)",
        ]
        return [self.attempt(statement) for statement in statements]

    async def partly_applied(self):
        statements = [
            "insert into t values(1); insert into t values(1); insert into t values(2)",
            "insert into t values(3); select * from missing; insert into t values(4)",
            "insert into t values(5); nonsense",
            "insert into t values(6);",
            "insert into t values(7); -- a comment",
            "insert into t values(8); insert into t values(?)",
            "insert into t values(9); begin",
            "select 1; insert into t values(10)",
        ]
        return [self.attempt(statement) for statement in statements]

    async def aborted(self):
        self.exec("insert into t values(1)")
        self.storage.kv.put("a", 1)
        await self.storage.get("a")
        self.ctx.abort("stopped")

    async def aborted_after_await(self):
        self.exec("insert into t values(1)")
        await asyncio.sleep(0.001)
        self.exec("insert into t values(2)")
        await Promise.resolve()
        self.ctx.abort("stopped")

    async def aborted_after_sync(self):
        self.exec("insert into t values(1)")
        self.storage.transactionSync(lambda: self.attempt("insert into t values(2)"))
        await self.storage.sync()
        self.storage.transactionSync(lambda: self.attempt("insert into t values(3)"))
        self.ctx.abort("stopped")

    async def opened_by(self):
        """PRAGMA foreign_keys is ignored while a transaction is open."""
        kv, storage = self.storage.kv, self.storage
        bad = "insert into t values(null), (null), ((select count(*) from missing))"
        acts = {
            "nothing": lambda: None,
            "select": lambda: self.exec("select * from t").toArray(),
            "pragma": lambda: self.exec("pragma case_sensitive_like = off"),
            "table_info": lambda: self.exec("pragma table_info(t)").toArray(),
            "get": lambda: storage.get("x"),
            "list": lambda: storage.list(),
            "kv_get": lambda: kv.get("x"),
            "get_alarm": lambda: storage.getAlarm(),
            "delete_alarm": lambda: storage.deleteAlarm(),
            "explain": lambda: self.exec("explain insert into t values(1)").toArray(),
            "create_existing": lambda: self.exec("create table if not exists t(a)"),
            "update_nothing": lambda: self.exec("update t set a = 1 where 0"),
            "delete_missing": lambda: storage.delete("missing"),
            "kv_delete_missing": lambda: kv.delete("missing"),
            "put": lambda: storage.put("x", 1),
            "failed_insert": lambda: self.attempt(bad),
            "transaction_sync": lambda: storage.transactionSync(lambda: None),
        }
        out = {}
        for name, act in acts.items():
            await asyncio.sleep(0.001)
            waiting = act()
            self.exec("pragma foreign_keys = off")
            out[name] = self.exec("pragma foreign_keys").one()["foreign_keys"] == 1
            if asyncio.isfuture(waiting) or asyncio.iscoroutine(waiting):
                await waiting
            await asyncio.sleep(0.001)
            self.exec("pragma foreign_keys = on")
        return out

    async def asynchronous_closure(self):
        async def closure():
            self.exec("insert into t values(1)")
            await asyncio.sleep(0.001)
            self.exec("insert into t values(2)")

        await self.storage.transactionSync(closure)
        return "function"

    async def conflicts(self):
        self.exec("insert into t values(1)")
        statements = [
            "insert or ignore into t values(1), (2)",
            "insert or fail into t values(3), (1), (4)",
            "insert or abort into t values(5), (1)",
            "insert or replace into t values(1)",
            "update or ignore t set a = 1",
            "insert or rollback into t values(1)",
            "insert into t values(9)",
        ]
        return [self.attempt(statement) for statement in statements]

    async def seen_by_others(self):
        self.exec("insert into t values(1)")
        cursor = self.exec("select a from t")
        await self.storage.put("a", 1)
        self.exec("insert into t values(2)")
        count = self.exec("select count(*) as n from t").one()["n"]
        return [len(cursor.toArray()), count, len(await self.storage.list())]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        out = {}
        try:
            out["result"] = await getattr(self.env.SUBJECT.getByName(method), method)()
        except JsException as error:
            reset = getattr(error.js_error, "durableObjectReset", False)
            out["failed"] = error.message if reset else "an exception"
        state = await self.env.SUBJECT.getByName(method).state()
        return Response.json({**out, **state})
