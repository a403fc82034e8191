"""The PRAGMA statements that guest SQL may use.

Source: workerd src/workerd/util/sqlite.c++ (`ALLOWED_PRAGMAS`); confirmed by running it.
"""

from __future__ import annotations

import re
from typing import Final

_READ_ONLY: Final = frozenset({"data_version", "page_size"})
_BOOLEAN: Final = frozenset(
    [
        "case_sensitive_like",
        "foreign_keys",
        "defer_foreign_keys",
        "ignore_check_constraints",
        "legacy_alter_table",
        "recursive_triggers",
        "reverse_unordered_selects",
    ]
)
DEFAULT_PRAGMAS: Final = dict.fromkeys(sorted(_BOOLEAN), 0) | {"foreign_keys": 1}
_OBJECT_NAME: Final = frozenset(
    ["foreign_key_list", "index_info", "index_list", "index_xinfo", "table_info", "table_xinfo"]
)
_OPTIONAL_NAME: Final = frozenset({"foreign_key_check"})
_NUMBER_OR_NAME: Final = frozenset({"quick_check"})
_OPTIONAL_NUMBER: Final = frozenset({"optimize"})
_ANYTHING: Final = frozenset({"table_list"})

_TRUTHS: Final = frozenset(["true", "false", "yes", "no", "on", "off", "1", "0"])
_NUMBER: Final = re.compile(r"[+-]?(\d+|0[xX][0-9a-fA-F]+)")


def is_reserved(name: str | None) -> bool:
    """Whether a name belongs to the runtime."""
    return name is not None and name[:4].lower() == "_cf_"


def allows_pragma(name: str, argument: str | None) -> bool:
    """Whether `PRAGMA name(argument)` may be used; its meaning is SQLite's."""
    name = name.lower()
    if name in _READ_ONLY:
        return argument is None
    if name in _BOOLEAN:
        return argument is None or argument.lower() in _TRUTHS
    if name in _OBJECT_NAME:
        return argument is not None and not is_reserved(argument)
    if name in _OPTIONAL_NAME or name in _NUMBER_OR_NAME:
        return not is_reserved(argument)
    if name in _OPTIONAL_NUMBER:
        return argument is None or _NUMBER.fullmatch(argument) is not None
    return name in _ANYTHING


def sets_state(name: str, argument: str | None) -> bool:
    """Whether the statement changes something that lives as long as the connection."""
    return argument is not None and name.lower() in _BOOLEAN
