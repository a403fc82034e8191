from pyodide.ffi import JsException, create_proxy
from workers import DurableObject, Response, WorkerEntrypoint


async def outcome(promise):
    try:
        return await promise
    except JsException as error:
        return f"{error.name}: {error.message}"


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        ctx.blockConcurrencyWhile(create_proxy(self.prepare))

    async def prepare(self):
        self.in_section = await outcome(self.ctx.storage.setAlarm(4102444800000))

    async def run(self):
        storage = self.ctx.storage
        return [
            self.in_section,
            await storage.getAlarm(),
            await outcome(storage.setAlarm(4102444800000)),
            await outcome(storage.setAlarm(0)),
            await outcome(storage.setAlarm("x")),
            await outcome(storage.deleteAlarm()),
            await storage.getAlarm(),
        ]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(await self.env.SUBJECT.getByName("foo").run())
