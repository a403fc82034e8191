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

    async def searching(self):
        return self.run(
            "create virtual table notes using fts5(title, body)",
            "insert into notes(rowid, title, body) values(1, 'Hello world', 'the "
            "quick brown fox'), (2, 'Lazy dog', 'the fox jumped; hello again'), (3, "
            "'Nothing', 'empty')",
            "select rowid, title from notes where notes match 'fox' order by rowid",
            "select rowid from notes('hello') order by rank, rowid",
            "select rowid from notes where notes match 'title:hello OR body:empty' order by rowid",
            "select rowid from notes where notes match '\"quick brown\"'",
            "select rowid from notes where notes match 'qui* NOT lazy'",
            "select rowid from notes where notes match 'NEAR(the fox, 3)' order by rowid",
            "select highlight(notes, 1, '<b>', '</b>') from notes where notes match "
            "'fox' order by rowid",
            "select snippet(notes, -1, '[', ']', '...', 3) from notes where notes "
            "match 'hello' order by rowid",
            "select round(bm25(notes), 3) < 0 from notes where notes match 'fox'",
            "select count(*) from notes where notes match 'absent'",
        )

    async def changing(self):
        return self.run(
            "create virtual table t using fts5(x, tokenize = 'porter ascii')",
            "insert into t values('running'), ('ran'), ('runner')",
            "select rowid from t where t match 'run'",
            "update t set x = 'stopped' where rowid = 1",
            "delete from t where rowid = 3",
            "select rowid, x from t order by rowid",
            "insert into t(t) values('optimize')",
            "insert into t(t) values('integrity-check')",
            "insert into t(t, rank) values('merge', 500)",
            "select term, doc, cnt from v",
            "create virtual table v using fts5vocab(t, 'row')",
            "select term, doc, cnt from v order by term",
            "create virtual table u using fts5(x, content = '', contentless_delete = 1)",
            "create virtual table w using fts5(x, tokenize = 'trigram')",
            "insert into w values('abcdef')",
            "select x from w where x like '%cde%'",
            "drop table t",
            "select name from sqlite_master where name like 't%'",
        )

    async def rtree(self):
        return self.run(
            "create virtual table boxes using rtree(id, x0, x1, y0, y1, +name)",
            "insert into boxes values(1, 0, 10, 0, 10, 'a'), (2, 20, 30, 20, 30, 'b')",
            "select id, name from boxes where x0 >= 15 and y1 <= 40",
            "select rtreecheck('boxes')",
            "insert into boxes values(3, 5, 1, 0, 1, 'bad')",
            "create virtual table ints using rtree_i32(id, a, b)",
            "insert into ints values(1, 2, 3)",
            "select * from ints",
            "select name, type from sqlite_master where name like 'boxes%' order by name",
            "select typeof(x0) from boxes limit 1",
        )

    async def refused(self):
        return self.run(
            "create virtual table a using fts4(x)",
            "create virtual table a using fts3(x)",
            "create virtual table a using csv(filename='x')",
            "create virtual table a using generate_series",
            "create virtual table a using dbstat",
            "create virtual table a using FTS5(x)",
            "create virtual table _cf_a using fts5(x)",
            "create virtual table temp.b using fts5(x)",
            "create virtual table c using fts5",
            "create virtual table d using fts5(x, y = )",
            "create virtual table e using fts5(x, nonsense = 1)",
            "select * from a where a match 'AND'",
            "select * from a where a match '\"'",
            "select match('x', 'y')",
            "select highlight(a, 0, '[', ']') from a where 0",
            "create virtual table f using rtree(id)",
            "create virtual table g using json_each",
        )


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
