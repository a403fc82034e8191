import contextlib
import math
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


async def failure(call):
    try:
        value = await call()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return {"value": ",".join(value) if isinstance(value, dict) else value}


class Subject(DurableObject):
    async def run(self):
        storage = self.ctx.storage
        await storage.put({"a": 1, "b": 2, "c": 3})
        return {
            "getNothing": await failure(lambda: storage.get()),
            "deleteNothing": await failure(lambda: storage.delete()),
            "putNothing": await failure(lambda: storage.put()),
            "putNoValue": await failure(lambda: storage.put("u")),
            "putNumberNoValue": await failure(lambda: storage.put(7)),
            "putEntriesAndValue": await failure(lambda: storage.put({"a": 1}, 5)),
            "startAndStartAfter": await failure(lambda: storage.list(start="a", startAfter="a")),
            "limitZero": await failure(lambda: storage.list(limit=0)),
            "limitNegative": await failure(lambda: storage.list(limit=-1)),
            "limitNaN": await failure(lambda: storage.list(limit=math.nan)),
            "limitWord": await failure(lambda: storage.list(limit="many")),
            "limitFraction": await failure(lambda: storage.list(limit=2.7)),
            "limitText": await failure(lambda: storage.list(limit="2")),
            "limitTooLarge": await failure(lambda: storage.list(limit=1e6)),
            "unknownOption": await failure(lambda: storage.list(unknown=1)),
        }

    async def half_bad_put(self):
        with contextlib.suppress(JsException):
            await self.ctx.storage.put({"x": 1, "y": lambda: 1})
        return await failure(lambda: self.ctx.storage.list())


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
