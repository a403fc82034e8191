import asyncio

import js
from pyodide.ffi import create_proxy
from workers import DurableObject, Response, WorkerEntrypoint


class Client:
    """Collects what a socket says until it closes."""

    def __init__(self, socket):
        self.log = []
        self.changed = asyncio.Event()
        self.socket = socket
        socket.binaryType = "arraybuffer"
        for name in ("message", "close", "error"):
            socket.addEventListener(name, create_proxy(getattr(self, f"on_{name}")))
        socket.accept()

    @classmethod
    async def connect(cls, stub, path):
        response = await stub.fetch(f"http://object{path}", headers={"Upgrade": "websocket"})
        return cls(response.js_object.webSocket)

    def on_message(self, event):
        data = event.data
        self.add(data if isinstance(data, str) else f"bytes:{','.join(map(str, data.to_bytes()))}")

    def on_close(self, event):
        clean = str(event.wasClean).lower()
        self.add(f"close {event.code} {event.reason} {clean} state={self.socket.readyState}")

    def on_error(self, event):
        self.add(f"error {event.message}")

    def add(self, line):
        self.log.append(line)
        self.changed.set()

    async def until(self, count):
        while len(self.log) < count:
            self.changed.clear()
            await self.changed.wait()
        return self.log


class Subject(DurableObject):
    async def fetch(self, request):
        client, server = js.WebSocketPair.new()
        self.ctx.acceptWebSocket(server)
        return Response(None, status=101, web_socket=client)

    async def webSocketMessage(self, socket, message):
        socket.send("before")
        if message == "later":
            await asyncio.sleep(0.005)
        await self.ctx.storage.put("k", message)
        socket.send("after")
        if message == "kept":
            await self.ctx.storage.sync()
            socket.send("kept")
        if message != "closed":
            self.ctx.abort("stopped")
        socket.close(4000, "end")


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        out = {}
        for message, count in (("lost", 1), ("later", 2), ("kept", 3), ("closed", 3)):
            client = await Client.connect(self.env.SUBJECT.getByName(message), "/")
            client.socket.send(message)
            await client.until(count)
            await asyncio.sleep(0.02)
            out[message] = [line for line in client.log if not line.startswith("error")]
        return Response.json(out)
