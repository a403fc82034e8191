"""Which tests name which rules, found by reading the tests, not by importing them.

Guarantees: every `pytest.mark.rule(...)` below tests/ is found, or an error names the one that
cannot be read; scenarios that pyworkers cannot pass yet (`pending`) and tests that are expected to
fail count for nothing.
Does not know: which rules exist.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.scenario import SCENARIOS, all_scenarios

TESTS = Path(__file__).parent.parent
RULE = re.compile(r"[A-Z]+-\d+")
"""What looks like a rule's number; scenarios may also name sections of other documents."""


class MarkError(Exception):
    """A mark that cannot be read."""


@dataclass(frozen=True, slots=True, order=True)
class NamedRule:
    """One test that names one rule."""

    rule: str
    file: str
    """Below tests/; for a scenario its folder."""
    test: str = ""
    """The function; empty for a scenario, and for a mark of a whole file."""


def find_tests() -> list[NamedRule]:
    """All of them, sorted."""
    return sorted({*_in_scenarios(), *_in_files()})


def _in_scenarios() -> Iterator[NamedRule]:
    folder = SCENARIOS.relative_to(TESTS).as_posix()
    for scenario in all_scenarios():
        if not scenario.pending:
            for rule in filter(RULE.fullmatch, scenario.spec):
                yield NamedRule(rule, f"{folder}/{scenario.name}")


def _in_files() -> Iterator[NamedRule]:
    for path in sorted(TESTS.rglob("test_*.py")):
        source = path.read_text(encoding="utf-8")
        if "mark.rule(" in source:
            file = path.relative_to(TESTS).as_posix()
            yield from rules_named_in(ast.parse(source, file), file)


def rules_named_in(module: ast.Module, file: str) -> Iterator[NamedRule]:
    """The rules that a file's tests name, by decorator, parameter or `pytestmark`."""
    for statement in module.body:
        inner = statement.body if isinstance(statement, ast.ClassDef) else [statement]
        outer = statement.decorator_list if isinstance(statement, ast.ClassDef) else []
        for node in [*inner, *outer]:
            is_test = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_test and _is_expected_to_fail(node.decorator_list):
                continue
            name = node.name if is_test else ""
            for call in filter(_is_mark, ast.walk(node)):
                for rule in _numbers(call, file):
                    yield NamedRule(rule, file, name)


def _is_mark(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule"


def _is_expected_to_fail(decorators: list[ast.expr]) -> bool:
    return any(ast.unparse(decorator).startswith("pytest.mark.xfail") for decorator in decorators)


def _numbers(call: ast.AST, file: str) -> Iterator[str]:
    assert isinstance(call, ast.Call)
    for argument in call.args:
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            raise MarkError(f"{file}:{call.lineno}: a rule is named by a literal string")
        yield argument.value
