"""The declared surface: nothing is missing without a reason, and `docs/surface.md` says so."""

from __future__ import annotations

import pytest

from tests.js.surface.compare import (
    PAGE,
    Surface,
    compare,
    load_data,
    load_reasons,
    page,
    reason_of,
)
from tests.js.surface.extract import _statements, _types


@pytest.fixture(scope="module")
def surface() -> Surface:
    return compare(load_data())


def test_what_is_missing_has_a_reason(surface: Surface) -> None:
    reasons = load_reasons()
    without = []
    for where, what in surface.missing:
        try:
            reason_of(reasons, where, what)
        except KeyError:
            without.append((where, what))
    assert without == [], "give these a reason in reasons.toml"


def test_every_reason_is_needed(surface: Surface) -> None:
    missing = {*surface.missing}
    unneeded = []
    for where, entry in load_reasons().items():
        if isinstance(entry, dict):
            unneeded += [(where, what) for what in entry if (where, what) not in missing]
        elif not any(name == where for name, _ in missing):
            unneeded.append((where, ""))
    assert unneeded == [], "take these out of reasons.toml"


def test_the_page_is_up_to_date(surface: Surface) -> None:
    expected = page(load_data(), surface, load_reasons())
    assert PAGE.read_text(encoding="utf-8") == expected, "run python -m tests.js.surface.compare"


def test_declarations_are_understood() -> None:
    source = """
declare abstract class Made<T = any> extends Base<T> {
  constructor(a: string);
  static of<T>(a: { b: string; c: number }): Made<T>;
  get shown(): string;
  set shown(value: string);
  method(a: (x: number) => void): Promise<void>;
  private hidden: number;
  readonly [Symbol.iterator]: () => Iterator<T>;
}
declare var Other: { prototype: Other; new (): Other; from(x: any): Other };
"""
    types = _types(source)
    assert types["Made"] == {
        "extends": "Base",
        "members": ["Symbol.iterator", "method", "shown"],
        "static": ["of"],
    }
    assert list(_statements("a: string; b(x: { c: 1; }): void;")) == [
        "a: string",
        "b(x: { c: 1; }): void",
    ]
