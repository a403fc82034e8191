"""Watching the project's files, in a process of its own.

A process, because the watching library runs threads and the supervisor must not have any when it
forks. Directories are watched one by one, without those that hold no source of the Worker (virtual
environments are large, and the emulator's own state changes all the time).

`is_relevant` decides what causes a reload: files the Worker is known to be made of, and files that
look like its source.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emulator.host.children import watch_over

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from emulator.host.link import Link

IGNORED_DIRECTORIES: Final = frozenset(
    {
        ".git", ".hg", ".svn", ".pyworkers", ".wrangler", ".idea", ".vscode", "__pycache__",
        "node_modules", ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache",
        ".hypothesis", "dist", "build",
    }
)  # fmt: skip
_IGNORED_PREFIXES: Final = (".venv", "venv")
_SOURCE_SUFFIXES: Final = frozenset({".py", ".html", ".sql", ".jinja", ".jinja2", ".j2", ".wasm"})
_CONFIG_NAMES: Final = frozenset(
    {"wrangler.toml", "wrangler.json", "wrangler.jsonc", "pyproject.toml"}
)
_CONFIG_PREFIXES: Final = (".dev.vars", ".env")
_DIRECTORIES_MAX: Final = 4096
_DEBOUNCE_MS: Final = 200
_STEP_MS: Final = 15
_FIRST_LOOK_MS: Final = 500
_NEW_DIRECTORY_S: Final = 1.0
"""Files in a directory that is so new arrived before it could be watched."""


def is_relevant(path: Path, known: Collection[Path] = ()) -> bool:
    """Whether a change of this file asks for a reload."""
    if path in known:
        return True
    name = path.name
    if name.startswith((".#", "#")) or name.endswith("~"):  # editors' own files
        return False
    return (
        path.suffix in _SOURCE_SUFFIXES
        or name in _CONFIG_NAMES
        or name.startswith(_CONFIG_PREFIXES)
    )


def source_directories(roots: Iterable[Path]) -> list[Path]:
    """The directories at and below `roots` that may hold source."""
    found: dict[Path, None] = {}
    for root in roots:
        for directory, children, _files in os.walk(root):
            children[:] = [name for name in children if not _is_ignored(Path(directory, name))]
            found[Path(directory)] = None
            if len(found) >= _DIRECTORIES_MAX:
                return list(found)
    return list(found)


def extra_roots(known: Iterable[Path], roots: Collection[Path]) -> set[Path]:
    """The directories of files that none of `roots` contains."""
    outside = (path for path in known if not any(path.is_relative_to(root) for root in roots))
    return {path.parent for path in outside if path.parent.is_dir()}


def run_watcher(
    link: Link, roots: Collection[Path], known: Collection[Path], since_s: float
) -> int:
    """The watching process: sends `changed {paths}` until the supervisor is gone.

    What changed after `since_s` but before watching had begun is found by its time of change.
    """
    from watchfiles import Change, watch  # noqa: PLC0415 - starts fast where nothing is watched

    watch_over(link, lambda: os._exit(0))

    def wanted(change: Change, path: str) -> bool:
        return is_relevant(Path(path), known) or _is_new_directory(change, path)

    def _is_new_directory(change: Change, path: str) -> bool:
        return change is Change.added and Path(path).is_dir() and not _is_ignored(Path(path))

    while True:
        directories = [*source_directories(roots), *extra_roots(known, roots)]
        batches = watch(
            *directories,
            recursive=False,
            watch_filter=wanted,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            rust_timeout=_FIRST_LOOK_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        is_first_look = True
        for changes in batches:
            paths = {path for change, path in changes if not _is_new_directory(change, path)}
            if is_first_look:
                is_first_look = False
                paths |= _changed_since(since_s, directories, known)
            if paths:
                link.send("changed", paths=sorted(paths))
            if any(_is_new_directory(change, path) for change, path in changes):
                since_s = time.time() - _NEW_DIRECTORY_S
                break


def _changed_since(
    since_s: float, directories: Iterable[Path], known: Collection[Path]
) -> set[str]:
    found: set[str] = set()
    for directory in directories:
        with suppress(OSError), os.scandir(directory) as entries:
            for entry in entries:
                if is_relevant(Path(entry.path), known) and entry.stat().st_mtime > since_s:
                    found.add(entry.path)
    return found


def _is_ignored(directory: Path) -> bool:
    name = directory.name
    return (
        name in IGNORED_DIRECTORIES
        or name.startswith(_IGNORED_PREFIXES)
        or (directory / "pyvenv.cfg").exists()
    )
