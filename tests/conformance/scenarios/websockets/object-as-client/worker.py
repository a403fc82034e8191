import asyncio
from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, create_proxy
from workers import DurableObject, Response, WorkerEntrypoint


def lower(flag):
    return str(flag).lower()


class Other(DurableObject):
    async def fetch(self, request):
        client, server = js.WebSocketPair.new().object_values()
        self.ctx.acceptWebSocket(server)
        return Response(None, status=101, web_socket=client)

    async def note(self, line):
        log = await self.ctx.storage.get("log") or []
        await self.ctx.storage.put("log", [*log, line])

    async def webSocketMessage(self, socket, message):
        await self.note(message)
        match message:
            case "reset":
                self.ctx.abort("stopped")
            case "close":
                socket.close(4000, "asked")
            case _:
                socket.send(f"echo {message}")

    async def webSocketClose(self, socket, code, reason, was_clean):
        await self.note(f"close {code} {lower(was_clean)}")

    async def report(self):
        return await self.ctx.storage.get("log") or []


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def connect(self):
        def on_close(event):
            self.log.append(f"close {event.code} {lower(event.wasClean)}")

        stub = self.env.OTHER.getByName(self.ctx.id.name)
        response = await stub.fetch("http://x/", headers={"Upgrade": "websocket"})
        socket = response.js_object.webSocket
        message = create_proxy(lambda event: self.log.append(event.data))
        socket.addEventListener("message", message)
        socket.addEventListener("close", create_proxy(on_close))
        socket.accept()
        return socket

    async def run(self, kind):
        socket = await self.connect()

        async def section():
            socket.send("from inside")
            await asyncio.sleep(0.02)
            self.log.append("section ends")

        match kind:
            case "echo":
                socket.send("a")
                socket.send("b")
            case "gated":
                socket.send("before")
                await self.ctx.storage.put("x", 1)
                socket.send("after")
            case "section":
                await self.ctx.blockConcurrencyWhile(section)
            case "server_resets":
                socket.send("reset")
            case "client_resets":
                socket.send("before")
                await asyncio.sleep(0.02)
                self.ctx.abort("stopped")
            case "closed_by_server":
                socket.send("close")
        await asyncio.sleep(0.03)
        return [*self.log, socket.readyState]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kind = urlsplit(request.url).path[1:]
        try:
            log = await self.env.SUBJECT.getByName(kind).run(kind)
        except JsException as error:
            log = error.message
        await asyncio.sleep(0.02)
        other = await self.env.OTHER.getByName(kind).report()
        return Response.json({"log": log, "other": other})
