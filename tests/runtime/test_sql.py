"""SQLite-backed objects as Python guests have them: values, transactions, failures, the gates.

What workerd itself answered is recorded in tests/conformance/scenarios/sql.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from textwrap import indent
from typing import Any

import pytest

from emulator.js.errors import JsThrow
from emulator.runtime.sql_api import Cursor, SqlStorage, Statement
from emulator.storage import StorageFailed
from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]

# Each request's body is the body of a method; `report` answers with the text of what it is given.
SOURCE = """
    import asyncio
    from workers import DurableObject, Response, WorkerEntrypoint

    class Object(DurableObject):
        log = []

        async def run(self, code):
            storage, sql, kv = self.ctx.storage, self.ctx.storage.sql, self.ctx.storage.kv
            names = {"self": self, "storage": storage, "sql": sql, "kv": kv, "asyncio": asyncio}
            names["exec_"] = lambda text, *values: self.ctx.storage.sql.exec(text, *values).toArray()
            names["log"] = Object.log.append
            exec(code, names)
            return repr(await names["main"]())

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            if request.url.endswith("/log"):
                return Response(repr(Object.log))
            stub = self.env.OBJECT.getByName(request.url.rpartition("/")[2])
            try:
                return Response(await stub.run(await request.text()))
            except Exception as error:
                flags = [name for name in ("remote", "overloaded", "retryable", "durableObjectReset")
                         if getattr(getattr(error, "js_error", None), name, None)]
                return Response(f"{str(error).strip().splitlines()[-1]} {flags}", status=599)
"""


class Guest:
    """Runs code inside an object."""

    def __init__(self, worker: VirtualWorker) -> None:
        self.worker = worker

    def request(self, code: str, name: str = "a") -> dict[str, Any]:
        body = "async def main():\n" + indent(code.strip("\n"), "    ")
        return {"path": f"/{name}", "method": "POST", "body": body.encode()}

    def run(self, code: str, name: str = "a") -> str:
        answer = self.worker.fetch(**self.request(code, name))
        assert answer.status == 200, answer.text
        return answer.text

    def fail(self, code: str) -> str:
        answer = self.worker.fetch(**self.request(code))
        assert answer.status == 599, answer.text
        return answer.text

    @property
    def log(self) -> str:
        return self.worker.text("/log")


@pytest.fixture
def guest(worker: Open) -> Guest:
    return Guest(worker(SOURCE, sqlite=True))


# -- values ---------------------------------------------------------------------------------------


@pytest.mark.rule("PY-5")
@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("5", "('real', '5.0')"),
        ("1.5", "('real', '1.5')"),
        ("True", "('text', 'true')"),
        ("False", "('text', 'false')"),
        ("None", "('null', None)"),
        ("'é'", "('text', 'é')"),
        ("b'ab'", "('blob', 'ab')"),
        ("b''", "('blob', '')"),
        ("[1, 2]", "('text', '1,2')"),
        ("{'a': 1}", "('text', '[object Object]')"),
        ("float('nan')", "('null', None)"),
        ("float('inf')", "('real', 'Inf')"),
    ],
)
def test_a_value_is_bound_as(guest: Guest, value: str, stored: str) -> None:
    code = f"""
row = exec_('select typeof(?) as t, cast(? as text) as v', {value}, {value})[0]
return row["t"], row["v"]
"""
    assert guest.run(code) == stored


@pytest.mark.rule("PY-5")
def test_large_integers_are_refused(guest: Guest) -> None:
    assert "TypeError: Cannot convert a BigInt value to a number" in guest.fail(
        "return exec_('select ?', 2**60)"
    )


@pytest.mark.rule("SQL-8", "PY-5")
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1", "1"),
        ("1.5", "1.5"),
        ("2.0", "2"),
        ("9007199254740993", "9007199254740992.0"),
        ("'text'", "'text'"),
        ("null", "None"),
    ],
)
def test_a_column_is_read_as(guest: Guest, expression: str, value: str) -> None:
    assert guest.run(f"return exec_(\"select {expression} as v\")[0]['v']") == value


@pytest.mark.rule("PY-5")
def test_a_blob_is_a_memoryview(guest: Guest) -> None:
    code = "v = exec_(\"select x'0102' as v\")[0]['v']\nreturn type(v).__name__, bytes(v)"
    assert guest.run(code) == r"('memoryview', b'\x01\x02')"


@pytest.mark.rule("PY-5", "SQL-11")
def test_rows_are_dicts_and_raw_rows_are_lists(guest: Guest) -> None:
    code = """
