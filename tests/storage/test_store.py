from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from emulator.errors import StateLocked, StorageFormatError
from emulator.storage import (
    CheckpointReport,
    InlineWriter,
    MemoryDisk,
    RealDisk,
    RecoveryReport,
    StorageFailed,
    StorageObserver,
    Store,
)
from emulator.storage.layout import Layout
from emulator.storage.pipeline import LOG_FILES_MAX
from tests.storage.driver import NAMESPACE, STATE, Driver, History, batch, dump, object_id


@pytest.fixture
def disk() -> MemoryDisk:
    return MemoryDisk()


def test_a_commit_is_told_later_and_not_from_within_the_call(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        driver.commit(batch(puts={"a": b"1"}))
        assert driver.results == []
        driver.step()
        assert driver.results == [None]


def test_all_commits_that_arrived_meanwhile_are_one_group(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        for number in range(100):
            driver.commit(batch(number % 10, puts={"a": b"%d" % number}))
        driver.flush()
        statistics = driver.store.statistics()
        assert (statistics.commits, statistics.groups, statistics.in_flight) == (100, 1, 0)


def test_a_commit_from_a_callback_goes_with_the_next_group(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        told: list[int] = []

        def commit(number: int) -> None:
            told.append(number)
            if number < 3:
                driver.store.commit(batch(puts={"n": b""}), lambda _: commit(number + 1))

        commit(0)
        while len(told) < 4:
            driver.step()
        assert driver.store.statistics().groups == 3


def test_a_callback_that_raises_does_not_keep_others_from_being_told(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        reported: list[object] = []
        driver.loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))
        error = RuntimeError("guest")

        def fail(_: BaseException | None) -> None:
            raise error

        driver.store.commit(batch(puts={"a": b"1"}), fail)
        driver.commit(batch(puts={"a": b"2"}))
        driver.flush()
        assert reported == [error]
        assert driver.results == [None]


def test_state_survives_a_reopen(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        driver.commit(batch(1, puts={"a": b"1"}, meta={"alarm": b"5"}))
        driver.commit(batch(2, namespace="Other/ns", puts={"b": b"2"}))
        driver.close()
        expected = driver.history.states[-1]
    with Driver(disk) as driver:
        assert driver.dump() == expected
        assert driver.store.namespaces() == ["Other/ns", NAMESPACE]


def test_state_survives_a_checkpoint_and_a_reopen(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        for number in range(5):
            driver.commit(batch(number, puts={"a": b"1", "b": b"2"}))
        driver.checkpoint()
        driver.commit(batch(1, deletes=["a"]))
        driver.commit(batch(2, clear=True))
        driver.checkpoint()
        assert driver.store.statistics().log_files == 0
        assert driver.dump() == driver.history.states[-1]
        driver.close()
        expected = driver.history.states[-1]
    with Driver(disk) as driver:
        assert driver.dump() == expected
        assert driver.store.list_objects(NAMESPACE) == [object_id(n) for n in (0, 1, 3, 4)]


def test_an_object_with_nothing_left_has_no_snapshot(disk: MemoryDisk) -> None:
    path = Layout(STATE).snapshot((NAMESPACE, object_id(1)))
    with Driver(disk) as driver:
        driver.commit(batch(1, puts={"a": b"1"}, meta={"alarm": b"1"}))
        driver.checkpoint()
        assert disk.exists(path)
        driver.commit(batch(1, clear=True))
        driver.checkpoint()
        assert disk.exists(path)  # it still has an alarm
        driver.commit(batch(1, meta={"alarm": None}))
        driver.checkpoint()
        assert not disk.exists(path)
        assert driver.store.namespaces() == []


def test_load_gives_the_same_image_until_it_is_released(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        state = driver.store.load(NAMESPACE, object_id(1))
        assert driver.store.load(NAMESPACE, object_id(1)) is state
        assert driver.store.statistics().loaded_objects == 1
        driver.store.release(NAMESPACE, object_id(1))
        assert driver.store.load(NAMESPACE, object_id(1)) is not state


def test_an_image_that_is_built_anew_has_what_was_committed_and_nothing_else(
    disk: MemoryDisk,
) -> None:
    """Snapshot, sealed and active deltas and batches on their way, one on top of the other."""
    with Driver(disk) as driver:
        driver.commit(batch(1, puts={"snapshot": b"1", "gone": b"1"}))
        driver.checkpoint()
        driver.commit(batch(1, puts={"log": b"2"}, deletes=["gone"]))
        driver.flush()
        state = driver.store.load(NAMESPACE, object_id(1))
        committed = batch(1, puts={"in flight": b"3"})
        state.apply(committed)
        driver.commit(committed)
        state.apply(batch(1, puts={"never committed": b"4"}))
        driver.store.release(NAMESPACE, object_id(1))
        state = driver.store.load(NAMESPACE, object_id(1))
        assert state.list() == [("in flight", b"3"), ("log", b"2"), ("snapshot", b"1")]


def test_at_every_step_of_a_checkpoint_a_load_is_right_and_commits_go_through(
    disk: MemoryDisk,
) -> None:
    with Driver(disk) as driver:
        for number in range(3):
            driver.commit(batch(number, puts={"a": b"0"}))
        driver.flush()
        task = driver.loop.create_task(driver.store.checkpoint())
        steps = 0
        while not task.done():
            steps += 1
            driver.commit(batch(steps % 3, puts={f"{steps}": b""}, deletes=[f"{steps - 3}"]))
            told = len(driver.results)
            driver.step()
            assert driver.dump() == driver.history.states[-1]
            assert len(driver.results) > told or steps == 1
        assert steps > 10
        assert task.result().snapshots_written == 3


def test_a_checkpoint_begins_when_the_log_is_large_and_shortens_it(disk: MemoryDisk) -> None:
    with Driver(disk, checkpoint_bytes=10_000) as driver:
        for number in range(100):
            driver.commit(batch(number % 3, puts={"a": b"x" * 1000}))
            for _ in range(20):
                driver.step()
        statistics = driver.store.statistics()
        assert 8 <= statistics.checkpoints <= 12
        assert statistics.log_bytes < 12_000
        assert statistics.log_files <= 1


def test_many_small_logs_of_short_runs_are_worth_a_checkpoint(disk: MemoryDisk) -> None:
    for _ in range(LOG_FILES_MAX - 1):
        with Driver(disk) as driver:
            driver.commit(batch(puts={"a": b"1"}))
            driver.close()
            assert driver.store.statistics().checkpoints == 0
    with Driver(disk) as driver:
        driver.commit(batch(puts={"a": b"1"}))
        for _ in range(100):
            driver.step()
        assert driver.store.statistics().checkpoints == 1
        assert driver.store.statistics().log_files == 0


def test_a_checkpoint_with_nothing_to_do_does_no_harm(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        driver.checkpoint()
        driver.checkpoint()
        assert driver.dump() == {}


def test_two_checkpoints_at_once_both_have_everything(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        driver.commit(batch(1, puts={"a": b"1"}))
        first = driver.loop.create_task(driver.store.checkpoint())
        for _ in range(3):
            driver.step()
        driver.commit(batch(2, puts={"a": b"1"}))
        second = driver.loop.create_task(driver.store.checkpoint())
        driver.loop.run_until_complete(asyncio.wait([first, second]))
        assert (first.result().sequence, second.result().sequence) == (1, 2)


def test_large_objects_are_written_in_pieces_with_commits_in_between(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        for number in range(40):
            driver.commit(batch(1, puts={f"{number}-{k}": b"x" * 5000 for k in range(50)}))
        driver.flush()
        task = driver.loop.create_task(driver.store.checkpoint())
        told_before = 0
        while not task.done():
            driver.commit(batch(2, puts={"a": b"1"}))
            driver.step()
            told_before += 1
        assert told_before > 30
        assert len(driver.results) >= 40 + told_before - 1
        assert driver.dump() == driver.history.states[-1]


def test_unknown_objects_are_empty_and_not_listed(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        assert driver.store.load(NAMESPACE, object_id(9)).is_empty
        assert driver.store.list_objects(NAMESPACE) == []
        assert driver.store.namespaces() == []


def test_listing_sees_what_is_on_its_way(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        driver.commit(batch(1, puts={"a": b"1"}))
        driver.checkpoint()
        driver.commit(batch(1, clear=True))
        driver.commit(batch(2, puts={"a": b"1"}))
        assert driver.store.list_objects(NAMESPACE) == [object_id(2)]


def test_a_namespace_too_long_for_a_file_name_is_listed_by_its_name(disk: MemoryDisk) -> None:
    name = "Ünïcödé" * 100
    with Driver(disk) as driver:
        driver.commit(batch(1, namespace=name, puts={"a": b"1"}))
        driver.checkpoint()
        driver.close()
    with Driver(disk) as driver:
        assert driver.store.namespaces() == [name]
        assert driver.store.load(name, object_id(1)).get("a") == b"1"


def test_what_is_no_object_id_is_refused_at_once(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        with pytest.raises(ValueError, match="64 lower-case hex digits"):
            driver.store.load(NAMESPACE, "../x")
        with pytest.raises(ValueError, match="64 lower-case hex digits"):
            driver.store.commit(batch(1).__class__(NAMESPACE, "x"), print)
        with pytest.raises(TypeError):
            driver.store.commit(batch(1, puts={"a": object()}), print)
        driver.flush()
        assert driver.store.statistics().commits == 0


def test_call_when_durable_comes_after_the_commits_before_it(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        order: list[str] = []
        driver.store.commit(batch(puts={"a": b"1"}), lambda _: order.append("commit"))
        driver.store.call_when_durable(lambda error: order.append(f"barrier {error}"))
        driver.step()
        assert order == ["commit", "barrier None"]
        driver.store.call_when_durable(lambda error: order.append(f"idle {error}"))
        assert len(order) == 2
        driver.step()
        assert order[2:] == ["idle None"]


def test_a_closed_store_takes_no_commits_and_can_be_closed_again(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        driver.close()
        driver.close()
        driver.store.commit(batch(puts={"a": b"1"}), driver.results.append)
        driver.step()
        with pytest.raises(StorageFailed, match="the store of /state is closed"):
            driver.checkpoint()
    assert [str(error).splitlines()[0] for error in driver.results] == [
        "the store of /state is closed"
    ]


def test_close_makes_pending_commits_durable_first(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        driver.commit(batch(puts={"a": b"1"}))
        driver.close()
        assert driver.results == [None]


def test_close_abandons_a_checkpoint_and_tells_who_waits_for_it(disk: MemoryDisk) -> None:
    history = History()
    with Driver(disk, history=history) as driver:
        for number in range(5):
            driver.commit(batch(number, puts={"a": b"1"}))
        task = driver.loop.create_task(driver.store.checkpoint())
        for _ in range(8):
            driver.step()
        driver.close()
        with pytest.raises(StorageFailed, match="is closed"):
            driver.loop.run_until_complete(task)
    with Driver(disk) as driver:
        assert driver.dump() == history.states[-1]


def test_an_open_store_locks_its_directory_until_it_is_closed(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        with pytest.raises(StateLocked, match="the state directory /state is in use"):
            Driver(disk)
        driver.close()
    with Driver(disk) as driver:
        assert driver.dump() == {}


def test_a_failed_open_lets_go_of_the_lock(disk: MemoryDisk) -> None:
    disk.create(STATE / "format.json")
    for _ in range(2):
        with pytest.raises(StorageFormatError):
            Driver(disk)


class Recorder(StorageObserver):
    def __init__(self) -> None:
        self.reports: list[RecoveryReport | CheckpointReport | StorageFailed] = []

    def recovered(self, report: RecoveryReport) -> None:
        self.reports.append(report)

    def checkpointed(self, report: CheckpointReport) -> None:
        self.reports.append(report)

    def failed(self, failure: StorageFailed) -> None:
        self.reports.append(failure)


async def test_the_observer_hears_of_recoveries_and_checkpoints(disk: MemoryDisk) -> None:
    recorder = Recorder()
    store = Store.open(disk, STATE, writer=InlineWriter(), observer=recorder)
    store.commit(batch(puts={"a": b"1"}), lambda _: None)
    await store.checkpoint()
    await store.close()
    recovered, checkpointed = recorder.reports
    assert recovered == RecoveryReport(batches=0, log_files=0, log_bytes=0, torn_bytes=0)
    assert isinstance(checkpointed, CheckpointReport)
    assert (checkpointed.snapshots_written, checkpointed.logs_removed) == (1, 1)


async def test_on_a_real_disk_with_a_thread(tmp_path: Path) -> None:
    history = History()
    store = Store.open(RealDisk(), tmp_path / "new" / "state", checkpoint_bytes=20_000)
    told: list[BaseException | None] = []
    for number in range(500):
        changes = batch(number % 7, puts={f"k{number % 11}": b"%d" % number * 20})
        history.add(changes)
        store.commit(changes, told.append)
        if number % 50 == 0:
            await store.flush()
    await store.flush()
    assert told == [None] * 500
    assert dump(store) == history.states[-1]
    await store.checkpoint()
    await store.close()
    store = Store.open(RealDisk(), tmp_path / "new" / "state")
    assert dump(store) == history.states[-1]
    await store.close()


def test_every_object_has_a_telling_repr(disk: MemoryDisk) -> None:
    with Driver(disk) as driver:
        assert repr(driver.store) == (
            "<Store /state closed=False <CommitPipeline durable=0 pending=0 log_bytes=0 "
            "checkpoint=False failure=False>>"
        )
        assert repr(driver.store.load(NAMESPACE, object_id(1))) == "<ObjectState entries=0 meta=[]>"
        assert repr(disk).startswith("<MemoryDisk files=1 bytes=")
