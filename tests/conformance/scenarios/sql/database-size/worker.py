from contextlib import suppress
from urllib.parse import urlsplit

from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    @property
    def size(self):
        return self.ctx._ctx.storage.sql.databaseSize  # the SDK keeps the first value it saw

    def exec(self, *arguments):
        self.ctx.storage.sql.exec(*arguments)
        return self.size

    async def growing(self):
        out = [
            self.size,
            self.exec("create table t(a, b)"),
            self.exec("create index i on t(a)"),
            self.exec("insert into t values(1, 'small')"),
        ]
        out += [self.exec("insert into t values(2, ?)", "x" * 10000) for _ in range(3)]
        return [
            *out,
            self.exec("insert into t values(3, zeroblob(1000000))"),
            self.exec("create table u(a primary key) without rowid"),
            self.exec("create view v as select 1"),
        ]

    async def entries(self):
        storage = self.ctx.storage
        out = [self.size]
        storage.kv.get("a")
        out.append(self.size)
        await storage.put("a", 1)
        out.append(self.size > 4096)
        await storage.put("b", "x" * 100000)
        out.append(self.size > 100000)
        await storage.delete("b")
        return [*out, self.size < 20000]

    async def rolled_back(self):
        out = [self.exec("create table t(a)")]

        def failing():
            out.append(self.exec("insert into t values(zeroblob(50000))"))
            raise ValueError("undo")

        async def closure(txn):
            out.append(self.exec("insert into t values(zeroblob(50000))"))
            txn.rollback()
            out.append(self.size)

        with suppress(ValueError):
            self.ctx.storage.transactionSync(failing)
        out.append(self.size)
        await self.ctx.storage.transaction(closure)
        return [*out, self.size]

    async def deleted(self):
        out = [
            self.exec("create table t(a)"),
            self.exec("insert into t values(zeroblob(100000))"),
            self.exec("delete from t"),
            self.exec("insert into t values(zeroblob(50000))"),
            self.exec("drop table t"),
        ]
        await self.ctx.storage.sync()
        out += [self.size, self.exec("create table u(a)")]
        await self.ctx.storage.deleteAll()
        return [*out, self.size, self.exec("create table u(a)")]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
