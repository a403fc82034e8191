import asyncio

import js
from pyodide.ffi import create_proxy
from workers import DurableObject, Response, WorkerEntrypoint

KINDS = [
    "idle",
    "touched",
    "timer",
    "interval",
    "cleared",
    "background",
    "slow_call",
    "calling",
    "callback",
    "listening",
    "alarm",
    "future_alarm",
    "written",
]


class Other(DurableObject):
    async def slow(self):
        await asyncio.sleep(12.5)


def nothing():
    pass


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.generation = (ctx.storage.kv.get("generation") or 0) + 1
        ctx.storage.kv.put("generation", self.generation)

    async def alarm(self):
        self.ctx.storage.kv.put("alarm ran in", self.generation)

    async def generations(self):
        ran = self.ctx.storage.kv.get("alarm ran in") or "none"
        return [self.generation, ran, getattr(self, "memory", "lost")]

    async def start(self, kind):
        self.memory = "kept"
        match kind:
            case "timer":
                js.setTimeout(create_proxy(nothing), 12500)
            case "interval":
                js.setInterval(create_proxy(nothing), 1000)
            case "cleared":
                js.clearTimeout(js.setTimeout(create_proxy(nothing), 30000))
                js.clearInterval(js.setInterval(create_proxy(nothing), 1000))
            case "background":
                self.ctx.waitUntil(asyncio.sleep(12.5))
            case "slow_call":
                await asyncio.sleep(12.5)
            case "calling":
                self.task = asyncio.ensure_future(self.env.OTHER.getByName("x").slow())
            case "callback":
                return lambda: "called back"
            case "listening":
                client, self.server = js.WebSocketPair.new().object_values()
                self.server.accept()
                client.accept()
            case "alarm":
                await self.ctx.storage.setAlarm(js.Date.now() + 11500)
            case "future_alarm":
                await self.ctx.storage.setAlarm(4102444800000)
            case "written":
                await self.ctx.storage.put("key", "value")
        return None


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stubs = {kind: self.env.SUBJECT.getByName(kind) for kind in KINDS}
        started = {kind: asyncio.ensure_future(stub.start(kind)) for kind, stub in stubs.items()}
        await asyncio.sleep(6)
        await stubs["touched"].generations()
        await asyncio.sleep(6)
        seen = await asyncio.gather(*[stub.generations() for stub in stubs.values()])
        callback = await started["callback"]
        out = dict(zip(KINDS, seen, strict=True))
        value = (await stubs["written"].generations())[0]
        return Response.json({**out, "answer": await callback(), "value": value})
