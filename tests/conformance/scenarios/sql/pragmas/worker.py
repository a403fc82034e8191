import re
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


def plain(value):
    return {"bytes": list(value)} if isinstance(value, memoryview) else value


def row(item):
    return {key: plain(value) for key, value in item.items()}


def outcome(call):
    try:
        return call()
    except JsException as error:
        return f"{error.name}: {error.message}"


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.sql = ctx.storage.sql

    def rows(self, sql, *bindings):
        return outcome(lambda: [row(item) for item in self.sql.exec(sql, *bindings).toArray()])

    async def values(self):
        statements = [
            ["pragma page_size"],
            ["pragma page_size = 1024"],
            ["pragma case_sensitive_like"],
            ["pragma foreign_keys"],
            ["pragma defer_foreign_keys"],
            ["pragma ignore_check_constraints"],
            ["pragma legacy_alter_table"],
            ["pragma recursive_triggers"],
            ["pragma reverse_unordered_selects"],
            ["pragma foreign_keys = off"],
            ["pragma foreign_keys"],
            ["PRAGMA Foreign_Keys = 'YES'"],
            ["pragma foreign_keys"],
            ["pragma foreign_keys = 2"],
            ["pragma foreign_keys = maybe"],
            ["pragma foreign_keys(1)"],
        ]
        return [self.rows(*statement) for statement in statements]

    async def objects(self):
        statements = [
            ["create table t(a integer primary key, b references t)"],
            ["create index i on t(b)"],
            ["pragma table_info(t)"],
            ["pragma main.table_info(t)"],
            ["pragma temp.table_info(t)"],
            ["pragma table_info"],
            ["pragma table_xinfo(t)"],
            ["pragma index_list(t)"],
            ["pragma index_info(i)"],
            ["pragma index_xinfo(i)"],
            ["pragma foreign_key_list(t)"],
            ["pragma foreign_key_check"],
            ["pragma foreign_key_check(t)"],
            ["pragma quick_check"],
            ["pragma quick_check(1)"],
            ["pragma quick_check(t)"],
            ["pragma quick_check(_cf_KV)"],
            ["pragma optimize"],
            ["pragma optimize(1)"],
            ["pragma optimize(x)"],
            ["pragma table_list(t)"],
            ["pragma table_info(_cf_KV)"],
            ["select name from pragma_table_info('t')"],
            ["select * from pragma_table_info('_cf_KV')"],
            ["select * from pragma_foreign_keys"],
        ]
        return [self.rows(*statement) for statement in statements]

    async def refused(self):
        statements = [
            ["pragma journal_mode"],
            ["pragma user_version"],
            ["pragma page_count"],
            ["pragma cache_size"],
            ["pragma synchronous"],
            ["pragma integrity_check"],
            ["pragma database_list"],
            ["pragma function_list"],
            ["pragma encoding"],
            ["pragma wal_checkpoint"],
            ["pragma max_page_count"],
            ["pragma nonsense"],
            ["pragma writable_schema"],
            ["pragma trusted_schema"],
            ["pragma temp_store"],
            ["pragma locking_mode"],
        ]
        return [self.rows(*statement) for statement in statements]

    async def ignored_after_writes(self):
        statements = [
            ["create table w(a)"],
            ["pragma foreign_keys = off"],
            ["pragma foreign_keys"],
        ]
        return [self.rows(*statement) for statement in statements]

    async def maintenance(self):
        statements = [
            ["analyze t"],
            ["reindex t"],
            ["reindex"],
            ["explain query plan select 1"],
        ]
        return [self.rows(*statement) for statement in statements]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        try:
            return Response.json(await getattr(self.env.SUBJECT.getByName("subject"), method)())
        except JsException as error:
            message = re.sub(r"reference = \w+", "reference = ...", error.message)
            reset = bool(getattr(error.js_error, "durableObjectReset", False))
            return Response.json({"failed": message, "reset": reset})
