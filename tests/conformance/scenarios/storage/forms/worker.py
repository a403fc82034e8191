from workers import DurableObject, Response, WorkerEntrypoint


def pairs(found):
    return [[key, value] for key, value in found.items()]


class Subject(DurableObject):
    async def run(self):
        storage = self.ctx.storage
        out = {}
        out["missing"] = await storage.get("a")
        out["put"] = await storage.put("a", 1)
        out["get"] = await storage.get("a")
        out["putEntries"] = await storage.put({"b": 2, "c": [3], "d": "4"})
        out["getMany"] = pairs(await storage.get(["d", "b", "nope", "b"]))
        out["getNone"] = pairs(await storage.get([]))
        out["deleteMissing"] = await storage.delete("nope")
        out["delete"] = await storage.delete("a")
        out["deleteAgain"] = await storage.delete("a")
        out["deleteMany"] = await storage.delete(["b", "nope", "c"])
        out["deleteNone"] = await storage.delete([])
        out["list"] = pairs(await storage.list())
        await storage.put(5, "number key")
        out["numberKey"] = await storage.get("5")
        await storage.put("", "empty key")
        out["emptyKey"] = await storage.get("")
        await storage.put("null", None)
        out["nullIsKept"] = pairs(await storage.get(["null"]))
        await storage.put("a", 1, allowUnconfirmed=True, noCache=True, unknown=1)
        out["options"] = await storage.get("a", allowConcurrency=True, noCache=True)
        await storage.put({"p": 1, "q": 2}, allowUnconfirmed=True)
        out["entriesOptions"] = pairs(await storage.get(["p", "q"]))
        out["sync"] = await storage.sync()
        out["keys"] = list(await storage.list())
        return out


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(await self.env.SUBJECT.getByName("foo").run())
