import asyncio

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.calls = 0

    async def ping(self):
        self.calls += 1
        return self.calls

    async def slow(self):
        await asyncio.sleep(20)
        return "never"

    async def stop(self):
        self.ctx.abort("stopped")


async def outcome(awaitable):
    try:
        return await awaitable
    except JsException as error:
        reset = "true" if getattr(error, "durableObjectReset", None) is True else "false"
        return f"{error.message} reset={reset}"


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        other = self.env.SUBJECT.getByName("foo")
        before = [await stub.ping(), await other.ping()]
        in_flight = asyncio.create_task(outcome(other.slow()))
        stop = await outcome(stub.stop())
        same = [await outcome(stub.ping()), await outcome(stub.ping())]
        sibling = await outcome(other.ping())
        fresh = self.env.SUBJECT.get(self.env.SUBJECT.idFromName("foo"))
        return Response.json(
            {
                "before": before,
                "stop": stop,
                "inFlight": await in_flight,
                "same": same,
                "sibling": sibling,
                "fresh": [await outcome(fresh.ping()), await outcome(fresh.ping())],
                "stillBroken": await outcome(stub.ping()),
            }
        )
