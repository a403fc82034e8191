"""Recordings: the answers of a JavaScript twin as they are kept in `recorded/`, and where they came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .answers import Answer
from .scenario import Scenario

_LINE_WIDTH = 100
_ORIGIN = Path(__file__).parent / "origin.py"


@dataclass(frozen=True, slots=True)
class Recording:
    """What the real runtime answered to a scenario."""

    runtime: str
    compatibility_date: str
    source: str
    """Digest of what was run, so that a recording older than its scenario is noticed."""
    answers: Mapping[str, Answer]

    def write(self, path: Path) -> None:
        """Keep it, in a form in which a change reads well as a diff."""
        kept = {
            "runtime": self.runtime,
            "compatibility_date": self.compatibility_date,
            "source": self.source,
            "answers": {label: answer.as_json() for label, answer in self.answers.items()},
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_pretty(kept) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Recording:
        """Read what `write` wrote."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        answers = {label: Answer.from_json(answer) for label, answer in kept.pop("answers").items()}
        return cls(answers=answers, **kept)


def digest(scenario: Scenario) -> str:
    """What decides the answers: the JavaScript source, the requests, and the classes' settings."""
    requests = [
        [r.label, r.method, r.path, dict(r.headers), r.body, r.group, r.restart, r.compare_headers]
        for r in scenario.requests
        if r.javascript
    ]
    facts = [
        scenario.javascript,
        requests,
        scenario.worker,
        dict(scenario.objects),
        scenario.sqlite,
    ]
    if scenario.flags:
        facts.append(list(scenario.flags))
    if any(request.wait_s for request in scenario.requests):
        facts.append([r.wait_s for r in scenario.requests if r.javascript])
    if scenario.origin:
        facts.append(_ORIGIN.read_text(encoding="utf-8"))
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _pretty(value: Any, indent: str = "") -> str:
    """JSON that is broken over lines only where it would not fit on one."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, list | dict) or len(indent) + len(line) <= _LINE_WIDTH:
        return line
    inner = indent + " "
    if isinstance(value, list):
        parts = [_pretty(item, inner) for item in value]
    else:
        parts = [
            f"{json.dumps(key, ensure_ascii=False)}: {_pretty(item, inner)}"
            for key, item in value.items()
        ]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    return "\n".join([opening, ",\n".join(inner + part for part in parts), indent + closing])
