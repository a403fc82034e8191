"""Very many objects, used once: what is left of them. Larger numbers: benchmarks/scale.py."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable

import pytest

from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]

SOURCE = """
    from workers import DurableObject, Response, WorkerEntrypoint

    class Object(DurableObject):
        async def touch(self):
            return await self.ctx.storage.get("value") or 0

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            # New ids: those of names are remembered, up to a number.
            stub = self.env.OBJECT.get(self.env.OBJECT.newUniqueId())
            return Response(str(await stub.touch()))
"""
MUST_BE_GONE = ("Actor", "ActorContainer", "ActorContext", "ActorStorage", "StatelessContext")
IDLE_S, EXPIRED_S = 11.0, 160.0


def touch(opened: VirtualWorker, objects: int) -> None:
    """Calls new objects and lets them be evicted and forgotten."""
    for _ in range(objects // 250):
        assert opened.gather(*["/"] * 250) == ["0"] * 250
        opened.advance(IDLE_S)
    opened.advance(EXPIRED_S)


def alive() -> Counter[str]:
    """How many there are of each type."""
    gc.collect()
    return Counter(type(thing).__name__ for thing in gc.get_objects())


@pytest.mark.rule("LC-5", "LC-7")
@pytest.mark.parametrize(
    ("objects", "sqlite"), [(2000, False), (1000, True)], ids=["log", "sqlite"]
)
def test_of_thousands_of_evicted_objects_nothing_stays(
    worker: Open, objects: int, sqlite: bool
) -> None:
    opened = worker(SOURCE, sqlite=sqlite)
    touch(opened, 250)
    before = alive()
    touch(opened, objects)
    after = alive()
    # Other tests of this process may have left some.
    assert not {kind for kind in MUST_BE_GONE if after[kind] > before[kind]}
    grown = {kind: count - before[kind] for kind, count in after.items() if count > before[kind]}
    # A few hundred are caches of the interpreter; a leak would be one for each object at least.
    assert sum(grown.values()) < objects // 2, grown
    assert opened.observer.events.count("evicted Object") == 250 + objects
