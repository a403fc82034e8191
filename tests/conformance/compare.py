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
from difflib import SequenceMatcher
from typing import Any

from .answers import Answer
from .recording import Recording
from .scenario import Difference, Raised, Request, Scenario

_COLUMN_WIDTH = 58
_CONTEXT_LINES = 3


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
    for raised in scenario.raised:
        if raised.request == request.label:
            for at in raised.at:
                _raise_in_python(raised, at, expected)
    return expected


def report(scenario: Scenario, recording: Recording, answers: Mapping[str, Answer]) -> str:
    """All mismatches of a scenario for people to read; empty if there is none."""
    sections = []
    for request in scenario.requests:
        if not (request.asks and request.python):
            continue
        expected = expectation(scenario, request, recording)
        actual = answers[request.label].as_json()
        if expected != actual:
            sections.append(_section(request, expected, actual))
    if not sections:
        return ""
    head = f"{scenario.name}: {scenario.title} [{', '.join(scenario.spec)}], {recording.runtime}"
    return "\n\n".join([head, *sections])


def _find(request: str, at: str, expected: dict[str, Any]) -> tuple[Any, Any]:
    """What holds the place, and its key there."""
    *parents, last = [int(p) if p.isdecimal() else p for p in at.split(".")]
    place: Any = expected
    try:
        for key in parents:
            place = place[key]
        place[last]
    except (KeyError, IndexError, TypeError) as error:
        raise StaleDifference(f"{request}: the recording has no {at}") from error
    return place, last


def _raise_in_python(raised: Raised, at: str, expected: dict[str, Any]) -> None:
    place, last = _find(raised.request, at, expected)
    recorded = place[last]
    match recorded:
        case {"name": str(name), "message": str(message)}:
            pattern = _traceback_end(raised.exception or name, message)
            recorded |= {"name": "PythonError", "message": Matching(pattern)}
        case str() if found := re.match(r"(\w+)(?:: ([\s\S]*))?\Z", recorded):
            name, message = found[1], found[2] or ""
            pattern = _traceback_end(raised.exception or name, message)
            place[last] = Matching(rf"\APythonError: Traceback [\s\S]*{pattern}")
        case _:
            raise StaleDifference(f"{raised.request}: {at} is no error in the recording")


def _traceback_end(exception: str, message: str) -> str:
    said = f": {re.escape(message)}" if message else ""
    return rf"(?m:^)(?:[\w.<>]+\.)?{exception}{said}\s*\Z"


def _apply(difference: Difference, expected: dict[str, Any]) -> None:
    place, last = _find(difference.request, difference.at, expected)
    recorded = place[last]
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
    """Both answers, equal lines beside one another; of long equal stretches only the ends."""
    left = json.dumps(expected, indent=1, ensure_ascii=False, default=repr).splitlines()
    right = json.dumps(actual, indent=1, ensure_ascii=False, default=repr).splitlines()
    rows = [f"    {'recorded (JavaScript)':<{_COLUMN_WIDTH}} | pyworkers"]
    for tag, i, k, j, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        pairs = [*itertools.zip_longest(left[i:k], right[j:m], fillvalue="")]
        if tag == "equal" and len(pairs) > 2 * _CONTEXT_LINES:
            pairs[_CONTEXT_LINES:-_CONTEXT_LINES] = [("...", "...")]
        mark = " " if tag == "equal" else "!"
        rows += [f"  {mark} {_column(a):<{_COLUMN_WIDTH}} | {_column(b)}" for a, b in pairs]
    return rows


def _column(line: str) -> str:
    return line if len(line) <= _COLUMN_WIDTH else f"{line[: _COLUMN_WIDTH - 1]}…"


def _show(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)
