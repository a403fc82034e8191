from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, to_js
from workers import DurableObject, Response, WorkerEntrypoint

null = js.JSON.parse("null")


def outcome(call):
    try:
        return call()
    except JsException as error:
        return f"{error.name}: {error.message}"


def tag(value):
    return js.Object.prototype.toString.call(value)


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.storage = ctx._ctx.storage  # without the SDK's conversions
        self.sql = self.storage.sql

    async def members(self):
        sql, storage = self.sql, self.storage
        cursor = sql.exec("select 1 as a")
        members = (sql, cursor, cursor.raw(), storage.kv, storage)
        names = ("prepare", "ingest", "setMaxPageCountForTest")
        return {
            "tags": [tag(member) for member in members],
            "constructors": [sql.constructor.name, cursor.constructor.name],
            "same": [storage.sql == sql, storage.kv == storage.kv],
            "cursor": outcome(lambda: sql.Cursor.new()),
            "statement": outcome(lambda: sql.Statement.new()),
            "storage": outcome(lambda: sql.constructor.new()),
            "absent": ["function" if hasattr(sql, name) else "undefined" for name in names],
        }

    def rows(self, *arguments):
        def run():
            return [[plain(value) for value in row] for row in self.sql.exec(*arguments).raw()]

        return outcome(run)

    async def arguments(self):
        return [
            self.rows(),
            self.rows(5),
            self.rows(null),
            self.rows(None),
            self.rows(js.Object.new()),
            self.rows(to_js(["select 1"])),
            self.rows(js.String.new("select 2 as two")),
            self.rows(""),
            self.rows("select"),
            self.rows("select 1", 2),
            self.rows("select ?"),
            self.rows("select ?", 1, 2),
            self.rows("select ?, ?", 1),
        ]

    async def parameters(self):
        return [
            self.rows("select ?1, ?1", "a"),
            self.rows("select ?2, ?1", "a", "b"),
            self.rows("select ?3", "a"),
            self.rows("select ?3", "a", "b", "c"),
            self.rows("select :a, @b, $c, :a", "x", "y", "z"),
            self.rows("select :a", "x", "y"),
            self.rows("select ?0", 1),
            self.rows("select ?101", 1),
            self.rows("select $a::b", "x"),
            self.rows("select 'a?b', \"?\"", "x"),
            self.rows("select ? -- ?", "x"),
            self.rows("select /* ? */ ?", "x"),
            self.rows("select 1; select ?", "x"),
            self.rows("select ?; select 1", "x"),
            self.rows("select ?; select ?", "x", "y"),
        ]

    async def names(self):
        sql = self.ctx.storage.sql
        sql.exec('create table T(Mixed, "with space", _cf_ok)')
        sql.exec("insert into T values(1, 2, 3)")

        def names(text):
            keys = outcome(lambda: list(js.Object.keys(self.sql.exec(text).one())))
            return [list(sql.exec(text).columnNames), keys]

        out = [
            names("select * from T"),
            names("select mixed, T.Mixed, t.MIXED from T"),
            names("select 1 + 1, count(*), 'x', null"),
            names('select Mixed as Alias, Mixed as "" from T'),
            names("select Mixed + 1 from T"),
            names("select x.* from (select Mixed as y from T) x"),
            names("values(1, 2)"),
            names("select 1 as b, 2 as a, 3 as b"),
            sql.exec("insert into T values(4, 5, 6)").columnNames,
            sql.exec("insert into T values(4, 5, 6) returning Mixed as m, *").toArray(),
        ]
        return [*out, sql.exec("create table U(a)").columnNames]

    async def read_only(self):
        sql = self.sql
        cursor = sql.exec("select 1 as a")
        before = sql.databaseSize

        def assign_size():
            sql.databaseSize = 5
            return sql.databaseSize == before

        def assign_rows():
            cursor.rowsRead = 99
            return cursor.rowsRead == 99

        same = cursor.columnNames == cursor.columnNames
        return [outcome(assign_size), outcome(assign_rows), same]


def plain(value):
    return None if value is null else value


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
