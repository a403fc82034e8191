import asyncio
from urllib.parse import urlsplit

import js
from pyodide.ffi import create_proxy
from workers import DurableObject, Response, WorkerEntrypoint


def returning(value):
    async def answer(*_):
        return value

    return answer


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    def section(self, name, ms=3):
        async def section():
            self.log.append(f"{name}1")
            await asyncio.sleep(ms / 1000)
            self.log.append(f"{name}2")

        return self.ctx.blockConcurrencyWhile(section)

    def transaction(self, name):
        async def closure(txn):
            self.log.append(f"{name}1")
            await txn.put("x", name)
            await asyncio.sleep(0.003)
            self.log.append(f"{name}2")

        return self.ctx.storage.transaction(closure)

    async def then(self, awaitable, label):
        await awaitable
        self.log.append(label)

    async def mixed(self):
        every = [
            self.section("a", 9),
            self.transaction("t"),
            self.section("b"),
            self.transaction("u"),
        ]
        tasks = [
            asyncio.create_task(self.then(awaitable, f"done{i}"))
            for i, awaitable in enumerate(every)
        ]
        self.log.append("called")
        await asyncio.gather(*tasks)
        self.log.append(await self.ctx.storage.get("x"))
        return self.log

    async def nested(self):
        async def outer():
            self.log.append("outer1")
            first = asyncio.ensure_future(self.section("a", 9))
            second = asyncio.ensure_future(self.transaction("t"))
            self.log.append("outer2")
            await second
            self.log.append("outer3")
            await first

        await self.ctx.blockConcurrencyWhile(outer)
        self.log.append("after")
        return self.log

    async def from_timers(self):
        async def enter(name):
            await self.section(name)
            self.log.append(f"{name}3")

        for name in "abc":
            js.setTimeout(create_proxy(lambda name=name: enter(name)), 2)
        await asyncio.sleep(0.04)
        return self.log

    async def results(self):
        section, transaction = self.ctx.blockConcurrencyWhile, self.ctx.storage.transaction
        return [
            await section(lambda: 5),
            await section(lambda: None) or "nothing",
            await section(returning({"a": [1]})),
            await section(lambda: js.Promise.resolve("promised")),
            await section(lambda: section(lambda: "inner")),
            await transaction(lambda _: 5),
            await transaction(lambda _: None) or "nothing",
            await transaction(lambda _: transaction(returning("inner"))),
            await section(lambda: transaction(lambda _: "txn inside")),
            await transaction(lambda _: section(lambda: "section inside")),
        ]

    async def recursive(self):
        async def descend(depth):
            self.log.append(f"in{depth}")
            if depth < 4:
                await self.ctx.blockConcurrencyWhile(lambda: descend(depth + 1))
            self.log.append(f"out{depth}")

        await descend(0)
        return self.log

    async def callers(self):
        return self.log

    async def enter(self, name):
        self.log.append(f"{name}0")
        await self.section(name)
        self.log.append(f"{name}3")


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(method)
        if method == "callers":
            await asyncio.gather(*[stub.enter(name) for name in "abc"])
        return Response.json(await getattr(stub, method)())
