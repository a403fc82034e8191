from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, create_proxy, to_js
from workers import DurableObject, Response, WorkerEntrypoint


def js_object(**entries):
    value = js.Object.new()
    for key, item in entries.items():
        setattr(value, key, item)
    return value


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.raw = ctx._ctx.storage  # values of JavaScript, which the SDK's storage converts

    async def refused(self, **values):
        out = {}
        for name, value in values.items():
            try:
                await self.raw.put("bad", value)
                out[name] = "stored"
            except JsException as error:
                code = getattr(error.js_error, "code", "")
                out[name] = f"{error.name} {code}: {error.message}"
        out["left"] = list(await self.ctx.storage.list())
        return out

    async def language(self):
        return await self.refused(
            symbol=js.Symbol("s"),
            weakMap=js.WeakMap.new(),
            weakSet=js.WeakSet.new(),
            weakRef=js.WeakRef.new(js.Object.new()),
            setIterator=js.Set.new().values(),
            arrayIterator=js.Array.new().values(),
        )

    async def platform(self):
        stream = js.TransformStream.new()
        return await self.refused(
            readable=stream.readable,
            writable=stream.writable,
            response=js.Response.new("x"),
            emptyResponse=js.Response.new(js.JSON.parse("null")),
            url=js.URL.new("http://x/"),
            params=js.URLSearchParams.new("a=1"),
            encoder=js.TextEncoder.new(),
            controller=js.AbortController.new(),
            event=js.Event.new("x"),
            target=js.EventTarget.new(),
            request=js.Request.new("http://x/", method="POST", body="x"),
            form=js.FormData.new(),
            socket=next(iter(js.WebSocketPair.new().object_values())),
            pair=js.WebSocketRequestResponsePair.new("a", "b"),
        )

    async def bindings(self):
        return await self.refused(
            id=self.ctx.id,
            namespace=self.env.OTHER._binding,
            storage=self.raw,
            state=self.ctx._ctx,
            cursorless=self.raw.sql,
        )

    async def emptied(self):
        values = {
            "request": js.Request.new("http://x/"),
            "headers": js.Headers.new(to_js([["a", "b"]])),
            "blob": js.Blob.new(to_js(["x"])),
            "math": js.Math,
            "json": js.JSON,
        }
        out = {}
        for name, value in values.items():
            await self.raw.put("emptied", value)
            out[name] = list(js.Object.keys(await self.raw.get("emptied")))
        return out

    async def several(self):
        await self.raw.put("before", 1)
        deep = js_object(deep=js.Array.of(js.Symbol("t")))
        out = []
        for bad in (js.Symbol("s"), deep):
            try:
                await self.raw.put(js_object(a=1, b=bad))
                out.append("stored")
            except JsException as error:
                out.append(f"{error.name}: {error.message}")
        return [*out, ",".join(await self.ctx.storage.list())]

    async def throwing(self):
        value = js.Object.new()
        symbol = js.Symbol("from a getter")
        getter = js_object(enumerable=True, get=create_proxy(lambda: symbol))
        js.Object.defineProperty(value, "bad", getter)
        mapping = js.Map.new()
        mapping.set("k", js.Symbol("in a map"))
        group = js.Set.new()
        group.add(js.Symbol("in a set"))
        nested = js.Array.of(js_object(value=value))
        return await self.refused(getter=value, nested=nested, map=mapping, set=group)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
