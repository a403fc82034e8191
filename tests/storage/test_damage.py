"""Every file of a state directory, cut at every byte and with every byte flipped.

What a store then shows is a prefix of the acknowledged history, or a loud error; never other data.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from emulator.errors import StorageFormatError
from emulator.storage import MemoryDisk
from emulator.storage.layout import Layout
from tests.storage.driver import Driver, History, all_files, batch, disk_with

LAYOUT = Layout(Path("/state"))


@cache
def acknowledged_history() -> tuple[History, dict[Path, bytes]]:
    """A directory with snapshots, a mark and two log files that were written in several groups."""
    disk, history = MemoryDisk(), History()
    with Driver(disk, history=history) as driver:
        driver.commit(batch(1, puts={"a": b"1", "b": b"2"}))
        driver.commit(batch(2, puts={"x": b"1"}, meta={"alarm": b"9"}))
        driver.checkpoint()
        driver.commit(batch(1, puts={"a": b"3"}, deletes=["b"]))
        driver.flush()
        driver.commit(batch(2, clear=True, meta={"alarm": None}))
        driver.commit(batch(3, puts={"y": b"4"}))
        driver.close()
    with Driver(disk, history=history) as driver:
        driver.commit(batch(3, puts={"y": b"5"}))
        driver.flush()
        driver.commit(batch(1, puts={"c": b"6"}))
        driver.close()
    assert history.acknowledged == 7
    return history, all_files(disk)


def damaged_files() -> Iterator[tuple[Path, bytes, str]]:
    for path, content in acknowledged_history()[1].items():
        if path.name != "lock":
            for offset in range(len(content)):
                yield path, content[:offset], f"cut at {offset}"
                for mask in (0x01, 0xFF):
                    flipped = bytearray(content)
                    flipped[offset] ^= mask
                    yield path, bytes(flipped), f"{mask} at {offset}"


def test_the_directory_has_every_kind_of_file() -> None:
    names = [str(path.relative_to("/state")) for path in acknowledged_history()[1]]
    assert {"checkpoint", "format.json"} < set(names)
    assert [n for n in names if "log" in n] == ["log/0000000002.log", "log/0000000003.log"]
    assert sum(name.endswith(".snap") for name in names) == 2


def test_damaged_anywhere_a_store_shows_a_prefix_or_an_error() -> None:
    history, files = acknowledged_history()
    newest_log = LAYOUT.log(3)
    errors, prefixes = list[tuple[Path, str]](), 0
    for path, content, what in damaged_files():
        try:
            with Driver(disk_with({**files, path: content})) as driver:
                found = driver.dump()
        except StorageFormatError as error:
            errors.append((path, str(error)))
            continue
        assert history.has_prefix(found), f"{path}, {what}"
        is_whole = found == history.states[-1]
        assert is_whole or path == newest_log, f"{path}, {what}: acknowledged batches are gone"
        prefixes += 1
    assert len(errors) > 1000
    # A lost end of a log is found out by the next one; the format is that of the directory.
    for path, message in errors:
        others = {LAYOUT.log(2): newest_log, LAYOUT.format: LAYOUT.directory}
        assert str(path) in message or str(others[path]) in message
    assert prefixes > 100


@pytest.mark.parametrize("name", ["log/0000000002.log", "checkpoint"])
def test_a_missing_file_in_the_middle_is_an_error(name: str) -> None:
    files = dict(acknowledged_history()[1])
    del files[Path("/state") / name]
    with pytest.raises(StorageFormatError):
        Driver(disk_with(files))


def test_swapped_log_files_are_an_error() -> None:
    files = dict(acknowledged_history()[1])
    files[LAYOUT.log(2)], files[LAYOUT.log(3)] = files[LAYOUT.log(3)], files[LAYOUT.log(2)]
    with pytest.raises(StorageFormatError, match="it is the log file number 3"):
        Driver(disk_with(files))


def test_a_snapshot_that_is_newer_than_the_logs_is_an_error() -> None:
    files = {
        path: content
        for path, content in acknowledged_history()[1].items()
        if path.parent != LAYOUT.logs and path != LAYOUT.checkpoint
    }
    with Driver(disk_with(files)) as driver, pytest.raises(StorageFormatError, match="has batch 1"):
        driver.dump()


def test_files_that_are_not_ours_are_left_alone() -> None:
    history, files = acknowledged_history()
    strangers = {
        LAYOUT.logs / ".DS_Store": b"",
        LAYOUT.directory / "kv" / "x": b"",
        LAYOUT.objects / "readme.txt": b"",
    }
    disk = disk_with({**files, **strangers})
    with Driver(disk) as driver:
        assert history.states[-1] == driver.dump()
        driver.close()
    assert strangers.keys() < all_files(disk).keys()
