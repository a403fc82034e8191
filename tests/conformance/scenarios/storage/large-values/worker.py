import inspect
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint

MIB = 1024 * 1024


async def outcome(call):
    try:
        value = call()
        if inspect.isawaitable(value):
            value = await value
    except JsException as error:
        return f"{error.name}: {error.message}"
    return "stored" if value is None else value


class Subject(DurableObject):
    async def values(self):
        storage = self.ctx.storage
        big = "x" * (8 * MIB - 1000)
        return [
            await outcome(lambda: storage.put("fits", big)),
            await storage.get("fits") == big,
            await outcome(lambda: storage.put("bytes", bytes(8 * MIB - 1000))),
            len(await storage.get("bytes")),
            await outcome(lambda: storage.put("too large", "x" * (8 * MIB + 1000))),
            await outcome(lambda: storage.put("fits", "y" * (8 * MIB + 1000))),
            await storage.get("fits") == big,
            list(await storage.list(limit=3)),
        ]

    async def several(self):
        storage = self.ctx.storage
        await storage.put("old", 1)
        failed = await outcome(lambda: storage.put({"a": 1, "b": "x" * (9 * MIB), "c": 2}))
        await storage.put("after", 1)
        return [failed, list(await storage.list())]

    async def synchronous(self):
        kv, sql = self.ctx.storage.kv, self.ctx.storage.sql
        out = [await outcome(lambda: kv.put("k", "x" * (9 * MIB))), kv.get("k") or "nothing"]
        sql.exec("create table t(a)")

        def insert():
            return len(sql.exec("insert into t values(?)", "x" * (9 * MIB)).toArray())

        def blob():
            return sql.exec("select length(zeroblob(9000000)) as n").one()["n"]

        out += [await outcome(insert), await outcome(blob)]
        return [*out, sql.exec("select count(*) as n from t").one()["n"]]

    async def in_transaction(self):
        async def closure(txn):
            await txn.put("a", 1)
            failed = await outcome(lambda: txn.put("b", "x" * (9 * MIB)))
            await txn.put("c", 1)
            return failed

        result = await outcome(lambda: self.ctx.storage.transaction(closure))
        return [result, list(await self.ctx.storage.list())]

    async def keys(self):
        storage = self.ctx.storage
        out = []
        for size in (2048, 2049, 100000, 1000000):
            key = "k" * size
            out.append(await outcome(lambda key=key, size=size: storage.put(key, size)))
            out += [await storage.get(key) or "nothing", await storage.delete(key)]
        return out

    async def many(self):
        storage = self.ctx.storage
        entries = {f"k{i:03}": i for i in range(500)}
        keys = list(entries)
        return [
            await outcome(lambda: storage.put(entries)),
            len(await storage.get(keys)),
            len(await storage.list()),
            await storage.delete(keys[:300]),
            list(await storage.list(limit=2)),
        ]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
