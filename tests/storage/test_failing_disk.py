"""A disk that refuses: every waiter hears it, nothing acknowledged is lost, nothing is retried."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.storage import InlineWriter, RealDisk, StorageFailed, StorageObserver, Store
from emulator.storage.disk import AppendFile
from emulator.testing.faulty_disk import FaultyDisk, Operation
from tests.storage.driver import NAMESPACE, STATE, Driver, History, batch, object_id


@pytest.mark.parametrize("operation", ["append", "fdatasync"])
def test_after_a_failed_write_or_fsync_every_commit_fails_with_the_same_error(
    operation: Operation,
) -> None:
    disk = FaultyDisk()
    history = History()
    with Driver(disk, history=history) as driver:
        driver.commit(batch(1, puts={"a": b"1"}))
        driver.flush()
        disk.fail_next(operation)
        driver.commit(batch(1, puts={"a": b"2"}))
        driver.commit(batch(2, puts={"a": b"2"}))
        with pytest.raises(StorageFailed, match=r"cannot write to /state: \[Errno 5\]"):
            driver.flush()
        driver.commit(batch(1, puts={"a": b"3"}))
        with pytest.raises(StorageFailed):
            driver.flush()
        first, *others = driver.results
        assert first is None
        assert len(set(map(id, others))) == 1
        assert isinstance(others[0], StorageFailed)
        operations = disk.operations
        driver.commit(batch(1, puts={"a": b"4"}))
        driver.step()
        assert disk.operations == operations, "a disk that failed is not asked again"
        assert driver.results[-1] is others[0]
        assert driver.store.statistics().failure == others[0].message
        driver.close()
    for variant in range(10):
        with Driver(disk.reopen("power", variant=variant)) as driver:
            found = driver.dump()
            assert history.states.index(found) >= history.acknowledged


def test_a_load_after_a_failure_gives_what_was_acknowledged() -> None:
    disk = FaultyDisk()
    with Driver(disk) as driver:
        driver.commit(batch(1, puts={"a": b"1"}))
        driver.flush()
        state = driver.store.load(NAMESPACE, object_id(1))
        disk.fail_next("fdatasync")
        changes = batch(1, puts={"a": b"2"})
        state.apply(changes)
        driver.commit(changes)
        with pytest.raises(StorageFailed):
            driver.flush()
        driver.store.release(NAMESPACE, object_id(1))
        assert driver.store.load(NAMESPACE, object_id(1)).get("a") == b"1"


class _LateNews(InlineWriter):
    """As a thread would, it tells the loop what it did after other things have happened."""

    def post(self, callback: Callable[..., object], *args: object) -> None:
        asyncio.get_running_loop().call_soon(callback, *args)


async def test_what_was_committed_behind_a_failure_is_not_loaded_without_it() -> None:
    disk = FaultyDisk()
    store = Store.open(disk, STATE, writer=_LateNews())
    failing = batch(1, puts={"a": b"1"})
    disk.fail_next("fdatasync")
    found: list[dict[str, bytes]] = []

    def load_again(_: BaseException | None) -> None:
        store.release(NAMESPACE, object_id(1))
        found.append(dict(store.load(NAMESPACE, object_id(1)).list()))

    store.commit(failing, load_again)
    await asyncio.sleep(0)  # it has failed, and nobody was told
    store.commit(batch(1, puts={"b": b"2"}), load_again)
    with pytest.raises(StorageFailed):
        await store.flush()
    assert found == [{}, {}]
    await store.close()


def test_a_full_disk_is_named_and_what_was_acknowledged_survives_it() -> None:
    disk = FaultyDisk(capacity_bytes=3000)
    history = History()
    with Driver(disk, history=history) as driver:
        for number in range(100):
            driver.commit(batch(1, puts={f"{number}": b"x" * 100}))
            driver.step()
        error = driver.results[-1]
        assert isinstance(error, StorageFailed)
        assert error.is_disk_full
        assert "No space left on device" in error.message
        assert 5 < history.acknowledged < 30
        driver.close()
    with Driver(disk.reopen("kill"), history=history) as driver:
        history.check_recovered(driver.dump())


def test_a_full_disk_can_still_be_opened_and_read() -> None:
    disk = FaultyDisk()
    history = History()
    with Driver(disk, history=history) as driver:
        driver.commit(batch(1, puts={"a": b"1"}))
        driver.close()
    disk.capacity_bytes = 0
    with Driver(disk, history=history) as driver:
        assert driver.dump() == history.states[-1]
        driver.commit(batch(1, puts={"a": b"2"}))
        with pytest.raises(StorageFailed):
            driver.flush()


@pytest.mark.parametrize(
    "operation", ["create", "append", "fdatasync", "rename", "sync_directory", "remove"]
)
def test_a_checkpoint_that_fails_stops_the_store_and_loses_nothing(operation: Operation) -> None:
    disk = FaultyDisk()
    history = History()
    with Driver(disk, history=history) as driver:
        driver.commit(batch(1, puts={"a": b"1"}))
        driver.flush()
        disk.fail_next(operation, errno.ENOSPC)
        with pytest.raises(StorageFailed, match="No space left"):
            driver.checkpoint()
        driver.commit(batch(1, puts={"a": b"2"}))
        driver.step()
        assert isinstance(driver.results[-1], StorageFailed)
        driver.close()
    for outcome in ("kill", "power"):
        with Driver(disk.reopen(outcome)) as driver:
            assert driver.dump() == history.states[1]


def test_the_barrier_of_a_failed_commit_hears_the_failure() -> None:
    disk = FaultyDisk()
    with Driver(disk) as driver:
        told: list[BaseException | None] = []
        disk.fail_next("append")
        driver.commit(batch(1, puts={"a": b"1"}))
        driver.store.call_when_durable(told.append)
        driver.step()
        driver.store.call_when_durable(told.append)
        driver.step()
        assert told == [driver.results[0]] * 2
        assert told[0] is not None


def test_an_open_that_the_disk_refuses_says_so_and_lets_go_of_the_lock() -> None:
    disk = FaultyDisk()
    disk.fail_next("append", errno.EACCES)
    with pytest.raises(StorageFailed, match=r"cannot open /state: \[Errno 13\]"):
        Driver(disk)
    with Driver(disk) as driver:
        assert driver.dump() == {}


def test_a_snapshot_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FaultyDisk()
    with Driver(disk) as driver:
        driver.commit(batch(1, puts={"a": b"1"}))
        driver.checkpoint()

        def fail(path: Path) -> bytes:
            raise OSError(errno.EIO, "Input/output error", str(path))

        monkeypatch.setattr(disk, "read", fail)
        with pytest.raises(StorageFailed, match=r"cannot read /state/objects/.*\.snap"):
            driver.store.load(NAMESPACE, object_id(1))


def test_what_is_shown_after_a_failed_fsync_and_a_restart_survives_the_power() -> None:
    """A failed fsync leaves pages that can be read but are not on disk, and nobody can tell.

    The next process reads them; it must write them anew, since an fsync of them does nothing.
    """
    disk = FaultyDisk()
    with Driver(disk) as driver:
        driver.commit(batch(1, puts={"a": b"1"}))
        driver.flush()
        disk.fail_next("fdatasync")
        driver.commit(batch(1, puts={"a": b"2"}))
        driver.step()
        driver.close()
    disk = disk.reopen("kill")
    history = History()
    with Driver(disk, history=history) as driver:
        history.states[0] = driver.dump()
        assert driver.dump()[NAMESPACE, object_id(1)]
        driver.commit(batch(1, puts={"b": b"3"}))
        driver.close()
    for variant in range(20):
        with Driver(disk.reopen("power", variant=variant)) as driver:
            assert driver.dump() == history.states[1]


@pytest.mark.parametrize("checkpoint", [False, True])
def test_a_full_disk_at_a_restart_after_a_failed_fsync_breaks_nothing(checkpoint: bool) -> None:
    disk = FaultyDisk()
    with Driver(disk) as driver:
        driver.commit(batch(1, puts={"a": b"1"}))
        driver.flush()
        disk.fail_next("fdatasync")
        driver.commit(batch(1, puts={"a": b"2"}))
        driver.step()
        driver.close()
    disk = disk.reopen("kill")
    disk.capacity_bytes = 0
    with Driver(disk) as driver:
        assert driver.dump()[NAMESPACE, object_id(1)] == ({"a": b"2"}, {})
        disk.capacity_bytes = None
        if checkpoint:
            driver.checkpoint()
        driver.commit(batch(1, puts={"b": b"3"}))
        driver.close()
    for variant in range(20):
        with Driver(disk.reopen("power", variant=variant)) as driver:
            assert driver.dump()[NAMESPACE, object_id(1)] == ({"a": b"2", "b": b"3"}, {})


class _GatedDisk(RealDisk):
    """A real disk whose commits wait at a gate, to have them pile up behind a slow fsync."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.fail = False

    def open_append(self, path: Path) -> AppendFile:
        return _GatedFile(super().open_append(path), self)


