from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint


class Base(DurableObject):
    async def whoami(self):
        return [type(self).__name__, str(self.ctx.id), getattr(self.ctx.id, "name", None)]

    async def put(self, value):
        await self.ctx.storage.put("value", value)

    async def get(self):
        return await self.ctx.storage.get("value")


class Subject(Base):
    pass


class Other(Base):
    pass


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        own = self.env.SUBJECT.idFromName("foo")
        foreign = self.env.OTHER.idFromName("foo")
        stubs = {
            "own": self.env.SUBJECT.get(own),
            "foreignHere": self.env.SUBJECT.get(foreign),
            "foreignThere": self.env.OTHER.get(foreign),
        }
        out = {
            "differ": not own.equals(foreign),
            "sameTwice": foreign.equals(self.env.OTHER.idFromName("foo")),
        }
        for key, stub in stubs.items():
            if urlsplit(request.url).path == "/write":
                await stub.put(key)
            out[key] = {
                "whoami": await stub.whoami(),
                "value": await stub.get(),
                "name": stub.name,
            }
        return Response.json(out)
