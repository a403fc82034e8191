"""A thousand seeds of the whole system, and known bugs that the checkers must catch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.runtime.actor import Actor
from emulator.runtime.gates import InputGate, InputLock, OutputGate
from emulator.storage import Store
from tests.simulation.scenario import run_seed

SEEDS = 1000
CHUNK = 100
SEEDS_TO_CATCH = 200
KNOWN = [
    int(line)
    for line in Path(__file__).with_name("seeds.txt").read_text().split()
    if line.isdigit()
]


@pytest.mark.parametrize("seed", KNOWN)
def test_seeds_that_once_failed(seed: int) -> None:
    outcome = run_seed(seed)
    assert not outcome.violations, outcome.report()


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_seeds(first: int) -> None:
    for seed in range(first, first + CHUNK):
        outcome = run_seed(seed)
        assert not outcome.violations, outcome.report()


def _is_caught() -> bool:
    """Whether some seed breaks a rule. The runtime may also fall over its own assertions."""
    for seed in range(SEEDS_TO_CATCH):
        try:
            if run_seed(seed).violations:
                return True
        except AssertionError:
            return True
    return False


def test_an_output_gate_that_holds_nothing_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def let_out(self: OutputGate, callback: Callable[[BaseException | None], None]) -> None:
        callback(self.broken)

    async def pass_at_once(self: Actor) -> None:
        return

    monkeypatch.setattr(OutputGate, "wait", let_out)
    monkeypatch.setattr(Actor, "pass_output_gate", pass_at_once)
    assert _is_caught()


def test_an_input_gate_that_lets_everybody_in_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def always(self: InputGate) -> InputLock:
        self._locks += 1
        return InputLock(self)

    monkeypatch.setattr(InputGate, "try_lock", always)
    assert _is_caught()


def test_a_store_that_acknowledges_too_early_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    commit = Store.commit

    def lie(self: Store, batch: Any, on_durable: Callable[[BaseException | None], None]) -> None:
        commit(self, batch, lambda error: None)
        on_durable(None)

    monkeypatch.setattr(Store, "commit", lie)
    assert _is_caught()