rows = list(sql.exec("select 1 as a, 2 as b union all select 3, 4"))
raw = [list(row) for row in sql.exec("select 1 as a, 2 as b").raw()]
return rows, raw, sql.exec("select 5 as v").one(), sql.exec("select 1").next()["done"]
"""
    assert guest.run(code) == "([{'a': 1, 'b': 2}, {'a': 3, 'b': 4}], [[1, 2]], {'v': 5}, False)"


@pytest.mark.rule("SQL-26")
def test_the_size_of_the_database_is_live_where_the_sdk_did_not_keep_it(guest: Guest) -> None:
    code = """
sizes = []
for step in ("select 1", "create table t(a)", "insert into t values(zeroblob(20000))"):
    exec_(step)
    sizes.append(raw().sql.databaseSize)
return sizes
"""
    raw = "raw = lambda: self.ctx.storage._binding\n"
    assert guest.run(raw + code) == "[4096, 8192, 24576]"


# -- transactions ---------------------------------------------------------------------------------


@pytest.mark.rule("PY-6", "SQL-27")
def test_transaction_sync_passes_on_the_same_exception_and_undoes(guest: Guest) -> None:
    code = """
exec_("create table t(a)")
failure = ValueError("boom")
def body():
    exec_("insert into t values(1)")
    kv.put("k", 1)
    raise failure
try:
    storage.transactionSync(body)
except ValueError as error:
    return error is failure, exec_("select * from t"), kv.get("k"), storage.transactionSync(lambda: [5])
"""
    assert guest.run(code) == "(True, [], None, [5])"


@pytest.mark.rule("KV-14")
def test_a_transaction_undoes_sql_and_entries_alike(guest: Guest) -> None:
    code = """
exec_("create table t(a)")
async def body(txn):
    exec_("insert into t values(1)")
    await txn.put("txn", 1)
    await storage.put("storage", 1)
    kv.put("kv", 1)
    raise ValueError("boom")
try:
    await storage.transaction(body)
except Exception as error:
    return "ValueError: boom" in str(error), exec_("select * from t"), dict(await storage.list())
"""
    assert guest.run(code) == "(True, [], {})"


@pytest.mark.rule("KV-15", "KV-16")
def test_a_transaction_begins_after_what_was_written_before_it(guest: Guest) -> None:
    code = """
exec_("create table t(a)")
exec_("insert into t values(1)")
async def body(txn):
    exec_("insert into t values(2)")
    txn.rollback()
    exec_("insert into t values(3)")
    return "kept"
return await storage.transaction(body), exec_("select a from t")
"""
    assert guest.run(code) == "('kept', [{'a': 1}, {'a': 3}])"


@pytest.mark.rule("SQL-41")
def test_an_exception_of_a_handler_undoes_nothing(guest: Guest) -> None:
    assert "ValueError: boom" in guest.fail("exec_('create table t(a)')\nraise ValueError('boom')")
    assert guest.run("return exec_('select * from t')") == "[]"


@pytest.mark.rule("SQL-40")
def test_other_turns_see_a_turn_whole(guest: Guest) -> None:
    guest.run("exec_('create table t(a)')")
    code = """
before = len(exec_("select a from t"))
exec_("insert into t values(1)")
await storage.get("x")
exec_("insert into t values(2)")
return before
"""
    requests = [guest.worker.start(**guest.request(code)) for _ in range(4)]
    answers = [guest.worker.run(_result(request)) for request in requests]
    assert sorted(answers) == ["0", "2", "4", "6"]


async def _result(task: Any) -> str:
    return (await task).text


@pytest.mark.rule("KV-19")
def test_delete_all_is_refused_in_transactions(guest: Guest) -> None:
    code = """
