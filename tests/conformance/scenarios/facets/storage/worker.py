from urllib.parse import urlsplit

from js import Object as JsObject
from pyodide.ffi import JsException, create_proxy, to_js
from workers import DurableObject, Response, WorkerEntrypoint


class Child(DurableObject):
    def facet(self, name):
        def start():
            options = {"class": self.ctx.exports.Child}
            return to_js(options, dict_converter=JsObject.fromEntries)

        return self.ctx.facets.get(name, create_proxy(start))

    async def put(self, value):
        await self.ctx.storage.put("key", value)

    async def get(self):
        return await self.ctx.storage.get("key")

    async def putBelow(self, value):
        await self.facet("below").put(value)

    async def getBelow(self):
        return (await self.facet("below").get()) or None

    async def deleteAll(self):
        await self.ctx.storage.deleteAll()

    async def rows(self):
        self.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS t (x)")
        self.ctx.storage.sql.exec("INSERT INTO t VALUES (1)")
        return self.ctx.storage.sql.exec("SELECT count(*) AS n FROM t").one()["n"]


async def outcome(call):
    try:
        return (await call()) or None
    except JsException as error:
        return f"{error.name}: {error.message.strip().splitlines()[-1]}"


class Subject(Child):
    async def write(self):
        for name in "ab":
            await self.facet(name).put(name)
            await self.facet(name).putBelow(f"below {name}")
        await self.put("own")
        return await self.read()

    async def read(self):
        values = [await self.get()]
        for name in ("a", "b", "copy"):
            values.append((await self.facet(name).get()) or None)
            values.append((await self.facet(name).getBelow()) or None)
        return values

    async def restarted(self):
        self.ctx.facets.abort("a", "restarted")
        return await self.facet("a").get()

    async def remove(self):
        stub = self.facet("a")
        await stub.get()
        self.ctx.facets.delete("a")
        return [await outcome(lambda: stub.get()), await self.read()]

    async def clone(self):
        copy = self.facet("copy")
        await copy.put("old")
        self.ctx.facets.clone("b", "copy")
        results = [await outcome(lambda: copy.get()), await self.read()]
        await self.facet("copy").put("changed")
        results.append(await self.read())
        self.ctx.facets.clone("copy", "copy")
        self.ctx.facets.clone("nothing", "b")
        results.append(await self.read())
        return results

    async def childDeletesAll(self):
        await self.facet("copy").deleteAll()
        return await self.read()

    async def sql(self):
        return [await self.facet("sql").rows(), await self.facet("sql").rows()]

    async def deletesAll(self):
        stub = self.facet("copy")
        await stub.put("again")
        await self.ctx.storage.deleteAll()
        return [await outcome(lambda: stub.get()), await self.read()]

    async def rolledBack(self):
        async def closure(_):
            await self.put("lost")
            await self.facet("a").put("kept")
            raise ValueError("roll back")

        await outcome(lambda: self.ctx.storage.transaction(closure))
        return [await self.get(), await self.facet("a").get()]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName("foo")
        return Response.json(await outcome(getattr(stub, method)))
