from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    async def boom(self):
        raise ValueError("boom")

    async def alarm(self):
        pass


async def id_and_remote(stub, method):
    try:
        await getattr(stub, method)()
    except JsException as error:
        found = getattr(error, "durableObjectId", None)
        return [found == str(stub.id), getattr(error, "remote", None) is True]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT._binding.getByName("foo")
        return Response.json(
            {
                "thrown": await id_and_remote(stub, "boom"),
                "unknown": await id_and_remote(stub, "nope"),
                "alarm": await id_and_remote(stub, "alarm"),
                "webSocketMessage": await id_and_remote(stub, "webSocketMessage"),
                "webSocketClose": await id_and_remote(stub, "webSocketClose"),
                "webSocketError": await id_and_remote(stub, "webSocketError"),
            }
        )
