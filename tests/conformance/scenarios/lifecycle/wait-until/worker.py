import asyncio
from urllib.parse import urlsplit

import js
from js import Object, Promise, scheduler
from pyodide.ffi import JsException, jsnull
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []
        self.all = asyncio.Event()

    async def forms(self):
        def outcome(*values):
            try:
                result = self.ctx.waitUntil(*values)
            except JsException as error:
                return f"{error.name}: {error.message}"
            return "undefined" if result is None else "something"

        return {
            "promise": outcome(Promise.resolve(5)),
            "missing": outcome(),
            "undefined": outcome(None),
            "nothing": outcome(jsnull),
            "number": outcome(5),
            "text": outcome("x"),
            "object": outcome(Object.new()),
            "extra": outcome(Promise.resolve(), 5),
            "timer": outcome(scheduler.wait(1)),
        }

    async def order(self):
        self.log.append("a starts")
        self.ctx.waitUntil(self.work("a", 0.02))
        self.log.append("b starts")
        self.ctx.waitUntil(self.work("b", 0.005))
        self.log.append("c starts")
        self.ctx.waitUntil(self.work("c", 0))
        self.log.append("answer")
        return list(self.log)

    async def work(self, label, duration):
        if duration:
            await asyncio.sleep(duration)
        await self.ctx.storage.put(label, True)
        self.log.append(f"{label} ends")
        if len(self.log) >= 7:
            self.all.set()

    async def rejected(self):
        async def later():
            await asyncio.sleep(0.002)
            raise TypeError("later")

        self.ctx.waitUntil(Promise.reject(js.Error.new("only logged")))
        self.ctx.waitUntil(later())
        return "answered"

    async def after(self):
        await self.all.wait()
        return [self.log, list(await self.ctx.storage.list())]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName("foo"), method)())
