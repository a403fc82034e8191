"""ObjectDatabase: one object's SQLite database, with one transaction open at most.

Theory of operation. The first write opens a transaction (BEGIN); the caller ends it with `commit`
or `roll_back`, and may nest savepoints in it. Reads never open one. The connection is opened at
first use and may be closed by the store whenever nothing needs it; the next use opens it again.

Guarantees: a guest's SQL runs under the regulator, the engine's own does not; every failure is a
SqlError. Does not know: guest values, gates, when turns end.
Source: workerd src/workerd/util/sqlite.h, sqlite-kv.h; src/workerd/io/actor-sqlite.h.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol, TypeVar

import apsw

from emulator.storage.sqlite import kv
from emulator.storage.sqlite.connection import LIMITS
from emulator.storage.sqlite.cursor import RowCursor
from emulator.storage.sqlite.failure import (
    CRITICAL_CODES,
    SqlError,
    error_offset,
    error_text,
    sql_error,
)
from emulator.storage.sqlite.pragmas import DEFAULT_PRAGMAS
from emulator.storage.sqlite.regulator import Effects, Regulator
from emulator.storage.sqlite.row_counts import RowCounts
from emulator.storage.sqlite.statements import WHITESPACE, Statement, compile_first
from emulator.storage.sqlite.values import KvList, OnDurable, Row, SqlValue

T = TypeVar("T")

NO_STATEMENT: Final = "SQL code did not contain a statement."
WRONG_BINDINGS: Final = "Wrong number of parameter bindings for SQL query."
EARLY_PARAMETERS: Final = (
    "When executing multiple SQL statements in a single call, only the last statement can have "
    "parameters."
)
DELETED: Final = "SQLite query was canceled because the database was deleted."
NOT_UTF8: Final = (
    "pyworkers does not support TEXT that is not valid UTF-8 (lone surrogates included) in SQL."
)

_STATEMENTS_BYTES_MAX: Final = 1024 * 1024
# Part of the driver's cache key: a statement of a guest never meets the engine's own compiled one.
_OWN: Final = apsw.SQLITE_PREPARE_PERSISTENT
_ALARM: Final = 1
_BOOKMARK: Final = 2


class Home(Protocol):
    """The store, as far as a database needs it."""

    def connect(self, database: ObjectDatabase) -> apsw.Connection: ...
    def exists(self, database: ObjectDatabase) -> bool: ...
    def touch(self, database: ObjectDatabase) -> None: ...
    def submit(self, database: ObjectDatabase, on_durable: OnDurable) -> None: ...
    def synced(self, database: ObjectDatabase) -> bool: ...
    def settled(self, database: ObjectDatabase) -> bool: ...


class ObjectDatabase:
    """See the module docstring. Made by `SqliteStore.database`."""

    def __init__(self, home: Home, namespace: str, object_id: str) -> None:
        self.key = (namespace, object_id)
        self.regulator = Regulator()
        self.in_transaction = False
        self.writes = 0
        """Grows with every statement that may change something."""
        self.pinned = False
        """The connection has state of its own: a PRAGMA that a guest has set."""
        self.relaxed = False
        """The connection does not sync the header of a WAL that it begins (see `open_file`)."""
        self._home = home
        self._connection: apsw.Connection | None = None
        self._cursors: weakref.WeakSet[RowCursor] = weakref.WeakSet()
        self._statements: OrderedDict[str, Statement] = OrderedDict()
        self._statements_bytes = 0
        self._tables: set[str] = set()
        self._counts = RowCounts(self._own)
        self._savepoints = 0
        self._scan_steps = 0
        self._traces = False
        self._last_rowid = 0

    # -- the connection ---------------------------------------------------------------------------

    def _open(self) -> apsw.Connection:
        connection = self._connection
        if connection is None:
            try:
                connection = self._home.connect(self)
            except apsw.Error as error:
                raise sql_error(error, critical=True) from error
            self._connection = connection
            connection.set_last_insert_rowid(self._last_rowid)
            self._forget_schema()
            self._traces = False
        else:
            self._home.touch(self)
        return connection

    @property
    def evictable(self) -> bool:
        """Whether the connection may be closed without anybody noticing."""
        return not (self.in_transaction or self.pinned or any(c.is_open for c in self._cursors))

    def disconnect(self) -> apsw.Connection | None:
        """Gives the connection up, for the store to close."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._last_rowid = connection.last_insert_rowid()
        self._forget_statements()
        return connection

    def renew(self) -> None:
        """Undoes what was not committed, and what guests did to the connection."""
        self.roll_back()
        self._last_rowid = 0
        if self._connection is not None:
            self._connection.set_last_insert_rowid(0)
            if self.pinned:
                for pragma, value in DEFAULT_PRAGMAS.items():
                    self._own(f"PRAGMA {pragma} = {value}")
        self.pinned = False

    def _forget_statements(self) -> None:
        self._statements.clear()
        self._statements_bytes = 0

    def _forget_schema(self) -> None:
        """What was learned about tables may be over."""
        self._forget_statements()
        self._tables.clear()
        self._counts.forget()

    def _own(self, sql: str, bindings: Sequence[SqlValue] = ()) -> list[Row]:
        """Runs a statement of the engine itself."""
        connection = self._open()
        try:
            return connection.execute(sql, bindings, prepare_flags=_OWN).fetchall()
        except apsw.Error as error:
            raise self._failure(error) from error

    def _failure(self, error: apsw.Error) -> SqlError:
        refusal, self.regulator.refusal = self.regulator.refusal, None
        if refusal is not None:
            if refusal.code is None:
                return SqlError(refusal.message)
            offset = error_offset(error)
            return SqlError(error_text(refusal.message, refusal.code, refusal.code, offset))
        lost = self.in_transaction and self._connection is not None
        lost = lost and self._connection.get_autocommit()  # type: ignore[union-attr]
        code = getattr(error, "result", apsw.SQLITE_ERROR)
        return sql_error(error, critical=lost and code in CRITICAL_CODES)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        self.regulator.refusal = None
        try:
            yield
        except apsw.Error as error:
            raise self._failure(error) from error
        except UnicodeError as error:
            raise SqlError(NOT_UTF8) from error

    # -- SQL --------------------------------------------------------------------------------------

    def execute(self, sql: str, bindings: Sequence[SqlValue] = ()) -> RowCursor:
        """Runs a guest's SQL: all statements but the last to their end, the last to its first row.

        Bindings belong to the last one. What ran before a failure stays done.
        """
        connection = self._open()
        if not self._traces:
            self._traces = True
            connection.trace_v2(apsw.SQLITE_TRACE_PROFILE, self._profiled)
        statement = self._statements.get(sql)
        if statement is None:
            statement = self._run_all_but_last(connection, sql)
        else:
            self._statements.move_to_end(sql)
        if len(bindings) != statement.parameters:
            raise SqlError(WRONG_BINDINGS)
        return self._run(connection, statement, bindings)

    def _run_all_but_last(self, connection: apsw.Connection, sql: str) -> Statement:
        rest = sql
        while True:
            with self._failures():
                statement, tail = compile_first(connection, self.regulator, rest)
            if statement is None:
                raise SqlError(NO_STATEMENT)
            if not tail.strip(WHITESPACE):
                break
            if statement.parameters:
                raise SqlError(EARLY_PARAMETERS)
            self._run(connection, statement, ()).drain()
            rest = tail
        if rest is sql and not statement.effects.schema:
            self._remember(sql, statement)
        return statement

    def _remember(self, sql: str, statement: Statement) -> None:
        self._statements[sql] = statement
        self._statements_bytes += len(sql)
        while self._statements_bytes > _STATEMENTS_BYTES_MAX:
            self._statements_bytes -= len(self._statements.popitem(last=False)[0])

    def _run(
        self, connection: apsw.Connection, statement: Statement, bindings: Sequence[SqlValue]
    ) -> RowCursor:
        effects = statement.effects
        if not statement.read_only:
            self._begin()
            self.writes += 1
            self._counts.prepare(effects)
        changes_before = connection.total_changes()
        self.regulator.begin()
        self.regulator.active = True
        try:
            with self._failures():
                cursor = connection.cursor()
                cursor.execute(statement.text, tuple(bindings))
        finally:
            self.regulator.active = False
            if effects.schema:
                self._forget_schema()
        self.pinned |= effects.sets_pragma
        rows = RowCursor(self, cursor, statement, changes_before)
        if rows.is_open:
            self._cursors.add(rows)
        return rows

    def _profiled(self, event: dict[str, Any]) -> None:
        self._scan_steps = event["stmt_status"]["SQLITE_STMTSTATUS_FULLSCAN_STEP"]

    # What cursors need (cursor.CursorOwner)

    def step(self, fetch: Callable[[], T | None]) -> T | None:
        with self._failures():
            return fetch()

    def count(self, statement: Statement, changes_before: int) -> tuple[int, int]:
        connection = self._open()
        effects = statement.effects
        scanned = self._scan_steps + 1 if self._scan_steps and effects.reads else 0
        all_changes = 0 if statement.read_only else connection.total_changes() - changes_before
        # Those of triggers and foreign keys are not among its own.
        changes = min(connection.changes(), all_changes) if effects.action else 0
        read = scanned if effects.action == apsw.SQLITE_INSERT else max(scanned, changes)
        return read, self._counts.written(effects, changes) + all_changes - changes

    def cursor_over(self, cursor: RowCursor) -> None:
        self._cursors.discard(cursor)

    @property
    def settled(self) -> bool:
        """Whether every commit so far is durable."""
        return self._home.settled(self)

    @property
    def size_bytes(self) -> int:
        """How large the database is, free pages not counted."""
        ((pages, free, page_bytes),) = self._own(
            "SELECT page_count, freelist_count, page_size FROM pragma_page_count, "
            "pragma_freelist_count, pragma_page_size"
        )
        assert isinstance(pages, int)
        assert isinstance(free, int)
        assert isinstance(page_bytes, int)
        return max(pages - free, 1) * page_bytes

    # -- keys and values --------------------------------------------------------------------------

    def _has(self, table: str) -> bool:
        if table in self._tables:
            return True
        if self._connection is None and not self._home.exists(self):
            return False
        if not self._own(kv.HAS_TABLE, (table,)):
            return False
        self._tables.add(table)
        return True

    def _make(self, table: str, create: str) -> None:
        self._begin()
        self.writes += 1
        if table not in self._tables:
            self._own(create)
            self._forget_statements()
            self._tables.add(table)

    def kv_get(self, key: str) -> bytes | None:
        """The value of a key, or None."""
        if not self._has("_cf_KV"):
            return None
        rows = self._own(*kv.get_query(key))
        return rows[0][0] if rows else None  # type: ignore[return-value]

    def kv_put(self, entries: dict[str, bytes]) -> None:
        """Stores entries: all, or none and SqlError."""
        self._make("_cf_KV", kv.CREATE_KV)
        if len(entries) == 1:
            for key, value in entries.items():
                self._own(*kv.put_query(key, value))
            return
        savepoint = self.savepoint()
        try:
            for key, value in entries.items():
                self._own(*kv.put_query(key, value))
        except SqlError as error:
            if not error.critical:
                self.roll_back_to(savepoint)
            raise
        self.release(savepoint)

    def kv_delete(self, keys: Sequence[str]) -> int:
        """Deletes keys; how many of them existed."""
        self._make("_cf_KV", kv.CREATE_KV)
        connection = self._open()
        before = connection.total_changes()
        for key in keys:
            self._own(*kv.delete_query(key))
        return connection.total_changes() - before

    def kv_list(
        self,
        start: str | None = None,
        end: str | None = None,
        *,
        reverse: bool = False,
        limit: int | None = None,
    ) -> KvList:
        """Entries in order of the keys' UTF-8 bytes; `start` inclusive, `end` exclusive.

        The iterator is live, and holds its statement until its end: `close` it.
        """
        if not self._has("_cf_KV"):
            return iter(())
        query, bindings = kv.list_query(start, end, reverse=reverse, limit=limit)
        return self._listed(query, bindings)

    def _listed(self, query: str, bindings: Sequence[SqlValue]) -> KvList:
        connection = self._open()
        with self._failures():
            cursor = connection.cursor()
            cursor.execute(query, tuple(bindings), prepare_flags=_OWN)
        rows = RowCursor(self, cursor, _LISTING)
        if rows.is_open:
            self._cursors.add(rows)
        return self._entries(rows)

    def _entries(self, rows: RowCursor) -> KvList:
        try:
            while (row := rows.next()) is not None:
                key, value = row
                yield kv.decode_key(key), value  # type: ignore[misc]
        finally:
            if rows.failure is None:
                rows.close()

    # -- records of the system --------------------------------------------------------------------

    def record(self, name: str) -> bytes | None:
        """A small record of the system, or None."""
        if not self._has("_cf_RECORDS"):
            return None
        rows = self._own("SELECT value FROM _cf_RECORDS WHERE name = ?", (name,))
        return rows[0][0] if rows else None  # type: ignore[return-value]

    def put_records(self, records: dict[str, bytes | None]) -> None:
        """Stores records of the system; None deletes one."""
        self._make("_cf_RECORDS", kv.CREATE_RECORDS)
        for name, value in records.items():
            if value is None:
                self._own("DELETE FROM _cf_RECORDS WHERE name = ?", (name,))
            else:
                self._own("INSERT OR REPLACE INTO _cf_RECORDS VALUES (?, ?)", (name, value))

    @property
    def alarm_ns(self) -> int | None:
        """The alarm's time since the epoch, if one is set."""
        if not self._has("_cf_METADATA"):
            return None
        rows = self._own("SELECT value FROM _cf_METADATA WHERE key = ?", (_ALARM,))
        return rows[0][0] if rows else None  # type: ignore[return-value]

    def set_alarm(self, time_ns: int | None) -> None:
        """Sets the alarm, or deletes it."""
        self._make("_cf_METADATA", kv.CREATE_METADATA)
        self._own("INSERT OR REPLACE INTO _cf_METADATA VALUES (?, ?)", (_ALARM, time_ns))

    def next_bookmark(self) -> int:
        """A number that is larger every time."""
        self._make("_cf_METADATA", kv.CREATE_METADATA)
        rows = self._own("SELECT value FROM _cf_METADATA WHERE key = ?", (_BOOKMARK,))
        number = rows[0][0] if rows else 0
        assert isinstance(number, int)
        self._own("INSERT OR REPLACE INTO _cf_METADATA VALUES (?, ?)", (_BOOKMARK, number + 1))
        return number

    # -- transactions -----------------------------------------------------------------------------

    def _begin(self) -> None:
        if not self.in_transaction:
            self._open()
            if self.relaxed and self._home.synced(self):
                self.relaxed = False
                self._own("PRAGMA synchronous = NORMAL")
            self._own("BEGIN")
            self.in_transaction = True

    def savepoint(self) -> int:
        """Opens a savepoint, and the transaction if none is open."""
        self._begin()
        self._savepoints += 1
        self._own(f"SAVEPOINT _cf_{self._savepoints}")
        return self._savepoints

    def release(self, savepoint: int) -> None:
        """Ends a savepoint and those in it, keeping what was written."""
        self._savepoints = savepoint - 1
        self._own(f"RELEASE _cf_{savepoint}")

    def roll_back_to(self, savepoint: int) -> None:
        """Ends a savepoint and those in it, undoing what was written."""
        self._savepoints = savepoint - 1
        self._own(f"ROLLBACK TO _cf_{savepoint}")
        self._own(f"RELEASE _cf_{savepoint}")
        self._forget_schema()

    def commit(self, on_durable: OnDurable) -> None:
        """Ends the transaction, keeping it; calls back later, when it is durable.

        Raises SqlError, without a transaction being over, if SQLite cannot commit.
        """
        assert not self._savepoints, "a transaction ends after its savepoints"
        if self.in_transaction:
            self._own("COMMIT")
            self.in_transaction = False
        self._home.submit(self, on_durable)

    def when_durable(self, callback: OnDurable) -> None:
        """Calls back, later, when every commit so far is durable."""
        self._home.submit(self, callback)

    def roll_back(self) -> None:
        """Ends the transaction if one is open, undoing it, and closes all cursors."""
        self._close_cursors(None)
        self._savepoints = 0
        if self.in_transaction:
            self.in_transaction = False
            if self._connection is not None and not self._connection.get_autocommit():
                self._own("ROLLBACK")
        self._forget_schema()

    def _close_cursors(self, failure: SqlError | None) -> None:
        for cursor in list(self._cursors):
            cursor.close(failure)

    def delete_all(self, alarm_ns: int | None = None) -> None:
        """Deletes all tables and entries, at once; what was not committed is gone too.

        Records of the system stay, and of the alarm what the caller says. They are written back
        after the reset, as a second transaction, because SQLite can reset a database only in one of
        its own.
        """
        self._close_cursors(SqlError(DELETED))
        self.roll_back()
        if self._connection is None and not self._home.exists(self):
            return
        kept = [
            (table, create, self._own(f"SELECT * FROM {table}"))  # noqa: S608 - two constants
            for table, create in _KEPT.items()
            if self._has(table)
        ]
        connection = self._open()
        with self._failures():
            connection.config(apsw.SQLITE_DBCONFIG_RESET_DATABASE, 1)
            connection.limit(apsw.SQLITE_LIMIT_ATTACHED, 1)  # VACUUM attaches its copy
            try:
                connection.execute("VACUUM", prepare_flags=_OWN)
            finally:
                connection.config(apsw.SQLITE_DBCONFIG_RESET_DATABASE, 0)
                connection.limit(apsw.SQLITE_LIMIT_ATTACHED, LIMITS[apsw.SQLITE_LIMIT_ATTACHED])
        self.writes += 1
        self._forget_schema()
        for table, create, rows in kept:
            for row in rows:
                if row[0] != _ALARM:
                    self._make(table, create)
                    self._own(f"INSERT INTO {table} VALUES (?, ?)", row)  # noqa: S608 - a constant
        if alarm_ns is not None:
            self.set_alarm(alarm_ns)

    def erase(self) -> None:
        """Deletes everything, records of the system too; nothing of the database is in use."""
        self.delete_all()
        if self._connection is not None:
            for table in _KEPT:
                if self._has(table):
                    self._begin()
                    self._own(f"DROP TABLE {table}")
            self._forget_schema()

    def copy_from(self, source: ObjectDatabase) -> None:
        """Makes the content that of another database; a transaction is left open."""
        self._close_cursors(None)
        self.roll_back()
        connection = self._open()
        with self._failures(), connection.backup("main", source._open(), "main") as backup:
            backup.step(-1)
        self.writes += 1
        self._forget_schema()
        # SQLite tells nobody of what a backup writes; it does of this.
        self._begin()
        self._own("PRAGMA user_version = 0")

    def __repr__(self) -> str:
        state = "closed" if self._connection is None else "open"
        transaction = " in transaction" if self.in_transaction else ""
        return f"<ObjectDatabase {self.key[1][:8]} {state}{transaction}>"


_KEPT: Final = {"_cf_RECORDS": kv.CREATE_RECORDS, "_cf_METADATA": kv.CREATE_METADATA}
_LISTING: Final = Statement(
    "", parameters=0, read_only=True, columns=("key", "value"), effects=Effects()
)
