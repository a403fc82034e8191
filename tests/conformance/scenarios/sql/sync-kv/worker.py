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

    async def entries(self):
        kv = self.ctx.storage.kv
        kv.put("a", {"x": [1, None]})
        kv.put("é", "text")
        kv.put(5, 1.5)
        await self.ctx.storage.put("b", "async")
        return {
            "get": kv.get("a"),
            "missing": kv.get("zz"),
            "number": kv.get("5"),
            "existed": kv.delete("5"),
            "again": kv.delete("5"),
            "list": list(kv.list()),
            "reverse": list(kv.list(reverse=True, limit=2)),
            "prefix": list(kv.list({"prefix": "a"})),
            "range": list(kv.list(start="b", end="c")),
            "after": [key for key, _ in kv.list(startAfter="a")],
            "empty": list(kv.list(end="")),
            "list_key": kv.get(["a", "b"]),
        }

    async def errors(self):
        kv = self.ctx.storage.kv
        first = kv.list()
        one = first.next()["value"][0]
        kv.list()
        invalidated = outcome(lambda: first.next())
        second = kv.list()
        await self.ctx.storage.list()
        return [
            outcome(lambda: kv.get()),
            outcome(lambda: kv.put()),
            outcome(lambda: kv.put("x")),
            outcome(lambda: kv.delete()),
            outcome(lambda: kv.list(limit=0)),
            outcome(lambda: kv.list(start="a", startAfter="a")),
            outcome(lambda: kv.list(5)),
            one,
            invalidated,
            outcome(lambda: second.next()),
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
