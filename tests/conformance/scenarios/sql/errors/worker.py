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

    async def texts(self):
        statements = [
            ["selec 1"],
            ["select"],
            ["select * from nope"],
            ["select zz"],
            ["select é, 1"],
            [
                "create table t(id integer primary key, u unique, n not null default 1, c check (c > 5))"
            ],
            ["create table s(a integer) strict"],
            ["create table k(p references t(id))"],
            ["insert into t values(1, 1, 1, 6)"],
            ["insert into t values(1, 2, 1, 6)"],
            ["insert into t values(2, 1, 1, 6)"],
            ["insert into t values(3, 3, null, 6)"],
            ["insert into t values(4, 4, 1, 5)"],
            ["insert into k values(99)"],
            ["insert into s values('text')"],
            ["insert into t values('text', 5, 1, 6)"],
            ["create table t(a)"],
            ["insert into t values(1)"],
            ["select nope(1)"],
            ["select abs(1, 2)"],
            ["select json('{')"],
            ["select abs(-9223372036854775808)"],
            ["drop table nope"],
            ["select * from t where"],
            ["insert into nope values(1)"],
            ["select 'unterminated"],
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
