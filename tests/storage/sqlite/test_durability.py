"""What survives: power loss at any moment, disks that refuse, checkpoints, processes that were killed."""

from __future__ import annotations

import asyncio
import errno
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from emulator.storage import InlineWriter, StorageFailed, ThreadWriter
from emulator.storage.sqlite import ObjectDatabase, SqlError, SqliteStore, durability
from emulator.storage.sqlite.connection import checkpoint_file, empty_database
from tests.storage.sqlite.support import NAMESPACE, A, B, LossySync, committed, open_store, rows


def file_of(directory: Path, object_id: str = A) -> Path:
    (path,) = directory.glob(f"sqlite/*/{object_id}.sqlite")
    return path


async def survivor(directory: Path, key: str = "n", object_id: str = A) -> bytes | None:
    """What a store opened on the directory has, which must be a database in order."""
    store = open_store(directory)
    database = store.database(NAMESPACE, object_id)
    assert rows(database, "pragma quick_check") == [("ok",)]
    value = database.kv_get(key)
    await store.close()
    return value


def number(value: bytes | None) -> int:
    return int(value or b"0")


async def test_nothing_is_acknowledged_before_it_is_on_disk(tmp_path: Path) -> None:
    sync = LossySync()
    store = open_store(tmp_path / "state", sync=sync)
    database = store.database(NAMESPACE, A)
    for count in range(1, 30):
        database.kv_put({"n": b"%d" % count})
        told: list[BaseException | None] = []
        database.commit(told.append)
        assert told == []
        sync.lose_power(tmp_path / "state", tmp_path / "left")
        assert number(await survivor(tmp_path / "left")) == count - 1
        await store.flush()
        assert told == [None]
        sync.lose_power(tmp_path / "state", tmp_path / "left")
        assert number(await survivor(tmp_path / "left")) == count
    await store.close()


async def test_any_part_of_what_was_not_synced_may_be_there(tmp_path: Path) -> None:
    sync = LossySync()
    store = open_store(tmp_path / "state", sync=sync)
    database = store.database(NAMESPACE, A)
    database.kv_put({"n": b"1"})
    await committed(database)
    database.kv_put({"n": b"2", "other": bytes(9000)})
    database.commit(lambda _: None)
    size = file_of(tmp_path / "state").with_suffix(".sqlite-wal").stat().st_size
    seen = set()
    for cut in range(0, size + 1, 321):
        sync.lose_power(tmp_path / "state", tmp_path / "left", cut)
        seen.add(await survivor(tmp_path / "left"))
    sync.lose_power(tmp_path / "state", tmp_path / "left", size)
    seen.add(await survivor(tmp_path / "left"))
    assert seen == {b"1", b"2"}
    await store.close()


async def test_what_a_checkpoint_overwrites_in_the_wal_is_in_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = LossySync()
    sync.watch_checkpoints(monkeypatch)
    store = open_store(tmp_path / "state", sync=sync, checkpoint_pages=12)
    database = store.database(NAMESPACE, A)
    sizes = []
    for count in range(1, 80):
        database.kv_put({"n": b"%d" % count, f"k{count % 7}": bytes(3000)})
        database.commit(lambda _: None)
        wal = file_of(tmp_path / "state").with_suffix(".sqlite-wal")
        sizes.append(store._files[database.key].wal_pages)
        for cut in (None, 32, 32 + 4120, 32 + 4120 * 2 + 7, wal.stat().st_size):
            sync.lose_power(tmp_path / "state", tmp_path / "left", cut)
            assert number(await survivor(tmp_path / "left")) in {count - 1, count}
        await store.flush()
        sync.lose_power(tmp_path / "state", tmp_path / "left")
        assert number(await survivor(tmp_path / "left")) == count
    assert store.statistics().checkpoints >= 3
    assert any(later < earlier for earlier, later in pairwise(sizes))
    await store.close()


