"""The file `differences.toml`: where pyworkers answers otherwise than Pyodide, and why.

    [[difference]]
    snippet = "group/title"
    statement = "js.eval('1')"          # as in the snippet
    pyodide = "1"                       # what the recording says; `pyodide_matches` for a pattern
    here = "raises JsException: ..."    # or `here_matches`
    versions = ["314"]                  # of Pyodide; both if left out
    reason = "Workers run no code from strings"

With `snippet = "*"` and no statement it holds for every outcome that fits; such entries are for what
another version of CPython says. Keep the others as narrow as this.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from typing import Any

from .snippet import HERE, VERSIONS


@dataclass(frozen=True, slots=True)
class Difference:
    """One outcome that differs on purpose."""

    snippet: str
    reason: str
    statement: str | None = None
    pyodide: str | None = None
    pyodide_matches: str | None = None
    here: str | None = None
    here_matches: str | None = None
    versions: tuple[str, ...] = tuple(VERSIONS)

    @property
    def is_general(self) -> bool:
        """Whether it holds for every snippet."""
        return self.snippet == "*"

    def explains(self, statement: str, expected: str | None, actual: str | None) -> bool:
        """Whether this is the difference between the two outcomes."""
        return (
            self.statement in (None, statement)
            and _fits(expected, self.pyodide, self.pyodide_matches)
            and _fits(actual, self.here, self.here_matches)
        )


def _fits(outcome: str | None, text: str | None, pattern: str | None) -> bool:
    if pattern is not None:
        return outcome is not None and re.search(pattern, outcome, re.DOTALL) is not None
    return outcome == text


def all_differences() -> list[Difference]:
    """All entries; ValueError for one that is not understood."""
    content = tomllib.loads((HERE / "differences.toml").read_text(encoding="utf-8"))
    return [_read(entry) for entry in content.get("difference", ())]


def _read(entry: dict[str, Any]) -> Difference:
    unknown = set(entry) - {field.name for field in fields(Difference)}
    general = entry.get("snippet") == "*"
    if unknown or not entry.get("reason") or general == ("statement" in entry):
        raise ValueError(f"not a difference: {entry}")
    versions = tuple(entry.pop("versions", VERSIONS))
    return Difference(**entry, versions=versions)
