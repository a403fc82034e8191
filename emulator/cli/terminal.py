"""Text for a terminal: colors where they are wanted, and few writes.

`NO_COLOR` and `FORCE_COLOR` are obeyed (no-color.org); otherwise a terminal gets colors and a pipe
does not. All output of a process goes through one `Terminal`, so that lines come out in order.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import TextIO

_CODES: Final = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}


def wants_color(stream: TextIO | None = None, *, forbidden: bool = False) -> bool:
    """Whether to color what goes to `stream` (standard output)."""
    if forbidden or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    stream = stream or sys.stdout
    return stream.isatty() and os.environ.get("TERM") != "dumb"


class Terminal:
    """Where lines go. `write` is immediate."""

    def __init__(self, *, color: bool, stream: TextIO | None = None) -> None:
        self._color = color
        self._stream = stream

    def __repr__(self) -> str:
        return f"<Terminal color={self._color}>"

    def paint(self, text: str, *styles: str) -> str:
        if not self._color:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"

    def write(self, text: str) -> None:
        """Writes lines; a reader that is gone (`pyworkers dev | head`) is no reason to stop."""
        stream = self._stream or sys.stdout
        try:
            stream.write(f"{text}\n")
            stream.flush()
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            stream.write(f"{text}\n".encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()
        except (BrokenPipeError, ValueError):
            return