class _GatedFile:
    def __init__(self, file: AppendFile, disk: _GatedDisk) -> None:
        self._file = file
        self._disk = disk

    def append(self, data: bytes) -> None:
        self._file.append(data)

    def fdatasync(self) -> None:
        assert self._disk.gate.wait(30)
        if self._disk.fail:
            raise OSError(errno.EIO, "Input/output error")
        self._file.fdatasync()

    def close(self) -> None:
        self._file.close()


@pytest.mark.parametrize("fail", [False, True])
async def test_commits_behind_a_slow_fsync_on_a_thread_share_the_next_one_or_its_fate(
    tmp_path: Path, *, fail: bool
) -> None:
    disk = _GatedDisk()
    store = Store.open(disk, tmp_path)
    told: list[BaseException | None] = []
    for number in range(50):
        store.commit(batch(number, puts={"a": b"1"}), told.append)
    assert told == []
    disk.fail = fail
    disk.gate.set()
    if fail:
        with pytest.raises(StorageFailed):
            await store.flush()
        assert len(set(map(id, told))) == 1
        assert isinstance(told[0], StorageFailed)
    else:
        await store.flush()
        assert told == [None] * 50
        assert store.statistics().groups <= 50
    assert len(told) == 50
    await store.close()


async def test_a_failure_is_told_to_the_observer(tmp_path: Path) -> None:
    class Recorder(StorageObserver):
        failure: StorageFailed | None = None

        def failed(self, failure: StorageFailed) -> None:
            self.failure = failure

    recorder, disk = Recorder(), FaultyDisk()
    store = Store.open(disk, STATE, observer=recorder)
    disk.fail_next("append")
    store.commit(batch(1, puts={"a": b"1"}), lambda _: None)
    with pytest.raises(StorageFailed) as caught:
        await store.flush()
    assert recorder.failure is caught.value
    await store.close()
