from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.count = 5

    async def hello(self):
        return "hello"

    async def _private(self):
        return "private"

    async def alarm(self):
        pass


async def failure(call):
    try:
        return {"value": await call()}
    except JsException as error:
        return f"{error.name}: {error.message}"


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        return Response.json(
            {
                "known": await failure(lambda: stub.hello()),
                "underscore": await failure(lambda: stub._private()),
                "unknown": await failure(lambda: stub.nope()),
                "attribute": await failure(lambda: stub.count()),
                "alarm": await failure(lambda: stub.alarm()),
                "webSocketMessage": await failure(lambda: stub.webSocketMessage()),
                "webSocketClose": await failure(lambda: stub.webSocketClose()),
                "webSocketError": await failure(lambda: stub.webSocketError()),
                "stillAlive": await failure(lambda: stub.hello()),
            }
        )
