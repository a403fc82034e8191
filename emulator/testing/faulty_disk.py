"""A Disk that fails and crashes on command, and that shows what a crash leaves behind.

Fault model. Time is counted in operations: `create`, `append`, `fdatasync`, `rename`, `remove`,
`sync_directory` and every new directory. Reading is free, and sees everything that was written.

- *Crash*: with `crash_at=n` the n-th operation raises SimulatedCrash, and so does everything after
  it, reading too. An interrupted `fdatasync` or `sync_directory` promises nothing; of another
  operation the crash may keep as much as of any that was not synced.
- `reopen("kill")`, the process died and the machine lives on: everything written can be read. What
  was not synced is still not durable, and a later power failure may take it.
- `reopen("power")`, the power failed. Of each file, what was synced is intact. What was appended
  since is (by the seed) lost, whole, cut anywhere, or has the full length with some of its 512-byte
  sectors, in any selection, full of zeros or of foreign bytes. Of each directory, a prefix of the
  names created, moved and removed since its last sync has happened; a move is atomic.
- *Full disk*: with `capacity_bytes` an `append` writes what still fits and raises ENOSPC.
- *Injected errors*: `fail_next(kind)` makes an operation raise an OSError. A failed `append` has
  written a part (by the seed). A failed `fdatasync` drops the pages, as Linux does: they can still
  be read, the next `fdatasync` of them succeeds, and they are not durable.

Not in the model: synced bytes that change (tests flip them themselves), new directories that get
lost, moves between directories. The same seed and the same calls give the same bytes.
"""

from __future__ import annotations

import errno
import os
import random
from typing import TYPE_CHECKING, Literal

from emulator.errors import StateLocked
from emulator.storage.lock import locked_message

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulator.storage.disk import AppendFile
    from emulator.storage.lock import Lock

SECTOR_BYTES = 512

Operation = Literal[
    "create", "append", "fdatasync", "rename", "remove", "sync_directory", "make_directory"
]
Outcome = Literal["kill", "power"]
Names = dict[str, "_File"]


class SimulatedCrash(Exception):
    """The process is gone: nothing it does any more can matter."""


class _File:
    """Content that can be read, and the part of it that a power failure cannot take."""

    def __init__(self, content: bytes = b"", durable: bytes = b"") -> None:
        self.content = bytearray(content)
        self.durable = durable
        self.synced_bytes = len(durable)  # how far the file has been handed to an fdatasync

    def survivor(self, *, power_failed: bool, chance: random.Random) -> _File:
        if not power_failed:
            copy = _File(bytes(self.content), self.durable)
            copy.synced_bytes = self.synced_bytes
            return copy
        content = self.durable + _after_power_failure(
            bytes(self.content[len(self.durable) :]), len(self.durable), chance
        )
        return _File(content, content)


class _Directory:
    """The names that can be looked up, the durable ones, and the changes between them in order."""

    def __init__(self) -> None:
        self.names: Names = {}
        self.durable: Names = {}
        self.changes: list[Callable[[Names], None]] = []

    def change(self, change: Callable[[Names], None]) -> None:
        change(self.names)
        self.changes.append(change)

    def sync(self) -> None:
        self.durable = dict(self.names)
        self.changes.clear()


