"""What was recorded and what happened, statement by statement."""

from __future__ import annotations

import difflib

from .differences import Difference
from .snippet import Lines


def mismatch(
    expected: Lines, actual: Lines, differences: list[Difference]
) -> tuple[str, set[Difference]]:
    """A readable difference (empty if there is none), and the entries that were needed."""
    used: set[Difference] = set()
    report: list[str] = []
    left, right = [tuple(line) for line in expected], [tuple(line) for line in actual]
    for left_block, right_block in _blocks(left, right):
        pairs = _pair(left_block, right_block)
        for statement, wanted, got in pairs:
            if wanted == got:
                report.append(f"    {statement}")
                continue
            found = [d for d in differences if d.explains(statement, wanted, got)]
            used.update(found)
            if found:
                report.append(f"    {statement}   (differs on purpose)")
                continue
            report += [f"  > {statement}", f"      Pyodide:   {wanted}", f"      pyworkers: {got}"]
    wrong = any(line.startswith("  > ") for line in report)
    return ("\n".join(report) if wrong else ""), used


Line = tuple[str, ...]


def _blocks(left: list[Line], right: list[Line]) -> list[tuple[list[Line], list[Line]]]:
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    return [(left[a:b], right[c:d]) for _, a, b, c, d in matcher.get_opcodes()]


def _pair(left: list[Line], right: list[Line]) -> list[tuple[str, str | None, str | None]]:
    """Outcomes of the same statement side by side; None where one side has nothing to say."""
    pairs: list[tuple[str, str | None, str | None]] = []
    rest = list(right)
    for statement, outcome in left:
        if rest and rest[0][0] == statement:
            pairs.append((statement, outcome, rest.pop(0)[1]))
        else:
            pairs.append((statement, outcome, None))
    return pairs + [(statement, None, outcome) for statement, outcome in rest]
