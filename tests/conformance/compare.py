"""Comparison of what Python answered with what JavaScript was recorded to answer.

`expectation` turns a recorded answer into what Python must say, by applying the scenario's documented
differences; `report` shows all mismatches of a scenario at once, side by side.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .answers import Answer
from .recording import Recording
from .scenario import Difference, Request, Scenario

_COLUMN_WIDTH = 58


class StaleDifference(Exception):
    """A documented difference does not fit the recording any more."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Equal to every string in which the pattern is found."""

    pattern: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and re.search(self.pattern, other) is not None

    def __hash__(self) -> int:
        return hash(self.pattern)

    def __repr__(self) -> str:
        return f"matching /{self.pattern}/"


def expectation(scenario: Scenario, request: Request, recording: Recording) -> dict[str, Any]:
    """What Python must answer to a request, in the form of `Answer.as_json`."""
    if request.only == "python":
        return Answer(200, request.expected).as_json()
    expected = copy.deepcopy(recording.answers[request.label].as_json())
    for difference in scenario.differences:
        if difference.request == request.label:
            _apply(difference, expected)
    return expected


def report(scenario: Scenario, recording: Recording, answers: Mapping[str, Answer]) -> str:
    """All mismatches of a scenario for people to read; empty if there is none."""
    sections = []
    for request in scenario.requests:
        if request.restart or not request.python:
            continue
        expected = expectation(scenario, request, recording)
        actual = answers[request.label].as_json()
        if expected != actual:
            sections.append(_section(request, expected, actual))
    if not sections:
        return ""
    head = f"{scenario.name}: {scenario.title} [{', '.join(scenario.spec)}], {recording.runtime}"
    return "\n\n".join([head, *sections])


def _apply(difference: Difference, expected: dict[str, Any]) -> None:
    *parents, last = [int(p) if p.isdecimal() else p for p in difference.at.split(".")]
    place: Any = expected
    try:
        for key in parents:
            place = place[key]
        recorded = place[last]
    except (KeyError, IndexError, TypeError) as error:
        raise StaleDifference(
            f"{difference.request}: the recording has no {difference.at}"
        ) from error
    if recorded != difference.javascript:
        raise StaleDifference(
            f"{difference.request}: {difference.at} is {recorded!r} in the recording, "
            f"but [[differs]] says {difference.javascript!r}"
        )
    pattern = difference.python_matches
    place[last] = difference.python if pattern is None else Matching(pattern)


def _section(request: Request, expected: Any, actual: Any) -> str:
    lines = [f"{request.method} {request.path}  ({request.label})"]
    lines += [f"  {line}" for line in _mismatches("", expected, actual)]
    return "\n".join([*lines, *_side_by_side(expected, actual)])


def _mismatches(where: str, expected: Any, actual: Any) -> list[str]:
    """One line per differing leaf."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        pairs = [(key, expected.get(key, "<absent>"), actual.get(key, "<absent>"))
                 for key in {**expected, **actual}]  # fmt: skip
    elif isinstance(expected, list) and isinstance(actual, list):
        pairs = [
            (str(index), left, right)
            for index, (left, right) in enumerate(
                itertools.zip_longest(expected, actual, fillvalue="<absent>")
            )
        ]
    else:
        same = expected == actual
        return [] if same else [f"{where}: expected {_show(expected)}, got {_show(actual)}"]
    return [
        line
        for key, left, right in pairs
        for line in _mismatches(f"{where}.{key}".lstrip("."), left, right)
    ]


def _side_by_side(expected: Any, actual: Any) -> list[str]:
    left = json.dumps(expected, indent=1, ensure_ascii=False, default=repr).splitlines()
    right = json.dumps(actual, indent=1, ensure_ascii=False, default=repr).splitlines()
    rows = [f"    {'recorded (JavaScript)':<{_COLUMN_WIDTH}} | pyworkers"]
    for a, b in itertools.zip_longest(left, right, fillvalue=""):
        mark = " " if a == b else "!"
        rows.append(f"  {mark} {a[:_COLUMN_WIDTH]:<{_COLUMN_WIDTH}} | {b[:_COLUMN_WIDTH]}")
    return rows


def _show(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)
