from urllib.parse import urlsplit

import js
from js import Object, structuredClone
from pyodide.ffi import JsException, to_js
from workers import DurableObject, Response, WorkerEntrypoint


def plain(value):
    return to_js(value, dict_converter=Object.fromEntries)


def options(props):
    return plain({"props": props})


EMPTY = {}


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.count = 0

    async def increment(self):
        self.count += 1
        return self.count

    async def look(self):
        exports = self.ctx.exports
        return plain(
            {
                "keys": Object.keys(exports),
                "props": self.ctx.props,
                "same": exports.js_id == self.ctx.exports.js_id,
                "hello": await exports.Greeter(options({"word": "hi"})).greet("you"),
                "other": await exports.Subject.getByName("other").increment(),
                "text": [
                    str(exports.Subject),
                    str(exports.Lonely),
                    str(exports.Lonely(plain(EMPTY))),
                ],
            }
        )

    async def put(self, what):
        exports = self.ctx.exports
        values = {
            "stub": exports.Greeter,
            "namespace": exports.Subject,
            "class": exports.Lonely,
            "called": exports.Greeter(plain(EMPTY)),
            "reference": exports.Lonely(plain(EMPTY)),
        }
        try:
            await self.ctx._ctx.storage.put("x", values[what])
        except JsException as error:
            return f"{error.name}: {error.message}"


class Lonely(DurableObject):
    pass


class Greeter(WorkerEntrypoint):
    async def greet(self, name):
        return f"{self.ctx.props.word} {name}"

    async def echo(self, value):
        return value

    async def kind(self):
        return str(self.ctx.props.value)


async def outcome(call):
    try:
        result = call()
        return await result if hasattr(result, "then") else result
    except JsException as error:
        return f"{error.name}: {error.message}"


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        exports = self.ctx.exports
        path = urlsplit(request.url).path
        bound = self.env.SUBJECT._binding
        if path == "/object":
            found = await bound.getByName("one").look()
        elif path == "/errors":
            found = await self.see_errors(exports, bound)
        else:
            found = await self.see_objects(exports, bound)
        headers = {"content-type": "application/json"}
        return Response(js.JSON.stringify(plain(found)), headers=headers)

    async def see_objects(self, exports, bound):
        name = exports.Subject
        return {
            "keys": Object.keys(exports),
            "kinds": [name.typeof, exports.Lonely.typeof, exports.Lonely(plain(EMPTY)).typeof],
            "sameId": str(name.idFromName("a")) == str(bound.idFromName("a")),
            "first": await name.getByName("a").increment(),
            "second": await bound.getByName("a").increment(),
            "byId": await name.get(bound.idFromName("a")).increment(),
            "name": name.getByName("a").name,
            "lonely": not hasattr(exports.Lonely, "getByName"),
            "references": [
                str(name(plain(EMPTY))),
                str(name(options({"a": 1}))),
                str(name.new(None)),
                str(exports.Lonely.new(plain(EMPTY))),
            ],
            "sent": str(await exports.Greeter.echo(exports.Lonely(plain(EMPTY)))),
            "inProps": await exports.Greeter(options({"value": name(plain(EMPTY))})).kind(),
            "stubInProps": await exports.Greeter(options({"value": name.getByName("a")})).kind(),
        }

    async def see_errors(self, exports, bound):
        calls = {
            "namespaceNoArgument": lambda: exports.Subject(),
            "classNoArgument": lambda: exports.Lonely(),
            "newNoArgument": lambda: exports.Lonely.new(),
            "namespaceProps": lambda: exports.Subject(options(5)),
            "classProps": lambda: exports.Lonely(options(5)),
            "noName": lambda: exports.Subject.getByName(),
            "jurisdiction": lambda: exports.Subject.jurisdiction("eu"),
            "sentNamespace": lambda: exports.Greeter.echo(exports.Subject),
            "sentClass": lambda: exports.Greeter.echo(exports.Lonely),
            "cloneNamespace": lambda: structuredClone(exports.Subject),
            "cloneClass": lambda: structuredClone(exports.Lonely),
            "cloneReference": lambda: structuredClone(exports.Lonely(plain(EMPTY))),
            "putStub": lambda: bound.getByName("p").put("stub"),
            "putNamespace": lambda: bound.getByName("p").put("namespace"),
            "putClass": lambda: bound.getByName("p").put("class"),
            "putCalled": lambda: bound.getByName("p").put("called"),
            "putReference": lambda: bound.getByName("p").put("reference"),
        }
        return {name: await outcome(call) for name, call in calls.items()}
