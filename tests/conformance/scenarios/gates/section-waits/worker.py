import asyncio
from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, create_proxy
from workers import DurableObject, Response, WorkerEntrypoint


class Other(DurableObject):
    async def slow(self):
        await asyncio.sleep(0.015)
        return "answer"

    async def fetch(self, request):
        await asyncio.sleep(0.015)
        stream = js.TransformStream.new()
        self.writing = asyncio.create_task(self.write(stream.writable.getWriter()))
        return Response(stream.readable)

    async def write(self, writer):
        encoder = js.TextEncoder.new()
        for part in ("a", "b", "c"):
            await writer.write(encoder.encode(part))
            await asyncio.sleep(0.002)
        await writer.close()


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def note(self, label):
        self.log.append(label)

    async def kept(self):
        await self.ctx.storage.put("kept", 1)
        self.log.append(f"put {await self.ctx.storage.get('kept')}")

    async def in_timer(self, other):
        await asyncio.sleep(0.015)

    async def in_storage(self, other):
        await self.kept()

    async def in_sync(self, other):
        await self.kept()
        await self.ctx.storage.sync()
        self.log.append("synced")

    async def in_call(self, other):
        self.log.append(await other.slow())

    async def in_fetch(self, other):
        self.log.append((await other.fetch("http://x/")).status)

    async def in_body(self, other):
        response = await other.fetch("http://x/")
        self.log.append(await response.text())

    async def in_section(self, other):
        async def nested():
            self.log.append("nested")
            await asyncio.sleep(0.005)

        await self.ctx.blockConcurrencyWhile(nested)
        self.log.append("after nested")

    async def in_transaction(self, other):
        async def closure(txn):
            self.log.append("txn")
            await txn.put("t", 1)
            await asyncio.sleep(0.005)

        await self.ctx.storage.transaction(closure)
        self.log.append("after txn")

    async def in_caught(self, other):
        try:
            await other.missing()
        except JsException:
            self.log.append("caught")

    async def hold(self, kind):
        js.setTimeout(create_proxy(lambda: self.log.append("timer from before")), 5)
        self.log.append("call")

        async def section():
            self.log.append("in")
            await getattr(self, f"in_{kind}")(self.env.OTHER.getByName("x"))
            await asyncio.sleep(0.015)
            self.log.append("out")

        await self.ctx.blockConcurrencyWhile(section)
        self.log.append("after")
        await asyncio.sleep(0.01)
        return self.log


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kind = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(kind)
        held, *_ = await asyncio.gather(stub.hold(kind), stub.note("x"), stub.note("y"))
        return Response.json(held)
