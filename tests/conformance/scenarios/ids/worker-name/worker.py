from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    async def value(self, given):
        if given:
            await self.ctx.storage.put("value", given)
        return await self.ctx.storage.get("value")


class Other(Subject):
    pass


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        write = urlsplit(request.url).path == "/write"
        first, second, third = self.env.FIRST, self.env.SECOND, self.env.THIRD
        out = {}
        for binding, ns in {"FIRST": first, "SECOND": second, "THIRD": third}.items():
            stub = ns.getByName("foo")
            value = await stub.value(binding if write and binding != "SECOND" else None)
            out[binding] = [str(ns.idFromName("foo")), value]
        out["same"] = first.idFromName("a").equals(second.idFromName("a"))
        out["other"] = first.idFromName("a").equals(third.idFromName("a"))
        out["parsed"] = str(second.idFromString(out["FIRST"][0])) == out["FIRST"][0]
        return Response.json(out)
