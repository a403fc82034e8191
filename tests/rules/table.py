"""The table of rules and their tests, and what is wrong with it.

Does not know: where tests are, what a test does.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .coverage import NamedRule

HERE = Path(__file__).parent
DOCUMENT = HERE.parent.parent / "docs" / "durable-object-rules.md"
INTRODUCTION = """\
# Durable Object rules and their tests

What Durable Objects do, rule by rule, and which tests show that pyworkers does it. Written by
`python -m tests.rules`; a test fails when it is out of date. `conformance/...` are scenarios whose answers
were recorded from workerd; files are below `tests/`.
"""


def rules() -> dict[str, dict[str, str]]:
    """Heading -> number -> what the rule is about."""
    return _read("rules.toml")


def untested() -> dict[str, str]:
    """Number -> why no test shows it."""
    return _read("untested.toml")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def problems(
    tests: Iterable[NamedRule],
    headings: Mapping[str, Mapping[str, str]] | None = None,
    reasons: Mapping[str, str] | None = None,
) -> list[str]:
    """What is wrong, a line each: unknown rules, rules that nothing shows, reasons without need."""
    headings = rules() if headings is None else headings
    reasons = untested() if reasons is None else reasons
    known = [rule for family in headings.values() for rule in family]
    # Scenarios of other matters than Durable Objects have rules of other families.
    families = {_family(rule) for rule in known}
    named: dict[str, list[NamedRule]] = defaultdict(list)
    for test in tests:
        named[test.rule].append(test)
    unknown = [
        f"{test.file} {test.test}: there is no rule {test.rule}".replace(" :", ":")
        for rule, found in named.items()
        if rule not in known and _family(rule) in families
        for test in found
    ]
    return [
        *unknown,
        *(f"untested.toml: there is no rule {rule}" for rule in reasons if rule not in known),
        *(f"untested.toml: {rule} has tests now" for rule in reasons if rule in named),
        *(f"{rule}: no test names it" for rule in known if rule not in named | reasons),
    ]


def _family(rule: str) -> str:
    return rule.partition("-")[0]


def render(tests: Iterable[NamedRule]) -> str:
    """The document."""
    named: dict[str, list[NamedRule]] = defaultdict(list)
    for test in tests:
        named[test.rule].append(test)
    reasons = untested()
    lines = [INTRODUCTION]
    for heading, family in rules().items():
        lines += [f"## {heading}", "", "| rule | about | shown by |", "|---|---|---|"]
        for rule, about in family.items():
            shown = _shown(named[rule]) or f"no test; {reasons.get(rule, 'none yet')}"
            lines.append(f"| {rule} | {about} | {shown} |")
        lines.append("")
    return "\n".join(lines)


def _shown(tests: Iterable[NamedRule]) -> str:
    """Files with their tests, in one cell."""
    files: dict[str, list[str]] = defaultdict(list)
    for test in sorted(tests):
        files[test.file].append(test.test.removeprefix("test_"))
    cells = []
    for file, names in files.items():
        where = file.replace("conformance/scenarios/", "conformance/")
        functions = ", ".join(f"`{name}`" for name in names if name)
        cells.append(f"**{where}** {functions}".rstrip())
    return "<br>".join(cells)
