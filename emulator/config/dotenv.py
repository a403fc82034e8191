"""The format of `.dev.vars` and `.env` files: `NAME=value` lines, as npm's `dotenv` reads them.

A value may stand in single, double or back quotes, and then may go over several lines; only in
double quotes are `\\n` and `\\r` escapes. Without quotes it ends at the line's end or at a `#`. A
line that is no assignment is passed over. `expand` adds what `dotenv-expand` does for `.env` files.
Knows no files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_ASSIGNMENT: Final = re.compile(r"[ \t]*(?:export[ \t]+)?([\w.-]+)(?:[ \t]*=|:[ \t])[ \t]*")
_QUOTED: Final = re.compile(r"'((?:\\'|[^'])*)'|\"((?:\\\"|[^\"])*)\"|`((?:\\`|[^`])*)`")
_PLAIN: Final = re.compile(r"[^#\r\n]*")
_REST_OF_LINE: Final = re.compile(r"[^\n]*\n?")
_REFERENCE: Final = re.compile(r"(\\\$)|\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)")
_EXPANSIONS_MAX: Final = 16


def parse_dotenv(text: str) -> dict[str, str]:
    """The assignments in `text`; of two with the same name the later one counts."""
    values: dict[str, str] = {}
    at = 0
    while at < len(text):
        if assignment := _ASSIGNMENT.match(text, at):
            values[assignment[1]], at = _value(text, assignment.end())
        rest = _REST_OF_LINE.match(text, at)
        at = rest.end() if rest and rest.end() > at else at + 1
    return values


def expand(values: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Replace `$NAME`, `${NAME}` and `${NAME:-default}`; `environ` wins over `values`."""
    known = {**values, **environ}
    return {name: _expand(value, known) for name, value in values.items()}


def _value(text: str, at: int) -> tuple[str, int]:
    if quoted := _QUOTED.match(text, at):
        if quoted[2] is not None:
            return quoted[2].replace("\\n", "\n").replace("\\r", "\r"), quoted.end()
        return quoted[1] if quoted[1] is not None else quoted[3], quoted.end()
    plain = _PLAIN.match(text, at)
    assert plain is not None, "the pattern matches the empty string"
    return plain[0].strip(), plain.end()


def _expand(value: str, known: Mapping[str, str], depth: int = 0) -> str:
    def replace(match: re.Match[str]) -> str:
        if match[1]:
            return "$"
        found = known.get(match[2] or match[4]) or match[3] or ""
        # A value that refers to itself would go on for ever.
        return _expand(found, known, depth + 1) if depth < _EXPANSIONS_MAX else ""

    return _REFERENCE.sub(replace, value)
