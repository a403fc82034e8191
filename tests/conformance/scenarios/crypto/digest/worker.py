"""Runs the calls in the request's body, `[name, method, *arguments]` each, and tells their outcomes.

`[name, "=", value]` gives a value a name.
"""

from js import Object, crypto
from pyodide.ffi import JsException, jsnull, to_js
from workers import Response, WorkerEntrypoint

results = {}


def argument(value):
    """`hex:00ff` are bytes, `$name` is an earlier result, `$name.publicKey` a member of it, and
    `{"...": "$name", "x": 1}` a copy of it with another x."""
    match value:
        case list():
            return to_js([argument(item) for item in value])
        case dict():
            own = {key: argument(item) for key, item in value.items() if key != "..."}
            made = to_js(own, dict_converter=Object.fromEntries)
            return Object.assign(Object.new(), argument(value.get("...", "undefined")), made)
        case None:
            return jsnull
        case "undefined":
            return None
        case str() if value.startswith("hex:"):
            return to_js(bytes.fromhex(value[4:]))
        case str() if value.startswith("$"):
            name, *members = value[1:].split(".")
            result = results.get(name)
            for member in members:
                result = getattr(result, member)
            return result
    return value


def class_name(value):
    return getattr(getattr(value, "constructor", None), "name", "")


def show(value):
    if value is None:
        return "undefined"
    if value is jsnull:
        return None
    match class_name(value):
        case "ArrayBuffer":
            return f"hex:{value.to_bytes().hex()}"
        case "Uint8Array":
            return f"Uint8Array hex:{value.to_bytes().hex()}"
        case "CryptoKey":
            return {
                "type": value.type,
                "extractable": value.extractable,
                "algorithm": show(value.algorithm),
                "usages": value.usages.to_py(),
            }
        case "Object":
            return {key: show(getattr(value, key)) for key in Object.keys(value)}
    return value.to_py() if hasattr(value, "to_py") else value


def measure(value):
    """What is random is told by its size: a name that ends in `?` asks for that."""
    if class_name(value) == "ArrayBuffer":
        return value.byteLength
    members = {key: getattr(value, key) for key in Object.keys(value)}
    return {
        key: v if isinstance(v, bool) else len(v) for key, v in members.items() if v is not None
    }


async def outcome(name, method, *args):
    if method == "=":
        results[name] = argument(args[0])
        return "given"
    try:
        result = getattr(crypto.subtle, method)(*map(argument, args))
        if hasattr(result, "then"):
            result = await result
    except JsException as error:
        return f"{error.name}: {error.message}"
    results[name.removesuffix("?")] = result
    return measure(result) if name.endswith("?") else show(result)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        results.clear()
        calls = await request.json()
        return Response.json([[call[0], await outcome(*call)] for call in calls])
