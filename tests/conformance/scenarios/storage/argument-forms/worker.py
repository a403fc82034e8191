from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, to_js
from workers import DurableObject, Response, WorkerEntrypoint

null = js.JSON.parse("null")


def js_object(entries):
    value = js.Object.new()
    for key, item in entries.items():
        js.Reflect.set(value, key, item)
    return value


async def outcome(call):
    try:
        value = await call()
    except JsException as error:
        return f"{error.name}: {error.message}"
    if value is None:
        return "undefined"
    if value is null:
        return None
    return list(value.keys()) if hasattr(value, "keys") else value


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.raw = ctx._ctx.storage  # arguments as JavaScript has them

    async def keys(self):
        storage = self.raw
        values = [7, -0.0, 1.5, 1e21, js.NaN, True, null, None, 0, js.BigInt("10")]
        for key in values:
            if key is not null:
                await storage.put(key, 1)
        out = [await outcome(storage.list)]
        out += [await outcome(lambda key=key: storage.get(key)) for key in values]
        symbol = js.Symbol("s")
        deleted = (7, null, None)
        out += [await outcome(lambda key=key: storage.delete(key)) for key in deleted]
        out.append(await outcome(lambda: storage.get(symbol)))
        out.append(await outcome(lambda: storage.delete(symbol)))
        return out

    async def key_lists(self):
        storage = self.raw
        await storage.put(js_object({"1": "one", "true": "yes", "a": "A", "null": "nothing"}))
        lists = [[1, True, "a", null, None], ["a", "a", "b"], [], [["a"]], [js.Symbol("s")]]
        out = [await outcome(lambda keys=keys: storage.get(to_js(keys))) for keys in lists]
        lists = ([1, "a", "a", "b"], [])
        out += [await outcome(lambda keys=keys: storage.delete(to_js(keys))) for keys in lists]
        return [*out, await outcome(storage.list)]

    async def missing(self):
        storage = self.raw
        return [
            await outcome(lambda: storage.get()),
            await outcome(lambda: storage.put()),
            await outcome(lambda: storage.put("a")),
            await outcome(lambda: storage.put("a", None)),
            await outcome(lambda: storage.put("a", null)),
            await outcome(lambda: storage.get("a")),
            await outcome(lambda: storage.put(5)),
            await outcome(lambda: storage.delete()),
            await outcome(lambda: storage.transaction()),
            await outcome(lambda: storage.transaction("x")),
            await outcome(lambda: storage.put(null, 1)),
            await outcome(lambda: storage.list()),
        ]

    async def entries(self):
        storage = self.raw
        forms = [
            js_object({}),
            js_object({"a": 1, "b": None, "5": 2}),
            js.Map.new(to_js([["m", 1]])),
            to_js(["x", "y"]),
            js.Set.new(to_js(["s"])),
            js.Date.new(0),
        ]
        out = [await outcome(lambda form=form: storage.put(form)) for form in forms]
        return [*out, await outcome(storage.list), await outcome(lambda: storage.get("0"))]

    async def entry_options(self):
        storage = self.raw
        entries = js_object({"e": 1})
        unconfirmed = js_object({"allowUnconfirmed": "yes"})
        every = (None, null, js.Object.new(), unconfirmed, 5, "x", True)
        out = [
            await outcome(lambda options=options: storage.put(entries, options))
            for options in every
        ]
        out.append(await outcome(lambda: storage.put("k", entries)))
        return [*out, await outcome(storage.list)]

    async def options(self):
        storage = self.raw
        odd = js_object({"allowUnconfirmed": 0, "noCache": null, "other": 1})
        out = []
        for options in (None, null, js.Object.new(), js.Array.new(), 5, "x", True, odd):
            calls = [
                lambda options=options: storage.put("a", 1, options),
                lambda options=options: storage.get("a", options),
                lambda options=options: storage.get(to_js(["a"]), options),
                lambda options=options: storage.delete("a", options),
                lambda options=options: storage.list(options),
            ]
            out.append([await outcome(call) for call in calls])
        return out

    async def list_options(self):
        storage = self.raw
        names = ("a", "b", "1", "null", "true", "undefined")
        await storage.put(js_object({name: i for i, name in enumerate(names)}))
        every = [
            {"start": null},
            {"start": None},
            {"start": 1},
            {"end": True},
            {"end": null},
            {"prefix": null},
            {"prefix": None},
            {"prefix": True},
            {"startAfter": null},
            {"start": "a", "startAfter": None},
            {"start": "a", "startAfter": null},
            {"limit": 1.9},
            {"limit": "2"},
            {"limit": null},
            {"limit": None},
            {"limit": 0},
            {"limit": -1},
            {"limit": js.NaN},
            {"limit": "x"},
            {"limit": True},
            {"limit": 2**31},
            {"limit": 2**40},
            {"limit": js.Infinity},
            {"reverse": 1, "limit": 1},
            {"reverse": "", "limit": 1},
            {"reverse": null, "limit": 1},
            {"start": "a", "startAfter": "a"},
            {"start": js.Symbol("s")},
            {"limit": js.BigInt("10")},
            {"unknown": 1, "limit": 1},
        ]
        return [
            await outcome(lambda options=options: storage.list(js_object(options)))
            for options in every
        ]

    async def delete_all(self):
        storage = self.raw
        out = []
        for options in (
            None,
            null,
            js.Object.new(),
            5,
            "x",
            js_object({"allowUnconfirmed": True}),
        ):
            await storage.put("a", 1)
            deleted = await outcome(lambda options=options: storage.deleteAll(options))
            out.append([deleted, await outcome(storage.list)])
        return out


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
