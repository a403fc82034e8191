"""One process of a simulation: the real runtime and store over simulated ports, until it ends.

Everything between a client's call and the bytes on the disk is the emulator's own code. Simulated
are the event loop, the time that the disk takes, the disk, the world outside, and the guest class.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulator import codec
from emulator.entropy import SeededEntropy
from emulator.observer import Observer
from emulator.runtime.actor_ids import ActorIdFactory
from emulator.runtime.actor_namespace import ActorNamespace
from emulator.runtime.actor_storage import log_storage
from emulator.runtime.alarm_scheduler import AlarmScheduler
from emulator.runtime.errors import SECTION_TIMEOUT, platform_error
from emulator.runtime.http import HttpRequest, HttpResponse
from emulator.runtime.services import Services
from emulator.storage import Batch, ObjectState, Store
from emulator.testing.faulty_disk import FaultyDisk
from emulator.testing.virtual_loop import VirtualClock, VirtualLoop
from tests.simulation.checkers import INCREMENT, MARK, History
from tests.simulation.guest import ABORTED, REFUSED, SimulatedClass

NAMESPACE = "simulation-Simulated"
STATE = Path("/state")
RESTARTED = "Network connection lost."
OUTBOUND_FAILED = "the world outside failed"
STORAGE_FAILED = "Internal error in Durable Object storage write"
EXPECTED_ERRORS = (REFUSED, ABORTED, RESTARTED, OUTBOUND_FAILED, STORAGE_FAILED, SECTION_TIMEOUT)
# Known before there is a process, so that the state on a disk can be looked at.
IDS = ActorIdFactory(NAMESPACE, SeededEntropy(0))


class SlowWriter:
    """Does the store's disk work on the loop, each piece after a while. Implements Writer."""

    def __init__(
        self, disk: FaultyDisk, delay_s: Callable[[], float], on_crash: Callable[[], None]
    ) -> None:
        self._disk = disk
        self._delay_s = delay_s
        self._on_crash = on_crash
        self._work: Callable[[], bool] | None = None
        self._scheduled = False

    def start(self, work: Callable[[], bool], loop: asyncio.AbstractEventLoop) -> None:
        self._work = work
        self._loop = loop

    def wake(self) -> None:
        if not self._scheduled and not self._disk.crashed:
            self._scheduled = True
            self._loop.call_later(self._delay_s(), self._run)

    def post(self, callback: Callable[..., object], *args: Any) -> None:
        if not self._disk.crashed:
            self._loop.call_soon(callback, *args)

    async def stop(self) -> None:
        while self._work is not None and not self._disk.crashed and self._work():
            await asyncio.sleep(self._delay_s())
        self._work = None
        if self._disk.crashed:
            self._on_crash()

    def _run(self) -> None:
        self._scheduled = False
        if self._work is None or self._disk.crashed:
            return
        more = self._work()
        if self._disk.crashed:
            self._on_crash()
        elif more:
            self.wake()


class WatchedStore:
    """The store as actors have it; tells the history what became durable."""

    def __init__(self, store: Store, history: History) -> None:
        self._store = store
        self._history = history

    def load(self, namespace: str, object_id: str) -> ObjectState:
        return self._store.load(namespace, object_id)

    def has_in_flight(self, namespace: str, object_id: str) -> bool:
        return self._store.has_in_flight(namespace, object_id)

    def release(self, namespace: str, object_id: str) -> None:
        self._store.release(namespace, object_id)

    def call_when_durable(self, callback: Callable[[BaseException | None], None]) -> None:
        self._store.call_when_durable(callback)

    def commit(self, batch: Batch, on_durable: Callable[[BaseException | None], None]) -> None:
        def told(error: BaseException | None) -> None:
            if error is None:
                marks = [key for key in batch.puts if key.startswith((INCREMENT, MARK))]
                self._history.became_durable(name_of(batch.object_id), marks)
            else:
                self._history.store_failed()
            on_durable(error)

        self._store.commit(batch, told)


