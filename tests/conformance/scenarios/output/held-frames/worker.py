import asyncio
from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, create_proxy
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
        upgrade = {"Upgrade": "websocket"}
        response = await stub._binding.fetch(f"http://object{path}", headers=js_object(upgrade))
        return cls(response.webSocket)

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


def js_object(entries):
    return js.Object.fromEntries(list(entries.items()))


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.sql = ctx.storage.sql
        self.sql.exec("create table if not exists p(id integer primary key)")
        self.sql.exec(
            "create table if not exists c(p references p(id) deferrable initially deferred)"
        )

    def bad(self):
        """Allowed until the commit."""
        self.sql.exec("insert into c values(9)")

    async def fetch(self, request):
        kind = urlsplit(request.url).path[1:]
        client, server = js.WebSocketPair.new()
        if kind == "standard":
            server.accept()
            server.addEventListener(
                "message", create_proxy(lambda event: self.webSocketMessage(server, event.data))
            )
        else:
            self.ctx.acceptWebSocket(server)
        if kind == "upgrade":
            self.bad()
        return Response(None, status=101, web_socket=client)

    async def webSocketMessage(self, socket, message):
        socket.send("before")
        if message == "earlier_turn":
            await asyncio.sleep(0.002)
        if message == "good":
            await self.ctx.storage.put("x", 1)
        else:
            self.bad()
        if message == "closing":
            socket.close(4000, "closing")
            return
        socket.send("after")
        for other in self.ctx.getWebSockets():
            other.send("to all")
        await asyncio.sleep(0.005)
        socket.send("much later")

    async def webSocketClose(self, socket, code, reason, was_clean):
        await self.ctx.storage.put("told of a close", 1)

    async def report(self):
        keys = list(await self.ctx.storage.list())
        return {"keys": keys, "sockets": len(self.ctx.getWebSockets())}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kind = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(kind)
        out = {}
        try:
            client = await Client.connect(stub, f"/{kind}")
            sibling = await Client.connect(stub, "/sibling") if kind == "several" else None
            client.socket.send(kind)
            await asyncio.sleep(0.03)
            out["client"] = [line for line in client.log if not line.startswith("error")]
            if sibling:
                out["sibling"] = [line for line in sibling.log if not line.startswith("error")]
        except JsException as error:
            out["failed"] = error.message[:40]
        out["after"] = await self.env.SUBJECT.getByName(kind).report()
        return Response.json(out)
