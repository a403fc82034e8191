"""Statements: SQL text taken apart into single statements, each compiled once to learn about it.

Theory of operation. The driver runs all statements of a text one after the other. Cloudflare's
runtime treats the last one apart from the others, so texts are split here: the driver compiles the
first statement, its execution tracer sees where it ends, what it takes and gives, and then stops
it.

Does not know: transactions, cursors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import apsw

from emulator.storage.sqlite.failure import SqlError, error_text
from emulator.storage.sqlite.regulator import Effects, Regulator

TOO_LONG: Final = "statement too long: SQLITE_TOOBIG"
SQL_BYTES_MAX: Final = 100_000
WHITESPACE: Final = " \t\n\r\f\v"
# SQLite's authorizer is not told the new name of a table.
_RENAME: Final = re.compile(
    r"""\s*ALTER\s+TABLE\s+(?:\w+\s*\.\s*)?(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|`(?:[^`]|``)*`|\[[^]]*]|\w+)"""
    r"""\s*RENAME\s+TO\s*["'`[]?_cf_""",
    re.IGNORECASE,
)
_COMMENT: Final = re.compile(r"--[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z)", re.DOTALL)
_TRAILING: Final = re.compile(r"[;\s]*\Z")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement."""

    text: str
    parameters: int
    read_only: bool
    columns: tuple[str, ...]
    effects: Effects


def compile_first(
    connection: apsw.Connection, regulator: Regulator, sql: str
) -> tuple[Statement | None, str]:
    """The first statement of a text, None if it has none, and the text behind it.

    Raises what the driver raises for SQL that is wrong or not allowed.
    """
    found: list[tuple[str, Statement | None]] = []

    def trace(cursor: apsw.Cursor, text: str, _: object) -> bool:
        statement = None
        if cursor.has_vdbe:
            columns = tuple(column[0] for column in cursor.get_description())
            statement = Statement(
                text, cursor.bindings_count, cursor.is_readonly, columns, regulator.effects
            )
        found.append((text, statement))
        return False

    if len(sql) * 4 > SQL_BYTES_MAX and len(sql.encode()) > SQL_BYTES_MAX:
        raise SqlError(TOO_LONG, code=apsw.SQLITE_TOOBIG)  # the driver has other words
    cursor = connection.cursor()
    cursor.exec_trace = trace
    regulator.begin()
    regulator.active = True
    try:
        cursor.execute(sql, _NO_BINDINGS, can_cache=False)
    except apsw.ExecTraceAbort:
        pass
    finally:
        regulator.active = False
        cursor.close(True)  # noqa: FBT003 - apsw takes it by position only
    if not found or (statement := found[0][1]) is None:
        return None, ""
    text = found[0][0]
    if apsw.SQLITE_ALTER_TABLE in statement.effects.schema and _RENAME.match(
        _COMMENT.sub(" ", text)
    ):
        raise SqlError(error_text("not authorized", apsw.SQLITE_AUTH, apsw.SQLITE_AUTH))
    return statement, _superfluous(text) + sql[len(text) :]


# The driver's own marker for "whatever the number of parameters, all are NULL".
_NO_BINDINGS: Any = apsw._null_bindings  # type: ignore[attr-defined]


def _superfluous(text: str) -> str:
    """The semicolons that the driver added to the end of a statement that had one already."""
    match = _TRAILING.search(text)
    assert match is not None
    first = match[0].find(";")
    extra = match[0][first + 1 :]
    if first < 0 or ";" not in extra:
        return ""
    # Unless they are in a comment.
    return extra if apsw.complete(text[: match.start() + first + 1]) else ""
