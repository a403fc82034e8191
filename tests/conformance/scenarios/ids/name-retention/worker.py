from urllib.parse import parse_qs, urlsplit

from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.calls = 0

    async def whoami(self):
        self.calls += 1
        return {"name": getattr(self.ctx.id, "name", None), "calls": self.calls}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        url = urlsplit(request.url)
        ns = self.env.SUBJECT
        object_id = ns.idFromName(url.path)
        if parse_qs(url.query)["by"] == ["hex"]:
            object_id = ns.idFromString(str(object_id))
        stub = ns.get(object_id)
        return Response.json({"stub": stub.name, **await stub.whoami()})
