from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, to_js
from workers import DurableObject, Response, WorkerEntrypoint, import_from_javascript


def stream():
    return js.Blob.new(js.Array.new()).stream()


def locked_stream():
    locked = stream()
    locked.getReader()
    return locked


def raw_env():
    return import_from_javascript("cloudflare:workers").env


VALUES = {
    "ctx": lambda self: getattr(self.ctx, "_ctx", self.ctx),
    "storage": lambda self: self.ctx.storage,
    "id": lambda self: self.env.SUBJECT.idFromName("foo"),
    "namespace": lambda self: raw_env().SUBJECT,
    "env": lambda self: raw_env(),
    "promiseInList": lambda self: [js.Promise.resolve(1)],
    "weakMap": lambda self: js.WeakMap.new(),
    "url": lambda self: js.URL.new("http://a/"),
    "parameters": lambda self: js.URLSearchParams.new("a=1"),
    "abort": lambda self: js.AbortController.new(),
    "signal": lambda self: js.AbortController.new().signal,
    "encoder": lambda self: js.TextEncoder.new(),
    "form": lambda self: js.FormData.new(),
    "event": lambda self: js.Event.new("x"),
    "writer": lambda self: js.TransformStream.new().writable.getWriter(),
    "reader": lambda self: stream().getReader(),
    "lockedStream": lambda self: locked_stream(),
    "transform": lambda self: js.TransformStream.new(),
    "nested": lambda self: {"a": [{"b": self.env.SUBJECT.idFromName("foo")}]},
    "inMap": lambda self: js.Map.new(to_js([["a", self.env.SUBJECT.idFromName("foo")]])),
}


async def outcome(call):
    try:
        value = await call()
    except JsException as error:
        remote = "true" if getattr(error, "remote", False) else "false"
        known = "true" if hasattr(error, "durableObjectId") else "false"
        return f"{error.name}: {error.message} remote={remote} id={known}"
    except TypeError as error:
        return f"TypeError: {error} remote=false id=false"
    return f"sent {type(value).__name__}"


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.calls = 0

    async def echo(self, value):
        self.calls += 1

    async def make(self, key):
        return VALUES[key](self)

    async def count(self):
        return self.calls


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        path = urlsplit(request.url).path
        out = {}
        for key, make in VALUES.items():
            if path == "/after":
                break
            if path == "/arguments" and key == "storage":
                continue
            out[key] = await outcome(
                lambda key=key, make=make: (
                    stub.echo(make(self)) if path == "/arguments" else stub.make(key)
                )
            )
        out["calls"] = await stub.count()
        return Response.json(out)
