"""The request's body lists patterns `{pattern: [arguments], test: [[arguments]...]}`; tells their
components, and what matches."""

from js import Object, URLPattern
from pyodide.ffi import JsException, jsnull, to_js
from workers import Response, WorkerEntrypoint

COMPONENTS = (
    "protocol", "username", "password", "hostname", "port", "pathname", "search", "hash",
)  # fmt: skip


def argument(value):
    if value is None:
        return jsnull
    return to_js(value, dict_converter=Object.fromEntries) if isinstance(value, dict) else value


def outcome(work, *args):
    try:
        return work(*args)
    except JsException as error:
        return f"{error.name}: {error.message}"


def groups_of(match):
    if match is jsnull:
        return None
    shown = {"inputs": match.inputs.to_py()}
    for name in COMPONENTS:
        component = getattr(match, name)
        groups = {key: getattr(component.groups, key) for key in Object.keys(component.groups)}
        pairs = [[k, "undefined" if v is None else v] for k, v in sorted(groups.items())]
        if component.input or any(key != "0" for key, _ in pairs):
            shown[name] = [component.input, pairs]
    return shown


def describe(work):
    pattern = URLPattern.new(*map(argument, work["pattern"]))
    inputs = [list(map(argument, args)) for args in work.get("test", ())]
    return {
        "components": [getattr(pattern, name) for name in COMPONENTS],
        "regexp": pattern.hasRegExpGroups,
        "tests": [outcome(pattern.test, *args) for args in inputs],
        "matches": [outcome(lambda args=args: groups_of(pattern.exec(*args))) for args in inputs],
    }


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json([outcome(describe, work) for work in await request.json()])
