from itertools import product
from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint

KEYS = ["", "a", "a1", "a2", "ab", "b", "b1", "c", "é"]
PREFIXES = [None, "", "a", "b", "zz"]
STARTS = [None, "", "a1", "b", "c"]
ENDS = [None, "", "a2", "b", "z"]
LIMITS = [None, 1, 2]


def show(value):
    match value:
        case None:
            return "-"
        case bool():
            return str(value).lower()
        case _:
            return str(value)


class Subject(DurableObject):
    async def matrix(self, low):
        await self.ctx.storage.put(dict.fromkeys(KEYS, 1))
        found = {}
        for choice in product(PREFIXES, STARTS, ENDS, [False, True], LIMITS):
            names = ("prefix", low, "end", "reverse", "limit")
            options = {k: v for k, v in zip(names, choice, strict=True) if v is not None}
            label = "|".join(show(value) for value in choice)
            found[label] = ",".join(await self.ctx.storage.list(options))
        return found


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        low = urlsplit(request.url).path[1:]
        return Response.json(await self.env.SUBJECT.getByName(low).matrix(low))
