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

    async def bookmarks(self):
        storage = self.ctx.storage

        async def failure(promise):
            try:
                await promise
            except JsException as error:
                return f"{error.name}: {error.message}"

        return [
            await storage.getCurrentBookmark(),
            await storage.getCurrentBookmark(),
            await failure(storage.getBookmarkForTime(5)),
            await failure(storage.onNextSessionRestoreBookmark("x")),
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
