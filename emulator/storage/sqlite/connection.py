"""A connection to one object's database, set up the way Cloudflare's runtime sets up its own.

The limits and switches here are part of what guests can observe. Durability is not: SQLite's own
syncs and checkpoints are configured so that `durability.py` can do them on another thread.

Source: workerd src/workerd/util/sqlite.c++ (`setupSecurity`); limits confirmed by running it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

import apsw

from emulator.storage.sqlite.regulator import ALLOWED_MODULES, Regulator
from emulator.storage.sqlite.statements import SQL_BYTES_MAX

PAGE_BYTES: Final = 4096
BUSY_TIMEOUT_MS: Final = 2_000  # somebody looks at the file with another program

LIMITS: Final = {
    apsw.SQLITE_LIMIT_LENGTH: 8 * 1024 * 1024 + 34,
    apsw.SQLITE_LIMIT_SQL_LENGTH: SQL_BYTES_MAX,
    apsw.SQLITE_LIMIT_COLUMN: 100,
    apsw.SQLITE_LIMIT_EXPR_DEPTH: 100,
    apsw.SQLITE_LIMIT_COMPOUND_SELECT: 5,
    apsw.SQLITE_LIMIT_VDBE_OP: 25_000,
    apsw.SQLITE_LIMIT_FUNCTION_ARG: 127,
    apsw.SQLITE_LIMIT_ATTACHED: 0,
    apsw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 50,
    apsw.SQLITE_LIMIT_VARIABLE_NUMBER: 100,
    apsw.SQLITE_LIMIT_TRIGGER_DEPTH: 10,
}


def open_memory(regulator: Regulator, content: bytes | None) -> apsw.Connection:
    """A database in memory, with the content that an earlier one was closed with."""
    connection = apsw.Connection(":memory:")
    if content is not None:
        connection.deserialize("main", content)
    # Reads the schema: a first statement that is refused while that happens has no offset.
    connection.execute("SELECT 1 FROM sqlite_schema LIMIT 0").fetchall()
    _set_up(connection, regulator)
    return connection


def open_file(
    path: Path, regulator: Regulator, note_commit: Callable[[int], None], *, fresh: bool
) -> apsw.Connection:
    """A database file that exists. `note_commit` is told the pages of the WAL after each commit.

    `fresh`: nothing of it was acknowledged yet. SQLite then syncs nothing, the header of the new
    WAL included: `Durability` syncs all there is before the first acknowledgement.
    """

    def committed(_: apsw.Connection, name: str, pages: int) -> int:
        note_commit(pages)
        return apsw.SQLITE_OK

    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.set_wal_hook(committed)  # in place of SQLite's own, which checkpoints
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    # Closing must not checkpoint: that is two syncs, on the event loop.
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.pragma("synchronous", "OFF" if fresh else "NORMAL")
    _set_up(connection, regulator)
    return connection


def checkpoint_file(path: Path) -> None:
    """Copies what the WAL has into the database, as far as no reader is in the way.

    May be called from any thread, while others use the database. SQLite syncs the WAL before and,
    if it got to the end, the database after it: only then a later commit may overwrite the WAL.
    """
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.pragma("synchronous", "FULL")
        connection.pragma("schema_version")  # a connection that never read does not know its WAL
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    finally:
        connection.close()


def empty_database() -> bytes:
    """The file of a database that has nothing in it and is in WAL mode."""
    header = struct.pack(
        ">16sHBBBBBBIII",
        *(b"SQLite format 3\0", PAGE_BYTES, 2, 2, 0, 64, 32, 32),
        *(1, 1, 0),  # change counter, pages, first free page
    )
    version = struct.pack(">II", 1, apsw.SQLITE_VERSION_NUMBER)
    page = header.ljust(92, b"\0") + version + struct.pack(">BHHHB", 13, 0, 0, PAGE_BYTES, 0)
    return page.ljust(PAGE_BYTES, b"\0")


def _set_up(connection: apsw.Connection, regulator: Regulator) -> None:
    for limit, value in LIMITS.items():
        connection.limit(limit, value)
    for option, on in {
        apsw.SQLITE_DBCONFIG_ENABLE_FKEY: 1,
        apsw.SQLITE_DBCONFIG_DQS_DML: 1,
        apsw.SQLITE_DBCONFIG_DQS_DDL: 1,
    }.items():
        connection.config(option, on)
    connection.drop_modules(ALLOWED_MODULES)
    connection.authorizer = regulator
