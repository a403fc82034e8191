"""The overlay: what the logs have and the snapshots do not, merged per object, in memory.

An object's state is its snapshot with its deltas on top. Deltas only overwrite, so laying one over
a snapshot that already has some or all of it changes nothing; that is why a crash in the middle of
a checkpoint needs no undo.

A checkpoint seals the deltas it is going to write: later batches gather in new ones meanwhile.

The writer merges and the event loop reads, under `lock`. Memory is bounded by the logs' size.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.storage.batch import Batch, Key

# Shared, since most deltas are of one small batch, and there may be one for each of many objects.
_NO_DELETES: Final[frozenset[str]] = frozenset()
_NO_META: Final[dict[str, bytes | None]] = {}


class Delta:
    """The changes of consecutive batches of one object, merged to one; like there, a put wins."""

    __slots__ = ("clear", "deletes", "meta", "puts", "sequence")

    def __init__(self) -> None:
        self.clear = False
        self.puts: dict[str, bytes] = {}
        self.deletes: frozenset[str] | set[str] = _NO_DELETES
        self.meta: Mapping[str, bytes | None] = _NO_META
        self.sequence = 0

    def merge(self, sequence: int, batch: Batch) -> None:
        if batch.clear:
            self.clear = True
            self.puts.clear()
            self.deletes = _NO_DELETES
        if batch.deletes:
            for key in batch.deletes:
                self.puts.pop(key, None)
            if not isinstance(self.deletes, set):
                self.deletes = set()
            self.deletes.update(batch.deletes)
        self.puts.update(batch.puts)
        if batch.meta:
            self.meta = {**self.meta, **batch.meta}
        self.sequence = sequence


class Overlay:
    """The deltas of all objects: those a checkpoint is writing, and those since."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._active: dict[Key, Delta] = {}
        self._sealed: dict[Key, Delta] = {}

    def merge(self, sequence: int, batch: Batch) -> None:
        """Adds a durable batch. The caller holds the lock."""
        key = batch.key
        delta = self._active.get(key)
        if delta is None:
            delta = self._active[key] = Delta()
        delta.merge(sequence, batch)

    def seal(self) -> Mapping[Key, Delta]:
        """Hands the deltas so far to a checkpoint; they stay visible until it has finished."""
        with self.lock:
            assert not self._sealed, "one checkpoint at a time"
            self._sealed, self._active = self._active, {}
            return self._sealed

    def forget_sealed(self) -> None:
        """The snapshots have what was sealed."""
        with self.lock:
            self._sealed = {}

    def deltas(self, key: Key) -> list[Delta]:
        """The deltas of an object, oldest first. The caller holds the lock while it uses them."""
        layers = (self._sealed.get(key), self._active.get(key))
        return [delta for delta in layers if delta is not None]

    def keys(self) -> set[Key]:
        """The objects that have deltas."""
        with self.lock:
            return {*self._sealed, *self._active}

    @property
    def dirty_objects(self) -> int:
        return len(self._sealed) + len(self._active)

    def __repr__(self) -> str:
        return f"<Overlay active={len(self._active)} sealed={len(self._sealed)}>"
