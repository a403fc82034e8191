"""Durability: makes commits of all databases durable, on the writer.

Theory of operation. A COMMIT on the event loop appends to the object's WAL and syncs nothing. The
writer takes all commits that are pending as one group, syncs each WAL in it once, and posts one
callback that acknowledges them. A database that is new is synced as a whole the first time: its
file, its WAL, and the directory that has their names. When a WAL is long the writer checkpoints it.

Guarantees: callbacks come in the order of the commits, on the loop's thread, never from within
`submit`. The first failure is final, as for `Store`. Does not know: SQL, connections of objects.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from emulator.storage.failure import StorageFailed
from emulator.storage.sqlite.connection import checkpoint_file
from emulator.storage.sqlite.sync import Sync
from emulator.storage.sqlite.values import OnDurable
from emulator.storage.writer import Writer

DEFAULT_CHECKPOINT_PAGES: Final = 1000
_BINARY: Final = getattr(os, "O_BINARY", 0)


@dataclass(slots=True)
class DatabaseFiles:
    """The files of one database, and how durable they are."""

    path: Path
    wal: Path
    descriptor: int | None = None
    """Open on a file that was made by this process: closing it before SQLite's own would drop
    SQLite's locks (POSIX), so it stays open as long as the connection."""
    wal_descriptor: int | None = None
    known: bool = False
    """This process has opened it before: whatever it reads there, it syncs."""
    fresh: bool = False
    """Nothing of it was synced yet. Cleared by the writer."""
    pending: int = 0
    """Commits on their way, and checkpoints: the connection stays open until they are done."""
    wal_pages: int = 0
    checkpoint_at_pages: int = DEFAULT_CHECKPOINT_PAGES

    def close_descriptors(self) -> None:
        """Call when the connection is closed."""
        for descriptor in (self.descriptor, self.wal_descriptor):
            if descriptor is not None:
                os.close(descriptor)
        self.descriptor = self.wal_descriptor = None


@dataclass(frozen=True, slots=True)
class _Commit:
    files: DatabaseFiles
    on_durable: OnDurable


class Durability:
    """See the module docstring."""

    def __init__(
        self,
        sync: Sync,
        writer: Writer,
        loop: asyncio.AbstractEventLoop,
        checkpoint_pages: int,
    ) -> None:
        self.failure: StorageFailed | None = None
        self.syncs = 0
        self.checkpoints = 0
        self._sync = sync
        self._writer = writer
        self._loop = loop
        self.checkpoint_pages = checkpoint_pages
        self._started = False
        self._closed = False
        self._lock = threading.Lock()
        self._commits: list[_Commit] = []
        self._checkpoints: deque[DatabaseFiles] = deque()
        self._unsettled = 0
        self._idle: list[asyncio.Future[None]] = []

    def submit(self, files: DatabaseFiles, on_durable: OnDurable) -> None:
        """Calls back when everything committed to the database so far is durable."""
        if self.failure is not None or self._closed:
            failure = self.failure or StorageFailed("the store of SQLite databases is closed")
            self._loop.call_soon(on_durable, failure)
            return
        if not self._started:
            self._started = True
            self._writer.start(self._work, self._loop)
        files.pending += 1
        self._unsettled += 1
        with self._lock:
            self._commits.append(_Commit(files, on_durable))
        self._writer.wake()

    async def flush(self) -> None:
        """Waits until nothing is pending."""
        if self._unsettled:
            settled: asyncio.Future[None] = self._loop.create_future()
            self._idle.append(settled)
            await settled

    async def close(self) -> None:
        """Makes every commit durable and ends the writer."""
        await self.flush()
        self._closed = True
        if self._started:
            await self._writer.stop()

    # On the writer

    def _work(self) -> bool:
        """Does one piece of work; whether there may be more."""
        with self._lock:
            group, self._commits = self._commits, []
            checkpoint = self._checkpoints.popleft() if not group and self._checkpoints else None
        if group:
            failure = self._try_sync({id(commit.files): commit.files for commit in group})
            self._writer.post(self._acknowledge, group, failure)
        elif checkpoint is not None:
            failure = self._try_checkpoint(checkpoint)
            self._writer.post(self._checkpointed, checkpoint, failure)
        return bool(group) or checkpoint is not None

    def _try_sync(self, dirty: dict[int, DatabaseFiles]) -> StorageFailed | None:
        if self.failure is not None:
            return self.failure
        try:
            for files in dirty.values():
                if files.fresh:
                    self._sync.file(files.path, files.descriptor)
                if files.wal_descriptor is None:
                    files.wal_descriptor = os.open(files.wal, os.O_RDWR | _BINARY)
                self._sync.file(files.wal, files.wal_descriptor)
                self.syncs += 1
            for directory in {files.path.parent for files in dirty.values() if files.fresh}:
                self._sync.directory(directory)
        except OSError as error:
            return StorageFailed(f"cannot sync a database: {error}", cause=error)
        for files in dirty.values():
            files.fresh = False
        return None

    def _try_checkpoint(self, files: DatabaseFiles) -> StorageFailed | None:
        try:
            checkpoint_file(files.path)
        except apsw.BusyError:
            pass  # the WAL grows on, and it is tried again
        except apsw.Error as error:
            return StorageFailed(f"cannot checkpoint {files.path}: {error}", cause=error)
        return None

    # On the loop

    def _acknowledge(self, group: list[_Commit], failure: StorageFailed | None) -> None:
        self.failure = self.failure or failure
        for commit in group:
            self._call(commit.on_durable, failure)
            commit.files.pending -= 1
            self._plan_checkpoint(commit.files)
        self._settle(len(group))

    def _call(self, callback: OnDurable, failure: StorageFailed | None) -> None:
        try:
            callback(failure)
        except Exception as error:  # noqa: BLE001 - the others of the group must hear it too
            self._loop.call_exception_handler(
                {"message": "a callback of the store raised", "exception": error}
            )

    def _plan_checkpoint(self, files: DatabaseFiles) -> None:
        if files.wal_pages < files.checkpoint_at_pages:
            return
        # Should a reader be in the way, it is tried again after as many pages.
        files.checkpoint_at_pages = files.wal_pages + self.checkpoint_pages
        files.pending += 1
        self._unsettled += 1
        with self._lock:
            self._checkpoints.append(files)
        self._writer.wake()

    def _checkpointed(self, files: DatabaseFiles, failure: StorageFailed | None) -> None:
        self.failure = self.failure or failure
        self.checkpoints += 1
        files.pending -= 1
        self._settle(1)

    def note_commit(self, files: DatabaseFiles, wal_pages: int) -> None:
        """A commit made the WAL this long. A shorter one than before was begun anew."""
        if wal_pages < files.wal_pages:
            files.checkpoint_at_pages = self.checkpoint_pages
        files.wal_pages = wal_pages

    def _settle(self, count: int) -> None:
        self._unsettled -= count
        if not self._unsettled:
            idle, self._idle = self._idle, []
            for settled in idle:
                if not settled.done():
                    settled.set_result(None)

    def __repr__(self) -> str:
        return f"<Durability unsettled={self._unsettled} failure={self.failure!r}>"
