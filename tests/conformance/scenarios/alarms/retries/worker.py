import asyncio

import js
from pyodide.ffi import create_proxy
from workers import DurableObject, Response, WorkerEntrypoint

LATER = 4102444800000
KINDS = [
    "thrown",
    "rejected",
    "aborted",
    "section",
    "bad_commit",
    "bad_transaction",
    "background",
    "sent_away",
    "deleted_between",
    "set_between",
    "kept_between",
]


async def failing(*_):
    raise ValueError("own")


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.sql = ctx.storage.sql
        self.sql.exec("create table if not exists p(id integer primary key)")
        self.sql.exec(
            "create table if not exists c(p references p(id) deferrable initially deferred)"
        )
        self.sql.exec("create table if not exists log(line)")

    def note(self, line):
        self.sql.exec("insert into log values(?)", line)

    async def start(self, kind):
        await self.ctx.storage.put("kind", kind)
        await self.ctx.storage.setAlarm(1)

    async def alarm(self, info):
        storage = self.ctx.storage
        kind = await storage.get("kind")
        times = await storage.get("times") or []
        await storage.put("times", [*times, info.scheduledTime])
        same = not times or times[0] == info.scheduledTime
        self.note(f"run {info.retryCount} {str(info.isRetry).lower()} {str(same).lower()}")
        await storage.sync()
        if info.retryCount > 0:
            return
        match kind:
            case "thrown" | "deleted_between" | "set_between" | "kept_between":
                self.note("lost? no: an exception undoes nothing")
                raise ValueError("own")
            case "rejected":
                await asyncio.sleep(0.002)
                await failing()
            case "aborted":
                self.note("lost")
                self.ctx.abort("stopped")
            case "section":
                await self.ctx.blockConcurrencyWhile(failing)
            case "bad_commit":
                self.note("lost")
                self.sql.exec("insert into c values(9)")
            case "bad_transaction":
                await storage.transaction(lambda _: self.sql.exec("insert into c values(9)"))
            case "background":
                self.ctx.waitUntil(failing())
            case "sent_away":
                js.setTimeout(create_proxy(failing), 0)

    async def between(self, kind):
        storage = self.ctx.storage
        alarm = await storage.getAlarm()
        self.note(f"between {'none' if alarm is None else 'past' if alarm < LATER else 'later'}")
        if kind == "deleted_between":
            await storage.deleteAlarm()
        if kind == "set_between":
            await storage.setAlarm(LATER)

    async def report(self):
        alarm = await self.ctx.storage.getAlarm()
        rows = self.sql.exec("select line from log").toArray()
        return {
            "log": [row["line"] for row in rows],
            "left": None if alarm is None else "past" if alarm < LATER else "later",
        }


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        objects = {kind: self.env.SUBJECT.getByName(kind) for kind in KINDS}
        await asyncio.gather(*[stub.start(kind) for kind, stub in objects.items()])
        await asyncio.sleep(0.3)

        def fresh(kind):
            return self.env.SUBJECT.getByName(kind)

        between = [kind for kind in KINDS if kind.endswith("between")]
        await asyncio.gather(*[fresh(kind).between(kind) for kind in between])
        await asyncio.sleep(2.7)
        reports = await asyncio.gather(*[fresh(kind).report() for kind in KINDS])
        return Response.json(dict(zip(KINDS, reports, strict=True)))
