"""`SqlStorage`, `Cursor` and `RawIterator`: the SQL API of SQLite-backed Durable Objects.

Numbers are always bound as REAL, as on Cloudflare, and whatever is no SQLite value is bound as its
text. Source: workerd src/workerd/api/sql.h; texts confirmed by running it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from emulator.js.array import JsArray
from emulator.js.buffers import ArrayBuffer, bytes_of
from emulator.js.convert import normalize_number, to_string
from emulator.js.define import getter, method
from emulator.js.errors import error, type_error
from emulator.js.object import Constructor, JsObject
from emulator.js.plain import PlainObject, iterator_result
from emulator.js.values import MISSING, JsBigInt, JsValue, null
from emulator.js.webidl import wrong_parameter
from emulator.runtime.sqlite_actor_storage import SqliteActorStorage
from emulator.storage.sqlite import RowCursor, SqlValue

if TYPE_CHECKING:
    from emulator.runtime.actor import Actor

SQL_DISABLED: Final = (
    "SQL is not enabled for this Durable Object class. To enable it, change `new_classes` to "
    "`new_sqlite_classes` within the 'migrations' field in your wrangler.jsonc or wrangler.toml "
    "file. If using workerd directly,set `enableSql = true` in your workerd config for the class. "
    "Note that this change cannot be made after the class is already deployed to production."
)
NO_RESULTS: Final = "Expected exactly one result from SQL query, but got no results."
MULTIPLE_RESULTS: Final = "Expected exactly one result from SQL query, but got multiple results."


class SqlStorage(JsObject, name="SqlStorage", constructible=False):
    """`ctx.storage.sql`."""

    __slots__ = ("_actor",)

    def __init__(self, actor: Actor) -> None:
        super().__init__()
        self._actor = actor

    def _storage(self) -> SqliteActorStorage:
        self._actor.check_guest_alive()
        storage = self._actor.storage
        if not isinstance(storage, SqliteActorStorage):
            raise error(SQL_DISABLED)
        return storage

    @method
    def exec(self, query: JsValue = MISSING, *bindings: JsValue) -> Cursor:
        if query is MISSING:
            raise wrong_parameter("SqlStorage", "exec", 1, "String")
        sql = to_string(query).partition("\0")[0]  # SQLite reads a C string
        values = [binding_of(value) for value in bindings]
        storage = self._storage()
        return Cursor(self._actor, storage, storage.execute(sql, values))

    @getter
    def databaseSize(self) -> int:
        return self._storage().size_bytes

    @databaseSize.setter
    def databaseSize(self, value: JsValue) -> None:
        """Ignored, as on Cloudflare."""

    @getter
    def Cursor(self) -> Constructor:
        return Cursor.js_constructor

    @getter
    def Statement(self) -> Constructor:
        return Statement.js_constructor


class Cursor(JsObject, name="Cursor", constructible=False):
    """The rows of a query; `next`, iteration, `raw` and `toArray` share one position."""

    __slots__ = ("_actor", "_names", "_rows", "_storage")
    js_iterable = True

    def __init__(self, actor: Actor, storage: SqliteActorStorage, rows: RowCursor) -> None:
        super().__init__()
        self._actor = actor
        self._storage = storage
        self._rows = rows
        self._names: JsArray | None = None

    def take(self) -> list[JsValue] | None:
        """The values of the next row, or None at the end."""
        self._actor.check_guest_alive()
        with self._storage.refusals():
            row = self._rows.next()
        return None if row is None else [value_of(value) for value in row]

    def _take_object(self) -> PlainObject | None:
        values = self.take()
        if values is None:
            return None
        return PlainObject(dict(zip(self._rows.columns, values, strict=True)))

    @method
    def next(self) -> PlainObject:
        row = self._take_object()
        return iterator_result(row, done=row is None)

    @method
    def toArray(self) -> JsArray:
        return JsArray(list(self.js_iter()))

    @method
    def one(self) -> PlainObject:
        row = self._take_object()
        if row is None:
            raise error(NO_RESULTS)
        with self._storage.refusals():
            if self._rows.has_row:
                self._rows.close()
                raise error(MULTIPLE_RESULTS)
        return row

    @method
    def raw(self) -> RawIterator:
        return RawIterator(self)

    @getter
    def columnNames(self) -> JsArray:
        if self._names is None:
            self._names = JsArray(list(self._rows.columns))
        return self._names

    @getter
    def rowsRead(self) -> int:
        return self._count(self._rows.rows_read)

    @getter
    def rowsWritten(self) -> int:
        return self._count(self._rows.rows_written)

    def _count(self, count: int) -> int:
        if self._rows.failure is not None:
            raise error(self._rows.failure.text)
        return count

    def js_iter(self) -> Iterator[JsValue]:
        while (row := self._take_object()) is not None:
            yield row


class RawIterator(JsObject, name="RawIterator", constructible=False):
    """The rows of a cursor as arrays."""

    __slots__ = ("_cursor",)
    js_iterable = True

    def __init__(self, cursor: Cursor) -> None:
        super().__init__()
        self._cursor = cursor

    @method
    def next(self) -> PlainObject:
        values = self._cursor.take()
        if values is None:
            return iterator_result(None, done=True)
        return iterator_result(JsArray(values), done=False)

    @method
    def toArray(self) -> JsArray:
        """An iterator helper of the language."""
        return JsArray(list(self.js_iter()))

    def js_iter(self) -> Iterator[JsValue]:
        while (values := self._cursor.take()) is not None:
            yield JsArray(values)


class Statement(JsObject, name="Statement", constructible=False):
    """A name that `storage.sql` has; instances come from an API that is only experimental."""

    __slots__ = ()


def binding_of(value: JsValue) -> SqlValue:
    """A JavaScript value as it is bound to a parameter."""
    if value is None or value is null or value is MISSING:
        return None
    if isinstance(value, bool | str):
        return to_string(value)
    if isinstance(value, JsBigInt):
        raise type_error("Cannot convert a BigInt value to a number")
    if isinstance(value, int | float):
        return float(value)
    data = bytes_of(value)
    return to_string(value) if data is None else data


def value_of(value: SqlValue) -> JsValue:
    """A column's value as JavaScript has it."""
    if value is None:
        return null
    if isinstance(value, bytes):
        return ArrayBuffer(value)
    if isinstance(value, int):
        return value if abs(value) <= 2**53 - 1 else float(value)
    return normalize_number(value) if isinstance(value, float) else value
