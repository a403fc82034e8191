"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emulator.testing.virtual_loop import VirtualLoop

if TYPE_CHECKING:
    from tests.support.worker import VirtualWorker


@pytest.fixture
def virtual_loop() -> Iterator[VirtualLoop]:
    """A loop with virtual time."""
    loop = VirtualLoop()
    yield loop
    loop.finish()


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Callable[..., VirtualWorker]]:
    """Opens a Worker from source; see tests.support.worker. One per test at a time."""
    # Imported here: tests of a single package must not load the entire emulator.
    from tests.support.worker import VirtualWorker  # noqa: PLC0415

    opened: list[VirtualWorker] = []

    def open_one(source: str, *, seed: int | None = None, **options: Any) -> VirtualWorker:
        while opened:
            opened.pop().close()
        opened.append(VirtualWorker(VirtualLoop(seed), tmp_path, source, options))
        return opened[-1]

    yield open_one
    while opened:
        opened.pop().close()
