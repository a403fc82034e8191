import re
from contextlib import suppress
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


def plain(value):
    return {"bytes": list(value)} if isinstance(value, memoryview) else value


def row(item):
    return {key: plain(value) for key, value in item.items()}


def outcome(call):
    try:
        return call()
    except JsException as error:
        return f"{error.name}: {error.message}"


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.sql = ctx.storage.sql

    def rows(self, sql, *bindings):
        return outcome(lambda: [row(item) for item in self.sql.exec(sql, *bindings).toArray()])

    async def nesting(self):
        storage = self.ctx.storage
        self.sql.exec("create table t(a)")

        def inner():
            self.sql.exec("insert into t values(2)")
            storage.kv.put("inner", 1)
            raise ValueError("inner")

        def outer():
            self.sql.exec("insert into t values(1)")
            with suppress(ValueError):
                storage.transactionSync(inner)
            self.sql.exec("insert into t values(3)")
            storage.kv.put("outer", 1)
            return "result"

        result = storage.transactionSync(outer)
        return [result, self.rows("select a from t"), [key for key, _ in storage.kv.list()]]

    async def inside_transaction(self):
        storage = self.ctx.storage

        async def failing(txn):
            storage.transactionSync(lambda: self.sql.exec("insert into t values(4)").toArray())
            storage.put("gone", 1)
            raise ValueError("outer")

        async def succeeding(txn):
            storage.transactionSync(lambda: self.sql.exec("insert into t values(5)").toArray())
            await txn.put("kept", 1)

        with suppress(JsException):
            await storage.transaction(failing)
        await storage.transaction(succeeding)
        return [self.rows("select a from t"), list(await storage.list())]

    async def refused(self):
        storage = self.ctx.storage

        async def delete_all(txn):
            try:
                await storage.deleteAll()
            except JsException as error:
                return error.message

        return [
            outcome(lambda: storage.transactionSync()),
            outcome(lambda: storage.transactionSync(5)),
            await storage.transaction(delete_all),
        ]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        try:
            return Response.json(await getattr(self.env.SUBJECT.getByName("subject"), method)())
        except JsException as error:
            message = re.sub(r"reference = \w+", "reference = ...", error.message)
            reset = bool(getattr(error.js_error, "durableObjectReset", False))
            return Response.json({"failed": message, "reset": reset})
