"""What the watcher sees of files: stamps, which change whenever somebody saves.

A stamp is the time of modification, the size and the inode: the second and the third catch what
a coarse clock hides, a file that was saved by renaming another one over it among them.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import Protocol

from emulator.host.relevance import ENVIRONMENT_MARK, is_ignored_directory, is_relevant

Stamp = tuple[int, int, int]
"""`(mtime_ns, size, inode)`."""


@dataclass(slots=True)
class Listing:
    """The part of a directory that matters."""

    files: dict[str, Stamp] = field(default_factory=dict)
    """By path."""
    directories: list[str] = field(default_factory=list)
    """Paths; without links to directories, which may be circles."""
    is_environment: bool = False
    """It is the top of a virtual environment."""


class FileView(Protocol):
    """The file system, read only."""

    def stamp(self, path: str) -> Stamp | None:
        """None if there is no such file."""
        ...

    def listing(self, directory: str) -> Listing:
        """Empty if there is no such directory, or it may not be read."""
        ...


class RealFileView:
    """The system's files."""

    def stamp(self, path: str) -> Stamp | None:
        try:
            facts = os.stat(path)  # noqa: PTH116 - a `Path` for each would double the cost
        except (OSError, ValueError):
            return None
        return (facts.st_mtime_ns, facts.st_size, facts.st_ino)

    def listing(self, directory: str) -> Listing:
        found = Listing()
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    self._add(entry, found)
        except OSError:  # it is gone, or went meanwhile
            pass
        return found

    def _add(self, entry: os.DirEntry[str], found: Listing) -> None:
        name = entry.name
        if is_relevant(name):
            try:
                facts = entry.stat()
            except OSError:  # a dangling link, or it went meanwhile
                return
            if not stat.S_ISDIR(facts.st_mode):
                found.files[entry.path] = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
                return
        if name == ENVIRONMENT_MARK:
            found.is_environment = True
        elif entry.is_dir(follow_symlinks=False) and not is_ignored_directory(name):
            found.directories.append(entry.path)
