"""Very many objects, each touched once and evicted: `python -m benchmarks.scale`.

Every object is called once through the Worker and writes one entry. Virtual time then passes until
instances are evicted and containers expire, so that nothing of an object should be left in memory
but its entry in the store. Prints the process's resident memory on the way (after each fifth of the
objects), what a further object costs, and what is still alive. With `--writes no` the objects only
read, so that the store has no part in it. With writes, the store keeps in memory what was written
since its last checkpoint; so there is one at the end, and then a fifth more, for which the memory
that it gave back should do. State is on a disk (`--state`, by default in the system's temporary
folder): in memory it would be measured too.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.storage_scale import resident_mib
from emulator.app import Emulator
from emulator.runtime.http import HttpRequest, read_all
from emulator.testing.virtual_loop import VirtualClock, VirtualLoop

SOURCE = """
from workers import DurableObject, WorkerEntrypoint, Response

class Thing(DurableObject):
    async def touch(self, write):
        if write:
            await self.ctx.storage.put("value", 1)
        return await self.ctx.storage.get("value") or 0

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        _, name, write = request.url.rsplit("/", 2)
        return Response(str(await self.env.THING.getByName(name).touch(write == "yes")))
"""
CONFIG = """
name = "worker"
main = "entry.py"
compatibility_date = "2026-11-17"
compatibility_flags = ["python_workers"]
[[durable_objects.bindings]]
name = "THING"
class_name = "Thing"
[[migrations]]
tag = "v1"
new_classes = ["Thing"]
"""
BATCH = 500
EVICTED_AFTER_S = 12.0
EXPIRED_AFTER_S = 90.0
SYNC_WITHIN_S = 0.02
CHECKPOINT_WITHIN_S = 600.0
KINDS = ("Actor", "ActorContainer", "ActorContext", "StatelessContext", "WebLoop", "JobQueue")


async def touch(emulator: Emulator, name: str, write: str) -> None:
    """Calls one object."""
    request = HttpRequest("GET", f"http://bench.test/{name}/{write}", [])
    response = await emulator.fetch(request)
    body = await read_all(response.body)
    assert response.status == 200, body


def alive() -> dict[str, int]:
    """How many objects of the kinds that must not stay there are."""
    gc.collect()
    counts = dict.fromkeys(KINDS, 0)
    for thing in gc.get_objects():
        kind = type(thing).__name__
        if kind in counts:
            counts[kind] += 1
    return counts


async def touch_range(emulator: Emulator, first: int, last: int, write: str) -> None:
    for start in range(first, last, BATCH):
        batch = range(start, min(start + BATCH, last))
        await asyncio.gather(*(touch(emulator, f"object-{n}", write) for n in batch))
        await asyncio.sleep(EVICTED_AFTER_S)
    await asyncio.sleep(EXPIRED_AFTER_S)


def run(objects: int, write: str, state: Path) -> None:
    # Long enough for most syncs of the disk; should one take longer, time jumps ahead, which does
    # no harm: an object that waits for its write is not evicted.
    loop = VirtualLoop(thread_patience_s=SYNC_WITHIN_S)
    (state / "entry.py").write_text(SOURCE)
    (state / "wrangler.toml").write_text(CONFIG)
    stack = AsyncExitStack()
    emulator = loop.run(
        stack.enter_async_context(
            Emulator.open(
                state / "wrangler.toml", persist_to=state / "state", clock=VirtualClock(loop)
            )
        )
    )
    loop.run(touch_range(emulator, -BATCH, 0, write))
    before_mib = resident_mib()
    points = [(0, before_mib)]
    print(f"{0:>8} objects: {before_mib:6.1f} MiB")
    for fifth in range(5):
        first, last = objects * fifth // 5, objects * (fifth + 1) // 5
        started = time.perf_counter()
        loop.run(touch_range(emulator, first, last, write))
        seconds = time.perf_counter() - started
        points.append((last, resident_mib()))
        print(
            f"{last:>8} objects: {points[-1][1]:6.1f} MiB, {(last - first) / seconds:.0f} objects/s"
        )
    total = (points[-1][1] - before_mib) * 1024 * 1024 / objects
    steady = (points[-1][1] - points[1][1]) * 1024 * 1024 / (points[-1][0] - points[1][0])
    print(f"{total:.0f} bytes per evicted object, {steady:.0f} after the first fifth")
    print("still alive:", ", ".join(f"{count} {kind}" for kind, count in alive().items()))
    print(emulator.storage_statistics())
    if write == "yes":
        loop.thread_patience_s = CHECKPOINT_WITHIN_S
        started = time.perf_counter()
        loop.run(emulator._store.checkpoint())
        seconds = time.perf_counter() - started
        loop.thread_patience_s = SYNC_WITHIN_S
        after_mib = resident_mib()
        loop.run(touch_range(emulator, objects, objects + objects // 5, write))
        more_mib = resident_mib() - after_mib
        print(f"checkpoint in {seconds:.1f} s; {objects // 5} more objects: {more_mib:.1f} MiB")
    loop.run(stack.aclose())
    loop.finish()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=100_000)
    parser.add_argument("--writes", choices=("yes", "no"), default="yes")
    parser.add_argument("--state", type=Path, default=None, help="a folder on the disk to use")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.state) as directory:
        run(options.objects, options.writes, Path(directory))


if __name__ == "__main__":
    main()
