from urllib.parse import urlsplit

from js import Array, Object
from pyodide.ffi import JsException, jsnull
from workers import DurableObject, Response, WorkerEntrypoint

PLAIN = {
    "undefined": None,
    "nothing": jsnull,
    "empty": Object.new(),
    "list": Array.new(),
    "text": "x",
    "number": 5,
    "yes": True,
}
NAMED = {
    "hint": {"locationHint": "weur"},
    "hintUnknown": {"locationHint": "atlantis"},
    "hintEmpty": {"locationHint": ""},
    "hintNumber": {"locationHint": 5},
    "hintNull": {"locationHint": jsnull},
    "hintUndefined": {"locationHint": None},
    "mode": {"routingMode": "primary-only"},
    "modeUnknown": {"routingMode": "nearest"},
    "modeCase": {"routingMode": "Primary-Only"},
    "modeEmpty": {"routingMode": ""},
    "modeNumber": {"routingMode": 5},
    "modeUndefined": {"routingMode": None},
    "modeNull": {"routingMode": jsnull},
    "modeYes": {"routingMode": True},
    "both": {"locationHint": "oc", "routingMode": "primary-only"},
    "unknownOption": {"locationHints": 5, "nonsense": "x"},
}


class Subject(DurableObject):
    async def ping(self):
        return "pong"


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        self.by_name = urlsplit(request.url).path == "/getByName"
        out = {}
        for key, options in PLAIN.items():
            out[key] = await self.outcome(options)
        for key, options in NAMED.items():
            out[key] = await self.outcome(**options)
        return Response.json(out)

    async def outcome(self, *options, **named):
        ns = self.env.SUBJECT
        try:
            if self.by_name:
                stub = ns.getByName("a", *options, **named)
            else:
                stub = ns.get(ns.idFromName("a"), *options, **named)
            return await stub.ping()
        except JsException as error:
            return f"{error.name}: {error.message}"
