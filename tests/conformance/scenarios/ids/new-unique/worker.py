import re

from js import Array, Object
from pyodide.ffi import JsException, jsnull, to_js
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    async def whoami(self):
        object_id = self.ctx.id
        return [
            str(object_id),
            getattr(object_id, "name", None),
            getattr(object_id, "jurisdiction", None),
        ]


def outcome(action):
    try:
        return action()
    except JsException as error:
        return f"{error.name}: {error.message}"


def options(**given):
    return to_js(given, dict_converter=Object.fromEntries)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        ns = self.env.SUBJECT

        def made(*args, **kwargs):
            return outcome(lambda: len(str(ns.newUniqueId(*args, **kwargs))))

        def sub(*args):
            return outcome(
                lambda: ns.jurisdiction(*args).idFromName("a").equals(ns.idFromName("a"))
            )

        unique = ns.newUniqueId()
        many = {str(ns.newUniqueId()) for _ in range(50)}
        inside = await ns.get(unique).whoami()
        by_text = await ns.get(ns.idFromString(str(unique))).whoami()
        return Response.json(
            {
                "made": {
                    "plain": made(),
                    "undefined": made(None),
                    "nothing": made(jsnull),
                    "empty": made(Object.new()),
                    "none": made(jurisdiction=None),
                    "null": made(jurisdiction=jsnull),
                    "unknownOption": made(locationHint="weur"),
                    "list": made(Array.new()),
                    "text": made("eu"),
                    "number": made(5),
                    "yes": made(True),
                    "eu": made(options(jurisdiction="eu")),
                    "fedramp": made(jurisdiction="fedramp"),
                    "other": made(jurisdiction="moon"),
                    "blank": made(jurisdiction=""),
                    "numeric": made(jurisdiction=5),
                },
                "sub": {
                    "plain": sub(),
                    "undefined": sub(None),
                    "nothing": sub(jsnull),
                    "eu": sub("eu"),
                    "blank": sub(""),
                    "number": sub(0),
                    "object": sub(Object.new()),
                },
                "many": len(many),
                "lower": re.fullmatch("[0-9a-f]{64}", str(unique)) is not None,
                "name": getattr(unique, "name", None),
                "jurisdiction": getattr(unique, "jurisdiction", None),
                "keys": list(Object.keys(unique)),
                "stubName": getattr(ns.get(unique), "name", None),
                "inside": [inside[0] == str(unique), inside[1], inside[2]],
                "byText": by_text[0] == inside[0],
            }
        )
