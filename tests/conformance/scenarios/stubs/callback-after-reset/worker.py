import asyncio

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    async def counter(self):
        value = 0

        def count():
            nonlocal value
            value += 1
            return value

        return count

    async def slow(self):
        return lambda: asyncio.sleep(10)

    async def stop(self):
        self.ctx.abort("stopped")

    async def ping(self):
        return "pong"


async def outcome(awaitable):
    try:
        return await awaitable
    except JsException as error:
        flags = ("remote", "retryable", "overloaded", "durableObjectReset")
        set_flags = [flag for flag in flags if getattr(error, flag, None) is True]
        return [error.name, error.message, *set_flags]


async def first_count(stub):
    return await (await stub.counter())()


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        counter = await stub.counter()
        slow = await stub.slow()
        before = [await counter(), await counter()]
        in_flight = asyncio.create_task(outcome(slow()))
        await outcome(stub.ping())
        stop = await outcome(stub.stop())
        fresh = self.env.SUBJECT.getByName("foo")
        return Response.json(
            {
                "before": before,
                "stop": stop,
                "inFlight": await in_flight,
                "after": [await outcome(counter()), await outcome(counter())],
                "stub": await outcome(stub.ping()),
                "fresh": await outcome(fresh.ping()),
                "sent": await outcome(first_count(fresh)),
                "stillGone": await outcome(counter()),
            }
        )
