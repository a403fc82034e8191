"""Where the lines of an inspected value break.

An object goes on one line if it holds at most three levels of objects that do and its text fits in
the width; else each entry gets a line. Long arrays of short items are set in columns, numbers
aligned to the right.

Source: Node.js `util.inspect` behaviour (`compact: 3`, `breakLength: 80`), observed.
"""

from __future__ import annotations

import math
from typing import Final

LINE_WIDTH: Final = 80
_LEVELS_ON_ONE_LINE: Final = 3
_MIN_COLUMN_ITEMS: Final = 7
_MAX_COLUMNS: Final = 15
# A character is about this much higher than it is wide; columns aim at a square.
_ASPECT: Final = 2.5
_SEPARATOR: Final = 2
_BIAS: Final = 3


class Layout:
    """The state of a layout: how far it is indented, how deep the value last formatted was."""

    def __init__(self) -> None:
        self.indentation = 0
        self.current_level = 0

    def braces(self, prefix: str, entries: list[str], level: int) -> str:
        """`prefix { a, b }`."""
        return self._container(prefix, "{", entries, "}", level, may_join=True)

    def with_properties(self, text: str, entries: list[str], level: int) -> str:
        """A text that stands alone, or with the object's extra properties in braces."""
        return self.braces(text, entries, level) if entries else text

    def brackets(
        self,
        prefix: str,
        items: list[str],
        extra: list[str],
        more: int,
        level: int,
        *,
        numeric: bool = True,
    ) -> str:
        """`prefix [ a, b, ... n more items ]`."""
        entries = list(items)
        if more > 0:
            entries.append(f"... {more} more item{'s' if more > 1 else ''}")
        entries += extra
        lines = entries
        if len(entries) >= _MIN_COLUMN_ITEMS:
            tail = 1 if more > 0 else 0
            lines = self._columns(entries, len(entries) - tail, numeric=numeric and not extra)
        return self._container(prefix, "[", lines, "]", level, may_join=lines is entries)

    def _container(
        self,
        prefix: str,
        opening: str,
        entries: list[str],
        closing: str,
        level: int,
        *,
        may_join: bool,
    ) -> str:
        head = f"{prefix} {opening}" if prefix else opening
        if not entries:
            return head + closing
        if may_join and self.current_level - level < _LEVELS_ON_ONE_LINE:
            width = len(entries) + self.indentation + 1 + len(prefix) + 10
            width += len(entries) + sum(map(len, entries))
            joined = ", ".join(entries)
            if width <= LINE_WIDTH and "\n" not in joined and "\n" not in prefix:
                return f"{head} {joined} {closing}"
        margin = "\n" + " " * self.indentation
        return f"{head}{margin}  {f',{margin}  '.join(entries)}{margin}{closing}"

    def _columns(self, entries: list[str], count: int, *, numeric: bool) -> list[str]:
        """Entries set side by side; the same list if they do not suit columns."""
        widths = [len(entry) for entry in entries[:count]]
        widest = max(widths) + _SEPARATOR
        total = sum(widths) + _SEPARATOR * count
        fits = widest * 3 + self.indentation < LINE_WIDTH
        if not fits or not (total / widest > 5 or widest <= 6 + _SEPARATOR):
            return entries
        columns = self._column_count(widest, total / len(entries), count)
        if columns <= 1:
            return entries
        column_widths = [max(widths[start::columns]) + _SEPARATOR for start in range(columns)]
        lines = [
            _line(entries[start : min(start + columns, count)], column_widths, numeric=numeric)
            for start in range(0, count, columns)
        ]
        return lines + entries[count:]

    def _column_count(self, widest: int, average: float, count: int) -> int:
        biased = max(widest - _BIAS - math.sqrt(widest - average), 1)
        square = math.floor(math.sqrt(_ASPECT * biased * count) / biased + 0.5)
        room = (LINE_WIDTH - self.indentation) // widest
        return min(square, room, _LEVELS_ON_ONE_LINE * 4, _MAX_COLUMNS)


def _line(entries: list[str], widths: list[int], *, numeric: bool) -> str:
    cells = [f"{entry}, " for entry in entries[:-1]]
    if numeric:
        padded = [cell.rjust(width) for cell, width in zip(cells, widths, strict=False)]
        return "".join(padded) + entries[-1].rjust(widths[len(entries) - 1] - _SEPARATOR)
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
    return "".join(padded) + entries[-1]
