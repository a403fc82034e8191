from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    async def none(self):
        return "none"

    async def two(self, a, b):
        return f"{a} {b}"

    async def defaulted(self, a, b=5):
        return f"{a} {b}"

    async def rest(self, a, *rest):
        return [a, len(rest), *rest]

    async def options(self, a, given):
        return f"{a} {type(given).__name__}"

    async def named(self, given):
        return given.x - given.y


async def outcome(awaitable):
    try:
        return await awaitable
    except JsException as error:
        return f"{error.name}: {error.message}"


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        return Response.json(
            {
                "none": await stub.none(),
                "two": await stub.two(1, 2),
                "tooMany": await outcome(stub.two(1, 2, 3)),
                "tooFew": await outcome(stub.two(1)),
                "default": await stub.defaulted(1),
                "given": await stub.defaulted(1, 2),
                "undefinedArgument": await stub.defaulted(1, None),
                "rest": await stub.rest(1, 2, 3),
                "restEmpty": await stub.rest(1),
                "restMany": len(await stub.rest(*[7] * 200)),
                # Keyword arguments become one object at the end.
                "options": await stub.options(1, x=2),
                "named": await stub.named(x=5, y=3),
            }
        )
