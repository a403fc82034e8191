from js import JSON, Object, structuredClone
from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    async def echo(self, value):
        return value

    async def own(self):
        return self.ctx.id

    async def stored(self):
        return await outcome(lambda: self.ctx.storage.put("id", self.ctx.id))

    async def nested(self):
        return await outcome(lambda: self.ctx.storage.put({"a": {"b": [self.ctx.id]}}))

    async def looks(self):
        return looks(self.ctx.id)


async def outcome(action):
    try:
        return await action()
    except JsException as error:
        return f"{error.name}: {error.message}"


async def cloned(object_id):
    return structuredClone(object_id)


def looks(object_id):
    return {
        "json": JSON.stringify(object_id),
        "keys": sorted(Object.keys(object_id)),
        "text": str(object_id),
        "joined": f"<{object_id}>",
        "tag": Object.prototype.toString.call(object_id),
        "class": object_id.constructor.name,
        "type": object_id.typeof,
        "hasName": "name" in dir(object_id),
        "hasJurisdiction": "jurisdiction" in dir(object_id),
        "hasEquals": "equals" in dir(object_id),
        "methods": [object_id.equals.typeof, object_id.toString.typeof],
    }


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        ns = self.env.SUBJECT
        named = ns.idFromName("foo")
        stub = ns.get(named)
        unique = ns.newUniqueId()

        def hidden(facts):
            return {
                key: value.replace(str(unique), "<hex>") if isinstance(value, str) else value
                for key, value in facts.items()
            }

        return Response.json(
            {
                "named": looks(named),
                "empty": looks(ns.idFromName("")),
                "unique": hidden(looks(unique)),
                "parsed": looks(ns.idFromString(str(named))),
                "inside": await stub.looks(),
                "argument": await outcome(lambda: stub.echo(named)),
                "nestedArgument": await outcome(lambda: stub.echo({"id": [named]})),
                "result": await outcome(lambda: stub.own()),
                "stored": await stub.stored(),
                "nestedStored": await stub.nested(),
                "cloned": await outcome(lambda: cloned(named)),
            }
        )
