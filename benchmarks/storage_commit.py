"""Commits per second of the store on a real disk, and what a commit costs the event loop.

    python benchmarks/storage_commit.py [directory]

`concurrent` clients each commit one small put, wait until it is durable, and commit the next.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from emulator.storage import Batch, RealDisk, Store

COMMITS = 20_000


async def measure(parent: Path, *, objects: int, concurrent: int, commits: int) -> str:
    directory = Path(tempfile.mkdtemp(dir=parent))
    try:
        store = Store.open(RealDisk(), directory)
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        left = commits
        loop_seconds = 0.0

        def commit_next(index: int) -> None:
            nonlocal left, loop_seconds
            if left <= 0:
                if store.statistics().in_flight == 0 and not done.done():
                    done.set_result(None)
                return
            left -= 1
            begin = time.perf_counter()
            batch = Batch(
                "bench-Counter", f"{index % objects:064x}", puts={"value": b"%08d" % left}
            )
            store.load(batch.namespace, batch.object_id).apply(batch)
            store.commit(batch, lambda _: commit_next(index))
            loop_seconds += time.perf_counter() - begin

        begin = time.perf_counter()
        for index in range(concurrent):
            commit_next(index)
        await done
        seconds = time.perf_counter() - begin
        groups = store.statistics().groups
        begin = time.perf_counter()
        await store.close()
        close_ms = (time.perf_counter() - begin) * 1000
        begin = time.perf_counter()
        store = Store.open(RealDisk(), directory)
        open_ms = (time.perf_counter() - begin) * 1000
        await store.close()
        return (
            f"{objects:5d} objects, {concurrent:4d} concurrent: "
            f"{commits / seconds:8,.0f} commits/s, {commits / groups:6.1f} per fsync, "
            f"{loop_seconds / commits * 1e6:5.1f} us of the loop each; "
            f"close {close_ms:.1f} ms, open {open_ms:.1f} ms"
        )
    finally:
        shutil.rmtree(directory)


def main() -> None:
    parent = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.gettempdir())
    for objects, concurrent in ((1, 1), (1, 64), (1000, 1), (1000, 64), (1000, 1000)):
        commits = COMMITS // 10 if concurrent == 1 else COMMITS
        run = measure(parent, objects=objects, concurrent=concurrent, commits=commits)
        print(asyncio.run(run))


if __name__ == "__main__":
    main()
