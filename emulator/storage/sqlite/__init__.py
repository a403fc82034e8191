"""A SQLite database per object: SQL text and Python scalars in, rows out, durable by group sync.

`SqliteStore` is the way in; `ObjectDatabase` is one object's database. What is on disk, and what it
survives, is in `docs/storage-format.md`.
"""

from emulator.storage.sqlite.cursor import RowCursor
from emulator.storage.sqlite.database import ObjectDatabase
from emulator.storage.sqlite.failure import SqlError
from emulator.storage.sqlite.store import SqliteStatistics, SqliteStore
from emulator.storage.sqlite.sync import RealSync, Sync
from emulator.storage.sqlite.values import KvList, SqlValue

__all__ = [
    "KvList",
    "ObjectDatabase",
    "RealSync",
    "RowCursor",
    "SqlError",
    "SqlValue",
    "SqliteStatistics",
    "SqliteStore",
    "Sync",
]
