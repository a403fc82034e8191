import asyncio
from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def run(self, label):
        async def closure(txn):
            seen = "".join((await txn.list()).to_py())
            self.log.append(f"{label}1[{seen}]")
            await asyncio.sleep(0.005)
            await txn.put(label, 1)
            self.log.append(f"{label}2")

        await self.ctx.storage.transaction(closure)

    async def two_in_one_call(self):
        await asyncio.gather(self.run("a"), self.run("b"))

    async def other(self):
        self.log.append("other")

    async def order(self):
        return " ".join(self.log)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(method)
        if method == "two_in_one_call":
            await stub.two_in_one_call()
        else:
            await asyncio.gather(stub.run("a"), stub.run("b"), stub.other())
        return Response.json(await stub.order())
