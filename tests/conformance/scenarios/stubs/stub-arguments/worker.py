import contextlib
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.calls = 0

    async def ping(self, sender):
        self.calls += 1
        return f"{self.ctx.id.name} from {sender} {self.calls}"

    async def fetch(self, request):
        return Response(f"{self.ctx.id.name} {urlsplit(request.url).path}")

    async def stop(self):
        self.ctx.abort("stopped")

    async def use(self, peer):
        answer = await peer.fetch("http://peer/path")
        return [await peer.ping(self.ctx.id.name), await answer.text(), peer.constructor.name]

    async def useNested(self, given):
        return await given["list"][0].ping("nested")

    async def give(self, name):
        return self.env.SUBJECT.getByName(name)

    async def passOn(self, peer, through):
        return await self.env.SUBJECT.getByName(through).use(peer)

    async def selfCall(self, myself):
        return await myself.ping("self")

    async def usesStopped(self, peer):
        out = []
        for _ in range(2):
            try:
                out.append(await peer.ping("x"))
            except JsException as error:
                out.append(error.message)
        return out


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        ns = self.env.SUBJECT
        a, b = ns.getByName("a"), ns.getByName("b")
        given = await a.give("b")
        out = {
            "use": await a.use(b),
            "nested": await a.useNested({"list": [b]}),
            "given": await given.ping("given"),
            "fetched": await (await given.fetch("http://x/y")).text(),
            "passedOn": await a.passOn(b, "c"),
            "self": await a.selfCall(a),
            "givenBack": await a.use(await b.give("b")),
        }
        with contextlib.suppress(JsException):
            await b.stop()
        out["stopped"] = await a.usesStopped(b)
        out["fresh"] = await a.usesStopped(ns.getByName("b"))
        return Response.json(out)
