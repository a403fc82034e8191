import asyncio

import js
from pyodide.ffi import JsException, create_proxy, jsnull
from workers import DurableObject, Response, WorkerEntrypoint


def outcome(run):
    try:
        value = run()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return "undefined" if value is None else js.String(value)


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


def pair(*args):
    return js.WebSocketRequestResponsePair.new(*args)


class Subject(DurableObject):
    async def fetch(self, request):
        client, server = js.WebSocketPair.new()
        self.ctx.acceptWebSocket(server)
        self.ctx.setWebSocketAutoResponse(pair("ping", "pong"))
        return Response(None, status=101, web_socket=client)

    async def webSocketMessage(self, socket, message):
        before = self.ctx.getWebSocketAutoResponseTimestamp(socket)
        kind = "null" if before is jsnull else before.constructor.name
        socket.send(f"{message if isinstance(message, str) else 'bytes'} {kind}")
        if message == "clear":
            self.ctx.setWebSocketAutoResponse()

    async def texts(self):
        state = self.ctx

        def set_to(value):
            return outcome(lambda: state.setWebSocketAutoResponse(value))

        def current():
            found = state.getWebSocketAutoResponse()
            return None if found is jsnull else found

        out = {"unset": current()}
        out["set"] = set_to(pair("a", "b"))
        found = current()
        text = js.JSON.stringify(found)
        out["found"] = [found.constructor.name, found.request, found.response, text]
        out["noArguments"] = outcome(lambda: pair())
        out["oneArgument"] = outcome(lambda: pair("a"))
        out["converted"] = outcome(lambda: pair(1, jsnull).response)
        out["fits"] = set_to(pair("x" * 2048, "x" * 2048))
        out["longRequest"] = set_to(pair("x" * 2049, "b"))
        out["longResponse"] = set_to(pair("a", "x" * 2049))
        out["kept"] = len(current().request)
        out["object"] = set_to(js.JSON.parse('{"request": "a", "response": "b"}'))
        out["null"] = set_to(jsnull)
        out["text"] = set_to("x")
        out["undefined"] = set_to(None)
        out["cleared"] = current()
        timestamp = state.getWebSocketAutoResponseTimestamp
        socket = list(js.WebSocketPair.new())[1]
        out["timestampOfFresh"] = outcome(lambda: timestamp(socket))
        socket.accept()
        out["timestampOfStandard"] = outcome(lambda: timestamp(socket))
        out["timestampOfNothing"] = outcome(lambda: timestamp())
        return out


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        client = await Client.connect(self.env.SUBJECT.getByName("live"), "/")
        client.socket.send("other")
        client.socket.send("ping")
        await client.until(2)
        client.socket.send("ping ")
        client.socket.send(js.TextEncoder.new().encode("ping"))
        client.socket.send("clear")
        await client.until(5)
        client.socket.send("ping")
        await client.until(6)
        texts = await self.env.SUBJECT.getByName("texts").texts()
        return Response.json({"log": client.log, "texts": texts})
