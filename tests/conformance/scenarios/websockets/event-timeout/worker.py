import js
from pyodide.ffi import JsException, jsnull
from workers import DurableObject, Response, WorkerEntrypoint


def outcome(run):
    try:
        value = run()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return "undefined" if value is None else js.String(value)


class Subject(DurableObject):
    async def run(self):
        ctx = self.ctx

        def set_to(*args):
            result = outcome(lambda: ctx.setHibernatableWebSocketEventTimeout(*args))
            return f"{result} {js.String(ctx.getHibernatableWebSocketEventTimeout())}"

        unset = ctx.getHibernatableWebSocketEventTimeout()
        return {
            "unset": None if unset is jsnull else unset,
            "set": set_to(1000),
            "fraction": set_to(1500.7),
            "text": set_to("250"),
            "zero": set_to(0),
            "again": set_to(1000),
            "omitted": set_to(),
            "most": set_to(604800000),
            "tooMuch": set_to(604800001),
            "negative": set_to(-1),
            "nan": set_to(js.NaN),
            "word": set_to("x"),
            "nothing": set_to(jsnull),
            "undefined": set_to(None),
        }


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(await self.env.SUBJECT.getByName("foo").run())
