"""Sync: the port through which the engine makes files durable. All other file work is SQLite's."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Protocol


class Sync(Protocol):
    """Makes what was written durable. A failure is an `OSError`."""

    def file(self, path: Path, descriptor: int | None = None) -> None:
        """Syncs a file's data. `descriptor`: one that is open on it already."""
        ...

    def directory(self, path: Path) -> None:
        """Syncs the names in a directory."""
        ...


class RealSync:
    """The operating system's."""

    def file(self, path: Path, descriptor: int | None = None) -> None:
        # Some systems sync only what is open for writing.
        opened = os.open(path, os.O_RDWR) if descriptor is None else descriptor
        try:
            getattr(os, "fdatasync", os.fsync)(opened)
        finally:
            if descriptor is None:
                os.close(opened)

    def directory(self, path: Path) -> None:
        if sys.platform == "win32":  # NTFS journals names itself and cannot open a directory
            return
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

    def __repr__(self) -> str:
        return "<RealSync>"
