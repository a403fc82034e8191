"""A thousand seeds of the simulation, and proof that its checkers can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.scenario import run_seed

SEEDS = 1000
CHUNK = 100
SEEDS_UNTIL_FOUND = 300


def failed_once() -> list[int]:
    lines = (Path(__file__).parent / "seeds.txt").read_text().splitlines()
    return [int(line.split()[0]) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("seed", failed_once())
def test_a_seed_that_failed_once_does_not_fail_again(seed: int) -> None:
    outcome = run_seed(seed)
    assert not outcome.violations, outcome.report()


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_every_run_keeps_the_rules(first: int) -> None:
    crashes = acknowledged = 0
    for seed in range(first, first + CHUNK):
        outcome = run_seed(seed)
        assert not outcome.violations, outcome.report()
        crashes += outcome.crashes
        acknowledged += outcome.acknowledged
    # The runs have substance: clients are served, and processes crash.
    assert crashes > CHUNK / 2
    assert acknowledged > 5 * CHUNK


def test_a_seed_is_a_whole_story() -> None:
    assert run_seed(7).steps == run_seed(7).steps


@pytest.mark.parametrize("name", BUGS)
def test_a_known_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bug, rule = BUGS[name]
    bug(monkeypatch)
    for seed in range(SEEDS_UNTIL_FOUND):
        found = run_seed(seed).violations
        if any(violation.startswith(rule) for violation in found):
            return
    pytest.fail(f"{SEEDS_UNTIL_FOUND} seeds did not find it")
