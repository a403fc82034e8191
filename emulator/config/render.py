"""Diagnostics as text for a terminal.

    wrangler.toml:14:1  error  "kv_namespaces[0]" bindings should have a string "binding" field
        14 │ [[kv_namespaces]]
           │ ^^^^^^^^^^^^^^^^^
           hint: add  binding = "CACHE"

Nothing but text leaves this module: control characters of the file are made visible, and lines
too long for a terminal (a minified JSON file is one line) are cut around the place meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.config.diagnostics import Diagnostic

_EXCERPT_CHARS_MAX: Final = 100
_CONTEXT_CHARS: Final = 30

_RESET: Final = "\x1b[0m"
_BOLD: Final = "\x1b[1m"
_DIM: Final = "\x1b[2m"
_STYLE: Final = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m"}


def render(
    diagnostics: Iterable[Diagnostic],
    color: bool = False,  # noqa: FBT001, FBT002
    relative_to: Path | None = None,
) -> str:
    """All of them, with a blank line between; no newline at the end.

    Paths below `relative_to` are shown as seen from there.
    """
    return "\n\n".join(
        "\n".join(_lines(found, color=color, relative_to=relative_to)) for found in diagnostics
    )


def _lines(found: Diagnostic, *, color: bool, relative_to: Path | None) -> Iterator[str]:
    def paint(text: str, style: str) -> str:
        return f"{style}{text}{_RESET}" if color else text

    style = _STYLE[found.severity]
    first, *more = found.message.split("\n")
    number = f"{found.line:>6}"
    gutter = " " * len(number)
    location = _location(found, relative_to)
    yield f"{paint(location, _BOLD)}  {paint(found.severity, style)}  {_visible(first)}"
    yield from (f"{gutter} {_visible(line)}".rstrip() for line in more)
    if found.excerpt.strip():
        excerpt, before, width = _cut(found)
        yield f"{paint(f'{number} │', _DIM)} {excerpt}"
        yield f"{paint(f'{gutter} │', _DIM)} {before}{paint('^' * width, style)}"
    if found.hint:
        first, *more = found.hint.split("\n")
        yield f"{gutter} hint: {first}"
        yield from (f"{gutter}       {line}".rstrip() for line in more)


def _location(found: Diagnostic, relative_to: Path | None) -> str:
    path = PurePath(found.path)
    if relative_to is not None and path.is_relative_to(relative_to):
        return f"{path.relative_to(relative_to)}:{found.line}:{found.col}"
    return found.location


def _cut(found: Diagnostic) -> tuple[str, str, int]:
    """The excerpt as shown, what pads the caret under it, and how wide the caret is."""
    line, at, width = _visible(found.excerpt), found.col - 1, found.width
    if len(line) > _EXCERPT_CHARS_MAX:
        start = max(at - _CONTEXT_CHARS, 0)
        head = "…" if start else ""
        tail = "…" if start + _EXCERPT_CHARS_MAX < len(line) else ""
        line = head + line[start : start + _EXCERPT_CHARS_MAX] + tail
        at += len(head) - start
        width = max(min(width, len(line) - len(tail) - at), 1)
    # A tab under a tab keeps the caret in place however wide the terminal draws it.
    before = "".join("\t" if char == "\t" else " " for char in line[:at])
    return line, before.ljust(at), width


def _visible(text: str) -> str:
    return "".join(char if char.isprintable() or char == "\t" else "\ufffd" for char in text)
