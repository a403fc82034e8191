import json

import js
from pyodide.ffi import JsException, to_js
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
        out = {}

        def accept(*tags):
            server = list(js.WebSocketPair.new())[1]
            ctx.acceptWebSocket(server, *map(to_js, tags))
            return json.dumps(list(ctx.getTags(server)), separators=(",", ":"))

        ten = [f"t{index}" for index in range(10)]
        out["none"] = outcome(lambda: accept())
        out["empty"] = outcome(lambda: accept([]))
        out["two"] = outcome(lambda: accept(["b", "a"]))
        out["duplicates"] = outcome(lambda: accept(["a", "b", "a"]))
        out["converted"] = outcome(lambda: accept([1, True, "x"]))
        out["emptyString"] = outcome(lambda: accept([""]))
        out["ten"] = outcome(lambda: len(accept(ten)))
        out["eleven"] = outcome(lambda: accept([*ten, "t10"]))
        out["elevenWithDuplicate"] = outcome(lambda: len(accept([*ten, "t0"])))
        out["long"] = outcome(lambda: len(accept(["x" * 256])))
        out["tooLong"] = outcome(lambda: accept(["x" * 257]))
        out["tooManyBytes"] = outcome(lambda: accept(["\u00fc" * 129]))
        out["text"] = outcome(lambda: accept("tag"))
        out["number"] = outcome(lambda: accept(5))
        fresh = list(js.WebSocketPair.new())[1]
        out["notAccepted"] = outcome(lambda: ctx.getTags(fresh))
        fresh.accept()
        out["standard"] = outcome(lambda: ctx.getTags(fresh))
        out["missing"] = outcome(lambda: ctx.getTags())
        out["total"] = len(ctx.getWebSockets())
        out["t3"] = len(ctx.getWebSockets("t3"))
        out["emptyTag"] = len(ctx.getWebSockets(""))
        out["unknown"] = len(ctx.getWebSockets("nope"))
        out["numberTag"] = len(ctx.getWebSockets(1))
        return out


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(await self.env.SUBJECT.getByName("foo").run())
