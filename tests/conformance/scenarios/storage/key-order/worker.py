from workers import DurableObject, Response, WorkerEntrypoint

KEYS = ["\U00010000", "b1", "\uffff", "é", "b", "ab", "aa", "a\0", "a", "Z", "", "10", "9", "~"]


class Subject(DurableObject):
    async def run(self):
        storage = self.ctx.storage
        for key in KEYS:
            await storage.put(key, len(key))
        return {
            "list": list(await storage.list()),
            "reverse": list(await storage.list(reverse=True)),
            "get": list(await storage.get(KEYS)),
            "afterNul": list(await storage.list(startAfter="a", end="aa")),
            "high": list(await storage.list(start="\uffff")),
        }


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(await self.env.SUBJECT.getByName("foo").run())
