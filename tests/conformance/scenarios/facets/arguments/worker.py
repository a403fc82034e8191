import re

from js import Object as JsObject
from pyodide.ffi import JsException, create_proxy, jsnull, to_js
from workers import DurableObject, Response, WorkerEntrypoint


class Child(DurableObject):
    async def hello(self):
        return "hello"


class Entry(WorkerEntrypoint):
    pass


def js(**options):
    return to_js(options, dict_converter=JsObject.fromEntries)


async def outcome(call):
    try:
        value = call()
        return await value if hasattr(value, "__await__") else value
    except JsException as error:
        return f"{error.name}: {error.message.strip().splitlines()[-1]}"


class Subject(DurableObject):
    async def check(self):
        facets, exports = self.ctx.facets, self.ctx.exports
        good = create_proxy(lambda: js(**{"class": exports.Child}))

        async def hello(name, callback=None, method="hello"):
            start = good if callback is None else create_proxy(callback)
            return await outcome(lambda: getattr(facets.get(name, start), method)())

        async def nothing():
            pass

        reference = exports.Child(js(props=js()))
        empty = await hello("")
        return {
            "reference": await hello("reference", lambda: js(**{"class": reference})),
            "namespace": await hello(
                "ns", lambda: js(**{"class": exports.Subject}), method="hello2"
            ),
            "none": await hello("none", lambda: js()),
            "number": await hello("number", lambda: js(**{"class": 5})),
            "entrypoint": await hello("entrypoint", lambda: js(**{"class": exports.Entry})),
            "binding": await hello("binding", lambda: js(**{"class": self.env.SUBJECT._binding})),
            "undefined": await hello("undefined", lambda: None),
            "null": await hello("null", lambda: jsnull),
            "five": await hello("five", lambda: 5),
            "promised": await hello("promised", nothing),
            "name256": await hello("x" * 256),
            "name257": await hello("x" * 257),
            "bytes": await hello("é" * 129),
            "nameNumber": await hello(5),
            "empty": re.sub("= .*", "=", empty),
            "get": await outcome(lambda: facets.get()),
            "getOne": await outcome(lambda: facets.get("a")),
            "getWrong": await outcome(lambda: facets.get("a", 5)),
            "abort": await outcome(lambda: facets.abort()),
            "abortOne": await outcome(lambda: facets.abort("a")),
            "abortLong": await outcome(lambda: facets.abort("x" * 257, "reason")),
            "abortMissing": await outcome(lambda: facets.abort("missing", "reason")),
            "delete": await outcome(lambda: facets.delete()),
            "deleteLong": await outcome(lambda: facets.delete("x" * 257)),
            "deleteMissing": await outcome(lambda: facets.delete("missing")),
            "clone": await outcome(lambda: facets.clone()),
            "cloneOne": await outcome(lambda: facets.clone("a")),
            "cloneLong": await outcome(lambda: facets.clone("a", "x" * 257)),
        }


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(await self.env.SUBJECT.getByName("foo").check())
