"""The Disk port: everything in this package that touches files goes through it.

The engine relies on these promises and on nothing else:

- `append` adds bytes that readers see at once; they are durable only after `fdatasync` returned.
- `rename` replaces the target atomically; it, `create` and `remove` are durable only after
  `sync_directory` of their directory returned.
- `make_directories` is durable when it returns.
- A failure is an `OSError`, and says nothing about how much was done.

`RealDisk` is the operating system, `MemoryDisk` keeps everything in memory (`--no-persist`).
`emulator.testing.faulty_disk` has the one that breaks every promise it is allowed to.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path, PurePath
from typing import Protocol

from emulator.errors import StateLocked
from emulator.storage.lock import Lock, acquire_lock, locked_message

TEMPORARY_SUFFIX = ".tmp"


class AppendFile(Protocol):
    """A file that only grows."""

    def append(self, data: bytes) -> None: ...
    def fdatasync(self) -> None: ...
    def close(self) -> None: ...


class Disk(Protocol):
    """A file system, as far as the engine needs one."""

    def exists(self, path: Path) -> bool: ...
    def read(self, path: Path) -> bytes: ...
    def list_directory(self, path: Path) -> list[str]:
        """The names in a directory, sorted. A directory that is not there is empty."""
        ...

    def make_directories(self, path: Path) -> None: ...
    def create(self, path: Path) -> AppendFile:
        """Opens an empty file, whatever was there before."""
        ...

    def open_append(self, path: Path) -> AppendFile:
        """Opens a file that exists, to add to its end."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Moves a file within its directory, replacing what is there."""
        ...

    def remove(self, path: Path) -> None: ...
    def sync_directory(self, path: Path) -> None: ...
    def lock(self, path: Path, timeout_ms: float = 0) -> Lock:
        """Takes the lock, or raises StateLocked when it was not free within the time."""
        ...


def temporary_name(path: Path) -> Path:
    """Where the next content of a file is written before it takes the file's name."""
    return path.with_name(path.name + TEMPORARY_SUFFIX)


def write_atomically(disk: Disk, path: Path, data: bytes) -> None:
    """Replaces a file durably: after a crash it holds the old bytes or the new ones."""
    temporary = temporary_name(path)
    file = disk.create(temporary)
    try:
        file.append(data)
        file.fdatasync()
    finally:
        file.close()
    disk.rename(temporary, path)
    disk.sync_directory(path.parent)


class RealDisk:
    """The operating system's files."""

    def exists(self, path: Path) -> bool:
        return path.exists()

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def list_directory(self, path: Path) -> list[str]:
        try:
            return sorted(os.listdir(path))  # noqa: PTH208 - names are wanted, not paths
        except FileNotFoundError:
            return []

    def make_directories(self, path: Path) -> None:
        if path.is_dir():
            return
        self.make_directories(path.parent)
        path.mkdir(exist_ok=True)
        self.sync_directory(path.parent)

    def create(self, path: Path) -> AppendFile:
        return _RealFile(path, os.O_CREAT | os.O_TRUNC)

    def open_append(self, path: Path) -> AppendFile:
        return _RealFile(path, 0)

    def rename(self, source: Path, target: Path) -> None:
        source.replace(target)

    def remove(self, path: Path) -> None:
        path.unlink()

    def sync_directory(self, path: Path) -> None:
        if sys.platform == "win32":  # NTFS journals names itself and cannot open a directory
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def lock(self, path: Path, timeout_ms: float = 0) -> Lock:
        return acquire_lock(path, timeout_ms)

    def __repr__(self) -> str:
        return "<RealDisk>"


class _RealFile:
    def __init__(self, path: Path, flags: int) -> None:
        flags |= os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(path, flags, 0o644)

    def append(self, data: bytes) -> None:
        written = os.write(self._descriptor, data)
        while written < len(data):  # the kernel takes at most 2 GiB at once, or what still fits
            written += os.write(self._descriptor, memoryview(data)[written:])

    def fdatasync(self) -> None:
        # Without fdatasync (macOS, Windows) fsync does the same and the file's times too.
        getattr(os, "fdatasync", os.fsync)(self._descriptor)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class MemoryDisk:
    """Files in memory: as durable as the process."""

    def __init__(self) -> None:
        self._files: dict[PurePath, bytearray] = {}
        self._locked: set[PurePath] = set()

    def exists(self, path: Path) -> bool:
        return path in self._files

    def read(self, path: Path) -> bytes:
        return bytes(self._file(path))

    def list_directory(self, path: Path) -> list[str]:
        depth = len(path.parts)
        return sorted(
            {
                file.parts[depth]
                for file in self._files
                if len(file.parts) > depth and file.parts[:depth] == path.parts
            }
        )

    def make_directories(self, path: Path) -> None:
        """Nothing to do: a directory is there as soon as a file is in it."""

    def create(self, path: Path) -> AppendFile:
        self._files[path] = content = bytearray()
        return _MemoryFile(content)

    def open_append(self, path: Path) -> AppendFile:
        return _MemoryFile(self._file(path))

    def rename(self, source: Path, target: Path) -> None:
        content = self._file(source)
        del self._files[source]
        self._files[target] = content

    def remove(self, path: Path) -> None:
        self._file(path)
        del self._files[path]

    def sync_directory(self, path: Path) -> None:
        """Nothing to do: memory is never behind."""

    def lock(self, path: Path, timeout_ms: float = 0) -> Lock:
        if path in self._locked:
            raise StateLocked(locked_message(path, None))
        self._locked.add(path)
        return _MemoryLock(self._locked, path)

    def _file(self, path: Path) -> bytearray:
        try:
            return self._files[path]
        except KeyError:
            raise FileNotFoundError(2, "No such file or directory", str(path)) from None

    def __repr__(self) -> str:
        return f"<MemoryDisk files={len(self._files)} bytes={sum(map(len, self._files.values()))}>"


class _MemoryFile:
    def __init__(self, content: bytearray) -> None:
        self._content = content

    def append(self, data: bytes) -> None:
        self._content += data

    def fdatasync(self) -> None: ...
    def close(self) -> None: ...


class _MemoryLock:
    def __init__(self, locked: set[PurePath], path: PurePath) -> None:
        self._locked = locked
        self._path = path

    def release(self) -> None:
        self._locked.discard(self._path)
