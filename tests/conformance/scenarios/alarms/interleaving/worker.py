import asyncio
from urllib.parse import urlsplit

import js
from pyodide.ffi import create_proxy
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []
        self.kind = ""
        ctx.blockConcurrencyWhile(self.prepare)

    async def prepare(self):
        storage = self.ctx.storage
        self.log.append("constructed")
        if self.ctx.id.name == "in_constructor" and await storage.get("set") is None:
            await storage.put("set", 1)
            await storage.setAlarm(1)
            await asyncio.sleep(0.005)
            self.log.append("end of the constructor")

    async def alarm(self, info):
        storage = self.ctx.storage
        self.log.append(f"alarm {null_text(await storage.getAlarm())}")

        async def closure(txn):
            await txn.put("in", await txn.getAlarm())
            await asyncio.sleep(0.01)

        match self.kind:
            case "holds_nobody":
                await asyncio.sleep(0.02)
            case "section_inside":
                await self.ctx.blockConcurrencyWhile(lambda: asyncio.sleep(0.02))
            case "transaction_inside":
                await storage.transaction(closure)
                self.log.append(f"stored {null_text(await storage.get('in'))}")
            case "calls_itself":
                await self.env.SUBJECT.getByName(self.ctx.id.name).note("called by the alarm")
            case "sends":
                for socket in self.ctx.getWebSockets():
                    socket.send("from the alarm")
            case "clamped":
                late = js.Date.now() - info.scheduledTime < 5000
                self.log.append(f"late {str(late).lower()}")
            case "one_at_a_time":
                self.kind = "second"
                await storage.setAlarm(1)
                await asyncio.sleep(0.02)
        self.log.append("alarm ends")

    async def fetch(self, request):
        client, server = js.WebSocketPair.new().object_values()
        self.ctx.acceptWebSocket(server)
        return Response(None, status=101, web_socket=client)

    async def note(self, label):
        self.log.append(label)

    async def start(self, kind):
        async def section():
            await asyncio.sleep(0.02)
            self.log.append("section ends")

        self.kind = kind
        await self.ctx.storage.setAlarm(1000 if kind == "clamped" else js.Date.now())
        if kind == "clamped":
            self.log.append(await self.ctx.storage.getAlarm() > 1000)
        if kind == "waits_for_section":
            await self.ctx.blockConcurrencyWhile(section)
            self.log.append("caller goes on")

    async def report(self):
        return [*self.log, await self.ctx.storage.getAlarm()]


def null_text(value):
    return "null" if value is None else value


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kind = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(kind)
        heard = []
        if kind == "sends":
            response = await stub.fetch("http://x/", headers={"Upgrade": "websocket"})
            socket = response.js_object.webSocket
            message = create_proxy(lambda event: heard.append(event.data))
            socket.addEventListener("message", message)
            socket.accept()
        await (stub.note("first call") if kind == "in_constructor" else stub.start(kind))
        if kind in ("holds_nobody", "section_inside"):
            await asyncio.sleep(0.01)
            await stub.note("meanwhile")
        await asyncio.sleep(0.06)
        return Response.json({"log": await stub.report(), "heard": heard})
