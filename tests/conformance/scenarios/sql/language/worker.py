from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


def plain(value):
    return {"bytes": list(value)} if isinstance(value, memoryview) else value


class Subject(DurableObject):
    def run(self, *statements):
        """Rows of each statement, or what is wrong with it."""
        return [self.one(statement) for statement in statements]

    def one(self, statement):
        try:
            rows = list(self.ctx.storage.sql.exec(statement).raw())
        except JsException as error:
            return f"{error.name}: {error.message}"
        return [[plain(value) for value in row] for row in rows]

    async def upserts(self):
        return self.run(
            "create table t(k text primary key, n integer default 0, at text)",
            "insert into t(k, n) values('a', 1), ('b', 2) returning k, n",
            "insert into t(k, n) values('a', 5) on conflict(k) do update set n = n "
            "+ excluded.n returning k, n",
            "insert into t(k, n) values('a', 5) on conflict do nothing returning k",
            "insert or replace into t(k) values('b') returning *",
            "insert or ignore into t(k) values('b')",
            "replace into t values('c', 3, null)",
            "insert into t(k, n) values('c', 1) on conflict(k) do update set n = 0 where n > 100",
            "select * from t order by k",
            "update t set n = 9 where k = 'a' returning n, old.n",
            "delete from t where k in ('a', 'b') returning k",
            "update t set n = x.v from (select 'c' as key, 42 as v) x where x.key = "
            "t.k returning t.n",
            "insert into t(k) values('c')",
        )

    async def queries(self):
        return self.run(
            "with recursive f(n, a, b) as (select 1, 0, 1 union all select n + 1, "
            "b, a + b from f where n < 8) select n, a from f",
            "select x, row_number() over (order by x), sum(x) over (order by x rows "
            "between 1 preceding and current row), lag(x) over (order by x), "
            "ntile(2) over (order by x) from (select value as x from "
            "json_each('[3,1,2]')) order by x",
            "select group_concat(value, '-' order by value desc), count(distinct "
            "value), total(value), avg(value), sum(value) filter (where value > 1) "
            "from json_each('[1,2,2]')",
            "select * from (values(1, 'a'), (2, 'b')) limit 1 offset 1",
            "select 1 union select 2 intersect select 2",
            "select 1 where 2 not in (select 1) and exists(select 1) and 3 between 1 and 5",
            "select case when null then 1 else 2 end, iif(1, 'y', 'n'), "
            "coalesce(null, 3), nullif(1, 1)",
            "select 5 / 2, 5 % 3, 5.0 / 2, 1 / 0, 7 << 2, ~5, 'a' || 1, 1 = '1', "
            "null is null, 'a' < 'B' collate nocase",
            "select a.x, b.y from (select 1 as x) a left join (select 2 as y) b on a.x = b.y",
            "select a.x, b.y from (select 1 as x) a full outer join (select 2 as y) b on a.x = b.y",
            "select cast('12abc' as integer), cast(3.9 as integer), cast(x'3132' as "
            "text), cast('x' as blob)",
            "select 0x10, 1e3, 'it''s', x'00ff', \"quoted literal\"",
            "select typeof(9223372036854775807 + 1), 9007199254740993, -9007199254740993",
        )

    async def schema(self):
        return self.run(
            "create table s(a integer, b text) strict",
            "insert into s values('x', 1)",
            "insert into s values('5', 'ok')",
            "select typeof(a), typeof(b) from s",
            "create table g(w, h, area generated always as (w * h) stored, label as "
            "(w || 'x' || h))",
            "insert into g(w, h) values(2, 3)",
            "select * from g",
            "insert into g(area) values(1)",
            "create table e(id integer primary key autoincrement, v check(v > 0))",
            "insert into e(v) values(1), (2)",
            "delete from e",
            "insert into e(v) values(3) returning id",
            "insert into e(v) values(-1)",
            "select name from sqlite_master where name = 'sqlite_sequence'",
            "alter table e rename column v to value",
            "alter table e add column note text default 'n'",
            "alter table e drop column note",
            "alter table e rename to renamed",
            "select * from renamed",
            "create table d as select 1 as one, 'two' as two",
            "select * from d",
            "drop table if exists missing",
            "create table if not exists d(x)",
            "create index i on d(one)",
            "drop index i",
            "create table bad(x integer, x text)",
            "reindex",
            "drop view missing",
        )

    async def triggers(self):
        return self.run(
            "create table log(what)",
            "create table t(a)",
            "create trigger t1 after insert on t begin insert into log "
            "values('insert ' || new.a); end",
            "create trigger t2 before update of a on t when new.a > 10 begin select "
            "raise(abort, 'too large'); end",
            "create trigger t3 after delete on t begin insert into log "
            "values('delete ' || old.a); end",
            "insert into t values(1), (2)",
            "update t set a = 5",
            "update t set a = 50",
            "delete from t where a = 5",
            "select what from log",
            "create view v as select a from t",
            "create trigger t4 instead of insert on v begin insert into t values(new.a * 2); end",
            "insert into v values(4)",
            "select * from t",
            "create trigger t5 after insert on t begin select raise(fail, 'failed'); end",
            "insert into t values(9)",
            "select a from t",
            "create temp trigger t6 after insert on t begin select 1; end",
        )


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
