import asyncio
from urllib.parse import urlsplit

import js
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.raw = ctx._ctx.storage  # promises with then(), which the SDK's storage hides

    async def callbacks(self):
        storage, log = self.raw, []

        def note(label):
            return lambda value: log.append(f"{label} {number(value)}")

        js.setTimeout(lambda: log.append("timer"), 0)
        storage.put("a", 1).then(note("put"))
        storage.get("a").then(note("get"))
        storage.delete("missing").then(note("delete"))
        storage.list().then(lambda found: log.append(f"list {found.size}"))
        storage.deleteAlarm().then(note("deleteAlarm"))
        storage.get("a", allowConcurrency=True).then(note("concurrent get"))
        again = storage.get("a").then(note("get")).then(lambda _: storage.get("a"))
        again.then(note("get again"))
        storage.deleteAll().then(note("deleteAll"))
        storage.get("a").then(note("get"))
        log.append("end of the code")
        await asyncio.sleep(0.01)
        return log

    async def mixed(self):
        storage, log = self.raw, []
        js.Promise.resolve().then(lambda _: log.append("resolved before"))
        storage.put("a", 1).then(lambda _: log.append("put"))
        storage.getAlarm().then(lambda _: log.append("getAlarm"))
        storage.get().catch(lambda _: log.append("get without a key"))
        js.Promise.resolve().then(lambda _: log.append("resolved after"))
        log.append("end of the code")
        await asyncio.sleep(0.01)
        return log

    async def rejections(self):
        storage, log = self.raw, []

        def settled(promise, success, label):
            promise.then(
                lambda _: log.append(success), lambda error: log.append(f"{label} {error.name}")
            )

        settled(storage.put("a", None), "stored", "put")
        settled(storage.list(limit=-1), "listed", "list")
        settled(storage.put("b", 1), "put b", "put b")
        log.append("end of the code")
        await asyncio.sleep(0.01)
        return log

    async def sync_between(self):
        storage, log = self.raw, []
        storage.put("a", 1)
        storage.sync().then(lambda _: log.append("first sync"))
        storage.put("a", 2).then(lambda _: log.append("put"))
        storage.sync().then(lambda _: log.append("second sync"))
        log.append("end of the code")
        await storage.sync()
        log.append(f"third sync {await storage.get('a')}")
        return log

    async def visible(self):
        storage = self.ctx.storage
        storage.put("n", 1)
        first = storage.get("n")
        storage.put("n", 2)
        second = storage.get("n")
        storage.delete("n")
        third = storage.get("n")
        storage.put({"n": 4, "m": 5})
        fourth = storage.list()
        return [list((await fourth).values()), await third, await second, await first]

    async def options(self):
        storage = self.ctx.storage
        quick = {"allowConcurrency": True, "allowUnconfirmed": True, "noCache": True}
        await storage.put("a", 1, **quick)
        await storage.put({"b": 2, "c": 3}, **quick)
        return [
            await storage.get("a", **quick),
            list(await storage.get(["a", "b"], **quick)),
            list(await storage.list(**quick, reverse=True)),
            await storage.delete("a", **quick),
            await storage.delete(["b", "x"], **quick),
            await storage.getAlarm(**quick),
            await storage.deleteAlarm(**quick),
            await storage.deleteAll(**quick),
            len(await storage.list(**quick)),
        ]


def number(value):
    if value is False:
        return "false"
    return "nothing" if value is None or value is js.JSON.parse("null") else value


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
