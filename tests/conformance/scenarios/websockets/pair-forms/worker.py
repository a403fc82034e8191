from functools import partial
from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException
from workers import Response, WorkerEntrypoint

null = js.JSON.parse("null")


def pair():
    return list(js.WebSocketPair.new().object_values())


def plain(value):
    return None if value is null else value


def outcome(run):
    try:
        value = run()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return "undefined" if value is None else plain(value)


def js_object(**entries):
    value = js.Object.new()
    for key, item in entries.items():
        setattr(value, key, item)
    return value


def attributes():
    def look(socket):
        names = ("readyState", "url", "protocol", "extensions", "binaryType")
        return [plain(getattr(socket, name)) for name in names]

    left, right = pair()
    out = [look(left), look(right)]
    left.accept()
    out += [look(left), look(right)]
    is_target = js.Reflect.has(left, "addEventListener")
    return [*out, js.Object.prototype.toString.call(left), is_target, left == right]


def constants():
    left, _ = pair()
    names = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"]
    names += [f"READY_STATE_{name}" for name in names]
    return [[name, getattr(js.WebSocket, name, None), getattr(left, name, None)] for name in names]


def binary_type():
    left, _ = pair()

    def assign(value):
        left.binaryType = value
        return left.binaryType

    out = []
    for value in ("arraybuffer", "blob", "ArrayBuffer", "", null, None, 5):
        out += [outcome(lambda value=value: assign(value)), left.binaryType]
    return out


def accepts():
    forms = [None, null, js_object(), js_object(allowHalfOpen=True)]
    forms += [js_object(allowHalfOpen="yes"), 5, "x", js.Array.new()]
    out = []
    for options in forms:
        left, _ = pair()
        accept = partial(left.accept, options)
        out += [outcome(accept), outcome(accept), left.readyState]
    return out


def assignments():
    left, _ = pair()
    left.custom = "mine"
    attached = outcome(lambda: left.serializeAttachment("x"))
    keys = list(js.Object.keys(left))
    return [left.custom, keys, attached, outcome(left.deserializeAttachment)]


def closed_before():
    left, right = pair()
    out = [
        outcome(lambda: left.close()),
        outcome(lambda: left.close(1)),
        outcome(lambda: left.send()),
        outcome(lambda: left.send("x")),
        left.readyState,
        outcome(lambda: left.addEventListener("message", lambda _: None)),
        outcome(lambda: right.accept()),
        outcome(lambda: right.send("early")),
        outcome(lambda: right.close(1000, "early")),
        right.readyState,
        left.readyState,
    ]
    out += [
        outcome(lambda: right.send("late")),
        outcome(lambda: right.close(1000)),
        outcome(lambda: right.close(99)),
        outcome(lambda: left.accept()),
        left.readyState,
    ]
    return out


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(globals()[urlsplit(request.url).path[1:]]())
