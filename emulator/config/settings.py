"""`[tool.pyworkers]` in the `pyproject.toml` beside a config file: settings of pyworkers itself.

Guarantees: every key is checked; what is wrong is one ConfigError that names the file.
Does not know: what the settings do.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

from emulator.errors import ConfigError

RestrictionMode = Literal["warn", "error", "off"]
RESTRICTION_MODES: Final[tuple[RestrictionMode, ...]] = ("warn", "error", "off")
FILE_NAME: Final = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the developer chose for pyworkers."""

    restrictions: RestrictionMode = "warn"
    """What to do about code that Cloudflare would refuse and CPython can run."""


def load_settings(directory: Path) -> Settings:
    """The settings of the project in a directory; the defaults if it has none."""
    path = directory / FILE_NAME
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{FILE_NAME} cannot be read: {error}", location=str(path)) from None
    table = content.get("tool", {}).get("pyworkers", {})
    return _read(table, path)


def _read(table: Any, path: Path) -> Settings:
    unknown = sorted(set(table) - {"restrictions"})
    if unknown:
        raise ConfigError(
            f"tool.pyworkers has no setting {unknown[0]!r}",
            hint="there is one: restrictions",
            location=str(path),
        )
    mode = table.get("restrictions", "warn")
    if mode not in RESTRICTION_MODES:
        raise ConfigError(
            f"tool.pyworkers.restrictions is {mode!r}",
            hint=f"it may be {', '.join(map(repr, RESTRICTION_MODES))}",
            location=str(path),
        )
    return Settings(cast("RestrictionMode", mode))
