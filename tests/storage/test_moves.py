"""The file that says which namespace has the data of another."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from emulator.errors import StorageFormatError
from emulator.storage import MemoryDisk
from emulator.storage.disk import write_atomically
from emulator.storage.moves import read_moves, write_move
from emulator.testing.faulty_disk import FaultyDisk, Outcome, SimulatedCrash

STATE = Path("/state")


def test_without_the_file_nothing_was_moved() -> None:
    assert read_moves(MemoryDisk(), STATE) == {}


def test_moves_are_kept_replaced_and_taken_back() -> None:
    disk = MemoryDisk()
    write_move(disk, STATE, "w-B", "w-A")
    write_move(disk, STATE, "w-D", "w-C")
    assert read_moves(disk, STATE) == {"w-B": "w-A", "w-D": "w-C"}
    write_move(disk, STATE, "w-B", "w-X")
    write_move(disk, STATE, "w-D", "w-D")
    write_move(disk, STATE, "w-E", "w-E")
    assert read_moves(disk, STATE) == {"w-B": "w-X"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format": "pyworkers-moves", "version": 1, "moves": [1]}',
        b'{"format": "pyworkers-moves", "version": 1, "moves": {"a": 1}}',
        b'{"format": "other", "version": 1, "moves": {}}',
    ],
)
def test_a_damaged_file_is_refused(content: bytes) -> None:
    disk = MemoryDisk()
    write_atomically(disk, STATE / "moves.json", content)
    with pytest.raises(StorageFormatError, match=r"moves\.json is damaged at byte 0"):
        read_moves(disk, STATE)


def test_a_file_of_another_version_is_refused() -> None:
    disk = MemoryDisk()
    content = b'{"format": "pyworkers-moves", "version": 2, "moves": {}}'
    write_atomically(disk, STATE / "moves.json", content)
    with pytest.raises(StorageFormatError, match="format version 2"):
        read_moves(disk, STATE)


@pytest.mark.parametrize("outcome", ["kill", "power"])
def test_stopped_at_any_operation_a_move_was_made_or_not(outcome: Outcome) -> None:
    operation = 0
    while True:
        operation += 1
        disk = FaultyDisk(operation)
        disk.make_directories(STATE)
        write_move(disk, STATE, "w-B", "w-A")
        disk.crash_at = disk.operations + operation
        with suppress(SimulatedCrash):
            write_move(disk, STATE, "w-D", "w-C")
        crashed, disk = disk.crashed, disk.reopen(outcome)
        found = read_moves(disk, STATE)
        assert found in ({"w-B": "w-A"}, {"w-B": "w-A", "w-D": "w-C"})
        if not crashed:
            assert found == {"w-B": "w-A", "w-D": "w-C"}
            break
    assert operation > 4
