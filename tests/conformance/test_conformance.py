"""Python Workers on pyworkers answer as their JavaScript twins were recorded to answer on workerd."""

from __future__ import annotations

import ast
import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from emulator.host.outbound import HttpOutbound
from emulator.testing.virtual_loop import VirtualClock, VirtualLoop

from .answers import Client, drive
from .compare import expectation, report
from .origin import OriginClient, running_origin
from .recording import Recording, digest
from .runner import emulated, wrangler_toml
from .scenario import RECORDED, SCENARIOS, Scenario, all_scenarios

every_scenario = pytest.mark.parametrize(
    "scenario", list(all_scenarios()), ids=lambda scenario: scenario.name
)


@every_scenario
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_python_answers_as_javascript_was_recorded(
    scenario: Scenario, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if scenario.pending:
        request.applymarker(pytest.mark.xfail(strict=True, reason=scenario.pending))
    mismatches = _run(scenario, tmp_path)
    if mismatches:
        pytest.fail(mismatches, pytrace=False)


def _run(scenario: Scenario, folder: Path) -> str:
    """What differs. Time is virtual, unless state must outlive the emulator, or it goes outside."""
    if scenario.origin or any(asked.restart for asked in scenario.requests):
        return asyncio.run(_mismatches(scenario, folder))
    loop = VirtualLoop()
    try:
        return loop.run(_mismatches(scenario, folder, memory=True, clock=VirtualClock(loop)))
    finally:
        loop.finish()


async def _mismatches(scenario: Scenario, folder: Path, **options: Any) -> str:
    requests = [asked for asked in scenario.requests if asked.python]
    config = wrangler_toml(scenario)
    async with AsyncExitStack() as stack:
        if scenario.origin:
            options["outbound"] = await stack.enter_async_context(HttpOutbound())
        worker = await stack.enter_async_context(
            emulated(scenario.python, config, folder, **options)
        )
        client: Client = worker
        if scenario.origin:
            client = OriginClient(worker, await stack.enter_async_context(running_origin()))
        answers = await drive(requests, client, worker.restart)
    mismatches = report(scenario, Recording.read(scenario.recording), answers)
    return "\n\n".join([mismatches, *worker.failures]) if mismatches else ""


@every_scenario
def test_the_recording_is_of_this_scenario(scenario: Scenario) -> None:
    assert scenario.recording.exists(), _record_again(scenario)
    recording = Recording.read(scenario.recording)
    assert recording.source == digest(scenario), _record_again(scenario)
    assert list(recording.answers) == [
        request.label for request in scenario.requests if request.javascript and request.asks
    ]


@every_scenario
def test_documented_differences_fit_the_recording(scenario: Scenario) -> None:
    recording = Recording.read(scenario.recording)
    for request in scenario.requests:
        if request.python and request.asks:
            assert "status" in expectation(scenario, request, recording)


@every_scenario
def test_the_python_twin_compiles(scenario: Scenario) -> None:
    exported = {
        node.name for node in ast.parse(scenario.python).body if isinstance(node, ast.ClassDef)
    }
    assert exported >= {"Default", *scenario.objects.values()}


def test_every_recording_belongs_to_a_scenario() -> None:
    recorded = {path.relative_to(RECORDED).with_suffix("") for path in RECORDED.glob("*/*.json")}
    assert recorded == {path.parent.relative_to(SCENARIOS) for path in SCENARIOS.glob("*/*/*.toml")}


def _record_again(scenario: Scenario) -> str:
    return f"run: python -m tests.conformance.record --only '{scenario.name}'"
