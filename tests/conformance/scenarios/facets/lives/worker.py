import asyncio
import time
from urllib.parse import urlsplit

from js import Error, RangeError
from js import Object as JsObject
from pyodide.ffi import JsException, create_proxy, to_js
from workers import DurableObject, Response, WorkerEntrypoint

instances = 0


def options_of(**options):
    return to_js(options, dict_converter=JsObject.fromEntries)


class Child(DurableObject):
    def __init__(self, ctx, env):
        global instances
        super().__init__(ctx, env)
        instances += 1
        self.number = instances

    async def who(self):
        props = self.ctx.props.to_py()
        return [self.number, str(self.ctx.id), getattr(self.ctx.id, "name", None), props]

    async def textId(self):
        return ["string" if isinstance(self.ctx.id, str) else "object", self.ctx.id]

    async def slow(self):
        await asyncio.sleep(0.03)
        return "slow"

    async def stop(self):
        self.ctx.abort("stopped itself")

    async def fail(self):
        raise TypeError("failed")

    async def setAlarm(self):
        await self.ctx.storage.setAlarm(int(time.time() * 1000) + 1000)

    async def alarms(self):
        before = await self.ctx.storage.getAlarm()
        await self.ctx.storage.deleteAlarm()
        return before

    async def alarm(self):
        pass

    async def callBack(self, callback):
        return await callback(4)

    async def depth(self, name):
        start = create_proxy(lambda: options_of(**{"class": self.ctx.exports.Child}))
        try:
            facet = self.ctx.facets.get(name, start)
        except JsException as error:
            return [f"{error.name}: {error.message}"]
        return [self.number > 0, *(await facet.depth(name)).to_py()]

    async def fetch(self, request):
        return Response(urlsplit(request.url).path)


async def outcome(call):
    try:
        value = await call()
    except JsException as error:
        return describe(error)
    return value.to_py() if hasattr(value, "to_py") else value


def describe(error):
    flags = [flag for flag in ("remote", "durableObjectReset") if getattr(error, flag, None)]
    return " ".join([f"{error.name}: {error.message.strip().splitlines()[-1]}", *flags])


class Subject(DurableObject):
    def facet(self, name, **options):
        def start():
            return options_of(**{"class": self.ctx.exports.Child, **options})

        return self.ctx.facets.get(name, create_proxy(start))

    async def who(self, name, **options):
        return (await self.facet(name, **options).who()).to_py()

    async def text_id(self, name, id):
        return (await self.facet(name, id=id).textId()).to_py()

    async def ids(self):
        own = str(self.ctx.id)
        other = self.env.SUBJECT.idFromName("other")
        _, id, name, props = await self.who("a")
        with_props = self.ctx.exports.Child(options_of(props=options_of(a=1)))
        fetched = await self.facet("a").fetch("http://facet/path")
        return {
            "same": [id == own, name, props],
            "other": (await self.who("other", id=other))[1:],
            "unique": (await self.who("unique", id=self.env.SUBJECT.newUniqueId()))[2],
            "text": await self.text_id("text", "some text"),
            "number": await self.text_id("number", 5),
            "empty": await self.text_id("empty", ""),
            "props": (await self.who("props", **{"class": with_props}))[3],
            "fetched": await fetched.text(),
            "depth": (await self.facet("a").depth("deeper")).to_py(),
            "callback": await self.facet("a").callBack(lambda value: value + 1),
        }

    async def starting(self):
        calls = 0

        async def start():
            nonlocal calls
            calls += 1
            await asyncio.sleep(0.001)
            return options_of(**{"class": self.ctx.exports.Child})

        def failing():
            raise TypeError("in the callback")

        async def section():
            return await self.facet("section").callBack(lambda value: value * 2)

        proxy = create_proxy(start)
        stub = self.ctx.facets.get("start", proxy)
        before = calls
        first, second = await asyncio.gather(stub.who(), self.ctx.facets.get("start", proxy).who())
        failing_stub = self.ctx.facets.get("failing", create_proxy(failing))
        results = {
            "calls": [before, calls],
            "one": first[0] == second[0],
            "failing": await outcome(lambda: failing_stub.who()),
            "failed": await outcome(lambda: self.facet("failing").who()),
        }
        self.ctx.facets.abort("failing", "again")
        results["aborted"] = (await self.who("failing"))[0] > 0
        results["section"] = await self.ctx.blockConcurrencyWhile(section)
        return results

    async def ending(self):
        stub = self.facet("end")
        [first, *_] = await stub.who()
        waiting = asyncio.ensure_future(outcome(lambda: stub.slow()))
        await asyncio.sleep(0.005)
        self.ctx.facets.abort("end", RangeError.new("enough"))
        results = {"abort": "undefined", "inFlight": await waiting}
        results["bound"] = await outcome(lambda: stub.who())
        results["fresh"] = (await self.who("end"))[0] > first
        itself = self.facet("itself")
        results["itself"] = [
            await outcome(lambda: itself.stop()),
            await outcome(lambda: itself.who()),
            "number" if isinstance((await self.who("itself"))[0], int) else "other",
        ]

        async def never():
            await asyncio.sleep(0.02)

        late = self.ctx.facets.get("late", create_proxy(never))
        pending = asyncio.ensure_future(outcome(lambda: late.who()))
        await asyncio.sleep(0.005)
        self.ctx.facets.abort("late", Error.new("too late"))
        results["late"] = [await pending, await outcome(lambda: late.who())]
        unused = self.facet("unused")
        self.ctx.facets.delete("unused")
        results["unused"] = "number" if isinstance((await unused.who())[0], int) else "other"
        results["failed"] = await outcome(lambda: self.facet("a").fail())
        results["setAlarm"] = await outcome(lambda: self.facet("a").setAlarm())
        results["alarms"] = (await outcome(lambda: self.facet("a").alarms())) or None
        results["sent"] = await outcome(lambda: self.facet("a").callBack(self.facet("b")))
        return results

    async def parentStops(self):
        async def stop():
            await asyncio.sleep(0.005)
            self.ctx.abort("the parent stopped")

        self.ctx.waitUntil(stop())
        return await self.facet("a").slow()


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName("foo")
        return Response.json(await outcome(getattr(stub, method)))
