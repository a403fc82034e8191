from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    async def many(self):
        pending = [self.ctx.storage.put(f"k{i % 10}", i) for i in range(200)]
        pending.append(self.ctx.storage.delete("k9"))
        size = len(await self.ctx.storage.list())
        for operation in pending:
            await operation
        return size

    async def throwing(self):
        pending = [self.ctx.storage.put("thrown", 1), self.ctx.storage.put("thrown2", 2)]
        for operation in pending:
            operation.close()
        raise ValueError("after the writes")

    async def contents(self):
        return dict(await self.ctx.storage.list())


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        try:
            return Response.json(await getattr(self.env.SUBJECT.getByName("foo"), method)())
        except JsException as error:
            return Response.json(error.name)
