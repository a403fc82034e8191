"""Tracebacks show the developer's frames, and hide ours where that leaves something to see."""

from __future__ import annotations

import pytest

from emulator.js.promise import as_promise
from emulator.loader.tracebacks import GuestTracebacks


def _raised(source: str, **names: object) -> BaseException:
    code = compile(source, "/project/entry.py", "exec")
    try:
        exec(code, names)
    except BaseException as error:
        return error
    raise AssertionError("the source was to raise")


def test_frames_of_the_emulator_are_left_out() -> None:
    error = _raised("def f(call): call(None, None)\nf(call)", call=as_promise)
    text = GuestTracebacks().format(error)
    assert "/project/entry.py" in text
    assert "emulator/js" not in text
    assert text.endswith("\n")
    assert "TypeError" in text.splitlines()[-1]


def test_a_traceback_with_only_our_frames_is_shown_whole() -> None:
    with pytest.raises(TypeError) as caught:
        as_promise(None, None)  # type: ignore[call-arg]
    error = caught.value
    error.__traceback__ = error.__traceback__.tb_next if error.__traceback__ else None
    assert "TypeError" in GuestTracebacks().format(error)


def test_a_syntax_error_shows_only_its_own_place() -> None:
    try:
        compile("def f((:", "/project/entry.py", "exec")
    except SyntaxError as error:
        text = GuestTracebacks().format(error)
    assert 'File "/project/entry.py", line 1' in text
    assert "Traceback" not in text or "test_tracebacks" not in text.split("SyntaxError")[1]


def test_causes_and_contexts_are_trimmed_too() -> None:
    source = (
        "def f(call):\n"
        "    try:\n"
        "        call(None, None)\n"
        "    except TypeError as error:\n"
        "        raise ValueError('outer') from error\n"
        "f(call)\n"
    )
    text = GuestTracebacks().format(_raised(source, call=as_promise))
    assert "direct cause" in text
    assert "emulator/js" not in text
    assert text.splitlines()[-1] == "ValueError: outer"
