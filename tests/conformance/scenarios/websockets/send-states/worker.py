import asyncio
from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, create_proxy, to_js
from workers import DurableObject, Response, WorkerEntrypoint

null = js.JSON.parse("null")


def outcome(call):
    try:
        value = call()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return "nothing" if value is None or value is null else value


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []
        self.kept = None

    def probe(self, label, socket):
        listed = socket in list(self.ctx.getWebSockets())
        self.log.append(
            [
                label,
                socket.readyState,
                len(self.ctx.getWebSockets()),
                len(self.ctx.getWebSockets("tag")),
                outcome(lambda: ",".join(self.ctx.getTags(socket))) if listed else "not listed",
                outcome(lambda: socket.send(f"sent {label}")),
                outcome(lambda: socket.serializeAttachment(label)),
                outcome(lambda: socket.deserializeAttachment()),
            ]
        )

    async def fetch(self, request):
        client, server = js.WebSocketPair.new().object_values()
        self.ctx.acceptWebSocket(server, to_js(["tag", "other"]))
        server.serializeAttachment("at first")
        if request.url.endswith("before_upgrade"):
            self.probe("before the response", server)
            server.close(4001, "at once")
            self.probe("closed before the response", server)
        return Response(None, status=101, web_socket=client)

    async def webSocketMessage(self, socket, message):
        self.probe(message, socket)
        if message in ("own_close", "both"):
            socket.close(4000, "mine")
            self.probe("after close", socket)
            self.log.append(outcome(lambda: socket.close(4001)))
            self.log.append(outcome(lambda: socket.close(5)))
            await asyncio.sleep(0.01)
            self.probe("later", socket)

    async def webSocketClose(self, socket, code, reason, was_clean):
        self.probe(f"close {code}", socket)
        await asyncio.sleep(0.002)
        self.probe("end of the handler", socket)
        self.kept = socket

    async def report(self):
        if self.kept:
            self.probe("after the handler", self.kept)
        return self.log


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kind = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(kind)
        response = await stub.fetch(f"http://x/{kind}", headers={"Upgrade": "websocket"})
        socket = response.js_object.webSocket
        heard = []
        socket.addEventListener("message", create_proxy(lambda event: heard.append(event.data)))
        socket.addEventListener(
            "close", create_proxy(lambda event: heard.append(f"close {event.code}"))
        )
        socket.accept()
        if kind != "before_upgrade":
            socket.send(kind)
        if kind == "both":
            socket.close(4002, "too")
        if kind in ("peer_close", "dropped"):
            await asyncio.sleep(0.01)
            socket.close(*([] if kind == "dropped" else [4003]))
        await asyncio.sleep(0.05)
        return Response.json({"log": await stub.report(), "heard": heard})
