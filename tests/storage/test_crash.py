"""The machine stops at every single disk operation of a history with commits and checkpoints."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy

import pytest

from emulator.storage import Batch, StorageFailed
from emulator.testing.faulty_disk import FaultyDisk, Outcome, SimulatedCrash
from tests.storage.driver import STATE, Driver, History, batch

CHECKPOINT_BYTES = 600  # some groups, then a checkpoint beside the next ones
MIDDLE_OF_A_CHECKPOINT = 120
FATES: list[tuple[Outcome, int]] = [("kill", 0), ("power", 0), ("power", 1), ("power", 2)]


def groups() -> list[list[Batch]]:
    made: list[list[Batch]] = []
    for number in range(1, 7):
        made += [
            [batch(1, puts={"n": b"%d" % number, f"k{number}": b"v" * 40})],
            [
                batch(2, puts={"n": b"%d" % number}, meta={"alarm": b"%d" % number}),
                batch(1, deletes=[f"k{number - 1}"]),
                batch(3, namespace="other-Class", puts={"big": b"%d" % number * 300}),
            ],
            [batch(2, clear=True, meta={"alarm": None}), batch(4, puts={f"q{number}": b""})],
        ]
    return made


def run(disk: FaultyDisk, history: History) -> int:
    """Two processes one after the other; the number of checkpoints."""
    made, checkpoints = groups(), 0
    for half in (made[:9], made[9:]):
        with Driver(disk, history=history, checkpoint_bytes=CHECKPOINT_BYTES) as driver:
            for group in half:
                for item in group:
                    driver.commit(item)
                for _ in range(7):
                    driver.step()
            driver.close()
            checkpoints += driver.store.statistics().checkpoints
    return checkpoints


def test_the_history_has_checkpoints_and_is_fully_acknowledged() -> None:
    disk, history = FaultyDisk(), History()
    assert run(disk, history) >= 3
    assert len(history.states) - 1 == history.acknowledged == 36
    with Driver(disk.reopen()) as driver:
        assert history.states[-1] == driver.dump()


def goes_on_after(disk: FaultyDisk, history: History) -> None:
    """The recovered state is right, and so is what is committed on top of it, after a power cut."""
    with Driver(disk, history=history) as driver:
        history.check_recovered(driver.dump())
        driver.commit(batch(1, puts={"after": b"1"}))
        driver.commit(batch(2, clear=True, puts={"after": b"2"}))
        driver.flush()
    disk = disk.reopen("power")
    with Driver(disk, history=history) as driver:
        history.check_recovered(driver.dump())
        assert len(history.states) - 1 == history.acknowledged
        driver.checkpoint()
        driver.close()
    with Driver(disk.reopen("power")) as driver:
        history.check_recovered(driver.dump())


def test_crashed_at_any_operation_everything_acknowledged_is_there() -> None:
    crashes = 0
    for operation in range(1, 10_000):
        disk, history = FaultyDisk(operation, crash_at=operation), History()
        with suppress(SimulatedCrash, StorageFailed):
            run(disk, history)
        if not disk.crashed:
            break
        crashes += 1
        for outcome, variant in FATES:
            found = disk.reopen(outcome, variant=variant)
            goes_on_after(found, deepcopy(history))
    assert crashes > 130


def test_crashed_again_while_recovering_everything_acknowledged_is_there() -> None:
    disk, history = FaultyDisk(crash_at=MIDDLE_OF_A_CHECKPOINT), History()
    with suppress(SimulatedCrash, StorageFailed):
        run(disk, history)
    assert disk.crashed
    for outcome, variant in FATES:
        for operation in range(1, 100):
            found = disk.reopen(outcome, variant=variant)
            found.crash_at = operation
            try:
                with Driver(found) as driver:
                    driver.dump()
                    driver.close()
            except SimulatedCrash:
                goes_on_after(found.reopen("kill"), deepcopy(history))
                goes_on_after(found.reopen("power"), deepcopy(history))
            else:
                break
        else:
            pytest.fail("recovery takes too many operations")


def test_what_was_read_after_a_kill_survives_a_power_cut() -> None:
    """A group that was written but not synced is seen by the next process, so it must be kept."""
    disk = FaultyDisk()
    history = History()
    with Driver(disk, history=history) as driver:
        driver.commit(batch(1, puts={"a": b"1"}))
        driver.flush()
        disk.crash_at = disk.operations + 2  # append, then the fdatasync that never returns
        driver.commit(batch(1, puts={"a": b"2"}))
        with pytest.raises(StorageFailed):
            driver.flush()
    assert history.acknowledged == 1
    found = disk.reopen("kill")
    with Driver(found) as driver:
        seen = driver.dump()
    assert history.states[2] == seen
    for variant in range(10):
        with Driver(found.reopen("power", variant=variant)) as driver:
            assert seen == driver.dump()


def test_a_reopened_directory_continues_the_numbers_and_leaves_no_gap() -> None:
    disk = FaultyDisk()
    for _ in range(3):
        with Driver(disk) as driver:
            driver.commit(batch(1, puts={"a": b"1"}))
            driver.close()
    with Driver(disk) as driver:
        statistics = driver.store.statistics()
        assert (statistics.durable_sequence, statistics.log_files) == (3, 3)


def test_an_open_without_commits_writes_no_log() -> None:
    disk = FaultyDisk()
    for _ in range(2):
        with Driver(disk) as driver:
            driver.close()
            assert driver.store.statistics().log_files == 0
    assert disk.list_directory(STATE / "log") == []
