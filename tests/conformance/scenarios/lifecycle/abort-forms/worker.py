import asyncio
from urllib.parse import urlsplit

import js
from js import Object
from pyodide.ffi import JsException, to_js
from workers import DurableObject, Response, WorkerEntrypoint, import_from_javascript

REASONS = {
    "none": list,
    "undefined": lambda: [None],
    "text": lambda: ["why"],
    "unicode": lambda: ["hé😀"],
    "lines": lambda: ["a\nb"],
    "number": lambda: [5],
    "zero": lambda: [0],
    "yes": lambda: [True],
    "no": lambda: [False],
    "list": lambda: [to_js([1, 2])],
    "object": lambda: [Object.new()],
    "error": lambda: [js.TypeError.new("zz")],
    "prefix": lambda: ["jsg.TypeError: inner"],
    "broken": lambda: ["broken.x; jsg.Error: inner"],
    "long": lambda: ["x" * 5000],
}


class Subject(DurableObject):
    async def stop(self, key):
        self.ctx.abort(*REASONS[key]())

    async def later(self, key):
        async def abort():
            await asyncio.sleep(0.001)
            self.ctx.abort(*REASONS[key]())

        self.task = asyncio.create_task(abort())
        await asyncio.sleep(10)

    async def fetch(self, request):
        self.ctx.abort(*REASONS[urlsplit(request.url).path[1:]]())


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        path = urlsplit(request.url).path
        return Response.json({key: await self.outcome(path, key) for key in REASONS})

    async def outcome(self, path, key):
        stub = self.env.SUBJECT.getByName(path + key)
        try:
            if path == "/rpc":
                await stub.stop(key)
            elif path == "/later":
                await stub.later(key)
            else:
                # The raw stub: the SDK's fetch has errors of its own.
                raw = import_from_javascript("cloudflare:workers").env.SUBJECT
                await raw.getByName(path + key).fetch(f"http://object/{key}")
        except JsException as error:
            message = error.message
            flags = ("remote", "retryable", "overloaded", "durableObjectReset", "durableObjectId")
            set_flags = [flag for flag in flags if getattr(error, flag, None) is not None]
            return [error.name, len(message) if len(message) > 100 else message, *set_flags]
        return "no error"
