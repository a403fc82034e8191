"""AlarmScheduler and its index: who is woken when, and what a crash at any moment leaves."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from typing import Any

import pytest

from emulator.entropy import SeededEntropy
from emulator.errors import StorageFormatError
from emulator.runtime.actor_ids import ActorId
from emulator.runtime.actor_storage import ActorStorage
from emulator.runtime.alarm_index import INDEX_NAMESPACE, INDEX_OBJECT, AlarmIndex, AlarmKey
from emulator.runtime.alarm_scheduler import AlarmOutcome, AlarmScheduler, AlarmTarget, Moved
from emulator.runtime.gates import OutputGate
from emulator.runtime.services import Services
from emulator.storage import Batch, InlineWriter, MemoryDisk, StorageFailed, Store
from emulator.testing.faulty_disk import FaultyDisk, Outcome, SimulatedCrash
from emulator.testing.virtual_loop import EPOCH_MS, VirtualClock, VirtualLoop
from tests.runtime.storage import MEMORY, OBJECT_ID
from tests.support.worker import RecordingObserver

NAMESPACE = "w-C"
KEY = AlarmKey(NAMESPACE, OBJECT_ID)
NOW = int(EPOCH_MS)

Run = Callable[[int, int], Coroutine[Any, Any, AlarmOutcome]]


class Bench:
    """A scheduler, one object's storage, and a target that notes its runs."""

    def __init__(self, disk: MemoryDisk | FaultyDisk | None = None) -> None:
        self.disk = disk or MemoryDisk()
        self.loop = VirtualLoop()
        self.runs: list[tuple[float, int, int]] = []
        """Time in seconds, alarm in ms from the beginning, retry count."""
        self.names: list[str | None] = []
        self.outcomes: Iterator[Any] = iter(())
        self.during: Callable[[], None] = lambda: None
        self.observer = RecordingObserver()
        try:
            self.begin()
        except BaseException:
            self.loop.finish()
            raise

    def begin(self) -> None:
        self.store = Store.open(self.disk, MEMORY, writer=InlineWriter(), loop=self.loop)
        outbound: Any = None
        services = Services(
            VirtualClock(self.loop), SeededEntropy(1), self.observer, outbound, self.loop
        )
        self.scheduler = AlarmScheduler(services, self.store)
        self.scheduler.register(NAMESPACE, AlarmTarget(self.run, self.clear))
        self.storage = self.instance()
        self.scheduler.start()

    def instance(self, name: str | None = "foo") -> ActorStorage:
        gate = OutputGate(lambda error: None)
        storage = ActorStorage(self.store, NAMESPACE, OBJECT_ID, gate, lambda error: None)
        storage.alarm_hooks = self.scheduler.hooks(KEY, name)
        return storage

    async def run(self, actor_id: ActorId, time_ms: int, retry_count: int) -> AlarmOutcome:
        stored = self.storage.alarm()
        if stored != time_ms:
            return "done" if stored is None else Moved(stored)
        self.runs.append((self.loop.time(), time_ms - NOW, retry_count))
        self.names.append(actor_id.name)
        self.during()
        outcome: AlarmOutcome = next(self.outcomes, "done")
        if outcome == "done" and self.storage.alarm() == time_ms:
            self.set(None)
            await self.store.flush()
        return outcome

    async def clear(self, actor_id: ActorId, time_ms: int) -> None:
        if self.storage.alarm() == time_ms:
            self.set(None)
            await self.store.flush()

    def set(self, after_ms: int | None) -> None:
        """A turn that sets the alarm so long after the beginning."""
        self.storage.set_alarm(None if after_ms is None else NOW + after_ms)
        self.storage.commit_implicit()

    def end(self) -> None:
        self.scheduler.close()
        self.loop.run(self.store.close())

    def restart(self) -> None:
        self.end()
        self.begin()

    @property
    def index(self) -> dict[AlarmKey, tuple[int, str | None]]:
        entries = AlarmIndex(self.store).entries()
        return {key: (entry.time_ms - NOW, entry.name) for key, entry in entries}


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.end()
    bench.loop.finish()


@pytest.mark.rule("AL-8")
def test_an_alarm_runs_at_its_time_and_leaves_nothing(bench: Bench) -> None:
    bench.set(1500)
    bench.loop.advance(10)
    assert bench.runs == [(1.5, 1500, 0)]
    assert bench.names == ["foo"]
    assert bench.index == {}


@pytest.mark.rule("AL-8")
def test_a_clock_behind_the_loop_does_not_make_it_early(bench: Bench) -> None:
    clock = bench.scheduler._services.clock
    assert isinstance(clock, VirtualClock)
    bench.set(1000)
    bench.loop.run_ready()
    clock._epoch_ms -= 250
    bench.loop.advance(10)
    assert [at for at, _, _ in bench.runs] == [1.25]


