import inspect
from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


async def outcome(call):
    try:
        value = call()
        return await value if inspect.isawaitable(value) else value
    except JsException as error:
        return f"{error.name}: {error.message}"


def kind(value):
    return "object" if value is not None else "undefined"


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.raw = ctx._ctx.storage  # without the SDK's conversions

    async def sql(self):
        storage = self.raw
        return [
            kind(storage.sql),
            await outcome(lambda: storage.sql.exec("select 1").toArray()),
            await outcome(lambda: storage.sql.exec()),
            await outcome(lambda: storage.sql.databaseSize),
        ]

    async def kv(self):
        storage = self.raw
        return [
            await outcome(lambda: kind(storage.kv)),
            await outcome(lambda: storage.kv.get("a")),
            await outcome(lambda: storage.kv.put("a", 1)),
            await outcome(lambda: storage.kv.delete("a")),
            await outcome(lambda: list(storage.kv.list())),
        ]

    async def transaction_sync(self):
        storage = self.ctx.storage

        def done():
            storage.put("a", 1)
            return "done"

        def undo():
            storage.put("b", 1)
            raise js.RangeError.new("undo")

        return [
            await outcome(lambda: storage.transactionSync(done)),
            await outcome(lambda: storage.transactionSync(undo)),
            await outcome(lambda: storage.transactionSync()),
            await outcome(lambda: storage.transactionSync("x")),
            list(await storage.list()),
        ]

    async def bookmarks(self):
        storage = self.raw
        return [
            await outcome(lambda: storage.getBookmarkForTime(js.Date.new())),
            await outcome(lambda: storage.onNextSessionRestoreBookmark("x")),
            await outcome(lambda: storage.getBookmarkForTime()),
            await outcome(lambda: storage.onNextSessionRestoreBookmark()),
        ]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