async def attempt():
    try:
        await storage.deleteAll()
    except Exception as error:
        log(str(error))
async def body(txn):
    await attempt()
await storage.transaction(body)
"""
    guest.run(code)
    assert guest.log == "['Error: Cannot call deleteAll() within a transaction']"


# -- failures -------------------------------------------------------------------------------------

DEFERRED = """
exec_("create table p(id integer primary key)")
exec_("create table c(p references p deferrable initially deferred)")
"""
VIOLATED = (
    "Durable Object was reset and rolled back to its last known good state because the application "
    "left the database in a state where constraints were violated: FOREIGN KEY constraint failed: "
    "SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_FOREIGNKEY)"
)


@pytest.mark.rule("OG-5", "OG-6", "SQL-23")
@pytest.mark.parametrize("ending", ["return 'fine'", "raise ValueError('hidden')"])
def test_a_commit_that_breaks_a_constraint_resets_the_object(guest: Guest, ending: str) -> None:
    guest.run(DEFERRED)
    violate = "self.mark = 1\nkv.put('k', 1)\nexec_('insert into c values(9)')\n"
    assert guest.fail(violate + ending) == f"Error: {VIOLATED} []"
    after = "return exec_('select * from c'), kv.get('k'), hasattr(self, 'mark')"
    assert guest.run(after) == "([], None, False)"


@pytest.mark.rule("OG-5")
def test_nothing_leaves_an_object_whose_commit_fails(guest: Guest) -> None:
    guest.run(DEFERRED)
    guest.fail("""
exec_("insert into c values(9)")
other = self.env.OBJECT.getByName("b")
await other.run("async def main(): self.ctx.storage.kv.put('k', 1)")
""")
    assert guest.run("return kv.get('k')", "b") == "None"


@pytest.mark.rule("OG-6")
def test_an_explicit_commit_that_fails_is_an_internal_error(guest: Guest) -> None:
    guest.run(DEFERRED)
    text = guest.fail("""
async def body(txn):
    exec_("insert into c values(9)")
await storage.transaction(body)
""")
    assert text.startswith("Error: internal error; reference = ")
    assert text.endswith("['durableObjectReset']")
    assert guest.run("return exec_('select * from c')") == "[]"


@pytest.mark.rule("SQL-16")
def test_returning_rows_that_are_not_read_reset_the_object(guest: Guest) -> None:
    guest.run("exec_('create table t(a)')")
    text = guest.fail("""
self.cursor = sql.exec("insert into t values(1), (2) returning a")
return self.cursor.next()
""")
    assert text.startswith("Error: internal error; reference = ")
    assert text.endswith(" []")
    assert any("SQL statements in progress" in error for error in guest.worker.observer.errors)
    assert guest.run("return exec_('select * from t')") == "[]"


@pytest.mark.rule("OG-6", "OG-7")
def test_a_full_disk_resets_the_object_at_once(guest: Guest) -> None:
    guest.run("exec_('create table t(a)')\nkv.put('k', 1)")
    (database,) = guest.worker.emulator._databases._databases.values()
    database._own("pragma max_page_count = 20")
    text = guest.fail("""
kv.put("k", 2)
def body():
    try:
        exec_("insert into t values(zeroblob(1000000))")
    except Exception as error:
        log(str(error))
try:
    storage.transactionSync(body)
except Exception as error:
    log(str(error))
kv.put("k", 3)
return "survived"
""")
    assert text == "Error: database or disk is full: SQLITE_FULL ['durableObjectReset']"
    assert guest.log == repr(
        [
            "Error: database or disk is full: SQLITE_FULL",
            "Error: Cannot commit transaction due to an earlier SQL critical error",
        ]
    )
    assert guest.run("return kv.get('k'), exec_('select * from t')") == "(1, [])"


@pytest.mark.rule("SQL-15")
def test_a_cursor_lives_across_turns(guest: Guest) -> None:
    guest.run("""
