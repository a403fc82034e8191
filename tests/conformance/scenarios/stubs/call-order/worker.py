from asyncio import gather

from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.seen = []

    async def add(self, value):
        self.seen.append(value)
        await self.ctx.storage.put(f"k{value}", value)
        return value * 2

    async def log(self):
        return self.seen


async def twenty(stub, first):
    calls = [stub.add(first + i) for i in range(20)]
    return await gather(*calls)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        cold = await twenty(stub, 0)
        warm = await twenty(stub, 20)
        several = [self.env.SUBJECT.getByName("foo").add(i) for i in range(40, 45)]
        await gather(*several)
        return Response.json({"cold": cold, "warm": warm, "seen": await stub.log()})
