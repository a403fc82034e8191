import asyncio

from js import Array
from pyodide.ffi import JsException, to_js
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def make(self, start, *_):
        self.log.append("make")
        await asyncio.sleep(0.002)
        count = start

        def increment(by):
            nonlocal count
            self.log.append(f"increment {by}")
            count += by
            return count

        async def value():
            return count

        return {
            "start": start,
            "increment": increment,
            "deep": {"list": [1, 2], "nothing": None, "value": value},
        }

    async def number(self):
        self.log.append("number")
        return 5

    async def hello(self):
        return "hello"

    async def fail(self, *_):
        raise TypeError("failed")

    async def adder(self, by, *_):
        return lambda value: value + by

    async def taken(self):
        taken, self.log = self.log, []
        return taken


async def outcome(call):
    try:
        value = await call()
    except JsException as error:
        remote = " [remote]" if getattr(error.js_error, "remote", None) else ""
        return f"{error.name}: {error.message.strip().splitlines()[-1]}{remote}"
    if callable(value):
        return "function"
    return value.to_py() if hasattr(value, "to_py") else value


def path_of(start, length):
    path = start
    for _ in range(length):
        path = path.x
    return path


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        wrapped = self.env.SUBJECT.getByName("foo")
        stub = wrapped._binding

        def first(function, argument):
            # A call gives a future; JavaScript that calls keeps the promise itself.
            return getattr(Array, "from")(to_js([argument]), function)[0]

        def made(start=3):
            return first(stub.make, start)

        async def call_read():
            return await (await stub.hello)()

        results = {
            "property": await outcome(lambda: made().start),
            "deepProperty": await outcome(lambda: made().deep.list),
            "call": await outcome(lambda: made().increment(4)),
            "deepCall": await outcome(lambda: made().deep.value()),
            "null": await outcome(lambda: made().deep.nothing),
            "missing": await outcome(lambda: made().nope),
            "missingCall": await outcome(lambda: made().nope()),
            "missingDeep": await outcome(lambda: made().nope.deeper()),
            "notFunction": await outcome(lambda: made().start()),
            "notFunctionDeep": await outcome(lambda: made().deep.list()),
            "resultNotFunction": await outcome(lambda: made()()),
            "arrayMember": await outcome(lambda: made().deep.list.length),
            "nullMember": await outcome(lambda: made().deep.nothing.x),
            "functionMember": await outcome(lambda: made().increment.x),
            "method": await outcome(lambda: stub.number),
            "methodMember": await outcome(lambda: stub.number.x),
            "methodMemberCall": await outcome(lambda: stub.number.x.y(1)),
            "reserved": await outcome(lambda: stub.alarm),
            "dup": await outcome(lambda: stub.dup),
            "callRead": await outcome(call_read),
            "then": await outcome(lambda: stub.hello.then(lambda read: read())),
            "tooDeep": await outcome(lambda: path_of(stub, 66)),
            "deepest": await outcome(lambda: path_of(stub, 65)),
            "failed": await outcome(lambda: first(stub.fail, 1).x.y()),
            "returnedFunction": await outcome(lambda: first(stub.adder, 5)(1)),
            "index": "function" if hasattr(stub, "1") else "undefined",
        }
        await wrapped.taken()
        promise = made(0)
        calls = [
            promise.increment(1),
            promise.increment(2),
            stub.number(),
            promise.increment(3),
        ]
        results["order"] = [await asyncio.gather(*calls), await wrapped.taken()]
        results["asArgument"] = await outcome(lambda: stub.adder(stub.number))
        results["promiseAsArgument"] = await outcome(lambda: stub.adder(made()))
        return Response.json(results)