@pytest.mark.rule("AL-15", "AL-16")
def test_retries_have_growing_delays_and_an_end(bench: Bench) -> None:
    bench.outcomes = iter(["failed"] * 20)
    bench.set(0)
    bench.loop.advance(1000)
    assert [retry for _, _, retry in bench.runs] == list(range(7))
    assert {alarm for _, alarm, _ in bench.runs} == {0}
    times = [at for at, _, _ in bench.runs]
    for number in range(6):
        delay = times[number + 1] - times[number]
        assert 2 * 2**number <= delay <= 2.5 * 2**number
    assert bench.storage.alarm() is None
    assert bench.index == {}


@pytest.mark.rule("AL-17")
def test_failures_that_do_not_count_go_on_with_a_longest_delay(bench: Bench) -> None:
    bench.outcomes = iter(["failed uncounted"] * 14)
    bench.set(0)
    bench.loop.advance(12_000)
    assert {retry for _, _, retry in bench.runs} == {0}
    times = [at for at, _, _ in bench.runs]
    assert len(times) == 15
    assert 1024 <= times[12] - times[11] <= 1280
    assert 1024 <= times[13] - times[12] <= 1280


@pytest.mark.rule("AL-17")
def test_a_counted_failure_after_uncounted_ones_begins_the_delays_anew(bench: Bench) -> None:
    bench.outcomes = iter(["failed uncounted"] * 5 + ["failed"])
    bench.set(0)
    bench.loop.advance(1000)
    times = [at for at, _, _ in bench.runs]
    assert 32 <= times[5] - times[4] <= 40
    assert 2 <= times[6] - times[5] <= 2.5
    assert [retry for _, _, retry in bench.runs] == [0] * 6 + [1]


@pytest.mark.rule("AL-16")
def test_giving_up_clears_the_record(bench: Bench) -> None:
    bench.outcomes = iter(["give up"])
    bench.set(0)
    bench.loop.advance(100)
    assert len(bench.runs) == 1
    assert bench.storage.alarm() is None
    assert bench.index == {}


@pytest.mark.rule("AL-20")
def test_an_alarm_set_between_retries_replaces_them(bench: Bench) -> None:
    bench.outcomes = iter(["failed"])
    bench.set(0)
    bench.loop.advance(1)
    bench.set(1500)
    bench.loop.advance(100)
    assert bench.runs == [(0.0, 0, 0), (1.5, 1500, 0)]


@pytest.mark.rule("AL-11")
def test_what_was_committed_while_it_ran_comes_after_it(bench: Bench) -> None:
    bench.outcomes = iter(["failed", "failed"])
    bench.during = lambda: bench.set(700) if len(bench.runs) == 1 else bench.set(None)
    bench.set(0)
    bench.loop.advance(100)
    assert bench.runs == [(0.0, 0, 0), (0.7, 700, 0)]
    assert bench.index == {}


def test_an_object_that_cannot_be_made_is_tried_again(bench: Bench) -> None:
    def fail() -> None:
        if len(bench.runs) == 1:
            raise RuntimeError("no database")

    bench.during = fail
    bench.set(0)
    bench.loop.advance(100)
    assert [retry for _, _, retry in bench.runs] == [0, 0]
    assert any("no database" in text for text in bench.observer.errors)


# -- the index -----------------------------------------------------------------------------------


@pytest.mark.rule("AL-21", "AL-30", "ID-8")
def test_a_new_process_runs_what_is_overdue_with_the_name_and_a_new_count(bench: Bench) -> None:
    bench.outcomes = iter(["failed", "failed"])
    bench.set(0)
    bench.loop.advance(1)
    bench.scheduler.close()
    bench.loop.advance(100)
    bench.restart()
    bench.loop.advance(1)
    assert [retry for _, _, retry in bench.runs] == [0, 0]
    assert bench.names == ["foo", "foo"]


@pytest.mark.rule("AL-30")
def test_the_name_stays_when_the_object_is_reached_without_it(bench: Bench) -> None:
    bench.set(1000)
    bench.loop.run_ready()
    bench.storage = bench.instance(name=None)
    bench.set(2000)
    bench.loop.run_ready()
    assert bench.index == {KEY: (2000, "foo")}


@pytest.mark.rule("AL-31")
def test_an_alarm_set_right_after_one_was_deleted_stays_in_the_index(bench: Bench) -> None:
    bench.set(1000)
    bench.loop.run_ready()
    bench.set(None)
    bench.set(3000)  # while the deletion is on its way
    bench.loop.run_ready()
    assert bench.index == {KEY: (3000, "foo")}
    bench.restart()
    bench.loop.advance(10)
    assert [alarm for _, alarm, _ in bench.runs] == [3000]


