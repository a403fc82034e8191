from urllib.parse import urlsplit

import js
from pyodide.ffi import create_proxy, to_js
from workers import DurableObject, Response, WorkerEntrypoint


def js_object(**entries):
    value = js.Object.new()
    for key, item in entries.items():
        setattr(value, key, item)
    return value


def has(value, key):
    return js.Reflect.has(value, key)


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.raw = ctx._ctx.storage  # values of JavaScript, which the SDK's storage converts

    async def back(self, value):
        await self.raw.put("value", value)
        return await self.raw.get("value")

    async def cycles(self):
        loop = js_object(name="a")
        js.Reflect.set(loop, "self", loop)
        array = js.Array.of(1)
        array.push(array)
        mapping = js.Map.new()
        mapping.set("self", mapping)
        mapping.set(mapping, "key")
        group = js.Set.new()
        group.add(group)
        one = js_object(name="one")
        one.two = js_object(name="two", one=one)
        back = await self.back(js_object(object=loop, list=array, map=mapping, set=group, one=one))
        inner = js.Reflect.get(back.object, "self")
        return [
            js.Reflect.get(inner, "self") == back.object,
            back.list[1][1] == back.list,
            back.map.get("self") == back.map,
            back.map.get(back.map),
            back.set.has(back.set),
            back.one.two.one == back.one,
            inner.name,
        ]

    async def shared(self):
        part = js_object(n=1)
        date = js.Date.new(5)
        array = js.Array.of(part, date, date)
        back = await self.back(js_object(a=part, b=part, list=array, copy=js_object(n=1)))
        back.a.n = 2
        await self.raw.put(js_object(x=part, y=part))
        x = await self.raw.get("x")
        x.n = 3
        many = await self.raw.get(to_js(["x", "y"]))
        return [
            back.b.n,
            back.list[0] == back.a,
            back.list[1] == back.list[2],
            back.copy.n,
            many.get("y").n,
            many.get("x") == many.get("y"),
        ]

    async def holes(self):
        array = js.Array.new(4)
        for index, value in ((0, 1), (2, None), (3, js.JSON.parse("null")), (9, "end")):
            js.Reflect.set(array, index, value)
        back = await self.back(array)
        empty = await self.back(js.Array.new(5))
        return [
            back.length,
            [has(back, index) for index in (0, 1, 2, 3, 4, 9)],
            js.String(back),
            js.Reflect.get(back, 2) is None,
            None if js.Reflect.get(back, 3) == js.JSON.parse("null") else "lost",
            empty.length,
            len(js.Object.keys(empty)),
        ]

    async def array_properties(self):
        array = js.Array.of(1, 2)
        array.name = "named"
        js.Reflect.set(array, "-1", "minus")
        back = await self.back(array)
        minus = js.Reflect.get(back, "-1") or "lost"
        return [back.length, getattr(back, "name", "lost"), minus, list(js.Object.keys(back))]

    async def hidden(self):
        value = js_object(own=2)
        js.Object.defineProperty(value, "hidden", js_object(value=3, enumerable=False))
        js.Reflect.set(value, js.Symbol("symbol"), 4)
        bare = js.Object.create(js.JSON.parse("null"))
        bare.a = 1
        frozen = js.Object.freeze(js_object(a=1))
        backs = [await self.back(item) for item in (value, bare, frozen)]
        return [
            list(js.Object.keys(backs[0])),
            js.Object.getPrototypeOf(backs[0]) == js.Object.prototype,
            js.Object.getPrototypeOf(backs[1]) == js.Object.prototype,
            js.Object.isFrozen(backs[2]),
        ]

    async def accessors(self):
        reads = []

        def read():
            reads.append(1)
            return len(reads)

        value = js_object(before=1)
        getter = js_object(enumerable=True, get=create_proxy(read))
        js.Object.defineProperty(value, "computed", getter)
        back = await self.back(value)
        descriptor = js.Object.getOwnPropertyDescriptor(back, "computed")
        kind = "function" if js.Reflect.get(descriptor, "get") else "undefined"
        return [len(reads), back.computed, kind, descriptor.writable]

    async def deep(self):
        value = "bottom"
        for i in range(200):
            value = js.Array.of(value) if i % 2 else js_object(value=value)
        back = await self.back(value)
        depth = 0
        while not isinstance(back, str):
            back = back[0] if js.Array.isArray(back) else back.value
            depth += 1
        return [depth, back]

    async def undefined_inside(self):
        mapping = js.Map.new()
        mapping.set("k", None)
        back = await self.back(js_object(a=None, list=js.Array.of(None), map=mapping))
        return [
            has(back, "a"),
            js.Reflect.get(back, "a") is None,
            back.list.length,
            back.map.has("k"),
            back.map.get("k") is None,
        ]

    async def wide(self):
        value = js.Object.new()
        for i in range(2000):
            setattr(value, f"k{i}", js_object(i=i, list=js.Array.of(i)))
        back = await self.back(value)
        keys = js.Object.keys(back)
        return [len(keys), back.k1999.list[0], keys[1500]]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
