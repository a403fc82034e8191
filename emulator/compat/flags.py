"""From a compatibility date and flags to the set of behaviours that are on.

`resolve` is total: what `check` complains about (an unknown flag, a contradiction) never makes it
raise, so that a config with several mistakes can still be read to its end. `check` finds what
workerd refuses, with workerd's texts. Both are pure: "today" and the wall clock are not known here.
Source: workerd `src/workerd/io/compatibility-date.c++`; verified against the flags which workerd
2026-11-17 reports for more than a hundred dates and flag lists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from emulator.compat.table import FLAGS, MAX_COMPATIBILITY_DATE, Flag

MAX_DATE: Final = dt.date.fromisoformat(MAX_COMPATIBILITY_DATE)
"""The newest compatibility date whose flags are known."""

ProblemKind = Literal["repeated", "contradictory", "unknown", "redundant"]


@dataclass(frozen=True, slots=True)
class FlagProblem:
    """Why workerd would refuse a list of flags. `flag` is the entry to point at."""

    kind: ProblemKind
    flag: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class CompatibilityFlags:
    """Which flags are on for a Worker. Built by `resolve`; every known flag has an answer."""

    date: dt.date
    on: frozenset[str]

    def __repr__(self) -> str:
        return f"<CompatibilityFlags {self.date} on={len(self.on)}>"

    def enabled(self, name: str) -> bool:
        """Whether the flag with this *enable* name is on.

        Raises:
            KeyError: no flag has that enable name (disable names are not names of flags).
        """
        if name not in _known_names():
            raise KeyError(name)
        return name in self.on

    def all(self) -> dict[str, bool]:
        """Every enable name and whether it is on, as `_cloudflare_compat_flags` shows them."""
        return {flag.enable: flag.enable in self.on for flag in FLAGS}

    @property
    def pyodide_version(self) -> str:
        """The Pyodide whose semantics are emulated: its `pyodide.__version__`."""
        if "python_workers_314" in self.on:
            return "314.0.5"
        if "python_workers_20260610" in self.on:
            return "314.0.4"
        return "0.28.2"

    @property
    def pyodide_emulated_exactly(self) -> bool:
        """False for dates before 2025-09-29: they run Pyodide 0.26.0a2, here emulated as 0.28.2."""
        return not self._runs_pyodide_0_26

    @property
    def python_version(self) -> str:
        """The CPython which Cloudflare runs for these flags, whatever interpreter runs here."""
        if self.on & {"python_workers_314", "python_workers_20260610"}:
            return "3.14.2"
        return "3.12.1" if self._runs_pyodide_0_26 else "3.13.2"

    @property
    def legacy_global_handlers(self) -> bool:
        """Module-level `on_fetch` and its like are handlers, and classes use `on_` names."""
        return "python_no_global_handlers" not in self.on

    @property
    def _runs_pyodide_0_26(self) -> bool:
        newer = {"python_workers_20250116", "python_workers_20260610", "python_workers_314"}
        return not self.on & newer


def resolve(compatibility_date: dt.date, flags: Sequence[str]) -> CompatibilityFlags:
    """The flags that are on; names which no flag has are passed over, `check` reports them."""
    date = compatibility_date.isoformat()
    given = frozenset(flags)
    candidates = [flag for flag in FLAGS if flag.disable is None or flag.disable not in given]
    on = {flag.enable for flag in candidates if _on_by_itself(flag, date, given)}
    # An implied flag may imply others (python_workers, python_workers_20250116,
    # python_dedicated_snapshot), so this goes on until nothing is added.
    waiting = [flag for flag in candidates if _may_be_implied(flag, date) and flag.enable not in on]
    while added := {flag.enable for flag in waiting if not on.isdisjoint(flag.implied_by)} - on:
        on |= added
    return CompatibilityFlags(compatibility_date, frozenset(on))


def check(compatibility_date: dt.date, flags: Sequence[str]) -> tuple[FlagProblem, ...]:
    """Everything workerd has against these flags at that date, with its texts."""
    return (
        *_repeated(flags),
        *_contradictory(flags),
        *_unknown(flags),
        *_redundant(compatibility_date, flags),
    )


def _on_by_itself(flag: Flag, date: str, given: frozenset[str]) -> bool:
    by_date = flag.enable_date is not None and flag.enable_date <= date
    return flag.always or by_date or flag.enable in given


def _may_be_implied(flag: Flag, date: str) -> bool:
    return flag.implied_from is not None and flag.implied_from <= date


def _repeated(flags: Sequence[str]) -> Iterator[FlagProblem]:
    for name in dict.fromkeys(name for name in flags if flags.count(name) > 1):
        yield FlagProblem(
            "repeated",
            name,
            f"Compatibility flag specified multiple times: {name}",
            f'keep one "{name}"',
        )


def _contradictory(flags: Sequence[str]) -> Iterator[FlagProblem]:
    given = frozenset(flags)
    for flag in FLAGS:
        if flag.disable is not None and {flag.enable, flag.disable} <= given:
            yield FlagProblem(
                "contradictory",
                flag.disable,
                f"Compatibility flags are mutually contradictory: {flag.enable} vs {flag.disable}",
                "remove one of the two",
            )


def _unknown(flags: Sequence[str]) -> Iterator[FlagProblem]:
    for name in dict.fromkeys(flags):
        if name not in _accepted_names():
            yield FlagProblem(
                "unknown", name, f"No such compatibility flag: {name}", _suggestion(name)
            )


def _redundant(compatibility_date: dt.date, flags: Sequence[str]) -> Iterator[FlagProblem]:
    date = compatibility_date.isoformat()
    given = frozenset(flags)
    for flag in FLAGS:
        if flag.enable not in given:
            continue
        if flag.always:
            became = "is the default, so"
        elif flag.enable_date is not None and flag.enable_date <= date:
            became = f"became the default as of {flag.enable_date} so"
        else:
            continue
        yield FlagProblem(
            "redundant",
            flag.enable,
            f"The compatibility flag {flag.enable} {became} does not need to be specified anymore.",
            f'remove "{flag.enable}"',
        )


def _suggestion(name: str) -> str:
    # Imported only when a flag is wrong: the matcher is no part of a normal start.
    from difflib import get_close_matches  # noqa: PLC0415

    close = get_close_matches(name, sorted(_accepted_names()), n=1, cutoff=0.75)
    return f'did you mean "{close[0]}"?' if close else ""


@cache
def _known_names() -> frozenset[str]:
    return frozenset(flag.enable for flag in FLAGS)


@cache
def _accepted_names() -> frozenset[str]:
    return _known_names() | {flag.disable for flag in FLAGS if flag.disable is not None}
