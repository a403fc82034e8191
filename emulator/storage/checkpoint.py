"""A checkpoint: writes the snapshots that are behind, then drops the logs they make superfluous.

It is a generator that yields between pieces of work, so that its driver can commit in between and
can stop it anywhere. Stopping, like crashing, is harmless at every point: until the mark is durable
the logs count, and lay the same changes over old and new snapshots alike; after it they do not.
It touches no memory that the event loop reads: old snapshot + sealed delta = new snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from emulator.storage.disk import temporary_name, write_atomically
from emulator.storage.layout import CheckpointMark, Layout
from emulator.storage.reports import CheckpointReport
from emulator.storage.snapshot import Snapshot, encode_snapshot, read_snapshot

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from emulator.storage.batch import Key
    from emulator.storage.disk import Disk
    from emulator.storage.overlay import Delta

# An fsync of a large file holds up the commits behind it, so it is done in pieces.
_SYNC_BYTES = 4 * 1024 * 1024


@dataclass(slots=True)
class Checkpoint:
    """One run.

    Attributes:
        deltas: everything that the logs before `mark.generation` have and the snapshots may not.
        obsolete: the generations of those logs.
    """

    disk: Disk
    layout: Layout
    deltas: Mapping[Key, Delta]
    mark: CheckpointMark
    obsolete: Sequence[int]
    written: int = 0
    removed: int = 0
    bytes_written: int = 0

    def steps(self) -> Generator[None, None, CheckpointReport]:
        """Yields between pieces of work."""
        directories: dict[Path, None] = {}
        for key, delta in self.deltas.items():
            yield from self._update_snapshot(key, delta)
            directories[self.layout.namespace(key[0])] = None
        for directory in directories:
            self.disk.sync_directory(directory)
            yield
        write_atomically(self.disk, self.layout.checkpoint, self.mark.encode())
        yield
        for generation in self.obsolete:
            self.disk.remove(self.layout.log(generation))
            yield
        return CheckpointReport(
            sequence=self.mark.sequence,
            snapshots_written=self.written,
            snapshots_removed=self.removed,
            bytes_written=self.bytes_written,
            logs_removed=len(self.obsolete),
        )

    def _update_snapshot(self, key: Key, delta: Delta) -> Generator[None]:
        path = self.layout.snapshot(key)
        self.disk.make_directories(path.parent)
        old = read_snapshot(self.disk.read(path), path, key) if self.disk.exists(path) else None
        yield
        meta = {} if old is None else dict(old.meta)
        for name, record in delta.meta.items():
            if record is None:
                meta.pop(name, None)
            else:
                meta[name] = record
        entries = _merged_entries(old, delta)
        first = next(entries, None)
        if first is not None or meta:
            entries = chain(() if first is None else (first,), entries)
            yield from self._write(path, encode_snapshot(key, delta.sequence, meta, entries))
            self.written += 1
        elif old is not None:
            self.disk.remove(path)
            self.removed += 1
            yield

    def _write(self, path: Path, pieces: Iterator[bytes]) -> Generator[None]:
        temporary = temporary_name(path)
        file = self.disk.create(temporary)
        try:
            not_synced = 0
            for piece in _gathered(pieces):
                file.append(piece)
                self.bytes_written += len(piece)
                not_synced += len(piece)
                if not_synced >= _SYNC_BYTES:
                    file.fdatasync()
                    not_synced = 0
                yield
            file.fdatasync()
        finally:
            file.close()
        self.disk.rename(temporary, path)
        yield


def _merged_entries(old: Snapshot | None, delta: Delta) -> Iterator[tuple[str, bytes]]:
    """The entries of a snapshot with a delta on top."""
    if old is not None and not delta.clear:
        for chunk in old.chunks():
            for key, value in chunk.items():
                if key not in delta.puts and key not in delta.deletes:
                    yield key, value
    yield from delta.puts.items()


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer writes: most snapshots are one."""
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        if len(gathered) >= _SYNC_BYTES // 16:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)