exec_("create table t(a)")
exec_("insert into t values(1), (2), (3)")
self.cursor = sql.exec("select a from t")
""")
    assert guest.run("return self.cursor.next()['value']") == "{'a': 1}"
    assert "database table is locked: SQLITE_LOCKED" in guest.fail("exec_('drop table t')")
    assert guest.run("await storage.sync()\nreturn self.cursor.toArray()") == "[{'a': 2}, {'a': 3}]"
    guest.run("exec_('drop table t')")


@pytest.mark.rule("SQL-32")
def test_a_listing_of_entries_ends_where_another_begins(guest: Guest) -> None:
    code = """
kv.put("a", 1); kv.put("b", 2)
first = kv.list()
first.next()
kv.list()
first.next()
"""
    assert "kv.list() iterator was invalidated" in guest.fail(code)


@pytest.mark.rule("SQL-33")
def test_bookmarks_count_up_over_instances(guest: Guest) -> None:
    code = "return (await storage.getCurrentBookmark())[:17]"
    assert guest.run(code) == "'00000000-00000000'"
    guest.worker.advance(20)
    assert "evicted Object" in guest.worker.observer.events
    assert guest.run(code) == "'00000000-00000001'"


# -- classes without SQL --------------------------------------------------------------------------


@pytest.mark.rule("SQL-1", "SQL-34")
@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("exec_('select 1')", "Error: SQL is not enabled for this Durable Object class. To enable"),
        ("sql.databaseSize", "Error: SQL is not enabled for this Durable Object class. To enable"),
        ("kv.get('a')", "Error: The storage.kv (synchronous KV) API is only available for SQLite"),
        ("list(kv.list())", "Error: The storage.kv (synchronous KV) API is only available"),
        ("await storage.getCurrentBookmark()", "does not implement point-in-time recovery."),
    ],
)
def test_a_class_without_sqlite_refuses(worker: Open, code: str, text: str) -> None:
    assert text in Guest(worker(SOURCE)).fail(code)


@pytest.mark.rule("SQL-1")
def test_transaction_sync_works_without_sqlite(worker: Open) -> None:
    assert Guest(worker(SOURCE)).run("return storage.transactionSync(lambda: 5)") == "5"


@pytest.mark.rule("SQL-2")
def test_only_the_runtime_makes_cursors_and_statements() -> None:
    for cls in (Cursor, Statement, SqlStorage):
        with pytest.raises(JsThrow, match="Illegal constructor"):
            cls.js_constructor.js_construct(())


@pytest.mark.rule("SQL-3")
def test_exec_needs_a_text(guest: Guest) -> None:
    text = (
        "TypeError: Failed to execute 'exec' on 'SqlStorage': parameter 1 is not of type 'String'."
    )
    assert text in guest.fail("sql.exec()")


@pytest.mark.rule("OG-2", "OG-6")
@pytest.mark.parametrize(
    ("code", "text"),
    [(errno.ENOSPC, "database or disk is full: SQLITE_FULL"), (errno.EIO, "internal error; refe")],
)
def test_what_could_not_be_synced_is_not_told(guest: Guest, code: int, text: str) -> None:
    guest.run("kv.put('a', 1)")
    break_disk(guest, code)
    failed = guest.fail("kv.put('a', 2)\nreturn 'told'")
    assert failed.startswith(f"Error: {text}")
    assert failed.endswith("['durableObjectReset']")


def test_a_database_is_not_opened_on_a_broken_disk(guest: Guest) -> None:
    break_disk(guest, errno.EIO)
    failed = guest.fail("return kv.put('a', 1)")
    assert failed.startswith("Error: disk I/O error: SQLITE_IOERR")
    assert any("cannot sync" in error for error in guest.worker.observer.errors)


def break_disk(guest: Guest, code: int) -> None:
    failure = StorageFailed("cannot sync", cause=OSError(code, "refused"))
    guest.worker.emulator._databases._durability.failure = failure
