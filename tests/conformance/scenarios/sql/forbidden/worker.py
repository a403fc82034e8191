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

    async def transactions(self):
        statements = [
            ["begin"],
            ["begin immediate"],
            ["commit"],
            ["end"],
            ["rollback"],
            ["savepoint a"],
            ["release a"],
            ["rollback to a"],
            ["explain begin"],
        ]
        return [self.rows(*statement) for statement in statements]

    async def databases(self):
        statements = [
            ["attach 'x' as y"],
            ["attach ':memory:' as y"],
            ["detach main"],
            ["vacuum"],
            ["create temp table t(a)"],
            ["create table temp.t(a)"],
            ["create temp view v as select 1"],
            ["create table other.t(a)"],
            ["insert into sqlite_master values(1, 2, 3, 4, 5)"],
            ["create virtual table v using fts4(a)"],
            ["create virtual table v using csv(a)"],
            ["select * from dbstat"],
            ["select * from carray(1)"],
            ["select * from generate_series(1, 2)"],
        ]
        return [self.rows(*statement) for statement in statements]

    async def before(self):
        statements = [
            ["select * from _cf_KV"],
        ]
        return [self.rows(*statement) for statement in statements]

    async def names(self):
        await self.ctx.storage.put("a", 1)
        return [
            self.rows(sql)
            for sql in [
                "select * from _cf_KV",
                "select key from _CF_kv",
                "select count(*) from _cf_KV",
                "insert into _cf_KV values(1, 2)",
                "update _cf_KV set key = 1",
                "delete from _cf_KV",
                "drop table _cf_KV",
                "create table _cf_x(a)",
                "create table _CF_x(a)",
                "create table t(_cf_a)",
                "select 1 as _cf_b",
                "alter table t rename to _cf_t",
                "create index _cf_i on t(_cf_a)",
                "create index i on _cf_KV(value)",
                "create view _cf_v as select 1",
                "create view v as select * from _cf_KV",
                "select * from v",
                "create trigger _cf_g after insert on t begin select 1; end",
                "create virtual table _cf_f using fts5(a)",
                "select name from sqlite_master order by name",
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
