"""What the tests of SQLite databases share: opening them, and a disk that can lose its power."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from emulator.storage import InlineWriter
from emulator.storage.sqlite import (
    ObjectDatabase,
    RealSync,
    SqlError,
    SqliteStore,
    SqlValue,
    durability,
)

NAMESPACE = "worker-Object"
A, B = "a" * 64, "b" * 64


def open_store(directory: Path | None, **options: Any) -> SqliteStore:
    """A store whose syncs are done on the event loop."""
    return SqliteStore.open(directory, writer=InlineWriter(), **options)


def rows(database: ObjectDatabase, sql: str, *bindings: SqlValue) -> list[tuple[SqlValue, ...]]:
    """All rows of a guest's SQL."""
    cursor = database.execute(sql, bindings)
    found = []
    while (row := cursor.next()) is not None:
        found.append(row)
    return found


def refusal(database: ObjectDatabase, sql: str, *bindings: SqlValue) -> str:
    """The text with which SQL is refused."""
    with pytest.raises(SqlError) as caught:
        rows(database, sql, *bindings)
    return caught.value.text


async def committed(database: ObjectDatabase) -> BaseException | None:
    """Commits, and waits for what becomes of it."""
    done: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
    database.commit(done.set_result)
    return await done


class LossySync(RealSync):
    """Knows what of a directory's files is on disk, were the power to fail now."""

    def __init__(self) -> None:
        self.contents: dict[Path, bytes] = {}
        self.names: set[Path] = set()
        self.failure: OSError | None = None

    def file(self, path: Path, descriptor: int | None = None) -> None:
        if self.failure is not None:
            raise self.failure
        super().file(path, descriptor)
        self.contents[path] = path.read_bytes()

    def directory(self, path: Path) -> None:
        super().directory(path)
        self.names |= set(path.iterdir())

    def lose_power(self, directory: Path, target: Path, overlaid: int | None = None) -> None:
        """Copies to `target` what is left of `directory`.

        `overlaid`: of each WAL so many bytes as they are now, in place of what was synced.
        """
        shutil.rmtree(target, ignore_errors=True)
        for path in self.names & self.contents.keys():
            if not path.exists():
                continue
            content = self.contents[path]
            if overlaid is not None and path.suffix.endswith("-wal"):
                now = path.read_bytes()[:overlaid]
                content = now + content[len(now) :]
            copy = target / path.relative_to(directory)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)

    def watch_checkpoints(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """SQLite syncs the database itself when it checkpoints."""
        original = durability.checkpoint_file

        def checkpoint(path: Path) -> None:
            original(path)
            wal = path.with_name(path.name + "-wal")
            self.contents[path], self.contents[wal] = path.read_bytes(), wal.read_bytes()

        monkeypatch.setattr(durability, "checkpoint_file", checkpoint)
