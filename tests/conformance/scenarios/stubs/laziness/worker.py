import inspect

from js import Object, Reflect, Symbol
from pyodide.ffi import JsProxy
from workers import DurableObject, Response, WorkerEntrypoint, import_from_javascript

constructed = []


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        constructed.append(self)

    async def ping(self):
        return "pong"


def kind(stub, name):
    value = getattr(stub, name, None)
    if value is None:
        return "undefined"
    return value.typeof if isinstance(value, JsProxy) else "string"


NAMES = [
    "anything",
    "ping",
    "fetch",
    "connect",
    "dup",
    "alarm",
    "then",
    "constructor",
    "length",
    "id",
    "name",
]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        wrapped = self.env.SUBJECT
        ns = import_from_javascript("cloudflare:workers").env.SUBJECT
        out = {}
        stub = ns.getByName("foo")
        for _ in range(10):
            ns.get(ns.newUniqueId())
            wrapped.get(ns.newUniqueId())
        out["types"] = {name: kind(stub, name) for name in NAMES} | {
            "private": kind(stub, "_private"),
            "toString": kind(stub, "toString"),
            "empty": kind(stub, ""),
            "symbol": "undefined" if Reflect.get(stub, Symbol.iterator) is None else "function",
        }
        out["keys"] = sorted(Object.keys(stub))
        out["tag"] = Object.prototype.toString.call(stub)
        out["class"] = stub.constructor.name
        out["callable"] = callable(stub)
        out["sameIdObject"] = stub.id.js_id == stub.id.js_id
        out["unnamed"] = ns.get(ns.idFromString(str(stub.id))).name
        stub.note = "mine"
        stub.ping2 = 5
        out["assigned"] = [stub.note, stub.ping2, sorted(Object.keys(stub))]
        out["other"] = kind(ns.getByName("foo"), "note")
        out["awaited"] = not inspect.isawaitable(stub)
        out["madeBefore"] = len(constructed)
        out["ping"] = await wrapped.getByName("foo").ping()
        out["madeAfter"] = len(constructed)
        await stub.ping()
        out["madeBySecondStub"] = len(constructed)
        return Response.json(out)
