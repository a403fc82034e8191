"""Removal of all databases of a namespace, in an order that no crash can turn into other data."""

from __future__ import annotations

from pathlib import Path

from emulator.storage.sqlite.sync import Sync

_COMPANIONS = ("-wal", "-shm")


def remove_databases(folder: Path, suffix: str, sync: Sync) -> None:
    """Removes the databases in a folder, durably, and the folder if that leaves it empty.

    A database is gone before its WAL is: without the WAL it would show what it was some time ago,
    and a WAL without a database is removed when one of that name is made. Stopped in the middle,
    the rest is there, and can be removed again.
    """
    if not folder.is_dir():
        return
    for path in sorted(folder.glob("*" + suffix)):
        path.unlink()
    sync.directory(folder)
    for path in sorted(folder.iterdir()):
        if path.name.endswith(tuple(suffix + companion for companion in _COMPANIONS)):
            path.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()
        sync.directory(folder.parent)
