import js
from pyodide.ffi import to_js
from workers import DurableObject, Response, WorkerEntrypoint


def names(sockets):
    return [socket.deserializeAttachment() for socket in sockets]


class Subject(DurableObject):
    async def run(self):
        ctx = self.ctx
        first = []
        for name in ("a", "b", "c"):
            server = list(js.WebSocketPair.new())[1]
            server.serializeAttachment(name)
            ctx.acceptWebSocket(server, to_js(["odd"] if name == "b" else ["even", "odd"]))
            first.append(server)
        standard = list(js.WebSocketPair.new())[1]
        standard.accept()
        first[0].custom = "kept"
        c, b, a = ctx.getWebSockets()
        return {
            "all": names(ctx.getWebSockets()),
            "odd": names(ctx.getWebSockets("odd")),
            "even": names(ctx.getWebSockets("even")),
            "same": [a == first[0], b == first[1], c == first[2]],
            "custom": a.custom,
            "isArray": js.Array.isArray(ctx.getWebSockets()),
            "freshArray": ctx.getWebSockets() != ctx.getWebSockets(),
            "undefinedTag": names(ctx.getWebSockets(None)),
        }


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(await self.env.SUBJECT.getByName("foo").run())
