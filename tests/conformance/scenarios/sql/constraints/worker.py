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

    async def prepare(self):
        statements = [
            ["create table p(id integer primary key)"],
            ["create table c(p references p(id) deferrable initially deferred)"],
            ["create table d(p references p(id))"],
            ["insert into d values(9)"],
        ]
        return [self.rows(*statement) for statement in statements]

    async def fixed(self):
        statements = [
            ["insert into c values(1)"],
            ["insert into p values(1)"],
            ["pragma defer_foreign_keys = on"],
            ["insert into d values(2)"],
            ["insert into p values(2)"],
        ]
        return [self.rows(*statement) for statement in statements]

    async def violated(self):
        statements = [
            ["insert into c values(9)"],
            ["select p from c"],
        ]
        return [self.rows(*statement) for statement in statements]

    async def in_transaction(self):
        async def violate(txn):
            self.sql.exec("insert into c values(9)")

        await self.ctx.storage.transaction(violate)
        return "committed"

    async def after(self):
        statements = [
            ["select p from c"],
            ["select p from d"],
            ["select id from p"],
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
