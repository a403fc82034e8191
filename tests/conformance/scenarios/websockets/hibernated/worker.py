import asyncio
import json

import js
from pyodide.ffi import create_proxy, to_js
from workers import DurableObject, Response, WorkerEntrypoint

null = js.JSON.parse("null")


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.generation = (ctx.storage.kv.get("generation") or 0) + 1
        ctx.storage.kv.put("generation", self.generation)
        self.listed = [next(iter(ctx.getTags(socket))) for socket in ctx.getWebSockets()]

    async def fetch(self, request):
        name = request.url.rsplit("/", 1)[-1]
        client, server = js.WebSocketPair.new().object_values()
        self.ctx.acceptWebSocket(server, to_js([name, "all"]))
        server.serializeAttachment(f"attached to {name}")
        server.custom = "mine"
        pair = js.WebSocketRequestResponsePair.new("ping", "pong")
        self.ctx.setWebSocketAutoResponse(pair)
        self.ctx.setHibernatableWebSocketEventTimeout(5000)
        return Response(None, status=101, web_socket=client)

    def describe(self, socket):
        ctx = self.ctx
        answered = ctx.getWebSocketAutoResponseTimestamp(socket)
        return [
            self.generation,
            self.listed,
            getattr(socket, "custom", "lost"),
            socket.deserializeAttachment(),
            list(ctx.getTags(socket)),
            socket.readyState,
            None if socket.url is null else socket.url,
            len(ctx.getWebSockets()),
            len(ctx.getWebSockets("all")),
            len(ctx.getWebSockets("a")),
            next(iter(ctx.getWebSockets())) == next(iter(ctx.getWebSockets())),
            ctx.getWebSocketAutoResponse().request,
            "never" if answered is null else "answered",
            ctx.getHibernatableWebSocketEventTimeout(),
        ]

    async def webSocketMessage(self, socket, message):
        described = self.describe(socket)
        socket.serializeAttachment(f"{socket.deserializeAttachment()} {message}")
        socket.custom = "again"
        socket.send(json.dumps([message, *described]))

    async def webSocketClose(self, socket, code, reason, was_clean):
        self.ctx.storage.kv.put("closed", [code, reason, *self.describe(socket)])
        socket.close(code, reason)

    async def report(self):
        return {
            "closed": self.ctx.storage.kv.get("closed"),
            "generation": self.generation,
            "left": len(self.ctx.getWebSockets()),
        }


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("x")
        heard = []

        async def connect(name):
            def on_message(event):
                data = event.data
                heard.append(f"{name} {data}" if data == "pong" else [name, *json.loads(data)])

            response = await stub.fetch(f"http://x/{name}", headers={"Upgrade": "websocket"})
            socket = response.js_object.webSocket
            socket.addEventListener("message", create_proxy(on_message))
            socket.accept()
            return socket

        a = await connect("a")
        b = await connect("b")
        a.send("awake")
        await asyncio.sleep(6)
        a.send("ping")
        await asyncio.sleep(6.5)
        a.send("ping")
        await asyncio.sleep(0.1)
        b.send("wakes")
        b.send("follows")
        await asyncio.sleep(0.1)
        a.send("sees the same")
        await asyncio.sleep(12)
        a.close(4000, "bye")
        await asyncio.sleep(0.1)
        return Response.json({"heard": heard, "report": await stub.report()})
