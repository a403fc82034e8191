"""The table of rules is up to date, and every rule has a test or a reason why it has none."""

from __future__ import annotations

import ast

import pytest

from .coverage import MarkError, NamedRule, find_tests, rules_named_in
from .table import DOCUMENT, problems, render

RULES = {"Rules": {"X-1": "one", "X-2": "two"}}


def test_every_rule_has_a_test_or_a_reason_and_every_mark_names_a_rule() -> None:
    assert problems(find_tests()) == []


def test_the_committed_table_is_what_the_tests_say() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == render(find_tests()), (
        "run: python -m tests.rules"
    )


@pytest.mark.parametrize(
    ("named", "reasons", "expected"),
    [
        (["X-1", "X-2"], {}, []),
        (["X-1"], {"X-2": "production only"}, []),
        (["X-1"], {}, ["X-2: no test names it"]),
        (["X-1", "X-2", "X-3"], {}, ["f test_t: there is no rule X-3"]),
        (["X-1", "X-2", "OTHER-3"], {}, []),
        (["X-1", "X-2"], {"X-2": "later"}, ["untested.toml: X-2 has tests now"]),
        (["X-1", "X-2"], {"Y-1": "later"}, ["untested.toml: there is no rule Y-1"]),
    ],
)
def test_what_is_wrong_is_said(
    named: list[str], reasons: dict[str, str], expected: list[str]
) -> None:
    tests = [NamedRule(rule, "f", "test_t") for rule in named]
    assert problems(tests, RULES, reasons) == expected


def test_marks_are_found_on_functions_parameters_classes_and_files() -> None:
    source = """
pytestmark = pytest.mark.rule("X-1")
@pytest.mark.rule("X-2", "X-3")
async def test_a(): ...
@pytest.mark.parametrize("p", [pytest.param(1, marks=pytest.mark.rule("X-4"))])
def test_b(p): ...
class TestC:
    @pytest.mark.rule("X-5")
    def test_c(self): ...
@pytest.mark.xfail(strict=True)
@pytest.mark.rule("X-6")
def test_d(): ...
"""
    assert [(found.rule, found.test) for found in rules_named_in(ast.parse(source), "f")] == [
        ("X-1", ""),
        ("X-2", "test_a"),
        ("X-3", "test_a"),
        ("X-4", "test_b"),
        ("X-5", "test_c"),
    ]


def test_a_rule_that_is_not_written_out_is_refused() -> None:
    with pytest.raises(MarkError, match="f:2: a rule is named by a literal string"):
        list(rules_named_in(ast.parse("\npytestmark = pytest.mark.rule(X)"), "f"))
