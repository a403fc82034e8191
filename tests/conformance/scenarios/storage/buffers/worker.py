from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, to_js
from workers import DurableObject, Response, WorkerEntrypoint

KINDS = [
    "Int8Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "Int16Array",
    "Uint16Array",
    "Int32Array",
    "Uint32Array",
    "Float32Array",
    "Float64Array",
    "BigInt64Array",
    "BigUint64Array",
    "DataView",
]


def kind(value):
    return js.Object.prototype.toString.call(value)[8:-1]


def bytes_of(view):
    if kind(view) == "ArrayBuffer":
        return list(view.to_bytes())
    return list(js.Uint8Array.new(view.buffer, view.byteOffset, view.byteLength).to_bytes())


def shape(view):
    sizes = [view.byteLength, view.byteOffset, view.buffer.byteLength]
    return [kind(view), *sizes, bytes_of(view)]


def buffer_of(*values):
    return js.Uint8Array.new(to_js(list(values))).buffer


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.raw = ctx._ctx.storage  # values of JavaScript, which the SDK's storage converts

    async def back(self, value):
        await self.raw.put("value", value)
        return await self.raw.get("value")

    async def kinds(self):
        buffer = buffer_of(1, 2, 3, 4, 5, 6, 7, 8, 0, 255, 254, 253, 252, 251, 128, 127)
        out = [shape(await self.back(getattr(js, name).new(buffer))) for name in KINDS]
        back = await self.back(buffer)
        return [*out, [kind(back), back.byteLength, bytes_of(back)]]

    async def windows(self):
        buffer = buffer_of(*range(8))
        return [
            shape(await self.back(js.Uint8Array.new(buffer, 2, 3))),
            shape(await self.back(js.Uint16Array.new(buffer, 2, 2))),
            shape(await self.back(js.DataView.new(buffer, 5))),
            shape(await self.back(js.Uint8Array.new(buffer, 8))),
        ]

    async def shared(self):
        buffer = buffer_of(1, 2, 3, 4)
        view = js.Uint8Array.new(buffer, 1, 2)
        value = js.Object.new()
        value.buffer, value.view = buffer, view
        value.other, value.again = js.Uint16Array.new(buffer), view
        back = await self.back(value)
        same = back.view.buffer == back.buffer
        back.view[0] = 99
        return {
            "same": same,
            "others": back.other.buffer == back.buffer,
            "again": back.again == back.view,
            "written": bytes_of(back.buffer),
            "original": bytes_of(buffer),
        }

    async def separate(self):
        view = js.Uint8Array.new(to_js([1, 2, 3]))
        put = self.raw.put("value", view)
        view[0] = 99
        await put
        first = await self.raw.get("value")
        first[1] = 98
        second = await self.raw.get("value")
        return [bytes_of(first), bytes_of(second)]

    async def empty(self):
        two = to_js([js.Uint8Array.new(), js.ArrayBuffer.new(0)])
        return [
            shape(await self.back(js.Uint8Array.new())),
            shape(await self.back(js.Float64Array.new(0))),
            kind(await self.back(js.ArrayBuffer.new(0))),
            [kind(item) for item in await self.back(two)],
        ]

    async def detached(self):
        buffer = js.ArrayBuffer.new(4)
        view = js.Uint8Array.new(buffer)
        js.structuredClone(buffer, transfer=to_js([buffer]))
        out = [buffer.byteLength, view.byteLength]
        for value in (buffer, view):
            try:
                await self.raw.put("detached", value)
                out.append("stored")
            except JsException as error:
                out.append(f"{error.name}: {error.message}")
        return out

    async def resizable(self):
        buffer = js.ArrayBuffer.new(4, maxByteLength=16)
        back = await self.back(buffer)
        view = await self.back(js.Uint8Array.new(buffer))
        return [
            back.byteLength,
            back.resizable,
            back.maxByteLength,
            view.length,
            view.buffer.resizable,
        ]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
