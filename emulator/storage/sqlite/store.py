"""SqliteStore: the databases of all objects of a state directory, and the only way to them.

Connections are opened at first use. Beyond `connections_max` the ones that were used least recently
are closed, unless something needs them; what the guest sees does not change. In memory (no
directory) a database that is closed is kept as bytes.

Guarantees: one `ObjectDatabase` per object. Does not know: SQL, durability's details.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import apsw

from emulator.storage.batch import Key
from emulator.storage.disk import RealDisk
from emulator.storage.failure import StorageFailed
from emulator.storage.layout import check_key, escape_namespace, unescape_namespace
from emulator.storage.sqlite import descriptors
from emulator.storage.sqlite.connection import empty_database, open_file, open_memory
from emulator.storage.sqlite.database import ObjectDatabase
from emulator.storage.sqlite.durability import (
    DEFAULT_CHECKPOINT_PAGES,
    DatabaseFiles,
    Durability,
)
from emulator.storage.sqlite.failure import SqlError, disk_error
from emulator.storage.sqlite.removal import remove_databases
from emulator.storage.sqlite.sync import RealSync, Sync
from emulator.storage.sqlite.values import OnDurable
from emulator.storage.writer import ThreadWriter, Writer

_SUFFIX: Final = ".sqlite"
_DIRECTORY: Final = "sqlite"


@dataclass(frozen=True, slots=True)
class SqliteStatistics:
    """A moment of the store."""

    connections: int
    databases: int
    syncs: int
    checkpoints: int


class SqliteStore:
    """See the module docstring. Opened by `SqliteStore.open`, under the directory's lock."""

    def __init__(
        self,
        directory: Path | None,
        durability: Durability,
        sync: Sync,
        loop: asyncio.AbstractEventLoop,
        connections_max: int,
    ) -> None:
        self._directory = directory
        self._durability = durability
        self._sync = sync
        self._loop = loop
        self._connections_max = connections_max
        self._databases: dict[Key, ObjectDatabase] = {}
        self._files: dict[Key, DatabaseFiles] = {}
        self._contents: dict[Key, bytes] = {}
        # Those that have a connection, in order of their last use.
        self._connected: OrderedDict[Key, ObjectDatabase] = OrderedDict()
        self._released: set[Key] = set()
        self._closed = False

    @classmethod
    def open(
        cls,
        directory: Path | None,
        *,
        writer: Writer | None = None,
        sync: Sync | None = None,
        connections_max: int | None = None,
        checkpoint_pages: int = DEFAULT_CHECKPOINT_PAGES,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> SqliteStore:
        """Opens the databases of a state directory, or in memory if there is none.

        Args:
            writer: where syncs are done; by default a `ThreadWriter`.
            connections_max: how many connections may be open; more while more are needed. By
                default as many as the process may open files for.
            checkpoint_pages: the size of a WAL at which it is copied into its database.
            loop: whose thread calls the store; by default the running one.
        """
        loop = loop or asyncio.get_running_loop()
        sync = sync or RealSync()
        durability = Durability(sync, writer or ThreadWriter(), loop, checkpoint_pages)
        limit = descriptors.connections_max() if connections_max is None else connections_max
        store = cls(directory, durability, sync, loop, limit)
        store._sync_names()
        return store

    def _sync_names(self) -> None:
        """A process that was killed may have left names that are not durable yet."""
        if self._directory is not None and (root := self._directory / _DIRECTORY).is_dir():
            try:
                for directory in [root, *root.iterdir()]:
                    if directory.is_dir():
                        self._sync.directory(directory)
            except OSError as error:
                raise StorageFailed(f"cannot open {root}: {error}", cause=error) from error

    # Objects

    def database(self, namespace: str, object_id: str) -> ObjectDatabase:
        """The database of an object; the same one until it is released. Makes no file yet."""
        key = (namespace, object_id)
        database = self._databases.get(key)
        if database is None:
            check_key(key)
            database = self._databases[key] = ObjectDatabase(self, namespace, object_id)
        self._released.discard(key)
        return database

    def release(self, database: ObjectDatabase) -> None:
        """Undoes what was not committed, and lets the store forget the database in time."""
        with suppress(SqlError):
            database.renew()
        if database.key in self._connected:
            self._released.add(database.key)
        else:
            self._databases.pop(database.key, None)

    def namespaces(self) -> list[str]:
        """The namespaces that have databases (those whose names are hashed cannot tell)."""
        names = {key[0] for key in (*self._contents, *self._connected)}
        if self._directory is not None and (root := self._directory / _DIRECTORY).is_dir():
            names |= {name for path in root.iterdir() if (name := unescape_namespace(path.name))}
        return sorted(names)

    def list_objects(self, namespace: str) -> list[str]:
        """The ids of the objects that have a database."""
        ids = {key[1] for key in (*self._contents, *self._connected) if key[0] == namespace}
        if self._directory is not None:
            folder = self._directory / _DIRECTORY / escape_namespace(namespace)
            ids |= {path.stem for path in folder.glob("*" + _SUFFIX)}
        return sorted(ids)

    def delete_objects(self, namespace: str) -> None:
        """Deletes the databases of a namespace, durably. None of them may be in use."""
        assert not any(key[0] == namespace for key in self._databases), "objects are in use"
        for key in [key for key in self._contents if key[0] == namespace]:
            del self._contents[key]
        if self._directory is None:
            return
        folder = self._directory / _DIRECTORY / escape_namespace(namespace)
        try:
            remove_databases(folder, _SUFFIX, self._sync)
        except OSError as error:
            raise StorageFailed(
                f"cannot delete what is in {folder}: {error}", cause=error
            ) from error

    # What databases need (database.Home)

    def exists(self, database: ObjectDatabase) -> bool:
        if self._directory is None:
            return database.key in self._contents
        return self._files_of(database).path.exists()

    def connect(self, database: ObjectDatabase) -> apsw.Connection:
        if self._durability.failure is not None:
            raise disk_error(self._durability.failure)
        if self._directory is None:
            content = self._contents.pop(database.key, None)
            connection = open_memory(database.regulator, content)
        else:
            connection = self._open_file(database)
        self._connected[database.key] = database
        self._evict()
        return connection

    def _open_file(self, database: ObjectDatabase) -> apsw.Connection:
        files = self._files_of(database)
        try:
            if not files.known and _is_blank(files.path):
                self._create(files)
            elif not files.known:
                # What a killed process left can be read, and may not be durable.
                for path in (files.path, files.wal):
                    if path.exists():
                        self._sync.file(path)
            files.known = True
        except OSError as error:
            raise disk_error(StorageFailed(f"cannot open {files.path}", cause=error)) from error
        database.relaxed = files.fresh
        return open_file(
            files.path,
            database.regulator,
            partial(self._durability.note_commit, files),
            fresh=files.fresh,
        )

    def _create(self, files: DatabaseFiles) -> None:
        RealDisk().make_directories(files.path.parent)
        for leftover in (files.wal, files.path.with_name(files.path.name + "-shm")):
            leftover.unlink(missing_ok=True)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        files.descriptor = os.open(files.path, flags, 0o644)
        os.write(files.descriptor, empty_database())
        files.fresh = True

    def _files_of(self, database: ObjectDatabase) -> DatabaseFiles:
        files = self._files.get(database.key)
        if files is None:
            assert self._directory is not None
            namespace, object_id = database.key
            folder = self._directory / _DIRECTORY / escape_namespace(namespace)
            path = folder / (object_id + _SUFFIX)
            files = DatabaseFiles(path, path.with_name(path.name + "-wal"))
            files.checkpoint_at_pages = self._durability.checkpoint_pages
            self._files[database.key] = files
        return files

    def touch(self, database: ObjectDatabase) -> None:
        self._connected.move_to_end(database.key)

    def synced(self, database: ObjectDatabase) -> bool:
        """Whether nothing of the database's files is new and unsynced."""
        files = self._files.get(database.key)
        return files is None or not files.fresh

    def settled(self, database: ObjectDatabase) -> bool:
        files = self._files.get(database.key)
        return files is None or not files.pending

    def submit(self, database: ObjectDatabase, on_durable: OnDurable) -> None:
        connected = database.key in self._connected
        if self._directory is None or not (connected or self.exists(database)):
            self._loop.call_soon(on_durable, self._durability.failure)
        else:
            self._durability.submit(self._files_of(database), on_durable)

    # Connections

    def _evict(self) -> None:
        """Closes connections beyond the limit, those first that were not used for longest."""
        surplus = len(self._connected) - self._connections_max
        if surplus <= 0:
            return
        newest = next(reversed(self._connected))
        idle = (
            database
            for key, database in self._connected.items()
            if key != newest and self._idle(database)
        )
        for database in [*islice(idle, surplus)]:
            self._disconnect(database)

    def _idle(self, database: ObjectDatabase) -> bool:
        return database.evictable and self.settled(database)

    def _disconnect(self, database: ObjectDatabase) -> None:
        key = database.key
        connection = database.disconnect()
        del self._connected[key]
        if connection is not None:
            if self._directory is None:
                self._contents[key] = connection.serialize("main")
            connection.close(True)  # noqa: FBT003 - apsw takes it by position only
        if key in self._files:
            self._files[key].close_descriptors()
        if key in self._released:
            self._released.discard(key)
            self._databases.pop(key, None)
            self._files.pop(key, None)

    # The end

    async def flush(self) -> None:
        """Waits until every commit so far is durable; raises StorageFailed if it never will be."""
        await self._durability.flush()
        if self._durability.failure is not None:
            raise self._durability.failure

    async def close(self) -> None:
        """Makes every commit durable and closes all files. Safe to call again."""
        if self._closed:
            return
        self._closed = True
        await self._durability.close()
        for database in list(self._connected.values()):
            with suppress(SqlError):
                database.roll_back()
            self._disconnect(database)

    def statistics(self) -> SqliteStatistics:
        """A moment of the store."""
        return SqliteStatistics(
            len(self._connected),
            len(self._databases),
            self._durability.syncs,
            self._durability.checkpoints,
        )

    def __repr__(self) -> str:
        return f"<SqliteStore {self._directory or 'memory'} connections={len(self._connected)}>"


def _is_blank(path: Path) -> bool:
    """Whether a database was never made, or its making was cut short by a power loss."""
    try:
        with path.open("rb") as file:
            return not file.read(100).strip(b"\0")
    except FileNotFoundError:
        return True
