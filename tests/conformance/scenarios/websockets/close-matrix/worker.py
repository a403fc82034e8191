import asyncio
from urllib.parse import urlsplit

import js
from pyodide.ffi import create_proxy
from workers import DurableObject, Response, WorkerEntrypoint

CLOSES = [
    [],
    [1000],
    [1001, "going"],
    [1003],
    [1007, ""],
    [1011, "héé"],
    [1012],
    [2999, "odd"],
    [3000, "x" * 123],
    [4999, "é" * 61],
]


def text(code, reason, was_clean):
    return f"{code} {len(reason)} {reason[:6]} {str(was_clean).lower()}"


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def fetch(self, request):
        client, server = js.WebSocketPair.new().object_values()
        self.ctx.acceptWebSocket(server)
        return Response(None, status=101, web_socket=client)

    async def webSocketMessage(self, socket, message):
        socket.close(*CLOSES[int(message)])

    async def webSocketClose(self, socket, code, reason, was_clean):
        self.log.append(text(code, reason, was_clean))

    async def report(self):
        return self.log


async def connect(env, name):
    stub = env.SUBJECT.getByName(name)
    response = await stub.fetch("http://x/", headers={"Upgrade": "websocket"})
    socket = response.js_object.webSocket
    socket.accept()
    return socket


def close_of(socket):
    heard = asyncio.get_running_loop().create_future()

    def on_close(event):
        heard.set_result(text(event.code, event.reason, event.wasClean))

    socket.addEventListener("close", create_proxy(on_close))
    return heard


async def standard(env):
    log = []
    for close in CLOSES:
        left, right = js.WebSocketPair.new().object_values()
        left.accept()
        right.accept()
        heard = close_of(right)
        left.close(*close)
        log.append(await heard)
    return log


async def by_client(env):
    for close in CLOSES:
        socket = await connect(env, "client")
        socket.close(*close)
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.02)
    return await env.SUBJECT.getByName("client").report()


async def by_object(env):
    log = []
    for i in range(len(CLOSES)):
        socket = await connect(env, "object")
        heard = close_of(socket)
        socket.send(str(i))
        log.append(await heard)
    await asyncio.sleep(0.02)
    return {"log": log, "object": await env.SUBJECT.getByName("object").report()}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(await globals()[urlsplit(request.url).path[1:]](self.env))
