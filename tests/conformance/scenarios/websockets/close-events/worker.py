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
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def fetch(self, request):
        client, server = js.WebSocketPair.new()
        self.ctx.acceptWebSocket(server)
        self.echo = request.url.endswith("?echo")
        return Response(None, status=101, web_socket=client)

    async def webSocketMessage(self, socket, message):
        if message == "close":
            socket.close(4001, "mine")
            self.note("closed", socket)

    async def webSocketClose(self, socket, code, reason, was_clean):
        self.note(f"{code} {reason} {str(was_clean).lower()}", socket)
        if self.echo:
            socket.close(code, reason)
            self.note("echoed", socket)
        await asyncio.sleep(0.005)
        self.note("later", socket)

    def note(self, text, socket):
        listed = str(socket in list(self.ctx.getWebSockets())).lower()
        self.log.append(f"{text} state={socket.readyState} listed={listed}")

    async def report(self):
        await asyncio.sleep(0.02)
        log, self.log = self.log, []
        return {"log": log, "left": len(self.ctx.getWebSockets())}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        out = {}

        async def connect(name, path="/"):
            stub = self.env.SUBJECT.getByName(name)
            return stub, await Client.connect(stub, path)

        stub, client = await connect("plain")
        client.socket.close(4000, "bye")
        out["plainState"] = client.socket.readyState
        out["plain"] = await stub.report()

        stub, client = await connect("echo", "/?echo")
        client.socket.close(4000, "bye")
        out["echo"] = await stub.report()
        out["echoClient"] = await client.until(1)

        stub, client = await connect("codeless")
        client.socket.close()
        out["codeless"] = await stub.report()

        stub, client = await connect("own")
        client.socket.send("close")
        out["ownClient"] = await client.until(1)
        out["own"] = await stub.report()
        return Response.json(out)
