import datetime
import math
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint

VALUES = {
    "true": True,
    "false": False,
    "null": None,
    "int": 42,
    "negative": -7,
    "fraction": 1.5,
    "largest": 2**53 - 2,
    "infinity": math.inf,
    "minusInfinity": -math.inf,
    "nan": math.nan,
    "bigint": 2**64,
    "text": "héé😀\0",
    "empty": "",
    "list": [1, "two", None, [3]],
    "emptyList": [],
    "object": {"a": 1, "b": {"c": [None]}},
    "emptyObject": {},
    "bytes": b"\x00\x01\xff",
    "noBytes": b"",
    "date": datetime.datetime.fromtimestamp(1700000000.123, datetime.UTC),
    "set": {1, 2},
}


def describe(value):
    match value:
        case None:
            return "null"
        case bool():
            return f"bool {str(value).lower()}"
        case int():
            return f"bigint {value:d}" if abs(value) >= 2**53 else f"number {value}"
        case float():
            names = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
            return f"number {names.get(str(value), value)}"
        case str():
            return f"text {value}"
        case list():
            return {"list": [describe(item) for item in value]}
        case bytes() | memoryview():
            return {"bytes": list(bytes(value))}
        case datetime.datetime():
            return {"date": round(value.timestamp() * 1000)}
        case set():
            return {"set": [describe(item) for item in sorted(value)]}
        case dict():
            return {"object": {key: describe(item) for key, item in value.items()}}
        case _:
            return f"unexpected {type(value).__name__}"


async def failure(call):
    try:
        await call()
    except JsException as error:
        return {"name": error.name, "message": error.message}
    return None


class Subject(DurableObject):
    async def write(self):
        for key, value in VALUES.items():
            await self.ctx.storage.put(key, value)
        return len(VALUES)

    async def read(self):
        return {key: describe(await self.ctx.storage.get(key)) for key in VALUES}

    async def copies(self):
        original = {"list": [1]}
        await self.ctx.storage.put("copy", original)
        original["list"].append(2)
        first = await self.ctx.storage.get("copy")
        first["list"].append(3)
        second = await self.ctx.storage.get("copy")
        return {"first": first["list"], "second": second["list"]}

    async def rejected(self):
        return {
            "function": await failure(lambda: self.ctx.storage.put("bad", lambda: 1)),
            "id": await failure(lambda: self.ctx.storage.put("bad", self.ctx.id)),
            "left": await self.ctx.storage.get("bad"),
        }


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName("foo"), method)())
