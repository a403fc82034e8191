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

    async def none(self):
        statements = [
            [""],
            [" \n"],
            [" ;"],
            ["-- comment"],
            ["/* comment */"],
            ["; select 1"],
            ["-- lead\nselect 1"],
            ["select 1;"],
            ["select 1 ;  \n"],
            ["select 1;;"],
            ["select 1; -- trailing"],
            ["select 1 -- ;;"],
        ]
        return [self.rows(*statement) for statement in statements]

    async def several(self):
        statements = [
            ["create table a(x); create table b(x); select 'done' as d"],
            ["create table c(x); create table a(x); create table d(x)"],
            ["create table e(x);; create table f(x)"],
            ["create table g(x); -- comment"],
            ["select name from sqlite_master order by name"],
            [
                "insert into a values(1); insert into a values(2); select count(*) as n from a where x < ?",
                2,
            ],
            ["insert into a values(?); select 1", 5],
            ["select * from a"],
            ["select 1; selec"],
            ["insert into a values(1), (2); select changes() as n"],
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
