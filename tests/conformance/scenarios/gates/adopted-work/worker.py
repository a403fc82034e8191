import asyncio
from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, create_proxy
from workers import DurableObject, Response, WorkerEntrypoint


class Other(DurableObject):
    async def slow(self):
        await asyncio.sleep(0.01)
        return "answer"


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []
        self.tasks = []

    async def note(self, label):
        self.log.append(label)
        return self.log

    def start(self, coroutine):
        self.tasks.append(asyncio.create_task(coroutine))

    async def section(self, start):
        async def section():
            start()
            await asyncio.sleep(0.002)
            self.log.append("section ends")

        await self.ctx.blockConcurrencyWhile(section)
        self.log.append("caller goes on")
        await asyncio.sleep(0.04)
        return self.log

    async def timer(self):
        async def wait():
            await asyncio.sleep(0.02)
            self.log.append("wait")

        def start():
            js.setTimeout(create_proxy(lambda: self.log.append("timer")), 15)
            self.start(wait())

        return await self.section(start)

    async def call(self):
        async def call():
            self.log.append(await self.env.OTHER.getByName("x").slow())

        return await self.section(lambda: self.start(call()))

    async def storage(self):
        async def write():
            await asyncio.sleep(0.015)
            await self.ctx.storage.put("late", 1)
            await self.ctx.storage.sync()
            self.log.append(f"stored {await self.ctx.storage.get('late')}")

        return await self.section(lambda: self.start(write()))

    async def interval(self):
        ticks = []

        def tick():
            ticks.append(1)
            self.log.append(f"tick {len(ticks)}")
            if len(ticks) == 3:
                js.clearInterval(self.id)

        def start():
            self.id = js.setInterval(create_proxy(tick), 5)

        return await self.section(start)

    async def later_section(self):
        async def second():
            self.log.append("second section")
            await asyncio.sleep(0.002)
            self.log.append("second section ends")

        async def later():
            await asyncio.sleep(0.015)
            await self.ctx.blockConcurrencyWhile(second)
            self.log.append("its caller goes on")

        return await self.section(lambda: self.start(later()))

    async def awaited_outside(self):
        async def wait():
            await asyncio.sleep(0.01)
            return "adopted"

        await self.section(lambda: self.start(wait()))
        self.log.append(await self.tasks[0])
        return self.log

    async def transaction(self):
        async def late(txn):
            await asyncio.sleep(0.01)
            self.log.append(f"reads {await self.ctx.storage.get('a')}")
            try:
                await txn.put("b", 2)
            except JsException as error:
                self.log.append(error.message)

        async def closure(txn):
            await txn.put("a", 1)
            self.start(late(txn))
            self.log.append("transaction ends")

        await self.ctx.storage.transaction(closure)
        self.log.append("caller goes on")
        await self.tasks[0]
        return self.log


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(method)
        log, _ = await asyncio.gather(getattr(stub, method)(), stub.note("from outside"))
        return Response.json(log)
