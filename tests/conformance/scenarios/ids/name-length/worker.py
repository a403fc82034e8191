from workers import DurableObject, Response, WorkerEntrypoint

NAMES = {
    "empty": "",
    "one": "a",
    "most": "a" * 1024,
    "tooLong": "a" * 1025,
    "long": "b" * 100000,
    "twoBytes": "é" * 512,
    "twoBytesTooLong": "é" * 512 + "a",
    "fourBytes": "😀" * 256,
    "fourBytesTooLong": "😀" * 256 + "a",
}


class Subject(DurableObject):
    async def length(self):
        name = getattr(self.ctx.id, "name", None)
        return None if name is None else len(name)

    async def hex(self):
        return str(self.ctx.id)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        ns = self.env.SUBJECT
        out = {}
        for key, name in NAMES.items():
            stub = ns.getByName(name)
            name_id = ns.idFromName(name)
            length = await stub.length()
            out[key] = {
                "outside": [stub.name == name, ns.get(name_id).name == name, name_id.name == name],
                "inside": "absent" if length is None else length == len(name),
                "hex": str(name_id),
                "same": await stub.hex() == str(name_id),
            }
        return Response.json(out)
