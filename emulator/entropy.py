"""The Entropy port: where random bytes come from. Simulation hands in a seeded one."""

from __future__ import annotations

import os
import random
from typing import Protocol


class Entropy(Protocol):
    """A source of random bytes."""

    def random_bytes(self, count: int) -> bytes: ...


class SystemEntropy:
    """The operating system's generator."""

    def random_bytes(self, count: int) -> bytes:
        return os.urandom(count)


class SeededEntropy:
    """A reproducible generator, for simulation and tests."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - reproducible on purpose

    def random_bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)
