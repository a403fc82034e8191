import asyncio
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint

LATER = 4102444800000


class Other(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def note(self, label):
        self.log.append(label)

    async def fetch(self, request):
        self.log.append(await request.text())
        return Response("noted")

    async def report(self):
        return sorted(self.log)


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.sql = ctx.storage.sql
        self.sql.exec("create table if not exists p(id integer primary key)")
        self.sql.exec(
            "create table if not exists c(p references p(id) deferrable initially deferred)"
        )

    def bad(self):
        """Allowed until the commit."""
        self.sql.exec("insert into c values(9)")

    async def alarm(self):
        pass

    async def first(self, kind):
        storage = self.ctx.storage
        match kind:
            case "read":
                await storage.get("x")
            case "unconfirmed":
                await storage.put("x", 1, allowUnconfirmed=True)
            case "confirmed":
                await storage.put("x", 1)
            case "kv":
                storage.kv.put("x", 1)
            case "sql":
                self.sql.exec("insert or ignore into p values(1)")
            case "alarm":
                await storage.setAlarm(LATER)
            case "unconfirmed_alarm":
                await storage.setAlarm(LATER, allowUnconfirmed=True)
            case "delete":
                await storage.delete("missing")
            case "unconfirmed_delete":
                await storage.delete("missing", allowUnconfirmed=True)
            case "transaction_sync":
                storage.transactionSync(lambda: storage.kv.put("x", 1))
            case "earlier_turn":
                await storage.put("x", 1)
                await asyncio.sleep(0.002)

    def tell(self, label):
        other = self.env.OTHER.getByName(self.ctx.id.name)
        return [
            asyncio.ensure_future(other.note(f"call {label}")),
            asyncio.ensure_future(other.fetch("http://x/", method="POST", body=f"fetch {label}")),
        ]

    async def run(self, kind):
        await self.first(kind)
        calls = self.tell("before")
        await asyncio.sleep(0.025)
        await self.first(kind)
        calls += self.tell("between")
        await asyncio.sleep(0)  # the calls are made when their tasks begin, still in this turn
        self.bad()
        calls += self.tell("after")
        await asyncio.gather(*calls, asyncio.sleep(0.02), return_exceptions=True)
        return "not reached"


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kind = urlsplit(request.url).path[1:]
        try:
            failed = await self.env.SUBJECT.getByName(kind).run(kind)
        except JsException as error:
            failed = error.message[:30]
        await asyncio.sleep(0.02)
        arrived = await self.env.OTHER.getByName(kind).report()
        return Response.json({"failed": failed, "arrived": arrived})
