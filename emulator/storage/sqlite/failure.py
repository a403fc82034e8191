"""What SQLite refuses, in the words that Cloudflare's runtime gives it.

`<message>[ at offset N]: <CODE>[ (extended: <EXTENDED CODE>)]`; the offset counts bytes of the SQL.
Source: workerd src/workerd/util/sqlite.c++; texts confirmed by running it.
"""

from __future__ import annotations

from typing import Final

import apsw

from emulator.storage.failure import StorageFailed

# When one of these made SQLite roll back the whole transaction, writes that the guest has been told
# about are gone, and its object cannot go on.
CRITICAL_CODES: Final = frozenset(
    {apsw.SQLITE_FULL, apsw.SQLITE_IOERR, apsw.SQLITE_NOMEM, apsw.SQLITE_INTERRUPT}
)


class SqlError(Exception):
    """A statement was refused. `critical`: it took the open transaction with it."""

    def __init__(self, text: str, *, code: int = apsw.SQLITE_ERROR, critical: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.critical = critical

    @property
    def is_constraint(self) -> bool:
        """Whether the data would have broken a constraint."""
        return self.code == apsw.SQLITE_CONSTRAINT


def disk_error(failure: StorageFailed) -> SqlError:
    """What SQLite would have said, had it been the one that the disk refused."""
    full = failure.is_disk_full
    code = apsw.SQLITE_FULL if full else apsw.SQLITE_IOERR
    message = "database or disk is full" if full else "disk I/O error"
    error = SqlError(error_text(message, code, code), code=code, critical=True)
    error.__cause__ = failure
    return error


def sql_error(error: apsw.Error, *, critical: bool = False) -> SqlError:
    """The SqlError for what the driver raised."""
    code: int = getattr(error, "result", apsw.SQLITE_ERROR)
    extended: int = getattr(error, "extendedresult", code)
    text = error_text(str(error), code, extended, error_offset(error))
    return SqlError(text, code=code, critical=critical)


def error_offset(error: apsw.Error) -> int:
    """The byte of the SQL that an error is about; negative if it is about none."""
    offset: int = getattr(error, "error_offset", -1)
    return offset


def error_text(message: str, code: int, extended: int, offset: int = -1) -> str:
    """The text of an error; see the module docstring."""
    at = f" at offset {offset}" if offset >= 0 else ""
    text = f"{message}{at}: {code_name(code)}"
    if extended != code:
        text += f" (extended: {code_name(extended)})"
    return text


def code_name(code: int) -> str:
    """`SQLITE_ERROR` for 1; the number where SQLite has no name for it."""
    name = apsw.mapping_result_codes.get(code) or apsw.mapping_extended_result_codes.get(code)
    return str(name) if name is not None else str(code)
