from urllib.parse import urlsplit

import js
from js import Object, structuredClone
from pyodide.ffi import JsException, jsnull, to_js
from workers import DurableObject, Response, WorkerEntrypoint, import_from_javascript


class Subject(DurableObject):
    pass


class Named(WorkerEntrypoint):
    async def fetch(self, request):
        return json({"url": request.url, "props": self.ctx.props})

    async def add(self, a, b):
        return a + b

    async def props(self):
        return self.ctx.props

    async def change(self):
        self.ctx.props.a = 9
        return self.ctx.props

    async def useStub(self):
        return await self.ctx.props.stub.props()

    async def nested(self):
        inner = await self.ctx.exports.Named(options({"deep": 1})).props()
        return [inner, self.ctx.props]

    async def boom(self):
        raise ValueError("boom")


class Broken(WorkerEntrypoint):
    async def fetch(self, request):
        raise ValueError("fetch boom")

    async def echo(self, value):
        return value


def plain(value):
    return to_js(value, dict_converter=Object.fromEntries)


def options(props):
    return plain({"props": props})


def json(value):
    return Response(js.JSON.stringify(plain(value)), headers={"content-type": "application/json"})


async def outcome(call):
    try:
        result = call()
        return await result if hasattr(result, "then") else result
    except JsException as error:
        remote = " (remote)" if getattr(error, "remote", False) else ""
        return f"{error.name}: {error.message}{remote}"


async def settle(calls):
    return {name: await outcome(call) for name, call in calls.items()}


class Default(WorkerEntrypoint):
    async def hello(self, name):
        return ["hello", name, self.ctx.props]

    async def fetch(self, request):
        path = urlsplit(request.url).path
        exports = self.ctx.exports
        if path == "/inner":
            return json({"inner": self.ctx.props})
        if path == "/props":
            return json(await self.see_props(exports))
        if path == "/errors":
            return json(await self.see_errors(exports))
        if path == "/shared":
            return json(await self.see_shared(exports))
        imported = import_from_javascript("cloudflare:workers").exports
        return json(
            {
                "keys": Object.keys(exports),
                "text": [str(exports), str(exports.Named), str(exports.Named(plain({})))],
                "kinds": [exports.Named.typeof, exports.Named(plain({})).typeof],
                "missing": not hasattr(exports, "nope"),
                "same": exports.Named.js_id == self.ctx.exports.Named.js_id,
                "imported": await imported.Named.add(1, 1),
                "add": await exports.Named.add(2, 3),
                "fetched": await (await exports.Named.fetch("http://a/b?c")).json(),
                "itself": await (await exports.default.fetch("http://a/inner")).json(),
                "itselfByName": await exports.default.hello("you"),
                "none": await exports.Named.props(),
            }
        )

    async def see_props(self, exports):
        own = plain({"props": {"a": 1}})
        stub = exports.Named(own)
        own.props.a = 2
        inner = exports.Named(options({"z": 1}))
        itself = exports.default(options({"q": 1}))
        return {
            "own": await stub.props(),
            "changed": await stub.change(),
            "fresh": await stub.props(),
            "fetched": await (await stub.fetch("http://a/b")).json(),
            "itself": await exports.default(options({"q": [1, 2]})).hello("you"),
            "itselfFetched": await (await itself.fetch("http://a/inner")).json(),
            "withNew": await exports.Named.new(options({"n": 1})).props(),
            "empty": await exports.Named(plain({})).props(),
            "absent": await exports.Named(None).props(),
            "list": await exports.Named(options([1, 2])).props(),
            "stub": await exports.Named(options({"stub": inner})).useStub(),
            "nested": await exports.Named(options({"o": 1})).nested(),
        }

    async def see_errors(self, exports):
        return await settle(
            {
                "noArgument": lambda: exports.Named(),
                "number": lambda: exports.Named(5),
                "propsNumber": lambda: exports.Named(options(5)),
                "propsText": lambda: exports.Named(options("x")),
                "propsNull": lambda: exports.Named(options(jsnull)),
                "function": lambda: exports.Named(options({"f": lambda: 1})),
                "exportInProps": lambda: exports.Named(options({"f": exports.Named})),
                "namespaceInProps": lambda: exports.Named(options({"f": exports.Subject})),
                "sent": lambda: exports.Broken.echo(exports.Named),
                "clone": lambda: structuredClone(exports.Named),
                "cloneStub": lambda: structuredClone(exports.Named(plain({}))),
                "unknown": lambda: exports.Named.zzz(),
                "reserved": lambda: exports.Named.alarm(),
                "relative": lambda: exports.Named.fetch("/relative"),
                "noRequest": lambda: exports.Named.fetch(),
                "thrown": lambda: exports.Named.boom(),
                "thrownByFetch": lambda: exports.Broken.fetch("http://a/"),
            }
        )

    async def see_shared(self, exports):
        exports.mark = 1
        stub = await exports.Broken.echo(exports.Named(options({"k": 1})))
        return {"mark": self.ctx.exports.mark, "sent": await stub.props()}