class World(Observer):
    """The world outside, and what the runtime tells the host. Implements Outbound too."""

    def __init__(self, history: History, guest: SimulatedClass, chance: random.Random) -> None:
        self._history = history
        self._guest = guest
        self._chance = chance

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        self._guest.arrived("fetch", request.url.rpartition("/")[2])
        await asyncio.sleep(self._chance.choice((0, 0.001, 0.01, 3)))
        if self._chance.random() < 0.1:
            raise platform_error(OUTBOUND_FAILED)
        return HttpResponse(200, "OK", [])

    def actor_started(self, class_name: str, object_id: str) -> None:
        self._history.note(f"started {name_of(object_id)}")

    def actor_evicted(self, class_name: str, object_id: str) -> None:
        self._history.note(f"evicted {name_of(object_id)}")

    def actor_reset(self, class_name: str, object_id: str, reason: str) -> None:
        self._history.reset(name_of(object_id))

    def uncaught_error(self, text: str) -> None:
        if not any(part in text for part in EXPECTED_ERRORS):
            self._history.violate("no unexpected error is logged", text)


class Process:
    """A runtime over a disk."""

    def __init__(
        self,
        disk: FaultyDisk,
        history: History,
        chance: random.Random,
        *,
        number: int,
        started_ms: float,
        checkpoint_bytes: int,
        disk_delays_s: tuple[float, ...],
    ) -> None:
        """Raises SimulatedCrash if the disk crashes while the store is opened."""
        self.disk = disk
        self.history = history
        self.loop = VirtualLoop(chance.getrandbits(32))
        self.loop.set_exception_handler(self._loop_failed)
        self.crashed: asyncio.Future[None] = self.loop.create_future()
        self.guest = SimulatedClass(history, number)
        world = World(history, self.guest, chance)
        self.clock = VirtualClock(self.loop, started_ms)
        entropy = SeededEntropy(chance.getrandbits(32))
        self.services = Services(self.clock, entropy, world, world, self.loop)
        writer = SlowWriter(disk, lambda: chance.choice(disk_delays_s), self._crash)
        try:
            self.store = Store.open(
                disk, STATE, writer=writer, checkpoint_bytes=checkpoint_bytes, loop=self.loop
            )
        except BaseException:
            self.loop.finish()
            raise
        self._check_recovered()
        watched: Any = WatchedStore(self.store, history)
        self.alarms = AlarmScheduler(self.services, self.store)
        self.namespace = ActorNamespace(
            self.services,
            log_storage(watched, NAMESPACE),
            self.guest,
            NAMESPACE,
            self.alarms,
        )
        self.guest.namespace = self.namespace
        self.alarms.start()

    def entries(self, name: str) -> dict[str, Any]:
        """What is stored for an object."""
        object_id = IDS.from_name(name).hex
        image = self.store.load(NAMESPACE, object_id)
        return {key: codec.decode(data) for key, data in image.list()}

    def _check_recovered(self) -> None:
        for name in self.history.objects():
            entries = self.entries(name)
            self.store.release(NAMESPACE, IDS.from_name(name).hex)
            for mark in self.history.shown(name, entries, "recovery"):
                mark.durable = True  # nothing is shown after a recovery that is not

    def _crash(self) -> None:
        self.history.note("crash")
        self.history.crashed = True
        if not self.crashed.done():
            self.crashed.set_result(None)

    def _loop_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.history.violate("no callback fails", f"{context}")

    def end(self, *, orderly: bool) -> None:
        """Closes everything as the emulator does, or ends as a killed process."""
        if not orderly and not self.disk.crashed:
            self.disk.crash()
            self._crash()
        self.alarms.close()
        self.namespace.close(platform_error(RESTARTED, retryable=True))
        if not self.disk.crashed:
            self.loop.run(self._close_store())
        self.loop.run(self.services.cancel_tasks())
        self.loop.finish()
        self.history.lost_process()
        self.history.crashed = False

    async def _close_store(self) -> None:
        """The disk may still crash while the store is closed."""
        closed = asyncio.create_task(self.store.close())
        await asyncio.wait((closed, self.crashed), return_when=asyncio.FIRST_COMPLETED)
        if closed.done():
            closed.result()


_NAMES: dict[str, str] = {}


def name_of(object_id: str) -> str:
    """The name that an id was made from."""
    return _NAMES[object_id]


def know(names: tuple[str, ...]) -> None:
    """Makes `name_of` know names."""
    for name in names:
        _NAMES[IDS.from_name(name).hex] = name
