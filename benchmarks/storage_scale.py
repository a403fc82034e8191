"""What one object with very many keys costs: memory, loading, listing, checkpoints, commits beside.

    python -m benchmarks.storage_scale [--keys 1000000] [--engine log|sqlite] [--state DIRECTORY]

Keys have 16 characters and values 100 bytes. Memory is the growth of the process's resident size.
The log's engine reads an object into memory as a whole; SQLite's only what it is asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import shutil
import tempfile
import time
from pathlib import Path

from emulator.storage import Batch, RealDisk, Store
from emulator.storage.sqlite import ObjectDatabase, SqliteStore

NAMESPACE, OBJECT_ID, OTHER_ID = "bench-Large", "0" * 64, "1" * 64
KEYS_PER_BATCH = 1000


def resident_mib() -> float:
    gc.collect()
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


async def fill(store: Store, keys: int) -> None:
    for first in range(0, keys, KEYS_PER_BATCH):
        puts = {f"key-{n:012d}": b"v" * 100 for n in range(first, first + KEYS_PER_BATCH)}
        store.commit(Batch(NAMESPACE, OBJECT_ID, puts=puts), lambda _: None)
        await store.flush()


async def commit_until(store: Store, task: asyncio.Task[object]) -> list[float]:
    """Commits to another object, one after the other, while the task runs; their times."""
    times_ms = []
    while not task.done():
        begin = time.perf_counter()
        store.commit(Batch(NAMESPACE, OTHER_ID, puts={"a": b"1"}), lambda _: None)
        await store.flush()
        times_ms.append((time.perf_counter() - begin) * 1000)
    return sorted(times_ms)


async def measure(directory: Path, keys: int) -> None:
    store = Store.open(RealDisk(), directory)
    await fill(store, keys)
    await store.checkpoint()
    await store.close()
    del store

    store = Store.open(RealDisk(), directory)
    before_mib, begin = resident_mib(), time.perf_counter()
    state = store.load(NAMESPACE, OBJECT_ID)
    loaded = time.perf_counter() - begin
    memory_mib = resident_mib() - before_mib
    begin = time.perf_counter()
    state.list(limit=1)
    listed = time.perf_counter() - begin
    print(
        f"{keys} keys: loaded in {loaded:.2f} s into {memory_mib:.0f} MiB "
        f"({memory_mib * 1024 * 1024 / keys:.0f} bytes per key), first list {listed * 1000:.0f} ms"
    )

    store.commit(Batch(NAMESPACE, OBJECT_ID, puts={"one": b"more"}), lambda _: None)
    begin = time.perf_counter()
    task = asyncio.create_task(store.checkpoint())
    await asyncio.sleep(0)
    times_ms = await commit_until(store, task)
    report = await task
    print(
        f"checkpoint: {report.bytes_written / 1024 / 1024:.0f} MiB in "
        f"{time.perf_counter() - begin:.2f} s; {len(times_ms)} commits beside it, "
        f"median {times_ms[len(times_ms) // 2]:.1f} ms, slowest {times_ms[-1]:.0f} ms"
    )
    await store.close()


async def measure_sqlite(directory: Path, keys: int) -> None:
    """A database with many keys: what opening it and using a few of them costs."""
    store = SqliteStore.open(directory)
    database = store.database(NAMESPACE, OBJECT_ID)
    for first in range(0, keys, KEYS_PER_BATCH):
        puts = {f"key-{n:012d}": b"v" * 100 for n in range(first, first + KEYS_PER_BATCH)}
        database.kv_put(puts)
        await committed(database)
    await store.close()

    store = SqliteStore.open(directory)
    before_mib, begin = resident_mib(), time.perf_counter()
    database = store.database(NAMESPACE, OBJECT_ID)
    assert database.kv_get(f"key-{keys // 2:012d}") is not None
    opened_ms = (time.perf_counter() - begin) * 1000
    begin = time.perf_counter()
    assert len([*database.kv_list(limit=100)]) == 100
    listed_ms = (time.perf_counter() - begin) * 1000
    begin = time.perf_counter()
    database.kv_put({"one": b"more"})
    await committed(database)
    put_ms = (time.perf_counter() - begin) * 1000
    begin = time.perf_counter()
    count = sum(1 for _ in database.kv_list())
    scanned_s = time.perf_counter() - begin
    print(
        f"{keys} keys in SQLite: opened and one read in {opened_ms:.1f} ms, 100 listed in "
        f"{listed_ms:.1f} ms, one written durably in {put_ms:.1f} ms, all {count} read in "
        f"{scanned_s:.2f} s; {resident_mib() - before_mib:.1f} MiB more memory"
    )
    await store.close()


async def committed(database: ObjectDatabase) -> None:
    """Commits what was put, and waits until it is durable."""
    done: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
    database.commit(done.set_result)
    assert await done is None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=("log", "sqlite"), default="log")
    parser.add_argument("--state", type=Path, default=None, help="a folder on the disk to use")
    options = parser.parse_args()
    directory = Path(tempfile.mkdtemp(dir=options.state))
    run = measure if options.engine == "log" else measure_sqlite
    try:
        asyncio.run(run(directory, options.keys))
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
