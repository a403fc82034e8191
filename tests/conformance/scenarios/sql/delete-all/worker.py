import re
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

    async def deleting(self):
        storage = self.ctx.storage
        self.sql.exec("create table t(a)")
        self.sql.exec("insert into t values(1), (2), (3)")
        await storage.put("early", 1)
        cursor = self.sql.exec("select a from t")
        await storage.sync()
        storage.put("pending", 1)
        storage.deleteAll()
        await storage.put("late", 1)
        calls = [cursor.next, cursor.toArray, cursor.one, lambda: cursor.raw().next()]
        canceled = [outcome(call) for call in calls]
        tables = self.rows("select name from sqlite_master")
        await storage.deleteAll()
        await storage.deleteAll()
        return {
            "canceled": canceled,
            "tables": tables,
            "columns": cursor.columnNames,
            "gone": self.rows("select * from t"),
            "left": list(await storage.list()),
        }

    async def after(self):
        statements = [
            ["select name from sqlite_master"],
        ]
        return [self.rows(*statement) for statement in statements]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        try:
            return Response.json(await getattr(self.env.SUBJECT.getByName("subject"), method)())
        except JsException as error:
            message = re.sub(r"reference = \w+", "reference = ...", error.message)
            reset = bool(getattr(error.js_error, "durableObjectReset", False))
            return Response.json({"failed": message, "reset": reset})
