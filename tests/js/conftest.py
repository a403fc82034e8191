"""Fixtures of the tests of emulator/js."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.js.host import slot
from tests.support.js_host import FakeHost


@pytest.fixture
def js_host() -> Iterator[FakeHost]:
    """A FakeHost in the slot; microtasks and timers run only by its cranks."""
    before = slot.host
    host = FakeHost()
    slot.host = host
    try:
        yield host
    finally:
        slot.host = before
