"""Durable bytes for Durable Objects: one commit log with group commit, and a snapshot per object.

`Store` is the way in. What is on disk, and what it survives, is in `docs/storage-format.md`.
"""

from emulator.storage.batch import Batch, Changes
from emulator.storage.disk import AppendFile, Disk, MemoryDisk, RealDisk
from emulator.storage.failure import StorageFailed
from emulator.storage.lock import Lock, acquire_lock
from emulator.storage.object_state import ObjectState
from emulator.storage.reports import (
    CheckpointReport,
    RecoveryReport,
    StorageObserver,
    StoreStatistics,
)
from emulator.storage.store import Store
from emulator.storage.writer import InlineWriter, ThreadWriter, Writer

__all__ = [
    "AppendFile",
    "Batch",
    "Changes",
    "CheckpointReport",
    "Disk",
    "InlineWriter",
    "Lock",
    "MemoryDisk",
    "ObjectState",
    "RealDisk",
    "RecoveryReport",
    "StorageFailed",
    "StorageObserver",
    "Store",
    "StoreStatistics",
    "ThreadWriter",
    "Writer",
    "acquire_lock",
]
