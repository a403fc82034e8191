"""console: one entry per call, with its level; groups, counters, timers, tables."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.js.array import JsArray
from emulator.js.console import Console
from emulator.js.plain import PlainObject
from tests.js.guest_values import call
from tests.support.js_host import FakeHost


@pytest.mark.parametrize("level", ["debug", "log", "info", "warn", "error"])
def test_a_call_is_one_entry_of_its_level(js_host: FakeHost, level: str) -> None:
    call(Console(), level, "%s is %d", "x", 5, PlainObject({"a": 1}))
    assert [(level, "x is 5 { a: 1 }")] == js_host.console_entries


def entries(js_host: FakeHost) -> list[str]:
    return [text for _, text in js_host.console_entries]


def test_groups_indent(js_host: FakeHost) -> None:
    console = Console()
    call(console, "group", "outer")
    call(console, "groupCollapsed", "inner")
    call(console, "log", "a\nb")
    call(console, "groupEnd")
    call(console, "log", "c")
    for _ in range(3):
        call(console, "groupEnd")
    call(console, "log", "d")
    assert entries(js_host) == ["outer", "  inner", "    a\n    b", "  c", "d"]


def test_counters_count_by_label(js_host: FakeHost) -> None:
    console = Console()
    for label in ("x", None, "x"):
        call(console, "count", label)
    call(console, "countReset", "x")
    call(console, "count", "x")
    call(console, "countReset", "nope")
    assert (entries(js_host)) == [
        "x: 1",
        "default: 1",
        "x: 2",
        "x: 1",
        "Count for 'nope' does not exist",
    ]


def test_timers_measure_with_the_hosts_clock(js_host: FakeHost) -> None:
    console = Console()
    call(console, "time", "t")
    call(console, "time", "t")
    js_host.advance(5)
    call(console, "timeLog", "t", "so far")
    js_host.advance(1.5)
    call(console, "timeEnd", "t")
    call(console, "timeEnd", "t")
    assert entries(js_host) == [
        "Timer 't' already exists", "t: 5 ms so far", "t: 6.5 ms", "Timer 't' does not exist",
    ]  # fmt: skip


def test_assertions_print_only_when_they_fail(js_host: FakeHost) -> None:
    console = Console()
    call(console, "assert", True, "no")
    call(console, "assert", False, "%s", "yes")
    call(console, "assert", 0)
    call(console, "assert", "", 5)
    assert js_host.console_entries == [
        ("error", "Assertion failed: yes"), ("error", "Assertion failed"),
        ("error", "Assertion failed 5"),
    ]  # fmt: skip


def test_trace_and_dir_print(js_host: FakeHost) -> None:
    console = Console()
    call(console, "trace", "here")
    call(console, "trace")
    call(console, "dir", PlainObject({"a": 1}))
    assert entries(js_host) == ["Trace: here", "Trace", "{ a: 1 }"]


@pytest.mark.parametrize(
    ("data", "columns", "expected"),
    [
        (
            JsArray([PlainObject({"a": 1, "b": "x"}), PlainObject({"a": 2}), 7]),
            None,
            [
                "┌─────────┬───┬─────┬────────┐",
                "│ (index) │ a │ b   │ Values │",
                "├─────────┼───┼─────┼────────┤",
                "│ 0       │ 1 │ 'x' │        │",
                "│ 1       │ 2 │     │        │",
                "│ 2       │   │     │ 7      │",
                "└─────────┴───┴─────┴────────┘",
            ],
        ),
        (
            PlainObject({"r": JsArray([1, 2])}),
            JsArray(["1"]),
            [
                "┌─────────┬───┐",
                "│ (index) │ 1 │",
                "├─────────┼───┤",
                "│ r       │ 2 │",
                "└─────────┴───┘",
            ],
        ),
        (5, None, ["5"]),
        (JsArray([]), None, ["[]"]),
    ],
)
def test_tables_are_framed(js_host: FakeHost, data: Any, columns: Any, expected: list[str]) -> None:
    call(Console(), "table", data, columns)
    assert ["\n".join(expected)] == entries(js_host)


@pytest.mark.parametrize("member", ["profile", "profileEnd", "timeStamp", "clear"])
def test_debugger_members_print_nothing(js_host: FakeHost, member: str) -> None:
    call(Console(), member, "x")
    assert entries(js_host) == []
