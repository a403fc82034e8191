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

    async def plain(self):
        statements = [
            ["select typeof(?) as a, typeof(?) as b, typeof(?) as c", 1, 1.5, "x"],
            ["create table t(i integer, x text, r real, b blob, n)"],
            ["insert into t values(?,?,?,?,?)", 5, 5, 5, 5, 5],
            [
                "select i, typeof(i) as ti, x, r, typeof(r) as tr, b, typeof(b) as tb, n, typeof(n) as tn from t"
            ],
            ["select ?1 as a, ?3 as c", 1, 2, 3],
            ["select :a, @b, $c", 1, 2, 3],
            ["select ?", 1, 2],
            ["select ?"],
            ["select ?", 4503599627370496],
            [
                "select 9007199254740993 as big, x'0102' as blob, null as nil, 'text' as text, 1.5 as real, 2.0 as whole"
            ],
            ["select hex(?) as h", "é€😀"],
        ]
        return [self.rows(*statement) for statement in statements]

    async def special(self):
        def one(*values):
            return outcome(
                lambda: row(self.sql.exec("select typeof(?) as t, hex(?) as h", *values).one())
            )

        data = bytes([1, 2, 255])
        return {
            "bool": one(True, False),
            "none": one(None, None),
            "bytes": one(data, data),
            "empty": one(b"", b""),
            "list": one([1, 2], [1, 2]),
            "dict": one({"a": 1}, {"a": 1}),
            "big": one(2**60, 1),
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
