"""A guest's exception as plain records: what an error page or a terminal shows of it.

The emulator's own frames are left out, and those of asyncio and the SDK, which call the guest.
Those of libraries stay, marked as such, so that the line of the developer's own code stands out.
Causes and contexts come along, the root cause first, as Python prints them.
"""

from __future__ import annotations

import asyncio
import importlib.util
import linecache
import sysconfig
import traceback
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import emulator

_OURS: Final = str(Path(emulator.__file__).parent)
_MACHINERY: Final = (_OURS, str(Path(asyncio.__file__).parent), "<frozen ")
_LIBRARIES: Final = tuple(
    dict.fromkeys(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))
)
_VENDORED: Final = ("/site-packages/", "/dist-packages/", "/python_modules/")
_EXCERPT_LINES: Final = 5
_FRAMES_MAX: Final = 60
_CHAIN_MAX: Final = 8

Link = Literal["", "cause", "context"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of source."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """One step of a traceback. Columns count characters from 0; `end_col` is exclusive."""

    path: str
    line: int
    function: str
    is_library: bool
    excerpt: tuple[Line, ...]
    col: int | None = None
    end_col: int | None = None

    @property
    def source(self) -> str:
        """The line itself."""
        return next((line.text for line in self.excerpt if line.number == self.line), "")


@dataclass(frozen=True, slots=True)
class Failure:
    """One exception of a chain. `link` says how it relates to the one before it."""

    type_name: str
    message: str
    frames: tuple[Frame, ...]
    notes: tuple[str, ...] = ()
    link: Link = ""

    @property
    def summary(self) -> str:
        return f"{self.type_name}: {self.message}" if self.message else self.type_name


def failures(exception: BaseException) -> tuple[Failure, ...]:
    """The chain that ends in `exception`, the first failure first."""
    chain: list[tuple[BaseException, Link]] = []
    seen: set[int] = set()
    current: BaseException | None = exception
    while current is not None and id(current) not in seen and len(chain) < _CHAIN_MAX:
        seen.add(id(current))
        if current.__cause__ is not None:
            chain.append((current, "cause"))
            current = current.__cause__
        elif current.__context__ is not None and not current.__suppress_context__:
            chain.append((current, "context"))
            current = current.__context__
        else:
            chain.append((current, ""))
            current = None
    return tuple(_failure(error, link) for error, link in reversed(chain))


def _failure(error: BaseException, link: Link) -> Failure:
    cls = type(error)
    name = cls.__qualname__
    if cls.__module__ not in {"builtins", "__main__"}:
        name = f"{cls.__module__}.{name}"
    frames = _frames(error)
    message = str(error)
    if isinstance(error, SyntaxError) and error.filename:
        message = error.msg
        frames = (*frames, _syntax_frame(error))
    notes = tuple(str(note) for note in getattr(error, "__notes__", ()))
    return Failure(name, message, frames, notes, link)


def _frames(error: BaseException) -> tuple[Frame, ...]:
    hidden = (*_MACHINERY, _sdk_directory())
    found = [
        _frame(step)
        for step in traceback.extract_tb(error.__traceback__)
        if not step.filename.startswith(hidden)
    ]
    if len(found) > _FRAMES_MAX:  # a recursion: its beginning and its end tell the story
        found = found[: _FRAMES_MAX // 2] + found[-_FRAMES_MAX // 2 :]
    return tuple(found)


def _frame(step: traceback.FrameSummary) -> Frame:
    number = step.lineno or 1
    col, end_col = _columns(step, number)
    return Frame(
        path=step.filename,
        line=number,
        function=step.name,
        is_library=_is_library(step.filename),
        excerpt=_excerpt(step.filename, number),
        col=col,
        end_col=end_col,
    )


def _columns(step: traceback.FrameSummary, number: int) -> tuple[int | None, int | None]:
    """Where in its line the failing expression is; Python tells it in bytes."""
    col, end = step.colno, step.end_colno
    if col is None or end is None or step.end_lineno != number:
        return None, None
    data = linecache.getline(step.filename, number).encode()
    return len(data[:col].decode(errors="replace")), len(data[:end].decode(errors="replace"))


def _syntax_frame(error: SyntaxError) -> Frame:
    path, number = error.filename or "", error.lineno or 1
    excerpt = _excerpt(path, number)
    if not excerpt and error.text:
        excerpt = (Line(number, error.text.rstrip("\n")),)
    col = None if error.offset is None else max(error.offset - 1, 0)
    same_line = error.end_lineno == number and error.end_offset is not None
    end = (error.end_offset or 0) - 1 if same_line else None
    if col is not None and (end is None or end <= col):
        end = col + 1
    return Frame(path, number, "", _is_library(path), excerpt, col, end)


def _excerpt(path: str, number: int) -> tuple[Line, ...]:
    linecache.checkcache(path)
    lines = linecache.getlines(path)
    first = max(number - _EXCERPT_LINES, 1)
    last = min(number + _EXCERPT_LINES, len(lines))
    return tuple(Line(at, lines[at - 1].rstrip("\n")) for at in range(first, last + 1))


@cache
def _sdk_directory() -> str:
    """Where Cloudflare's SDK is, which calls the guest."""
    spec = importlib.util.find_spec("workers")
    return str(Path(spec.origin).parent) if spec is not None and spec.origin else _OURS


def _is_library(path: str) -> bool:
    normal = path.replace("\\", "/")
    return path.startswith(_LIBRARIES) or any(part in normal for part in _VENDORED)
