from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint

LAST = "\U0010ffff"
KEYS = [
    *("", "\0", "\0\0", "a", "a\0", "a\0b", "aa", "a\x7f", "a\x80", "a\uffff"),
    *("a\U00010000", "a" + LAST, "b", "\x7f", "\x80", "é", "é1", "\uffff", "\uffff\uffff"),
    *("\U00010000", "\U00010000x", LAST, LAST + LAST),
]


class Subject(DurableObject):
    async def fill(self):
        for key in KEYS:
            await self.ctx.storage.put(key, 1)

    async def list(self, **options):
        found = await self.ctx.storage.list(**options)
        return " ".join(str(KEYS.index(key)) for key in found)

    async def each(self, make):
        await self.fill()
        return [await self.list(**make(key)) for key in KEYS]

    async def prefixes(self):
        return await self.each(lambda key: {"prefix": key})

    async def bounds(self):
        return [
            await self.each(lambda key: {"start": key, "limit": 3}),
            await self.each(lambda key: {"end": key, "reverse": True, "limit": 3}),
        ]

    async def combined(self):
        await self.fill()
        return [
            await self.list(prefix=prefix, start=start, end=end, reverse=start == "a")
            for prefix in ("a", "", LAST, "\0", "zz")
            for start in ("", "a", "aa", "b", LAST)
            for end in ("", "a", "aa", "c", LAST + "\0")
        ]

    async def after(self):
        await self.fill()
        out = await self.each(lambda key: {"startAfter": key, "limit": 2})
        for key in ("", "a", "zz", LAST + LAST):
            out.append(await self.list(startAfter=key, prefix="a", end="a\uffff"))
            out.append(await self.list(startAfter=key, reverse=True, limit=2))
        return out

    async def long(self):
        long = "k" * 5000
        await self.ctx.storage.put({long: 1, long + "a": 2, long[1:]: 3})
        return [len(key) for key in await self.ctx.storage.list(prefix=long)]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
