"""What goes into and comes out of a database: SQLite's scalars as Python's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

SqlValue: TypeAlias = str | bytes | int | float | None
Row: TypeAlias = tuple[SqlValue, ...]
KvList: TypeAlias = Iterator[tuple[str, bytes]]
OnDurable: TypeAlias = Callable[[BaseException | None], None]

# Strings of the engine may hold lone surrogates, as JavaScript's may. They are stored as their
# three bytes, which SQLite takes and Python's codec does not.
STRING_ERRORS = "surrogatepass"


def is_plain_text(text: str) -> bool:
    """Whether the text can be bound as it is, i.e. has no lone surrogate."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
