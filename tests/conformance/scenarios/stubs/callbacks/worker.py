import asyncio

from js import Array, Object
from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint, python_to_rpc


def facts(error):
    remote = getattr(error, "remote", None) is True
    return {"name": error.name, "message": error.message, "remote": remote}


class Subject(DurableObject):
    async def callWith(self, callback, *values):
        # A function that was received is JavaScript's, and converts nothing.
        return await callback(*map(python_to_rpc, values))

    async def callMany(self, callback, count):
        return list(await asyncio.gather(*(callback(i) for i in range(count))))

    async def nested(self, given):
        first, second = given["list"]
        return [await first(1), await second["deep"](2)]

    async def counter(self, start):
        value = start

        def count(step):
            nonlocal value
            value += step
            return value

        return count

    async def adders(self):
        return {"one": lambda x: x + 1, "two": lambda x: x + 2}

    async def give(self, callback):
        return callback

    async def catches(self, callback):
        try:
            await callback()
        except JsException as error:
            return {"seen": facts(error), "goesOn": True}
        return {"seen": None}

    async def types(self, callback):
        return "function" if callable(callback) else "object"


async def increment(x):
    await asyncio.sleep(0.001)
    return x + 1


def fails():
    raise TypeError("from the callback")


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        out = {}
        seen = []

        def square(i):
            seen.append(i)
            return i * i

        out["sync"] = await stub.callWith(lambda x: x * 2, 21)
        out["async"] = await stub.callWith(increment, 1)
        out["several"] = await stub.callWith(lambda *given: Array.of(*given), 1, "b", [3])
        out["none"] = await stub.callWith(lambda: None)
        out["object"] = await stub.callWith(
            lambda given: Object.fromEntries([["got", given.a]]), {"a": [1, {"b": 2}]}
        )
        out["many"] = await stub.callMany(square, 5)
        out["seen"] = list(seen)
        out["nested"] = await stub.nested({"list": [lambda x: x + 10, {"deep": lambda x: x + 20}]})
        counter = await stub.counter(10)
        out["counter"] = [await counter(1), await counter(5), await counter(-3)]
        other = await stub.counter(0)
        out["own"] = [await other(1), await counter(0)]
        adders = await stub.adders()
        out["adders"] = [await adders["one"](1), await adders["two"](1)]
        back = await stub.give(lambda x: f"back {x}")
        out["back"] = await back("x")
        out["toOther"] = await self.env.SUBJECT.getByName("bar").callWith(counter, 100)
        out["throwing"] = await stub.catches(fails)
        out["type"] = await stub.types(lambda: None)
        return Response.json(out)
