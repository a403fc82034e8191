import asyncio
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


def outcome(call):
    try:
        return call()
    except JsException as error:
        return f"{error.name}: {error.message}"


def value_of(step):
    """The column of a step of an iterator, which is None at the end."""
    row = step.get("value")
    return None if row is None else row["a"]


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.sql = ctx.storage.sql

    def fill(self):
        self.sql.exec("create table if not exists t(a)")
        self.sql.exec("delete from t")
        self.sql.exec("insert into t values(1), (2), (3), (4), (5)")

    def open(self):
        self.fill()
        return self.sql.exec("select a from t")

    def next(self, cursor):
        return outcome(lambda: value_of(cursor.next()))

    def rest(self, cursor):
        return outcome(lambda: [row["a"] for row in cursor.toArray()])

    def all(self, statement):
        return outcome(lambda: list(self.sql.exec(statement).toArray()))

    async def over_awaits(self, _):
        cursor = self.open()
        out = [self.next(cursor)]
        await asyncio.sleep(0.002)
        out.append(self.next(cursor))
        await self.ctx.storage.sync()
        out.append(self.next(cursor))
        await self.ctx.blockConcurrencyWhile(lambda: out.append(self.next(cursor)))
        return [*out, self.rest(cursor), self.next(cursor) or "end"]

    async def over_calls(self, what):
        if what == "open":
            self.kept = self.open()
            return self.next(self.kept)
        self.sql.exec("insert into t values(6)")
        return [self.next(self.kept), self.rest(self.kept)]

    async def over_rollback(self, _):
        cursor = self.open()
        out = [self.next(cursor)]

        def closure():
            self.sql.exec("insert into t values(7)")
            out.append(self.next(cursor))
            raise ValueError("undo")

        try:
            self.ctx.storage.transactionSync(closure)
        except ValueError:
            out.append(self.rest(cursor))
        return out

    async def over_transaction(self, _):
        cursor = self.open()
        out = [self.next(cursor)]
        kept = []

        async def closure(txn):
            self.sql.exec("insert into t values(7)")
            inside = self.sql.exec("select a from t")
            kept.append(inside)
            out.extend([self.next(cursor), self.next(inside)])
            txn.rollback()
            out.extend([self.next(cursor), self.next(inside)])

        await self.ctx.storage.transaction(closure)
        return [*out, self.rest(cursor), self.rest(kept[0])]

    async def dropped(self, _):
        cursor = self.open()
        out = [self.next(cursor), self.all("drop table t")]
        out.append(self.all("create index i on t(a)"))
        out.append(self.all("alter table t rename to u"))
        out += [self.rest(cursor), self.all("drop table u")]
        return [*out, self.all("drop table if exists t")]

    async def changed(self, _):
        cursor = self.open()
        out = [self.next(cursor)]
        self.sql.exec("update t set a = a * 10")
        out.append(self.next(cursor))
        self.sql.exec("delete from t where a > 30")
        out.append(self.rest(cursor))
        ordered = self.sql.exec("select a from t order by a desc")
        self.sql.exec("delete from t")
        return [*out, self.rest(ordered)]

    async def same_text(self, _):
        first = self.open()
        second = self.sql.exec("select a from t")
        third = self.sql.exec("select a from t")
        out = [self.next(first), self.next(second), self.next(first)]
        return [*out, self.rest(second), self.rest(third), self.rest(first)]

    async def after_delete_all(self, _):
        cursor = self.open()
        out = [self.next(cursor)]
        await self.ctx.storage.deleteAll()
        out += [self.next(cursor), self.rest(cursor), cursor.columnNames]
        return [*out, self.all("select a from t")]

    async def broken_off(self, _):
        cursor = self.open()
        out = []
        for row in cursor:
            out.append(row["a"])
            if row["a"] == 2:
                break
        raw = cursor.raw()
        out += [raw.next()["value"], raw.next()["value"], self.next(cursor)]
        return [*out, raw.next()["done"], cursor.next()["done"]]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        url = urlsplit(request.url)
        method = url.path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)(url.query))