async def test_the_header_of_a_wal_that_begins_anew_is_synced_by_sqlite(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    database = store.database(NAMESPACE, A)
    database.kv_put({"n": b"1"})
    assert database._own("pragma synchronous") == [(0,)]
    await committed(database)
    database.kv_put({"n": b"2"})
    assert database._own("pragma synchronous") == [(1,)]
    assert database._own("pragma wal_autocheckpoint") == [(0,)]
    await committed(database)
    await store.close()


async def test_deleting_all_is_a_commit_like_any_other(tmp_path: Path) -> None:
    sync = LossySync()
    store = open_store(tmp_path / "state", sync=sync)
    database = store.database(NAMESPACE, A)
    database.kv_put({"n": b"1"})
    await committed(database)
    database.delete_all()
    database.commit(lambda _: None)
    sync.lose_power(tmp_path / "state", tmp_path / "left")
    assert await survivor(tmp_path / "left") == b"1"
    await store.flush()
    sync.lose_power(tmp_path / "state", tmp_path / "left")
    assert await survivor(tmp_path / "left") is None
    await store.close()


async def test_a_group_syncs_each_database_once(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    one, two = store.database(NAMESPACE, A), store.database(NAMESPACE, B)
    order: list[str] = []
    for count in range(5):
        for name, database in (("one", one), ("two", two)):
            database.kv_put({"n": b"%d" % count})
            database.commit(lambda _, name=name, count=count: order.append(f"{name} {count}"))
    await store.flush()
    assert store.statistics().syncs == 2
    assert order == [f"{name} {count}" for count in range(5) for name in ("one", "two")]
    await store.close()


async def test_the_writer_may_be_a_thread(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path, writer=ThreadWriter(), checkpoint_pages=20)
    database = store.database(NAMESPACE, A)
    for count in range(100):
        database.kv_put({"n": b"%d" % count, f"k{count}": bytes(2000)})
        assert await committed(database) is None
    assert store.statistics().checkpoints
    await store.close()
    assert await survivor(tmp_path) == b"99"


async def test_a_reader_holds_up_a_checkpoint_and_nothing_else(tmp_path: Path) -> None:
    store = open_store(tmp_path, checkpoint_pages=8)
    database = store.database(NAMESPACE, A)
    rows(database, "create table t(a); insert into t values(1), (2), (3)")
    await committed(database)
    cursor = database.execute("select a from t")
    for count in range(30):
        database.kv_put({"n": b"%d" % count})
        assert await committed(database) is None
    assert [cursor.next(), cursor.next(), cursor.next()] == [(1,), (2,), (3,)]
    assert store.statistics().checkpoints < 20
    await store.close()
    assert await survivor(tmp_path) == b"29"


async def test_a_failed_sync_is_final(tmp_path: Path) -> None:
    sync = LossySync()
    store = open_store(tmp_path, sync=sync)
    database, other = store.database(NAMESPACE, A), store.database(NAMESPACE, B)
    database.kv_put({"n": b"1"})
    assert await committed(database) is None
    sync.failure = OSError(errno.ENOSPC, "No space left on device")
    database.kv_put({"n": b"2"})
    failure = await committed(database)
    assert isinstance(failure, StorageFailed)
    assert failure.is_disk_full
    sync.failure = None
    database.kv_put({"n": b"3"})
    assert await committed(database) is failure
    with pytest.raises(SqlError, match="database or disk is full: SQLITE_FULL"):
        other.kv_put({"n": b"1"})
    with pytest.raises(StorageFailed):
        await store.flush()
    await store.close()


async def test_a_failed_checkpoint_is_final(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import apsw  # noqa: PLC0415

    def refuse(path: Path) -> None:
        raise apsw.IOError("disk I/O error")

    monkeypatch.setattr(durability, "checkpoint_file", refuse)
    store = open_store(tmp_path, checkpoint_pages=1)
    database = store.database(NAMESPACE, A)
    database.kv_put({"n": b"1"})
    assert await committed(database) is None
    with pytest.raises(StorageFailed, match="cannot checkpoint"):
        await store.flush()
    await store.close()


async def test_a_closed_store_refuses_commits(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    database = store.database(NAMESPACE, A)
    database.kv_put({"n": b"1"})
    await committed(database)
    await store.close()
    await store.close()
    told: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    database.when_durable(told.set_result)
    assert isinstance(await told, StorageFailed)


async def test_what_a_killed_process_left_is_synced_before_it_is_shown(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    database = store.database(NAMESPACE, A)
    database.kv_put({"n": b"1"})
    await committed(database)
    await store.close()
    sync = LossySync()
    store = open_store(tmp_path, sync=sync)
    assert file_of(tmp_path) in sync.names
    assert store.database(NAMESPACE, A).kv_get("n") == b"1"
    assert sync.contents.keys() == {
        file_of(tmp_path),
        file_of(tmp_path).with_suffix(".sqlite-wal"),
    }
    await store.close()


@pytest.mark.parametrize("left", [b"", bytes(4096), empty_database()])
async def test_a_file_whose_making_was_cut_short_is_made_again(tmp_path: Path, left: bytes) -> None:
    store = open_store(tmp_path)
    database = store.database(NAMESPACE, A)
    database.kv_put({"n": b"1"})
    await committed(database)
    await store.close()
    path = file_of(tmp_path)
    path.write_bytes(left)
    path.with_suffix(".sqlite-wal").unlink()
    assert await survivor(tmp_path) is None


async def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.database(NAMESPACE, A).kv_put({"n": b"1"})
    await store.close()
    file_of(tmp_path).write_bytes(b"not a database at all" * 300)
    store = open_store(tmp_path)
    with pytest.raises(SqlError, match="file is not a database: SQLITE_NOTADB"):
        store.database(NAMESPACE, A).kv_get("n")
    await store.close()


async def test_other_programs_may_look_while_the_store_is_open(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    database: ObjectDatabase = store.database(NAMESPACE, A)
    rows(database, "create table t(a); insert into t values(5)")
    await committed(database)
    # In a process of its own: locks are the process's, whichever SQLite took them.
    look = f"import sqlite3; print(sqlite3.connect({str(file_of(tmp_path))!r}).execute('select a from t').fetchall())"
    seen = await asyncio.create_subprocess_exec(
        sys.executable, "-c", look, stdout=asyncio.subprocess.PIPE
    )
    assert (await seen.communicate())[0] == b"[(5,)]\n"
    rows(database, "insert into t values(6)")
    assert await committed(database) is None
    checkpoint_file(file_of(tmp_path))
    await store.close()
    assert await survivor(tmp_path) is None


async def test_in_memory_everything_is_durable_at_once() -> None:
    store = SqliteStore.open(None, writer=InlineWriter())
    database = store.database(NAMESPACE, A)
    database.kv_put({"n": b"1"})
    assert await committed(database) is None
    await store.flush()
    assert store.statistics().syncs == 0
    await store.close()
