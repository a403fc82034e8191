"""What the engine expects of a disk, of each disk there is."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from emulator.errors import StateLocked
from emulator.storage import Disk, MemoryDisk, RealDisk
from emulator.storage.disk import write_atomically
from emulator.testing.faulty_disk import FaultyDisk, SimulatedCrash


@pytest.fixture(params=["real", "memory", "faulty"])
def disk(request: pytest.FixtureRequest) -> Disk:
    disks: dict[str, Disk] = {
        "real": RealDisk(),
        "memory": MemoryDisk(),
        "faulty": FaultyDisk(),
    }
    return disks[request.param]


@pytest.fixture
def root(disk: Disk, tmp_path: Path) -> Path:
    root = tmp_path / "deep" / "er"
    disk.make_directories(root)
    disk.make_directories(root)
    return root


def test_a_file_grows(disk: Disk, root: Path) -> None:
    file = disk.create(root / "a")
    file.append(b"one")
    file.fdatasync()
    file.append(b"two")
    assert disk.read(root / "a") == b"onetwo"
    file.close()
    again = disk.open_append(root / "a")
    again.append(b"three")
    again.close()
    again.close()
    assert disk.read(root / "a") == b"onetwothree"


def test_create_begins_with_an_empty_file(disk: Disk, root: Path) -> None:
    for content in (b"long content", b"short"):
        file = disk.create(root / "a")
        file.append(content)
        file.close()
    assert disk.read(root / "a") == b"short"


def test_rename_replaces_and_remove_removes(disk: Disk, root: Path) -> None:
    write_atomically(disk, root / "a", b"1")
    write_atomically(disk, root / "b", b"2")
    disk.rename(root / "a", root / "b")
    assert disk.list_directory(root) == ["b"]
    assert disk.read(root / "b") == b"1"
    disk.remove(root / "b")
    disk.sync_directory(root)
    assert not disk.exists(root / "b")


def test_directories_list_files_and_directories_in_order(disk: Disk, root: Path) -> None:
    disk.make_directories(root / "d")
    write_atomically(disk, root / "d" / "f", b"")
    write_atomically(disk, root / "c", b"")
    assert disk.list_directory(root) == ["c", "d"]
    assert disk.list_directory(root / "absent") == []


def test_what_is_not_there_is_not_found(disk: Disk, root: Path) -> None:
    for operation in (disk.read, disk.open_append, disk.remove):
        with pytest.raises(FileNotFoundError):
            operation(root / "absent")
    with pytest.raises(FileNotFoundError):
        disk.rename(root / "absent", root / "b")


def test_a_lock_is_exclusive(disk: Disk, root: Path) -> None:
    lock = disk.lock(root / "lock")
    with pytest.raises(StateLocked):
        disk.lock(root / "lock")
    lock.release()
    disk.lock(root / "lock").release()


STATE = Path("/s")


def faulty(*, synced: bytes, unsynced: bytes) -> FaultyDisk:
    disk = FaultyDisk()
    disk.make_directories(STATE)
    file = disk.create(STATE / "f")
    file.append(synced)
    file.fdatasync()
    disk.sync_directory(STATE)
    file.append(unsynced)
    return disk


def test_a_power_failure_keeps_what_was_synced_and_anything_of_the_rest() -> None:
    disk = faulty(synced=b"s" * 700, unsynced=b"u" * 2000)
    found = {disk.reopen("power", variant=v).read(STATE / "f")[700:] for v in range(200)}
    assert all(
        disk.reopen("power", variant=v).read(STATE / "f")[:700] == b"s" * 700 for v in (1, 2)
    )
    assert {b"", b"u" * 2000} < found
    assert any(0 < len(tail) < 2000 and set(tail) == {ord("u")} for tail in found), "cut"
    assert any(len(tail) == 2000 and set(tail) == set(b"\0u") for tail in found), "zeros"
    assert any(len(tail) == 2000 and len(set(tail)) > 9 for tail in found), "foreign"


def test_a_kill_keeps_everything_written_but_a_later_power_failure_may_not() -> None:
    disk = faulty(synced=b"s", unsynced=b"u").reopen("kill")
    assert disk.read(STATE / "f") == b"su"
    assert {disk.reopen("power", variant=v).read(STATE / "f") for v in range(50)} >= {b"s", b"su"}


def test_names_are_lost_until_their_directory_is_synced() -> None:
    assert names_after_power_failures(synced=True) == {("c",)}
    assert names_after_power_failures(synced=False) == {("a",), ("a", "b"), ("b", "c"), ("c",)}


def names_after_power_failures(*, synced: bool) -> set[tuple[str, ...]]:
    disk = FaultyDisk()
    disk.make_directories(STATE)
    disk.create(STATE / "a").fdatasync()
    disk.sync_directory(STATE)
    disk.create(STATE / "b").fdatasync()
    disk.rename(STATE / "a", STATE / "c")
    disk.remove(STATE / "b")
    if synced:
        disk.sync_directory(STATE)
    return {tuple(disk.reopen(variant=v).list_directory(STATE)) for v in range(50)}


def test_after_the_crash_nothing_works() -> None:
    disk = FaultyDisk(crash_at=3)
    disk.make_directories(STATE)
    with pytest.raises(SimulatedCrash):
        disk.create(STATE / "f")
    for operation in (disk.read, disk.create, disk.exists, disk.sync_directory, disk.lock):
        with pytest.raises(SimulatedCrash):
            operation(STATE / "f")
    assert disk.operations == 3


def test_the_same_seed_finds_the_same_disk() -> None:
    found = [
        faulty(synced=b"s" * 700, unsynced=b"u" * 2000).reopen(variant=7).read(STATE / "f")
        for _ in range(3)
    ]
    assert len(set(found)) == 1


def test_a_full_disk_takes_what_fits() -> None:
    disk = FaultyDisk(capacity_bytes=10)
    disk.make_directories(STATE)
    file = disk.create(STATE / "f")
    with pytest.raises(OSError, match="No space left") as caught:
        file.append(b"x" * 11)
    assert caught.value.errno == errno.ENOSPC
    assert disk.read(STATE / "f") == b"x" * 10


def test_a_failed_fsync_is_followed_by_one_that_promises_too_much() -> None:
    disk = faulty(synced=b"s", unsynced=b"u")
    file = disk.open_append(STATE / "f")
    disk.fail_next("fdatasync")
    with pytest.raises(OSError, match="Input/output error"):
        file.fdatasync()
    file.fdatasync()
    assert disk.read(STATE / "f") == b"su"
    assert b"s" in {disk.reopen("power", variant=v).read(STATE / "f") for v in range(50)}
