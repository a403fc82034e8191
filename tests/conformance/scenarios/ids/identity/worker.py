from workers import DurableObject, Response, WorkerEntrypoint


def name_of(object_id):
    return getattr(object_id, "name", None)


class Subject(DurableObject):
    async def whoami(self):
        return {"id": str(self.ctx.id), "name": name_of(self.ctx.id)}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        ns = self.env.SUBJECT
        named = ns.idFromName("foo")
        text = str(named)
        parsed = ns.idFromString(text)
        unique = ns.newUniqueId()
        stub = ns.get(named)
        return Response.json(
            {
                "name": named.name,
                "nameAfterIdFromString": name_of(parsed),
                "nameOfUnique": name_of(unique),
                "equalsIgnoresName": named.equals(parsed),
                "equalsOther": named.equals(ns.idFromName("bar")),
                "upperCase": str(ns.idFromString(text.upper())) == text,
                "uniqueRoundTrip": ns.idFromString(str(unique)).equals(unique),
                "uniquesDiffer": not unique.equals(ns.newUniqueId()),
                "uniqueLength": len(unique.toString()),
                "stubId": stub.id.toString() == text,
                "stubName": stub.name,
                "getByNameIsTheSame": str(ns.getByName("foo").id.toString()) == text,
                "inside": await stub.whoami(),
                "insideByName": await ns.getByName("other").whoami(),
                "insideUnique": (await ns.get(unique).whoami())["id"] == str(unique),
            }
        )
