"""Python Workers on pyworkers answer as their JavaScript twins were recorded to answer on workerd."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .answers import drive
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
async def test_python_answers_as_javascript_was_recorded(
    scenario: Scenario, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if scenario.pending:
        request.applymarker(pytest.mark.xfail(strict=True, reason=scenario.pending))
    requests = [asked for asked in scenario.requests if asked.python]
    async with emulated(scenario.python, wrangler_toml(scenario), tmp_path) as worker:
        if not scenario.origin:
            answers = await drive(requests, worker, worker.restart)
        else:
            async with running_origin() as origin:
                answers = await drive(requests, OriginClient(worker, origin), worker.restart)
    mismatches = report(scenario, Recording.read(scenario.recording), answers)
    if mismatches:
        pytest.fail("\n\n".join([mismatches, *worker.failures]), pytrace=False)


@every_scenario
def test_the_recording_is_of_this_scenario(scenario: Scenario) -> None:
    assert scenario.recording.exists(), _record_again(scenario)
    recording = Recording.read(scenario.recording)
    assert recording.source == digest(scenario), _record_again(scenario)
    assert list(recording.answers) == [
        request.label for request in scenario.requests if request.javascript and not request.restart
    ]


@every_scenario
def test_documented_differences_fit_the_recording(scenario: Scenario) -> None:
    recording = Recording.read(scenario.recording)
    for request in scenario.requests:
        if request.python and not request.restart:
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
