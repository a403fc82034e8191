import asyncio
import contextlib

import js
from pyodide.ffi import JsException, create_proxy
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


class Subject(DurableObject):
    async def fetch(self, request):
        client, server = js.WebSocketPair.new()
        if request.url.endswith("/standard"):
            server.accept()
        else:
            self.ctx.acceptWebSocket(server)
        return Response(None, status=101, web_socket=client)

    async def webSocketClose(self):
        await self.ctx.storage.put("heard", True)

    async def webSocketError(self):
        await self.ctx.storage.put("heard", True)

    async def stop(self):
        self.ctx.abort("stopped")

    async def report(self):
        heard = await self.ctx.storage.get("heard")
        return {"sockets": len(self.ctx.getWebSockets()), "heard": heard is True}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        hibernatable = await Client.connect(stub, "/")
        standard = await Client.connect(stub, "/standard")
        with contextlib.suppress(JsException):
            await stub.stop()

        def states():
            return [hibernatable.socket.readyState, standard.socket.readyState]

        out = {
            "hibernatable": list(await hibernatable.until(1)),
            "standard": list(await standard.until(1)),
            "states": states(),
            "send": outcome(lambda: hibernatable.socket.send("x")),
            "close": outcome(lambda: hibernatable.socket.close(1000)),
            "after": await self.env.SUBJECT.getByName("foo").report(),
        }
        await asyncio.sleep(0.02)
        out["statesAfter"] = states()
        out["log"] = [*hibernatable.log, *standard.log]
        return Response.json(out)
