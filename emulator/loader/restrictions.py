"""Judging what Cloudflare would refuse and CPython can run: `warn` (default), `error`, `off`.

While a guest is loaded, the functions of `restriction_rules` look who calls them. A call from the
project's own files is reported once per place with file and line, or fails as it would on
Cloudflare. Calls from installed and vendored packages, from the standard library by itself, and
from pyworkers are never judged: packages have their own ways for Workers.

Guarantees: `remove` puts every function back; outside of guest code nothing is different.
"""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Final

import emulator
from emulator.config.settings import RestrictionMode
from emulator.ffi import diagnostics
from emulator.ffi.patches import in_guest
from emulator.loader.restriction_rules import Rule, all_rules

_STANDARD_LIBRARY: Final = tuple(
    os.path.join(sysconfig.get_path(name), "")  # noqa: PTH118 - compared as text
    for name in ("stdlib", "platstdlib")
)
_OWN: Final = os.path.join(Path(emulator.__file__).parent, "")  # noqa: PTH118
_PACKAGES: Final = (
    f"{os.sep}site-packages{os.sep}",
    f"{os.sep}dist-packages{os.sep}",
    f"{os.sep}python_modules{os.sep}",
)


class Restrictions:
    """The rules in force for one guest."""

    def __init__(self, mode: RestrictionMode, root: Path) -> None:
        """`root` is the directory of the project's own files."""
        self._mode = mode
        self._root = os.path.join(root, "")  # noqa: PTH118
        self._undo: list[Callable[[], None]] = []
        self.at_top_level = False

    def apply(self) -> None:
        """Begins to judge."""
        if self._mode == "off":
            return
        for rule in all_rules():
            self._guard(rule)

    def remove(self) -> None:
        """Puts everything back."""
        while self._undo:
            self._undo.pop()()

    def _guard(self, rule: Rule) -> None:
        original = getattr(rule.owner, rule.name)
        own = rule.name in vars(rule.owner)

        @functools.wraps(original)
        def guarded(*args: Any, **keywords: Any) -> Any:
            if (rule.top_level_only and not self.at_top_level) or not in_guest():
                return original(*args, **keywords)
            return self._judge(rule, original, args, keywords)

        def restore() -> None:
            if own:
                setattr(rule.owner, rule.name, original)
            else:
                delattr(rule.owner, rule.name)

        setattr(rule.owner, rule.name, guarded)
        self._undo.append(restore)

    def _judge(
        self,
        rule: Rule,
        original: Callable[..., Any],
        args: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> Any:
        found = self._find_call(sys._getframe(2)) if rule.applies(args, keywords) else None
        if found is None:
            return original(*args, **keywords)
        if self._mode == "error":
            if rule.failure is None:
                return rule.result
            raise rule.failure()
        place, called = found
        text = f"{place}: {rule.describe(called or rule.shown)}"
        diagnostics.warn_once(f"restriction {place}", text)
        return original(*args, **keywords)

    def _find_call(self, frame: FrameType | None) -> tuple[str, str] | None:
        """`file:line` of the project's code, and the library function it calls if not the guarded
        one itself; None if others make the call."""
        called = ""
        while frame is not None:
            file = frame.f_code.co_filename
            if file.startswith(_OWN) or any(part in file for part in _PACKAGES):
                return None
            if file.startswith(self._root):
                return f"{file.removeprefix(self._root)}:{frame.f_lineno}", called
            if not file.startswith((*_STANDARD_LIBRARY, "<frozen ")):
                return None
            called = f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}()"
            frame = frame.f_back
        return None