@pytest.mark.rule("AL-31")
def test_an_alarm_that_is_not_durable_yet_is_not_forgotten_by_a_wake_up(bench: Bench) -> None:
    bench.set(1000)
    bench.loop.advance(0.9)
    bench.loop.call_later(0.1, bench.set, 5000)  # with the wake-up, before it is durable
    bench.loop.advance(2)
    assert bench.runs == []
    assert bench.index == {KEY: (5000, "foo")}
    bench.loop.advance(10)
    assert bench.runs == [(5.0, 5000, 0)]


@pytest.mark.rule("AL-31")
def test_an_entry_for_another_time_is_corrected_by_the_object(bench: Bench) -> None:
    """What a crash between the two commits leaves."""
    bench.set(5000)
    bench.loop.run_ready()
    AlarmIndex(bench.store).settle(KEY, "foo", NOW + 1000)
    bench.restart()
    bench.loop.advance(2)
    assert bench.runs == []
    assert bench.index == {KEY: (5000, "foo")}
    bench.loop.advance(10)
    assert bench.runs == [(5.0, 5000, 0)]


@pytest.mark.rule("AL-31")
def test_an_entry_without_an_alarm_is_removed(bench: Bench) -> None:
    AlarmIndex(bench.store).settle(KEY, "foo", NOW + 1000)
    bench.restart()
    bench.loop.advance(2)
    assert bench.runs == []
    assert bench.index == {}


@pytest.mark.rule("AL-31")
def test_an_object_that_starts_makes_good_what_the_index_misses(bench: Bench) -> None:
    bench.set(1000)
    bench.loop.run_ready()
    AlarmIndex(bench.store).settle(KEY, None, None)
    bench.restart()
    bench.scheduler.found(KEY, "foo", bench.storage.alarm())
    bench.loop.advance(2)
    assert [alarm for _, alarm, _ in bench.runs] == [1000]


def test_entries_of_a_class_that_is_not_bound_stay(bench: Bench) -> None:
    other = AlarmKey("other-Class", OBJECT_ID)
    AlarmIndex(bench.store).settle(other, "foo", NOW)
    bench.restart()
    bench.loop.advance(2)
    assert bench.index == {other: (0, "foo")}


def test_a_damaged_index_is_said_to_be(bench: Bench) -> None:
    record = {KEY.entry: b"\xc1"}
    bench.store.load(INDEX_NAMESPACE, INDEX_OBJECT).apply(
        Batch(INDEX_NAMESPACE, INDEX_OBJECT, puts=record)
    )
    with pytest.raises(StorageFormatError, match="alarm index is damaged"):
        bench.scheduler.start()


# -- crashes -------------------------------------------------------------------------------------


def history(bench: Bench) -> None:
    """Sets, moves and deletes; some alone, some while another change is on its way."""
    steps: list[list[int | None]] = [
        [90_000], [50_000], [70_000, 60_000], [None], [80_000], [None, 40_000], [95_000, None, 85_000],
    ]  # fmt: skip
    for step in steps:
        for after_ms in step:
            bench.set(after_ms)
        bench.loop.run(bench.store.flush())
        bench.loop.run_ready()


def operations_of_history() -> int:
    disk = FaultyDisk()
    bench = Bench(disk)
    history(bench)
    bench.end()
    bench.loop.finish()
    return disk.operations


def crashed(crash_at: int, seed: int) -> FaultyDisk:
    """The disk of a process that stopped at an operation of the history."""
    disk = FaultyDisk(seed, crash_at=crash_at)
    with suppress(SimulatedCrash, StorageFailed):
        bench = Bench(disk)
        try:
            history(bench)
        finally:
            bench.scheduler.close()
            bench.loop.finish()
    return disk


@pytest.mark.rule("AL-22", "AL-31")
@pytest.mark.parametrize(("fate", "seeds"), [("kill", 1), ("power", 12)])
def test_wherever_it_crashes_an_alarm_that_is_stored_is_woken_in_time(
    fate: Outcome, seeds: int
) -> None:
    for crash_at, seed in itertools.product(range(1, operations_of_history()), range(seeds)):
        bench = Bench(crashed(crash_at, seed).reopen(fate))
        stored = bench.storage.alarm()
        if stored is not None:
            assert bench.index[KEY][0] <= stored - NOW, (crash_at, seed)
        bench.loop.advance(200)
        expected = [] if stored is None else [stored - NOW]
        assert [alarm for _, alarm, _ in bench.runs] == expected, (crash_at, seed)
        assert [at * 1000 for at, _, _ in bench.runs] == expected, (crash_at, seed)
        assert bench.index == {}
        bench.end()
        bench.loop.finish()
