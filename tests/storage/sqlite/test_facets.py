"""Databases below an object: finding, deleting and copying them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from emulator.storage.sqlite import SqliteStore
from tests.storage.sqlite.support import NAMESPACE, A, B, LossySync, committed, open_store, rows

ONE, TWO = f"{A}.{'1' * 20}", f"{A}.{'2' * 20}"
BELOW = f"{ONE}.{'3' * 20}"


async def write(store: SqliteStore, object_id: str, value: bytes) -> None:
    database = store.database(NAMESPACE, object_id)
    database.kv_put({"key": value})
    database.execute("CREATE TABLE IF NOT EXISTS t (x)")
    database.execute("INSERT INTO t VALUES (?)", (value,))
    database.put_records({"record": value})
    assert await committed(database) is None
    store.release(database)


def read(store: SqliteStore, object_id: str) -> tuple[bytes | None, bytes | None]:
    database = store.database(NAMESPACE, object_id)
    return database.kv_get("key"), database.record("record")


async def erased(store: SqliteStore, object_id: str) -> None:
    done: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
    store.erase(NAMESPACE, object_id, done.set_result)
    assert await done is None
    await asyncio.sleep(0)


async def test_what_is_below_an_object_is_found_whether_or_not_it_is_open(
    store: SqliteStore,
) -> None:
    for object_id in (A, ONE, TWO, BELOW, B):
        await write(store, object_id, b"1")
    assert store.list_facets(NAMESPACE, A) == [ONE, BELOW, TWO]
    assert store.list_facets(NAMESPACE, ONE) == [BELOW]
    assert store.list_facets(NAMESPACE, B) == []


async def test_an_erased_database_has_nothing_and_leaves_no_file(store: SqliteStore) -> None:
    for object_id in (ONE, TWO):
        await write(store, object_id, b"1")
    await erased(store, ONE)
    assert store.list_facets(NAMESPACE, A) == [TWO]
    assert read(store, ONE) == (None, None)
    await write(store, ONE, b"2")
    assert read(store, ONE) == (b"2", b"2")


async def test_erasing_what_is_not_there_is_nothing(store: SqliteStore) -> None:
    await erased(store, ONE)
    assert store.list_facets(NAMESPACE, A) == []


async def test_a_database_that_is_used_again_keeps_its_file(store: SqliteStore) -> None:
    await write(store, ONE, b"1")
    store.erase(NAMESPACE, ONE, lambda failure: None)
    await write(store, ONE, b"2")
    assert read(store, ONE) == (b"2", b"2")


async def test_a_copy_has_everything_and_changes_apart(store: SqliteStore) -> None:
    await write(store, ONE, b"1")
    copy = store.database(NAMESPACE, TWO)
    copy.copy_from(store.database(NAMESPACE, ONE))
    assert await committed(copy) is None
    assert read(store, TWO) == (b"1", b"1")
    assert rows(copy, "SELECT x FROM t") == [(b"1",)]
    await write(store, TWO, b"2")
    assert read(store, ONE) == (b"1", b"1")
    assert rows(store.database(NAMESPACE, TWO), "SELECT x FROM t") == [(b"1",), (b"2",)]


async def test_a_copy_that_was_acknowledged_survives_a_power_loss(tmp_path: Path) -> None:
    sync = LossySync()
    store = open_store(tmp_path / "state", sync=sync)
    await write(store, ONE, b"1")
    await write(store, TWO, b"old")
    copy = store.database(NAMESPACE, TWO)
    copy.copy_from(store.database(NAMESPACE, ONE))
    assert await committed(copy) is None
    sync.lose_power(tmp_path / "state", tmp_path / "left")
    await store.close()
    left = open_store(tmp_path / "left")
    assert rows(left.database(NAMESPACE, TWO), "pragma quick_check") == [("ok",)]
    assert read(left, TWO) == (b"1", b"1")
    await left.close()
