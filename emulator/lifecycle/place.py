"""Where the state of a project is, and how people name it."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Final

from emulator.config import WorkerConfig

STATE_DIRECTORY: Final = Path(".pyworkers") / "state"


def state_directory(config: WorkerConfig, persist_to: Path | None) -> Path:
    """The directory with everything that is stored."""
    return persist_to or config.directory / STATE_DIRECTORY


def shown(path: Path) -> str:
    """A path as seen from here, if that is shorter."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)
    return min(relative, str(path), key=len)


def command_options(config: WorkerConfig, persist_to: Path | None) -> str:
    """The options with which another command finds the same Worker and the same state."""
    words: list[str] = []
    if config.directory.absolute() not in (Path.cwd(), *Path.cwd().parents):
        words += ["--config", shown(config.path)]
    if config.environment:
        words += ["--env", config.environment]
    if persist_to is not None:
        words += ["--persist-to", shown(persist_to)]
    return "".join(f" {shlex.quote(word)}" for word in words)
