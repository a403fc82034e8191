"""Fixtures for tests of SQLite databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from emulator.storage.sqlite import ObjectDatabase, SqliteStore
from tests.storage.sqlite.support import NAMESPACE, A, open_store


@pytest.fixture(params=["memory", "disk"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """A store, in memory and on disk."""
    opened = open_store(None if request.param == "memory" else tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def database(store: SqliteStore) -> ObjectDatabase:
    """A database with nothing in it."""
    return store.database(NAMESPACE, A)
