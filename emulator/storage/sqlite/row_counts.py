"""How many b-tree entries a statement wrote, from what SQLite tells: the rows it changed.

Cloudflare bills entries: a row and each of its index entries. SQLite counts rows only, so the
entries are worked out from the indexes of the table that a statement names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import apsw

from emulator.storage.sqlite.regulator import Effects
from emulator.storage.sqlite.values import Row, SqlValue

_INDEXES: Final = """
    SELECT list.name, info.name FROM pragma_index_list(?) AS list, pragma_index_info(list.name) AS
    info WHERE NOT (list.origin = 'pk' AND (SELECT wr FROM pragma_table_list(?)))
"""
# A row of the schema and, for what has pages of its own, its root.
_SCHEMA_ENTRIES: Final = {
    apsw.SQLITE_CREATE_TABLE: 2,
    apsw.SQLITE_CREATE_VIEW: 2,
    apsw.SQLITE_CREATE_INDEX: 1,
    apsw.SQLITE_CREATE_TRIGGER: 1,
    apsw.SQLITE_ALTER_TABLE: 1,
}


class RowCounts:
    """See the module docstring. One per database; `query` runs SQL of the engine's own."""

    __slots__ = ("_indexes", "_query")

    def __init__(self, query: Callable[[str, Sequence[SqlValue]], list[Row]]) -> None:
        self._query = query
        # Table -> index -> its columns.
        self._indexes: dict[str, dict[str, set[SqlValue]]] = {}

    def forget(self) -> None:
        """Indexes may have changed."""
        self._indexes.clear()

    def prepare(self, effects: Effects) -> None:
        """Learns about the table that a statement is about to change."""
        table = effects.table
        if effects.action and table not in self._indexes:
            indexes: dict[str, set[SqlValue]] = {}
            for index, column in self._query(_INDEXES, (table, table)):
                indexes.setdefault(str(index), set()).add(column)
            self._indexes[table] = indexes

    def written(self, effects: Effects, changes: int) -> int:
        """The entries that a statement wrote which changed so many rows."""
        if effects.schema:
            return _SCHEMA_ENTRIES.get(effects.schema[0], 0)
        indexes = self._indexes.get(effects.table, {})
        if effects.action == apsw.SQLITE_DELETE:
            return changes
        if effects.action == apsw.SQLITE_UPDATE:
            touched = [columns for columns in indexes.values() if columns & effects.columns]
            return changes * (1 + len(touched))
        return changes * (1 + len(indexes))
