"""The levels of `--log-level`, from all to nothing."""

from __future__ import annotations

from typing import Final, Literal

LogLevel = Literal["debug", "info", "log", "warn", "error", "none"]
LOG_LEVELS: Final[tuple[LogLevel, ...]] = ("debug", "info", "log", "warn", "error", "none")
