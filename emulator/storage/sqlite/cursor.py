"""RowCursor: the rows of one statement, stepped one row ahead of its reader.

A cursor is live: what is inserted or deleted while it is open may be seen. When the last row has
been fetched the statement is over. SQLite keeps no count of the entries it touches, so `rows_read`
and `rows_written` are made from what it does tell; `docs/compatibility.md` says how near they come.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import apsw

from emulator.storage.sqlite.failure import SqlError
from emulator.storage.sqlite.statements import Statement
from emulator.storage.sqlite.values import Row


class CursorOwner(Protocol):
    """The database, as far as its cursors need it."""

    def step(self, fetch: Callable[[], Row | None]) -> Row | None:
        """Fetches a row; raises SqlError."""
        ...

    def count(self, statement: Statement, changes_before: int) -> tuple[int, int]:
        """About how many entries a statement that just ended read and wrote."""
        ...

    def cursor_over(self, cursor: RowCursor) -> None:
        """The cursor has been read to its end, or closed."""
        ...


class RowCursor:
    """See the module docstring."""

    __slots__ = (
        "__weakref__",
        "_changes_before",
        "_cursor",
        "_fetched",
        "_owner",
        "_row",
        "_statement",
        "_written",
        "failure",
    )

    def __init__(
        self,
        owner: CursorOwner,
        cursor: apsw.Cursor,
        statement: Statement,
        changes_before: int = 0,
    ) -> None:
        self._owner = owner
        self._cursor: apsw.Cursor | None = cursor
        self._statement = statement
        self._changes_before = changes_before
        self._written = 0
        self._fetched = 0
        # Why it can be read no more, if that is not because its rows are over.
        self.failure: SqlError | None = None
        self._row: Row | None = self._fetch()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns; of none if the statement has no rows."""
        return self._statement.columns

    @property
    def rows_read(self) -> int:
        """About how many entries were read so far."""
        return self._fetched

    @property
    def rows_written(self) -> int:
        """About how many entries were written; known when the statement is over."""
        return self._written

    @property
    def is_open(self) -> bool:
        """Whether its statement is still running."""
        return self._cursor is not None

    @property
    def has_row(self) -> bool:
        """Whether `next` has a row to give."""
        self._check()
        return self._row is not None

    def next(self) -> Row | None:
        """The next row, or None. Steps to the one behind it."""
        self._check()
        row = self._row
        if row is not None:
            self._row = self._fetch()
        return row

    def _check(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _fetch(self) -> Row | None:
        cursor = self._cursor
        if cursor is None:
            return None
        try:
            row = self._owner.step(cursor.fetchone)
        except BaseException:
            self._end()
            raise
        if row is not None:
            self._fetched += self._statement.effects.reads
        else:
            read, self._written = self._owner.count(self._statement, self._changes_before)
            self._fetched = max(self._fetched, read)
            self._end()
        return row

    def drain(self) -> None:
        """Reads to the end."""
        while self.next() is not None:
            pass

    def close(self, failure: SqlError | None = None) -> None:
        """Ends the statement. `failure`: what readers get from now on, if not the end."""
        self._row = None
        self.failure = failure
        self._end()

    def _end(self) -> None:
        cursor, self._cursor = self._cursor, None
        if cursor is not None:
            cursor.close(True)  # noqa: FBT003 - apsw takes it by position only
            self._owner.cursor_over(self)

    def __repr__(self) -> str:
        state = "open" if self.is_open else "over"
        return f"<RowCursor {state} read={self._fetched} written={self._written}>"
