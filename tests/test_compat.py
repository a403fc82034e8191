"""Compatibility flags, checked against what a real workerd reported and refused."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from emulator.compat import MAX_DATE, check, resolve
from emulator.compat.table import FLAGS

RECORDED = json.loads(
    (Path(__file__).parent / "config/recorded/compatibility_flags.json").read_text()
)
D = dt.date.fromisoformat


@pytest.mark.parametrize("case", RECORDED["cases"])
def test_the_flags_of_a_date_are_those_workerd_reports(case: str) -> None:
    date, *flags = case.split()
    bits = int(RECORDED["cases"][case], 16)
    expected = {name: bool(bits >> at & 1) for at, name in enumerate(RECORDED["names"])}
    assert expected == resolve(D(date), flags).all()


def test_no_name_is_used_twice_and_every_implying_flag_exists() -> None:
    names = [name for flag in FLAGS for name in (flag.enable, flag.disable) if name]
    assert len(names) == len(set(names))
    assert {by for flag in FLAGS for by in flag.implied_by} <= {flag.enable for flag in FLAGS}


@pytest.mark.parametrize(
    ("date", "flags", "pyodide", "python", "is_exact"),
    [
        ("2025-09-28", ["python_workers"], "0.28.2", "3.12.1", False),
        ("2025-09-29", ["python_workers"], "0.28.2", "3.13.2", True),
        ("2025-01-01", ["python_workers", "python_workers_20250116"], "0.28.2", "3.13.2", True),
        ("2026-09-07", ["python_workers"], "0.28.2", "3.13.2", True),
        ("2026-09-08", ["python_workers"], "314.0.5", "3.14.2", True),
        ("2026-09-08", ["python_workers", "no_python_workers_314"], "0.28.2", "3.13.2", True),
        ("2026-01-01", ["python_workers", "python_workers_20260610"], "314.0.4", "3.14.2", True),
        ("2026-01-01", ["python_workers", "python_workers_314"], "314.0.5", "3.14.2", True),
    ],
)
def test_date_and_flags_choose_the_pyodide_to_emulate(
    date: str, flags: list[str], pyodide: str, python: str, is_exact: bool
) -> None:
    found = resolve(D(date), flags)
    assert (pyodide, python, is_exact) == (
        found.pyodide_version,
        found.python_version,
        found.pyodide_emulated_exactly,
    )


@pytest.mark.parametrize(
    ("flag", "disable", "from_date"),
    [
        ("python_workflows", "disable_python_workflows", "2025-09-20"),
        ("python_check_rng_state", "disable_python_check_rng_state", "2025-12-16"),
        ("python_dedicated_snapshot", "disable_python_dedicated_snapshot", "2025-10-16"),
        (
            "python_workflows_implicit_dependencies",
            "no_python_workflows_implicit_dependencies",
            "2026-02-25",
        ),
    ],
)
def test_implied_python_flags_need_the_date_and_python_workers(
    flag: str, disable: str, from_date: str
) -> None:
    day_before = D(from_date) - dt.timedelta(days=1)
    assert resolve(D(from_date), ["python_workers"]).enabled(flag)
    assert not resolve(D(from_date), []).enabled(flag)
    assert not resolve(day_before, ["python_workers"]).enabled(flag)
    assert not resolve(D(from_date), ["python_workers", disable]).enabled(flag)


@pytest.mark.parametrize(
    ("flag", "from_date"),
    [
        ("python_no_global_handlers", "2025-08-14"),
        ("enable_python_external_sdk", "2026-04-21"),
        ("python_request_headers_preserve_commas", "2026-02-17"),
        ("python_process_pth_files", "2026-05-26"),
        ("rpc", "2024-04-03"),
        ("fetcher_no_get_put_delete", "2024-03-26"),
        ("enable_ctx_exports", "2025-11-17"),
        ("delete_all_deletes_alarm", "2026-02-24"),
        ("web_socket_auto_reply_to_close", "2026-04-07"),
        ("enhanced_error_serialization", "2026-04-21"),
    ],
)
def test_dated_flags_come_on_at_their_date(flag: str, from_date: str) -> None:
    assert resolve(D(from_date), []).enabled(flag)
    assert not resolve(D(from_date) - dt.timedelta(days=1), []).enabled(flag)


def test_legacy_handlers_follow_the_flag_that_ends_them() -> None:
    assert resolve(D("2025-08-13"), []).legacy_global_handlers
    assert not resolve(D("2025-08-14"), []).legacy_global_handlers
    assert resolve(MAX_DATE, ["disable_python_no_global_handlers"]).legacy_global_handlers


def test_asking_for_a_name_that_is_no_enable_name_is_an_error() -> None:
    flags = resolve(MAX_DATE, [])
    for name in ("bogus", "no_global_navigator"):
        with pytest.raises(KeyError):
            flags.enabled(name)


def test_everything_workerd_refuses_is_found_at_once_with_its_texts() -> None:
    given = ["bogus", "bogus", "global_navigator", "no_global_navigator"]
    assert [problem.message for problem in check(D("2026-11-01"), given)] == [
        "Compatibility flag specified multiple times: bogus",
        "Compatibility flags are mutually contradictory: global_navigator vs no_global_navigator",
        "No such compatibility flag: bogus",
        (
            "The compatibility flag global_navigator became the default as of 2022-03-21 "
            "so does not need to be specified anymore."
        ),
    ]


def test_a_flag_that_is_always_on_is_redundant_at_every_date() -> None:
    (problem,) = check(D("2020-01-01"), ["r2_public_beta_bindings"])
    assert problem.message == (
        "The compatibility flag r2_public_beta_bindings is the default, "
        "so does not need to be specified anymore."
    )


def test_a_flag_that_is_only_implied_may_be_given_as_well() -> None:
    assert check(MAX_DATE, ["python_workers", "python_workers_20250116"]) == ()


def test_a_misspelt_flag_gets_a_suggestion() -> None:
    (problem,) = check(MAX_DATE, ["python_worker"])
    assert problem.hint == 'did you mean "python_workers"?'
