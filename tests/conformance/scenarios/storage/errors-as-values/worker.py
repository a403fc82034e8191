from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint

KINDS = [
    "Error",
    "EvalError",
    "RangeError",
    "ReferenceError",
    "SyntaxError",
    "TypeError",
    "URIError",
]


def as_error(value):
    """Errors arrive as exceptions of Python; the error itself is inside."""
    return value.js_error if isinstance(value, JsException) else value


def describe(value):
    value = as_error(value)
    if value is None:
        return "undefined"
    if isinstance(value, str):
        return value
    if js.Object.prototype.toString.call(value) != "[object Error]":
        return value.to_py()
    return {
        "name": value.name,
        "message": value.message,
        "text": js.String(value),
        "constructor": value.constructor.name,
        "own": sorted(js.Object.getOwnPropertyNames(value)),
        "keys": list(js.Object.keys(value)),
        "stack": "string" if isinstance(value.stack, str) else "undefined",
        "cause": describe(getattr(value, "cause", None)),
    }


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.raw = ctx._ctx.storage  # values of JavaScript, which the SDK's storage converts

    async def back(self, value):
        await self.raw.put("value", as_error(value))
        return as_error(await self.raw.get("value"))

    async def kinds(self):
        out = [describe(await self.back(getattr(js, name).new("text"))) for name in KINDS]
        return [*out, describe(await self.back(js.Error.new()))]

    async def causes(self):
        value = js.Object.new()
        value.a = 1
        causes = [as_error(js.TypeError.new("inner")), "text", value]
        return [describe(await self.back(js.Error.new("outer", cause=cause))) for cause in causes]

    async def properties(self):
        error = as_error(js.RangeError.new("text"))
        error.code = 7
        error.details = js.Object.new()
        error.details.a = 1
        back = await self.back(error)
        lost = [getattr(back, name, "lost") for name in ("code", "details")]
        return [describe(back), *lost]

    async def renamed(self):
        out = []
        for name in ("MyError", "TypeError", "AggregateError", "", "constructor"):
            error = as_error(js.Error.new("text"))
            error.name = name
            back = await self.back(error)
            out.append([back.name, back.constructor.name, js.String(back)])
        return out

    async def aggregate(self):
        errors = js.Array.of(as_error(js.Error.new("a")))
        back = await self.back(js.AggregateError.new(errors, "several"))
        errors = getattr(back, "errors", None)
        count = "lost" if errors is None else len(errors)
        return [back.name, back.constructor.name, back.message, count]

    async def dom_exception(self):
        try:
            back = await self.back(js.DOMException.new("text", "AbortError"))
        except JsException as error:
            return f"{error.name}: {error.message}"
        lost = [getattr(back, name, "lost") for name in ("name", "message", "code")]
        return [js.Object.prototype.toString.call(back), *lost]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
