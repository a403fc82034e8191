from urllib.parse import urlsplit

from js import Array, Object
from pyodide.ffi import JsException, jsnull, to_js
from workers import DurableObject, Response, WorkerEntrypoint, import_from_javascript


class Subject(DurableObject):
    pass


def outcome(action):
    try:
        return action()
    except JsException as error:
        return f"{error.name}: {error.message}"


def names(ns):
    given = {
        "number": 123,
        "fraction": 1.5,
        "big": 1e21,
        "huge": 2**53,
        "yes": True,
        "no": False,
        "nothing": jsnull,
        "undefined": None,
        "list": to_js([1, [2, "a"]]),
        "emptyList": Array.new(),
        "object": to_js({"a": 1}, dict_converter=Object.fromEntries),
        "text": "a",
        "empty": "",
    }

    def facts(value):
        name_id = ns.idFromName(value)
        return [name_id.name, str(name_id), ns.getByName(value).name]

    out = {key: outcome(lambda value=value: facts(value)) for key, value in given.items()}
    out["extra"] = outcome(lambda: ns.idFromName("a", "b").name)
    text = str(ns.idFromName("a"))
    out["ofAnId"] = outcome(lambda: ns.idFromName(ns.idFromName("a")).name == text)
    return out


def refused(ns):
    name_id = ns.idFromName("a")
    namespace = import_from_javascript("cloudflare:workers").env.SUBJECT
    given = {
        "text": "a",
        "hex": str(name_id),
        "number": 1,
        "yes": True,
        "nothing": jsnull,
        "undefined": None,
        "object": Object.new(),
        "list": Array.of(name_id),
        "lookalike": to_js({"name": "a"}, dict_converter=Object.fromEntries),
        "stub": namespace.get(name_id),
        "namespace": namespace,
    }
    out = {}
    for key, value in given.items():
        out[key] = [
            outcome(lambda value=value: ns.get(value)),
            outcome(lambda value=value: name_id.equals(value)),
        ]
    out["missing"] = [
        outcome(lambda: ns.get()),
        outcome(lambda: name_id.equals()),
        outcome(lambda: ns.getByName()),
        outcome(lambda: ns.idFromString()),
        outcome(lambda: ns.idFromName()),
    ]
    out["equal"] = [
        name_id.equals(name_id),
        name_id.equals(ns.idFromName("a")),
        name_id.equals(namespace.get(name_id).id),
    ]
    return out


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        path = urlsplit(request.url).path
        ns = self.env.SUBJECT
        return Response.json(names(ns) if path == "/names" else refused(ns))
