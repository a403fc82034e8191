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
        ones = [1] * 101
        return {
            "parameters": self.rows(f"select {','.join('?' * 101)}", *ones),
            "hundred": self.rows(f"select max({','.join('?' * 100)}) as m", *ones[:100]),
            "columns": self.rows(f"create table big({','.join(f'c{i}' for i in range(101))})"),
            "text": self.rows("select 1" + " " * 100000),
            "compound": self.rows(" union all ".join(["select 1"] * 6)),
            "five": self.rows(" union all ".join(["select 1 as a"] * 5)),
            "depth": self.rows("select " + "+".join("1" * 102)),
            "like": self.rows("select 'a' like ?", "x" * 51),
            "glob": self.rows("select 'a' glob ? as g", "x" * 50),
            "call": self.rows(f"select max({','.join('1' * 128)})"),
            "blob": self.rows("select zeroblob(8388643)"),
            "bound": self.rows("select ?", "x" * 8388643),
            "length": self.rows("select length(zeroblob(8388642)) as n"),
            "put": outcome(lambda: self.ctx.storage.kv.put("big", bytes(9000000))),
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
