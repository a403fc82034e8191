"""What `pyworkers dev` was asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emulator.config.settings import RestrictionMode

DEFAULT_IP: Final = "localhost"
DEFAULT_PORT: Final = 8787


@dataclass(frozen=True, slots=True)
class DevOptions:
    """The options of one run. `config_path` is absolute."""

    config_path: Path
    environment: str | None = None
    persist_to: Path | None = None
    in_memory: bool = False
    strict_limits: bool = False
    ip: str | None = None
    port: int | None = None
    """0 means any; None the config's, or else 8787 or the next free one."""
    reload: bool = True
    restrictions: RestrictionMode | None = None
    """What to do about code that Cloudflare would refuse; None leaves it to `pyproject.toml`."""
    started_at: float = 0.0
    """`time.perf_counter()` when the command began."""
