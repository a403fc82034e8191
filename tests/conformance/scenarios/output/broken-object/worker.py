import asyncio

import js
from pyodide.ffi import JsException, create_proxy
from workers import DurableObject, Response, WorkerEntrypoint


class Other(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def note(self, label):
        self.log.append(label)

    async def report(self):
        return self.log


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.sql = ctx.storage.sql
        self.sql.exec("create table if not exists p(id integer primary key)")
        self.sql.exec(
            "create table if not exists c(p references p(id) deferrable initially deferred)"
        )

    def bad(self):
        """Allowed until the commit."""
        self.sql.exec("insert into c values(9)")

    def tell(self, label):
        return self.env.OTHER.getByName("x").note(label)

    async def timers(self):
        async def later():
            await asyncio.sleep(0.01)
            await self.tell("waitUntil")

        js.setTimeout(create_proxy(lambda: self.tell("timer")), 10)
        js.setInterval(create_proxy(lambda: self.tell("interval")), 10)
        self.ctx.waitUntil(later())
        return "started"

    async def slow(self):
        await asyncio.sleep(0.015)
        await self.tell("slow call")
        return "not reached"

    async def in_section(self):
        async def section():
            await asyncio.sleep(0.002)
            self.bad()
            await asyncio.sleep(0.01)
            await self.tell("end of the section")

        return await self.ctx.blockConcurrencyWhile(section)

    async def fetch(self, request):
        stream = js.TransformStream.new()
        self.streaming = stream.writable.getWriter()
        self.streaming.write(js.TextEncoder.new().encode("a"))
        return Response(stream.readable)

    async def memory(self):
        self.count = getattr(self, "count", 0) + 1
        return self.count


async def outcome(awaitable):
    try:
        return await awaitable
    except JsException as error:
        reset = bool(getattr(error.js_error, "durableObjectReset", False))
        return {"failed": error.message[:30], "reset": reset}


async def read_on(reader):
    return (await reader.read()).done


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        def fresh():
            return self.env.SUBJECT.getByName("x")

        stub, early = fresh(), fresh()
        memory = [await stub.memory(), await early.memory()]
        out = {"memory": memory, "started": await stub.timers()}
        response = await stub._binding.fetch("http://x/")
        reader = response.body.getReader()
        out["chunk"] = (await reader.read()).value.to_bytes().decode()
        calls = [stub.slow(), early.slow(), stub.in_section(), stub.memory(), early.memory()]
        out["calls"] = await asyncio.gather(*map(outcome, calls))
        out["body"] = await outcome(read_on(reader))
        out["sameStub"] = [
            await outcome(stub.memory()),
            await outcome(stub._binding.fetch("http://x/")),
        ]
        out["otherStub"] = await outcome(early.memory())
        out["fresh"] = [await fresh().memory(), await fresh().memory()]
        await asyncio.sleep(0.03)
        out["told"] = await self.env.OTHER.getByName("x").report()
        out["still"] = await outcome(stub.memory())
        return Response.json(out)
