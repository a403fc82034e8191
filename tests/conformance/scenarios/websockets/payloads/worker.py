import asyncio
from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, create_proxy, to_js
from workers import DurableObject, Response, WorkerEntrypoint

null = js.JSON.parse("null")


def values():
    buffer = js.Uint8Array.new(to_js(list(range(8)))).buffer
    return [
        "",
        "text",
        "héé😀\0",
        "x" * 70000,
        js.Uint8Array.new(),
        buffer,
        js.Uint8Array.new(buffer, 2, 3),
        js.Uint16Array.new(buffer, 2, 2),
        js.DataView.new(buffer, 5),
        js.Float64Array.new(to_js([1.5])),
        5,
        -0.5,
        True,
        null,
        None,
        js.Object.new(),
        to_js([1, [2, 3]]),
        js.Date.new(js.NaN),
        js.BigInt("10"),
        js.String.new("boxed"),
    ]


def describe(data):
    if isinstance(data, str):
        units = len(data.encode("utf-16-le")) // 2
        return f"text {units} {data[:20]}"
    return f"{data.constructor.name} {','.join(map(str, data.to_bytes()))}"


def pair():
    return list(js.WebSocketPair.new().object_values())


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def fetch(self, request):
        client, server = pair()
        self.ctx.acceptWebSocket(server)
        return Response(None, status=101, web_socket=client)

    async def webSocketMessage(self, socket, message):
        if isinstance(message, str) and message == "send back":
            for value in values():
                socket.send(value)
        else:
            self.log.append(describe(message))

    async def report(self):
        return self.log


async def connect(env):
    response = await env.SUBJECT.getByName("x").fetch("http://x/", headers={"Upgrade": "websocket"})
    socket = response.js_object.webSocket
    socket.accept()
    socket.binaryType = "arraybuffer"
    return socket


def listen(socket):
    log = []
    socket.binaryType = "arraybuffer"
    socket.addEventListener("message", create_proxy(lambda event: log.append(describe(event.data))))
    return log


async def standard(env):
    left, right = pair()
    log = listen(right)
    left.accept()
    right.accept()
    for value in values():
        left.send(value)
    await asyncio.sleep(0.02)
    return log


async def hibernatable(env):
    socket = await connect(env)
    for value in values():
        socket.send(value)
    await asyncio.sleep(0.03)
    return await env.SUBJECT.getByName("x").report()


async def back(env):
    socket = await connect(env)
    log = listen(socket)
    socket.send("send back")
    for _ in range(100):
        if len(log) >= len(values()):
            break
        await asyncio.sleep(0.005)
    return log


async def refused(env):
    def fail():
        raise js.RangeError.new("text")

    left, _ = pair()
    left.accept()
    failing = js.Object.new()
    failing.toString = create_proxy(fail)
    out = []
    for arguments in ([], [js.Symbol("s")], [failing], [js.Object.create(null)], ["a", "b"]):
        try:
            out.append(left.send(*arguments) or "sent")
        except JsException as error:
            out.append(f"{error.name}: {error.message}")
    return out


async def copied(env):
    left, right = pair()
    log = listen(right)
    left.accept()
    right.accept()
    view = js.Uint8Array.new(to_js([1, 2, 3]))
    left.send(view)
    view[0] = 99
    left.send(view.buffer)
    view[1] = 98
    await asyncio.sleep(0.01)
    return log


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(await globals()[urlsplit(request.url).path[1:]](self.env))
