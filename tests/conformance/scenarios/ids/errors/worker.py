from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    pass


class Other(DurableObject):
    pass


def failure(action):
    try:
        action()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return None


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        ns = self.env.SUBJECT
        name_id = ns.idFromName("foo")
        text = str(name_id)
        flipped = "1" if text.endswith("0") else "0"
        foreign = str(self.env.OTHER.idFromName("foo"))
        return Response.json(
            {
                "tooShort": failure(lambda: ns.idFromString("abc")),
                "empty": failure(lambda: ns.idFromString("")),
                "notHex": failure(lambda: ns.idFromString("z" * 64)),
                "tooLong": failure(lambda: ns.idFromString(text + "00")),
                "badChecksum": failure(lambda: ns.idFromString(text[:63] + flipped)),
                "foreign": failure(lambda: ns.idFromString(foreign)),
                "noName": failure(lambda: ns.idFromName()),
                "getOfText": failure(lambda: ns.get(text)),
                "equalsOfText": failure(lambda: name_id.equals(text)),
                "jurisdiction": failure(lambda: ns.newUniqueId(jurisdiction="eu")),
                "subNamespace": failure(lambda: ns.jurisdiction("eu")),
                "routingMode": failure(lambda: ns.get(name_id, routingMode="nearest")),
                "anyLocationHint": failure(lambda: ns.get(name_id, locationHint="atlantis")),
            }
        )
