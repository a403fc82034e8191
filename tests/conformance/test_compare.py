"""The comparison sees every mismatch, and documented differences neither hide nor outlive one."""

from __future__ import annotations

import pytest

from .answers import Answer
from .compare import StaleDifference, report
from .recording import Recording
from .scenario import Scenario, parse_scenario


def _scenario(**extra: object) -> Scenario:
    table = {"title": "a title", "spec": ["X-1"], "requests": [{"path": "/a"}], **extra}
    return parse_scenario("group/name", table)


def _recording(body: object) -> Recording:
    return Recording("workerd 1", "2026-08-01", "", {"/a": Answer(200, body)})


def _difference(**rule: object) -> dict[str, object]:
    return {"request": "/a", "at": "body.e.name", "reason": "because", **rule}


def test_equal_answers_need_no_report() -> None:
    answers = {"/a": Answer(200, {"x": [1, None]})}
    assert report(_scenario(), _recording({"x": [1, None]}), answers) == ""


def test_a_report_names_the_place_and_shows_both_sides() -> None:
    text = report(
        _scenario(), _recording({"x": [1, 2]}), {"/a": Answer(500, {"x": [1, 3], "y": 0})}
    )
    assert "group/name: a title [X-1], workerd 1" in text
    assert "status: expected 200, got 500" in text
    assert "body.x.1: expected 2, got 3" in text
    assert 'body.y: expected "<absent>", got 0' in text
    assert "recorded (JavaScript)" in text


def test_a_documented_difference_is_demanded_of_python() -> None:
    rule = _difference(javascript="TypeError", python="PythonError")
    scenario, recording = _scenario(differs=[rule]), _recording({"e": {"name": "TypeError"}})
    assert report(scenario, recording, {"/a": Answer(200, {"e": {"name": "PythonError"}})}) == ""
    assert "expected" in report(
        scenario, recording, {"/a": Answer(200, {"e": {"name": "TypeError"}})}
    )


def test_a_difference_may_be_a_pattern() -> None:
    rule = _difference(javascript="boom", python_matches="boom$")
    scenario, recording = _scenario(differs=[rule]), _recording({"e": {"name": "boom"}})
    assert report(scenario, recording, {"/a": Answer(200, {"e": {"name": "Error: boom"}})}) == ""
    assert "matching /boom$/" in report(
        scenario, recording, {"/a": Answer(200, {"e": {"name": 5}})}
    )


@pytest.mark.parametrize("body", [{"e": {"name": "Error"}}, {"e": {}}, {}, []])
def test_a_difference_that_does_not_fit_the_recording_is_an_error(body: object) -> None:
    rule = _difference(javascript="TypeError", python="PythonError")
    with pytest.raises(StaleDifference, match="/a"):
        report(_scenario(differs=[rule]), _recording(body), {"/a": Answer(200, body)})


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"requests": [{"path": "/a"}, {"path": "/a"}]}, "same label"),
        ({"differs": [_difference(request="/b")]}, "unknown request"),
        ({"differs": [_difference(reason="")]}, "needs a reason"),
        ({"requests": [{"path": "/a", "only": "python"}]}, "needs a reason"),
        ({"requests": [{"path": "/a", "only": "perl", "reason": "x"}]}, "perl"),
    ],
)
def test_a_careless_scenario_is_refused(extra: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _scenario(**extra)


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(TypeError, match="spce"):
        _scenario(spce=["X-1"])


def test_a_raised_exception_arrives_as_the_end_of_a_traceback() -> None:
    scenario = _scenario(raises=[{"request": "/a", "at": ["body.e"], "exception": "ValueError"}])
    recording = _recording({"e": {"name": "RangeError", "message": "a\nb", "remote": True}})
    traceback = "Traceback (most recent call last):\n  File ...\nValueError: a\nb\n"
    right = {"name": "PythonError", "message": traceback, "remote": True}
    assert report(scenario, recording, {"/a": Answer(200, {"e": right})}) == ""
    for wrong in ({"message": "ValueError: b"}, {"name": "RangeError"}, {"remote": False}):
        assert report(scenario, recording, {"/a": Answer(200, {"e": {**right, **wrong}})})


def test_a_raised_exception_may_be_told_as_text() -> None:
    scenario = _scenario(raises=[{"request": "/a", "at": ["body"]}])
    traceback = "PythonError: Traceback (most recent call last):\n  File ...\nTypeError: no\n"
    assert report(scenario, _recording("TypeError: no"), {"/a": Answer(200, traceback)}) == ""
    assert report(scenario, _recording("TypeError: no"), {"/a": Answer(200, "TypeError: no")})


def test_a_raised_exception_needs_an_error_in_the_recording() -> None:
    scenario = _scenario(raises=[{"request": "/a", "at": ["body"]}])
    with pytest.raises(StaleDifference):
        report(scenario, _recording({"value": 5}), {"/a": Answer(200, {"value": 5})})


def test_long_equal_stretches_are_left_out_of_a_report() -> None:
    recorded, actual = [*range(50)], [*range(50)]
    actual.insert(25, 99)
    text = report(_scenario(), _recording(recorded), {"/a": Answer(200, actual)})
    shown = [line for line in text.splitlines() if line.startswith("  !")]
    assert len(shown) == 1
    assert "..." in text
    assert "  40," not in text


def test_waits_and_restarts_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="virtual time"):
        _scenario(requests=[{"path": "/a"}, {"wait_s": 5}, {"restart": True}])
    _, wait = _scenario(requests=[{"path": "/a"}, {"wait_s": 5}]).requests
    assert not wait.asks
