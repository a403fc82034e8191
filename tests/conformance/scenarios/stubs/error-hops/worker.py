from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.calls = 0

    async def relay(self, path, method):
        self.calls += 1
        if not path:
            return await getattr(self, method)()
        return await self.env.SUBJECT.getByName(path[0]).relay(path[1:], method)

    async def relay_caught(self, name, method):
        try:
            return await self.env.SUBJECT.getByName(name).relay([], method)
        except JsException as error:
            return facts(error, self.env)

    async def relay_wrapped(self, name, method):
        try:
            return await self.env.SUBJECT.getByName(name).relay([], method)
        except JsException as error:
            raise ValueError(f"wrapped {error.message}") from None

    async def fails(self):
        raise TypeError("boom")

    async def stop(self):
        self.ctx.abort("stopped")

    async def count(self):
        return self.calls


def facts(error, env):
    names = {str(env.SUBJECT.idFromName(name)): name for name in ("a", "b", "c")}
    of = names.get(getattr(error, "durableObjectId", None), "none")
    flags = ("remote", "retryable", "overloaded", "durableObjectReset")
    set_flags = [flag for flag in flags if getattr(error, flag, None) is True]
    return {"name": error.name, "message": error.message, "of": of, "flags": set_flags}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        async def outcome(awaitable):
            try:
                return await awaitable
            except JsException as error:
                return facts(error, self.env)

        ns = self.env.SUBJECT
        stub = ns.getByName("a")
        out = {}
        for method in ("fails", "stop"):
            out[method] = {
                "direct": await outcome(ns.getByName("c").relay([], method)),
                "oneHop": await outcome(stub.relay(["b"], method)),
                "twoHops": await outcome(stub.relay(["b", "c"], method)),
                "caught": await outcome(stub.relay_caught("b", method)),
                "wrapped": await outcome(stub.relay_wrapped("b", method)),
            }
        out["calls"] = {
            "a": await stub.count(),
            "b": await ns.getByName("b").count(),
            "c": await ns.getByName("c").count(),
        }
        return Response.json(out)
