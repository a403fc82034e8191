from urllib.parse import urlsplit

import js
from pyodide.ffi import to_js
from workers import DurableObject, Response, WorkerEntrypoint

null = js.JSON.parse("null")


def kind(value):
    return js.Object.prototype.toString.call(value)[8:-1]


def js_object(*pairs):
    return js.Object.fromEntries(to_js([list(pair) for pair in pairs]))


def pairs(*items):
    return to_js([list(item) for item in items])


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.raw = ctx._ctx.storage  # values of JavaScript, which the SDK's storage converts

    async def back(self, value):
        await self.raw.put("value", value)
        return await self.raw.get("value")

    async def maps(self):
        inner = js.Map.new(pairs(("x", js.Set.new(to_js([1])))))
        original = js.Map.new(
            pairs(("b", 1), (2, "two"), (null, inner), (js.NaN, "nan"), ("a", None))
        )
        original.extra = "lost"
        back = await self.back(original)
        inner = back.get(null)
        return {
            "kind": kind(back),
            "size": back.size,
            "keys": [js.String(key) for key in back],
            "two": back.get(2),
            "nan": back.get(js.NaN),
            "inner": [kind(inner), inner.size, kind(inner.get("x"))],
            "has": back.has("a"),
            "extra": getattr(back, "extra", "lost"),
            "original": original.size,
            "empty": (await self.back(js.Map.new())).size,
        }

    async def sets(self):
        values = to_js(["b", "a", 1, "1", True, null, "b"])
        back = await self.back(js.Set.new(values))
        names = {str: "string", int: "number", bool: "boolean"}
        return {
            "kind": kind(back),
            "size": back.size,
            "values": [names.get(type(v), "object") + js.String(v) for v in back.values()],
            "one": back.has(1),
        }

    async def dates(self):
        out = []
        for ms in (0, -1, 1700000000123, 8.64e15, -8.64e15, js.NaN, 1.9):
            back = await self.back(js.Date.new(ms))
            out.append([kind(back), js.String(back.getTime())])
        return out

    async def expressions(self):
        out = []
        for source, flags in (("a+b", "gi"), ("^x$", ""), (r"(?<year>\d{4})", "u"), ("/", "s")):
            expression = js.RegExp.new(source, flags)
            expression.lastIndex = 3
            back = await self.back(expression)
            out.append([kind(back), back.source, back.flags, back.lastIndex])
        return out

    async def numbers(self):
        numbers = [0, -0.0, 1e21, 5e-324, 2**31, -(2**31) - 1, 2.0**53]
        numbers += [js.Infinity, -js.Infinity, js.NaN, 0.1 + 0.2]
        out = []
        for value in numbers:
            back = await self.back(js_object(("value", value)))
            out.append("-0" if str(back.value) == "-0.0" else js.String(back.value))
        for text in ("0", "-1", str(2**63), str(-(2**64)), str(2**200)):
            back = await self.back(js_object(("value", js.BigInt(text))))
            out.append(["bigint", f"{back.value:d}"])
        return out

    async def boxed(self):
        values = [js.Number.new(5), js.String.new("text"), js.Boolean.new(False)]
        out = []
        for value in [*values, js.Object(js.BigInt("7"))]:
            back = await self.back(value)
            out.append([kind(back), back.typeof, js.String(back)])
        return out

    async def key_order(self):
        names = ("z", "10", "a", "2", "-1", "01")
        back = await self.back(js_object(*[(name, 1) for name in names]))
        return list(js.Object.keys(back))

    async def texts(self):
        texts = ["", "a\0b", "héé", "日本語", "😀", "\u2028", "\uffff", "x" * 70000, "é" * 40000]
        out = []
        for text in texts:
            back = await self.back(js_object((text[:10], text)))
            name = next(iter(js.Object.keys(back)))
            units = len(name.encode("utf-16-le")) // 2
            out.append([js.Reflect.get(back, text[:10]) == text, units])
        return out


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
