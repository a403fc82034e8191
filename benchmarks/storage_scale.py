"""What one object with very many keys costs: memory, loading, listing, checkpoints, commits beside.

    python benchmarks/storage_scale.py [keys] [directory]

Keys have 16 characters and values 100 bytes. Memory is the growth of the process's resident size.
"""

from __future__ import annotations

import asyncio
import gc
import shutil
import sys
import tempfile
import time
from pathlib import Path

from emulator.storage import Batch, RealDisk, Store

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


def main() -> None:
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    parent = sys.argv[2] if len(sys.argv) > 2 else None
    directory = Path(tempfile.mkdtemp(dir=parent))
    try:
        asyncio.run(measure(directory, keys))
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
