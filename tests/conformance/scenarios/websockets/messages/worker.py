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
        server.send("early")
        server.addEventListener(
            "message", create_proxy(lambda event: server.send("a listener ran"))
        )
        return Response(
            None,
            status=101,
            web_socket=client,
            headers={"sec-websocket-protocol": "chat", "x-mine": "1"},
        )

    def webSocketMessage(self, socket, message):
        if isinstance(message, str):
            socket.send(f"text:{message}")
        else:
            socket.send(f"{message.constructor.name}:{message.byteLength}")
            socket.send(message)
        if message == "kinds":
            socket.send(5)
            socket.send(True)
            socket.send(js.Object.new())
            socket.send(js.Uint8Array.new([1, 2, 3]).subarray(1))
            socket.send(js.JSON.parse("null"))
            socket.send("")
            socket.send(js.ArrayBuffer.new(2))


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        response = await stub.fetch("http://object/", headers={"Upgrade": "websocket"})
        client = Client(response.js_object.webSocket)
        client.socket.send("one")
        client.socket.send(js.Uint8Array.new([7, 8, 9]))
        client.socket.send("kinds")
        log = await client.until(12)
        url = client.socket.url
        return Response.json(
            {
                "status": response.status,
                "protocol": response.headers.get("sec-websocket-protocol"),
                "mine": response.headers.get("x-mine"),
                "socketProtocol": client.socket.protocol,
                "url": url if isinstance(url, str) else None,
                "extensions": client.socket.extensions,
                "log": log,
            }
        )
