import re

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
        server = list(js.WebSocketPair.new())[1]
        store, load = server.serializeAttachment, server.deserializeAttachment
        out = {}
        out["unset"] = load() is jsnull
        out["beforeAccept"] = outcome(lambda: store("early"))
        out["early"] = load()
        self.ctx.acceptWebSocket(server)
        out["stillEarly"] = load()
        value = js.JSON.parse('{"a": [1, 2]}')
        value.when = js.Date.new(0)
        store(value)
        value.a.push(3)
        copy = load()
        out["copy"] = js.JSON.parse(js.JSON.stringify(copy)).to_py()
        out["fresh"] = copy != load()
        out["undefinedValue"] = outcome(lambda: store(None))
        out["undefinedBack"] = "undefined" if load() is None else "other"
        out["missing"] = outcome(lambda: store())
        out["function"] = outcome(lambda: store(js.setTimeout))
        out["fits"] = outcome(lambda: store("x" * 16000))
        out["tooLarge"] = re.sub(r"\d+ bytes\.$", "N bytes.", outcome(lambda: store("x" * 17000)))
        out["afterFailure"] = len(load())
        standard = list(js.WebSocketPair.new())[1]
        standard.accept()
        standard.serializeAttachment(7)
        out["standard"] = standard.deserializeAttachment()
        return out


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(await self.env.SUBJECT.getByName("foo").run())
