"""Regulator: what the SQL of a guest may do. SQLite asks it about every part of a statement.

Only statements of guests are judged; the engine's own run while it is not `active`. Beside its
judgement it notes what a statement writes, from which row counts are made.

Does not know: connections, texts of statements, values.
Source: workerd src/workerd/util/sqlite.c++ (`SqliteDatabase::isAuthorized`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import apsw

from emulator.storage.sqlite.functions import ABSENT_FUNCTIONS, ABSENT_TABLES, ALLOWED_FUNCTIONS
from emulator.storage.sqlite.pragmas import allows_pragma, is_reserved, sets_state

USE_TRANSACTIONS: Final = (
    "To execute a transaction, please use the state.storage.transaction() or "
    "state.storage.transactionSync() APIs instead of the SQL BEGIN TRANSACTION or SAVEPOINT "
    "statements. The JavaScript API is safer because it will automatically roll back on "
    "exceptions, and because it interacts correctly with Durable Objects' automatic atomic write "
    "coalescing."
)

ALLOWED_MODULES: Final = frozenset({"fts5", "fts5vocab", "rtree", "rtree_i32"})
_TEMPORARY_SCHEMA: Final = frozenset({"sqlite_temp_master", "sqlite_temp_schema"})

_TWO_NAMES: Final = frozenset(
    {apsw.SQLITE_CREATE_INDEX, apsw.SQLITE_DROP_INDEX}
    | {apsw.SQLITE_CREATE_TRIGGER, apsw.SQLITE_DROP_TRIGGER}
)
_SCHEMA_NAMES: Final = frozenset(
    {apsw.SQLITE_CREATE_TABLE, apsw.SQLITE_DROP_TABLE}
    | {apsw.SQLITE_CREATE_VIEW, apsw.SQLITE_DROP_VIEW}
)
_ROW_WRITES: Final = frozenset({apsw.SQLITE_INSERT, apsw.SQLITE_UPDATE, apsw.SQLITE_DELETE})
_VIRTUAL: Final = frozenset({apsw.SQLITE_CREATE_VTABLE, apsw.SQLITE_DROP_VTABLE})
_FREE: Final = frozenset(
    {apsw.SQLITE_SELECT, apsw.SQLITE_RECURSIVE, apsw.SQLITE_ANALYZE, apsw.SQLITE_REINDEX}
)
_TRANSACTIONS: Final = frozenset({apsw.SQLITE_TRANSACTION, apsw.SQLITE_SAVEPOINT})
_SCHEMA_CHANGES: Final = (
    _TWO_NAMES
    | _SCHEMA_NAMES
    | _VIRTUAL
    | {apsw.SQLITE_ALTER_TABLE, apsw.SQLITE_ANALYZE, apsw.SQLITE_REINDEX}
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Better words than SQLite's. `code`: the error's, None if the message is all there is."""

    message: str
    code: int | None = None


@dataclass(slots=True)
class Effects:
    """What a statement changes, as far as SQLite told when it was compiled."""

    action: int = 0
    """INSERT, UPDATE or DELETE, if it writes rows."""
    table: str = ""
    columns: set[str] = field(default_factory=set)
    """Those an UPDATE sets."""
    schema: list[int] = field(default_factory=list)
    """What it creates, drops or alters."""
    sets_pragma: bool = False
    reads: bool = False
    """It reads a table."""


class Regulator:
    """See the module docstring. One per connection, which calls it."""

    __slots__ = ("active", "effects", "refusal")

    def __init__(self) -> None:
        self.active = False
        self.effects = Effects()
        self.refusal: Refusal | None = None

    def begin(self) -> None:
        """A statement of a guest is about to be compiled."""
        self.effects = Effects()
        self.refusal = None

    def __call__(
        self,
        action: int,
        first: str | None,
        second: str | None,
        database: str | None,
        trigger: str | None,
    ) -> int:
        """SQLite's question: may the statement do this?"""
        if not self.active:
            return apsw.SQLITE_OK
        if not self._allows(action, first, second, database):
            return apsw.SQLITE_DENY
        self._note(action, first, second, trigger)
        return apsw.SQLITE_OK

    def _allows(
        self, action: int, first: str | None, second: str | None, database: str | None
    ) -> bool:
        if action == apsw.SQLITE_ALTER_TABLE:
            return first == "main" and not is_reserved(second)
        if database == "temp":
            return _allows_temporary(action, first)
        if action in _FREE:
            return True
        if database not in (None, "main"):
            return False
        if action in _ROW_WRITES or action in _SCHEMA_NAMES:
            return not is_reserved(first)
        if action == apsw.SQLITE_READ:
            return not is_reserved(first) and self._exists(first)
        if action == apsw.SQLITE_FUNCTION:
            return self._allows_function(second or "")
        if action in _TWO_NAMES:
            return not is_reserved(first) and not is_reserved(second)
        if action == apsw.SQLITE_PRAGMA:
            return allows_pragma(first or "", second)
        if action in _VIRTUAL:
            return not is_reserved(first) and (second or "").lower() in ALLOWED_MODULES
        if action in _TRANSACTIONS:
            self.refusal = Refusal(USE_TRANSACTIONS)
        return False

    def _allows_function(self, name: str) -> bool:
        name = name.lower()
        if name in ALLOWED_FUNCTIONS:
            return True
        if name in ABSENT_FUNCTIONS:
            self.refusal = Refusal(f"no such function: {name}", apsw.SQLITE_ERROR)
        return False

    def _exists(self, table: str | None) -> bool:
        if table is None or table.lower() not in ABSENT_TABLES:
            return True
        self.refusal = Refusal(f"no such table: {table}", apsw.SQLITE_ERROR)
        return False

    def _note(
        self, action: int, first: str | None, second: str | None, trigger: str | None
    ) -> None:
        effects = self.effects
        if action in _ROW_WRITES:
            if trigger is None and first is not None and not first.startswith("sqlite_"):
                if not effects.action:
                    effects.action, effects.table = action, first
                if second is not None and effects.table == first:
                    effects.columns.add(second)
        elif action == apsw.SQLITE_READ:
            effects.reads = True
        elif action in _SCHEMA_CHANGES:
            effects.schema.append(action)
        elif action == apsw.SQLITE_PRAGMA:
            effects.sets_pragma |= sets_state(first or "", second)


def _allows_temporary(action: int, first: str | None) -> bool:
    """ALTER TABLE looks into the schema of temporary tables, of which there are none."""
    return action == apsw.SQLITE_READ or (
        action == apsw.SQLITE_UPDATE and first in _TEMPORARY_SCHEMA
    )
