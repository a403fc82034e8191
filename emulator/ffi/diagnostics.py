"""Where the FFI reports what production would refuse.

By default a misuse that pyworkers can make sense of works, and the developer is told once per
code. With `strict` set, the error that Cloudflare gives is raised instead.
The host sets the sink; until then reports go nowhere.
"""

from __future__ import annotations

from collections.abc import Callable

Sink = Callable[[str, str], None]


def _silent(code: str, text: str) -> None:
    del code, text


sink: Sink = _silent
"""Receives `(code, text)` for every first report of a code."""

strict = False
"""Raise what Cloudflare raises instead of warning."""

_reported: set[str] = set()


def set_sink(new_sink: Sink | None) -> None:
    """Sends reports to a function, or nowhere."""
    global sink
    sink = new_sink if new_sink is not None else _silent


def set_strict(*, enabled: bool) -> None:
    """Chooses between warning and raising."""
    global strict
    strict = enabled


def warn_once(code: str, text: str) -> None:
    """Reports a misuse the first time its code comes up."""
    if code not in _reported:
        _reported.add(code)
        sink(code, text)


def reset() -> None:
    """Forgets what was reported, as at a reload."""
    _reported.clear()
