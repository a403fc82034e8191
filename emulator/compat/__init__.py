"""Compatibility dates and flags: which of workerd's behaviours a Worker asked for."""

from __future__ import annotations

from emulator.compat.flags import (
    MAX_DATE,
    CompatibilityFlags,
    FlagProblem,
    check,
    resolve,
)

__all__ = ["MAX_DATE", "CompatibilityFlags", "FlagProblem", "check", "resolve"]
