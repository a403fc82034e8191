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

    async def counts(self):
        def count(sql):
            cursor = self.sql.exec(sql)
            written = cursor.rowsWritten
            cursor.toArray()
            return [sql, written, cursor.rowsRead]

        return [
            count(sql)
            for sql in [
                "create table t(a)",
                "create table i(a integer primary key, b)",
                "create table p(a text primary key, b)",
                "create table w(a text primary key, b) without rowid",
                "create index px on p(b)",
                "insert into t values(1)",
                "insert into t values(2), (3), (4)",
                "insert into p values(1, 2)",
                "insert into w values(1, 2)",
                "update p set b = 3",
                "update w set b = 2 where a = 1",
                "delete from p where a = 1",
                "select * from t",
                "select * from t order by a desc",
                "select a from t where a = 3",
                "select * from t limit 1",
                "select 1",
                "pragma foreign_keys",
                "update t set a = 9 where a = 1000",
                "create view v as select 1",
            ]
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
