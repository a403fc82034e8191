"""ObjectDatabase: entries, records, transactions, deletion; connections that come and go."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.storage.sqlite import ObjectDatabase, SqlError, SqliteStore
from tests.storage.sqlite.support import NAMESPACE, A, B, committed, open_store, refusal, rows

KEYS = ["", "Z", "a", "a\0", "aa", "b", "é", "\ud800", "\uffff", "\U00010000"]


@pytest.mark.rule("KV-9")
async def test_entries_are_listed_in_the_order_of_their_bytes(database: ObjectDatabase) -> None:
    database.kv_put({key: key.encode(errors="surrogatepass") for key in reversed(KEYS)})
    assert [key for key, _ in database.kv_list()] == KEYS
    assert [key for key, _ in database.kv_list("a", "b")] == ["a", "a\0", "aa"]
    assert [key for key, _ in database.kv_list("a", reverse=True, limit=2)] == KEYS[:-3:-1]
    assert [key for key, _ in database.kv_list("\ud800", "\uffff")] == ["\ud800"]
    for key in KEYS:
        assert database.kv_get(key) == key.encode(errors="surrogatepass")
    assert database.kv_delete([*KEYS, "missing"]) == len(KEYS)
    assert [*database.kv_list()] == []


@pytest.mark.rule("SQL-32")
async def test_a_listing_is_live(database: ObjectDatabase) -> None:
    database.kv_put({"a": b"1", "b": b"2", "c": b"3"})
    listing = database.kv_list()
    assert next(listing) == ("a", b"1")
    database.kv_delete(["c"])
    database.kv_put({"d": b"4"})
    assert [*listing] == [("b", b"2"), ("d", b"4")]


@pytest.mark.rule("KV-4", "KV-27")
async def test_entries_that_are_too_big_leave_none_of_their_put(database: ObjectDatabase) -> None:
    with pytest.raises(SqlError, match=r"^string or blob too big: SQLITE_TOOBIG$"):
        database.kv_put({"a": b"1", "b": bytes(9_000_000)})
    assert [*database.kv_list()] == []


@pytest.mark.rule("SQL-43")
async def test_reading_opens_no_transaction(database: ObjectDatabase) -> None:
    assert database.kv_get("a") is None
    assert rows(database, "select 1") == [(1,)]
    rows(database, "pragma foreign_keys = off")
    assert not database.in_transaction
    rows(database, "create table if not exists t(a)")
    assert database.in_transaction


async def test_what_was_not_committed_is_undone(database: ObjectDatabase) -> None:
    rows(database, "create table t(a)")
    await committed(database)
    database.kv_put({"a": b"1"})
    rows(database, "insert into t values(1)")
    database.roll_back()
    assert database.kv_get("a") is None
    assert rows(database, "select * from t") == []


async def test_savepoints_nest(database: ObjectDatabase) -> None:
    database.kv_put({"before": b""})
    outer = database.savepoint()
    rows(database, "create table t(a)")
    inner = database.savepoint()
    database.kv_put({"inner": b""})
    database.roll_back_to(inner)
    kept = database.savepoint()
    database.kv_put({"kept": b""})
    database.release(kept)
    assert [key for key, _ in database.kv_list()] == ["before", "kept"]
    database.roll_back_to(outer)
    assert [key for key, _ in database.kv_list()] == ["before"]
    assert refusal(database, "select * from t") == "no such table: t: SQLITE_ERROR"
    await committed(database)


@pytest.mark.rule("OG-6")
async def test_a_commit_that_breaks_a_constraint_is_refused(database: ObjectDatabase) -> None:
    rows(database, "create table p(id integer primary key)")
    rows(database, "create table c(p references p deferrable initially deferred)")
    await committed(database)
    rows(database, "insert into c values(9)")
    with pytest.raises(SqlError) as caught:
        database.commit(lambda _: None)
    assert caught.value.is_constraint
    database.roll_back()
    assert rows(database, "select * from c") == []


@pytest.mark.rule("SQL-16")
async def test_a_returning_cursor_that_is_open_stops_the_commit(database: ObjectDatabase) -> None:
    rows(database, "create table t(a)")
    cursor = database.execute("insert into t values(1), (2) returning a")
    with pytest.raises(SqlError, match="SQL statements in progress: SQLITE_BUSY"):
        database.commit(lambda _: None)
    cursor.drain()
    assert await committed(database) is None


@pytest.mark.rule("OG-7")
async def test_a_critical_error_takes_the_transaction_with_it(database: ObjectDatabase) -> None:
    rows(database, "create table t(a)")
    await committed(database)
    database._own("pragma max_page_count = 10")
    database.kv_put({"a": b"1"})
    with pytest.raises(SqlError, match=r"^database or disk is full: SQLITE_FULL$") as caught:
        rows(database, "insert into t values(zeroblob(1000000))")
    assert caught.value.critical
    database.roll_back()
    assert database.kv_get("a") is None


async def test_a_statement_that_rolls_back_leaves_nothing_to_commit(
    database: ObjectDatabase,
) -> None:
    rows(database, "create table t(a unique); insert into t values(1)")
    text = refusal(database, "insert or rollback into t values(1)")
    assert text.startswith("UNIQUE constraint failed: t.a: SQLITE_CONSTRAINT")
    with pytest.raises(SqlError, match="no transaction is active"):
        database.commit(lambda _: None)


@pytest.mark.rule("KV-23")
async def test_deleting_all_cancels_cursors_and_keeps_records(database: ObjectDatabase) -> None:
    database.put_records({"alarm": b"1", "gone": b"2"})
    database.put_records({"gone": None})
    assert (database.next_bookmark(), database.next_bookmark()) == (0, 1)
    rows(database, "create table t(a); insert into t values(1), (2), (3)")
    await committed(database)
    cursor = database.execute("select a from t")
    listing = database.execute("select 1 union select 2")
    database.kv_put({"pending": b""})
    database.delete_all()
    for canceled in (cursor, listing):
        with pytest.raises(SqlError, match="canceled because the database was deleted"):
            canceled.next()
    assert [*database.kv_list()] == []
    assert rows(database, "select name from sqlite_master where name = 't'") == []
    assert (database.record("alarm"), database.record("gone")) == (b"1", None)
    assert database.next_bookmark() == 2
    assert await committed(database) is None


@pytest.mark.rule("KV-21", "SQL-26")
async def test_a_deleted_database_is_small_again(database: ObjectDatabase) -> None:
    assert database.size_bytes == 4096
    rows(database, "create table t(a)")
    assert database.size_bytes == 8192
    rows(database, "insert into t values(zeroblob(100000))")
    assert database.size_bytes > 100_000
    await committed(database)
    database.delete_all()
    assert database.size_bytes == 4096
    database.delete_all()
    assert database.size_bytes == 4096


@pytest.mark.rule("ID-3")
async def test_an_object_that_never_wrote_has_no_file(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    database = store.database(NAMESPACE, A)
    assert database.kv_get("a") is None
    assert [*database.kv_list()] == []
    database.delete_all()
    assert await committed(database) is None
    store.release(database)
    await store.close()
    assert [*tmp_path.iterdir()] == []


@pytest.mark.rule("ID-3")
async def test_state_is_there_after_the_store_was_opened_again(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    database = store.database(NAMESPACE, A)
    database.kv_put({"a": b"1"})
    rows(database, "create table t(a); insert into t values(5)")
    await committed(database)
    rows(database, "insert into t values(6)")
    await store.close()
    store = open_store(tmp_path)
    assert store.namespaces() == [NAMESPACE]
    assert store.list_objects(NAMESPACE) == [A]
    database = store.database(NAMESPACE, A)
    assert database.kv_get("a") == b"1"
    assert rows(database, "select a from t") == [(5,)]
    await store.close()


@pytest.mark.parametrize("on_disk", [True, False])
async def test_connections_are_closed_and_opened_again_unnoticed(
    tmp_path: Path, *, on_disk: bool
) -> None:
    store = open_store(tmp_path if on_disk else None, connections_max=3)
    databases = [store.database(NAMESPACE, f"{number:064x}") for number in range(20)]
    for turn in range(3):
        for number, database in enumerate(databases):
            database.kv_put({f"turn {turn}": bytes([number])})
            assert await committed(database) is None
    assert store.statistics().connections == 3
    for number, database in enumerate(databases):
        assert [value for _, value in database.kv_list()] == [bytes([number])] * 3
    await store.close()


async def test_a_connection_that_is_needed_stays_open(store: SqliteStore) -> None:
    store._connections_max = 1
    reading, pinned = store.database(NAMESPACE, A), store.database(NAMESPACE, B)
    rows(reading, "create table t(a); insert into t values(1), (2), (3)")
    await committed(reading)
    cursor = reading.execute("select a from t")
    rows(pinned, "pragma recursive_triggers = on")
    for number in range(5):
        other = store.database(NAMESPACE, f"{number:064x}")
        other.kv_put({"a": b""})
        await committed(other)
    assert [cursor.next(), cursor.next(), cursor.next()] == [(1,), (2,), (3,)]
    assert rows(pinned, "pragma recursive_triggers") == [(1,)]
    assert store.statistics().connections == 3


async def test_the_last_rowid_survives_a_closed_connection(store: SqliteStore) -> None:
    store._connections_max = 1
    database, other = store.database(NAMESPACE, A), store.database(NAMESPACE, B)
    rows(database, "create table t(a); insert into t(rowid, a) values(7, 1)")
    await committed(database)
    other.kv_put({"a": b""})
    await committed(other)
    assert rows(database, "select last_insert_rowid()") == [(7,)]


async def test_a_new_instance_starts_with_a_connection_as_new(store: SqliteStore) -> None:
    database = store.database(NAMESPACE, A)
    rows(database, "pragma foreign_keys = off")
    rows(database, "create table t(a); insert into t values(1)")
    store.release(database)
    database = store.database(NAMESPACE, A)
    assert rows(database, "pragma foreign_keys") == [(1,)]
    assert rows(database, "select last_insert_rowid()") == [(0,)]
    assert rows(database, "select name from sqlite_master") == []


async def test_released_databases_are_forgotten_when_they_are_closed(store: SqliteStore) -> None:
    store._connections_max = 2
    for number in range(10):
        database = store.database(NAMESPACE, f"{number:064x}")
        database.kv_put({"a": b""})
        await committed(database)
        store.release(database)
    assert store.statistics().databases <= 3
    assert len(store.list_objects(NAMESPACE)) == 10