class FaultyDisk:
    """A disk in memory, as unreliable as its fault model allows.

    Attributes:
        operations: how many operations there were, the one that crashed included.
    """

    def __init__(
        self, seed: int = 0, *, crash_at: int | None = None, capacity_bytes: int | None = None
    ) -> None:
        self.seed = seed
        self.operations = 0
        self.crash_at = crash_at
        self.capacity_bytes = capacity_bytes
        self.crashed = False
        self._chance = random.Random(seed)  # noqa: S311 - reproducible on purpose
        self._directories: dict[Path, _Directory] = {}
        self._failures: dict[Operation, list[OSError]] = {}
        self._locked: set[Path] = set()

    # Faults

    def fail_next(self, operation: Operation, error_number: int = errno.EIO) -> None:
        """Makes the next operation of this kind fail; asked twice, the next two."""
        error = OSError(error_number, os.strerror(error_number))
        self._failures.setdefault(operation, []).append(error)

    def crash(self) -> None:
        """Ends the process between two operations."""
        self.crashed = True

    def reopen(self, outcome: Outcome = "power", *, variant: int = 0) -> FaultyDisk:
        """A disk as the next process may find it; variants are other fates of the same crash."""
        self.crashed = True
        chance = random.Random(f"{self.seed} {self.operations} {outcome} {variant}")  # noqa: S311
        found = FaultyDisk(chance.getrandbits(32), capacity_bytes=self.capacity_bytes)
        survivors: dict[int, _File] = {}  # a file may be found under a new and under an old name
        for path, directory in self._directories.items():
            copy = found._directories[path] = _Directory()
            names = dict(directory.names)
            if outcome == "power":
                names = dict(directory.durable)
                for change in directory.changes[: chance.randint(0, len(directory.changes))]:
                    change(names)
            for name, file in names.items():
                if id(file) not in survivors:
                    survivors[id(file)] = file.survivor(
                        power_failed=outcome == "power", chance=chance
                    )
                copy.names[name] = survivors[id(file)]
            if outcome == "power":
                copy.durable = dict(copy.names)
            else:
                self._copy_unsynced_names(directory, copy, survivors, chance)
        return found

    @staticmethod
    def _copy_unsynced_names(
        directory: _Directory, copy: _Directory, survivors: dict[int, _File], chance: random.Random
    ) -> None:
        for name, file in directory.durable.items():
            if id(file) not in survivors:
                survivors[id(file)] = file.survivor(power_failed=False, chance=chance)
            copy.durable[name] = survivors[id(file)]
        if directory.changes:
            # Not yet durable, all together: the state of the names after the changes, or before.
            now = dict(copy.names)

            def change(names: Names) -> None:
                names.clear()
                names.update(now)

            copy.changes.append(change)

    # Disk

    def exists(self, path: Path) -> bool:
        self._check_alive()
        directory = self._directories.get(path.parent)
        return directory is not None and path.name in directory.names

    def read(self, path: Path) -> bytes:
        self._check_alive()
        return bytes(self._file(path).content)

    def list_directory(self, path: Path) -> list[str]:
        self._check_alive()
        directory = self._directories.get(path)
        files = () if directory is None else directory.names
        return sorted(
            {*files, *(child.name for child in self._directories if child.parent == path)}
        )

    def make_directories(self, path: Path) -> None:
        self._check_alive()
        for directory in (*reversed(path.parents), path):
            if directory not in self._directories:
                self._begin("make_directory")
                self._directories[directory] = _Directory()
                self._crash_if_due()

    def create(self, path: Path) -> AppendFile:
        self._begin("create")
        file = _File()
        self._directory(path).change(lambda names: names.update({path.name: file}))
        self._crash_if_due()
        return _FaultyFile(self, file)

    def open_append(self, path: Path) -> AppendFile:
        self._check_alive()
        return _FaultyFile(self, self._file(path))

    def rename(self, source: Path, target: Path) -> None:
        assert source.parent == target.parent, "moves between directories are not in the model"
        self._begin("rename")
        self._file(source)

        def change(names: Names) -> None:
            names[target.name] = names.pop(source.name)

        self._directory(source).change(change)
        self._crash_if_due()

    def remove(self, path: Path) -> None:
        self._begin("remove")
        self._file(path)
        self._directory(path).change(lambda names: _forget(names, path.name))
        self._crash_if_due()

    def sync_directory(self, path: Path) -> None:
        self._begin("sync_directory")
        self._crash_if_due()
        self._directories[path].sync()

    def lock(self, path: Path, timeout_ms: float = 0) -> Lock:
        self._check_alive()
        if path in self._locked:
            raise StateLocked(locked_message(path, None))
        self._locked.add(path)
        return _FaultyLock(self._locked, path)

    # Used by open files too

    def _begin(self, operation: Operation) -> None:
        self._check_alive()
        self.operations += 1
        failures = self._failures.get(operation)
        if failures:
            raise failures.pop(0)

    def _crash_if_due(self) -> None:
        if self.crash_at is not None and self.operations >= self.crash_at:
            self.crashed = True
            self._check_alive()

    def _check_alive(self) -> None:
        if self.crashed:
            raise SimulatedCrash(f"crashed at operation {self.operations}")

    def _append(self, file: _File, data: bytes) -> None:
        try:
            self._begin("append")
        except OSError:
            file.content += data[: self._chance.randint(0, len(data))]
            raise
        fits = len(data)
        if self.capacity_bytes is not None:
            fits = min(fits, max(0, self.capacity_bytes - self._used_bytes()))
        file.content += data[:fits]
        self._crash_if_due()
        if fits < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _fdatasync(self, file: _File) -> None:
        try:
            self._begin("fdatasync")
        except OSError:
            file.synced_bytes = len(file.content)
            raise
        self._crash_if_due()
        # Pages that an earlier fdatasync failed on are clean to the kernel: it does not write them.
        dropped = file.synced_bytes - len(file.durable)
        if dropped == 0:
            file.durable = bytes(file.content)
        file.synced_bytes = len(file.content)

    def _used_bytes(self) -> int:
        files = {id(file): file for d in self._directories.values() for file in d.names.values()}
        return sum(len(file.content) for file in files.values())

    def _directory(self, path: Path) -> _Directory:
        try:
            return self._directories[path.parent]
        except KeyError:
            raise FileNotFoundError(errno.ENOENT, "No such directory", str(path.parent)) from None

    def _file(self, path: Path) -> _File:
        try:
            return self._directory(path).names[path.name]
        except KeyError:
            raise FileNotFoundError(errno.ENOENT, "No such file", str(path)) from None

    def __repr__(self) -> str:
        return (
            f"<FaultyDisk seed={self.seed} operations={self.operations} "
            f"crash_at={self.crash_at} crashed={self.crashed}>"
        )


class _FaultyFile:
    def __init__(self, disk: FaultyDisk, file: _File) -> None:
        self._disk = disk
        self._file = file

    def append(self, data: bytes) -> None:
        self._disk._append(self._file, data)

    def fdatasync(self) -> None:
        self._disk._fdatasync(self._file)

    def close(self) -> None: ...


class _FaultyLock:
    def __init__(self, locked: set[Path], path: Path) -> None:
        self._locked = locked
        self._path = path

    def release(self) -> None:
        self._locked.discard(self._path)


def _forget(names: Names, name: str) -> None:
    del names[name]


def _after_power_failure(tail: bytes, offset: int, chance: random.Random) -> bytes:
    """What may be found of bytes that were appended at an offset and not synced."""
    outcome = chance.choice(("lost", "whole", "cut", "sectors", "sectors"))
    if outcome == "lost" or not tail:
        return b""
    if outcome == "whole":
        return tail
    if outcome == "cut":
        return tail[: chance.randint(0, len(tail))]
    found = bytearray(tail)
    start = 0
    while start < len(tail):
        end = min(len(tail), start + SECTOR_BYTES - (offset + start) % SECTOR_BYTES)
        arrived = chance.choice(("written", "zeros", "foreign"))
        if arrived == "zeros":
            found[start:end] = bytes(end - start)
        elif arrived == "foreign":
            found[start:end] = chance.randbytes(end - start)
        start = end
    return bytes(found)
