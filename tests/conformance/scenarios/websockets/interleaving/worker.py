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
        if message == "slow":
            socket.send("slow")
            await asyncio.sleep(0.03)
            socket.send("slowdone")
        elif message == "store":
            socket.send("store")
            await self.ctx.storage.put("k", 1)
            await self.ctx.storage.get("k")
            socket.send("stored")
        elif message == "block":
            socket.send("block")

            async def section():
                await asyncio.sleep(0.01)
                socket.send("unblocked")

            self.ctx.blockConcurrencyWhile(section)
        elif message == "throw":
            raise ValueError("ignored")
        else:
            socket.send(message)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        out = {}
        for name, message, count in (
            ("slow", "slow", 3),
            ("storing", "store", 3),
            ("blocking", "block", 3),
            ("throwing", "throw", 1),
        ):
            client = await Client.connect(stub, "/")
            client.socket.send(message)
            client.socket.send("after")
            out[name] = await client.until(count)
        return Response.json(out)
