"""The text of one config file, and where in it things stand.

Offsets are counted in code points, lines and columns from 1. Knows no format.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of the source text: `start` inclusive, `end` exclusive."""

    start: int
    end: int


class Position(NamedTuple):
    """A place as editors count it."""

    line: int
    col: int


@dataclass(frozen=True, slots=True)
class Source:
    """A decoded config file."""

    path: Path
    text: str
    _line_starts: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        starts += [at + 1 for at, char in enumerate(self.text) if char == "\n"]
        object.__setattr__(self, "_line_starts", starts)

    def position(self, offset: int) -> Position:
        """Line and column of an offset; one past the end is the end of the last line."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def offset(self, line: int, col: int) -> int:
        """The inverse of `position`, clamped into the text."""
        line = min(max(line, 1), len(self._line_starts))
        return min(self._line_starts[line - 1] + max(col, 1) - 1, len(self.text))

    def line(self, number: int) -> str:
        """One line without its ending."""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")
