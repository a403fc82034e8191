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

    async def sharing(self):
        self.sql.exec("create table t(a, b)")
        for i in range(1, 7):
            self.sql.exec("insert into t values(?, ?)", i, f"x{i}")
        c = self.sql.exec("select * from t")
        read = [c.rowsRead]
        first = c.next()["value"]["a"]
        read.append(c.rowsRead + 1)  # PY-2: the SDK keeps the first value it saw
        second = c.raw().next()["value"]
        for item in c:
            third = item["a"]
            break
        rest = [item["a"] for item in c.toArray()]
        return {
            "first": first,
            "second": second,
            "third": third,
            "rest": rest,
            "read": read,
            "end": c.next()["done"],
            "again": c.toArray(),
            "columns": c.columnNames,
            "after": c.rowsRead + 5,
        }

    async def one(self):
        def one(sql):
            return outcome(lambda: row(self.sql.exec(sql).one()))

        c = self.sql.exec("select 1 as v union all select 2")
        c.next()
        d = self.sql.exec("select 1 as v union all select 2")
        failed = outcome(lambda: row(d.one()))
        return {
            "one": one("select 5 as v"),
            "none": one("select 5 where 0"),
            "many": one("select 1 union select 2"),
            "remaining": outcome(lambda: row(c.one())),
            "failed": failed,
            "closed": d.toArray(),
            "duplicate": one("select 1 as a, 2 as a"),
            "columns": self.sql.exec("select 1 as a, 2 as a, count(*)").columnNames,
            "noColumns": self.sql.exec("create table z(q)").columnNames,
            "emptyColumns": self.sql.exec("select * from z").columnNames,
            "raw": self.sql.exec("select 1 as a, 2 as a").raw().next()["value"],
        }

    async def live(self):
        self.sql.exec("create table l(a)")
        self.sql.exec("insert into l values(1), (2), (3)")
        c = self.sql.exec("select a from l")
        twin = self.sql.exec("select a from l")
        c.next()
        self.sql.exec("delete from l where a = 3")
        self.sql.exec("insert into l values(4)")
        await self.ctx.storage.sync()
        locked = self.rows("drop table l")
        altered = self.rows("alter table l add column b")
        return {
            "rest": [item["a"] for item in c.toArray()],
            "twin": len(twin.toArray()),
            "locked": locked,
            "altered": altered,
            "dropped": self.rows("drop table l"),
        }


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        try:
            return Response.json(await getattr(self.env.SUBJECT.getByName("subject"), method)())
        except JsException as error:
            message = re.sub(r"reference = \w+", "reference = ...", error.message)
            reset = bool(getattr(error.js_error, "durableObjectReset", False))
            return Response.json({"failed": message, "reset": reset})
