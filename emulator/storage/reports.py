"""What the store tells about itself: values for the inspector, and an observer for events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.storage.failure import StorageFailed


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What opening a state directory found.

    Attributes:
        torn_bytes: what an interrupted, never acknowledged group left at the end of the newest log.
    """

    batches: int
    log_files: int
    log_bytes: int
    torn_bytes: int


@dataclass(frozen=True, slots=True)
class CheckpointReport:
    """What a checkpoint did."""

    sequence: int
    snapshots_written: int
    snapshots_removed: int
    bytes_written: int
    logs_removed: int


@dataclass(frozen=True, slots=True)
class StoreStatistics:
    """A moment of a store.

    Attributes:
        commits: batches accepted since the store was opened.
        in_flight: of these, the ones that are neither durable nor failed yet.
        groups: writes (each with one fsync) that made the others durable.
        durable_sequence: number of the last durable batch since the directory was made.
        log_bytes: what a recovery would have to replay.
        dirty_objects: objects whose snapshot is behind.
        failure: why the store takes no more commits; empty if it does.
    """

    commits: int
    in_flight: int
    groups: int
    durable_sequence: int
    log_bytes: int
    log_files: int
    checkpoints: int
    loaded_objects: int
    dirty_objects: int
    failure: str


class StorageObserver:
    """Hooks that do nothing; override what is of interest. All run on the event loop's thread."""

    def recovered(self, report: RecoveryReport) -> None:
        """The store was opened."""

    def checkpointed(self, report: CheckpointReport) -> None:
        """A checkpoint has finished."""

    def failed(self, failure: StorageFailed) -> None:
        """The disk refused a write: this and every later commit fails."""
