"""The error page and the records it is made of."""

from __future__ import annotations

import re
from pathlib import Path

from emulator.errors import LoadError, StateLocked
from emulator.host.error_page import load_error_page, message_page, request_error_page
from emulator.host.failure import import_exception, startup_failure_response, wants_html
from emulator.host.frames import Failure, failures


def _raised(source: str, path: Path) -> BaseException:
    path.write_text(source)
    try:
        exec(compile(source, str(path), "exec"), {"__name__": "entry"})
    except BaseException as error:
        return error
    raise AssertionError("the source did not raise")


def _chain(source: str, tmp_path: Path) -> tuple[Failure, ...]:
    found = failures(_raised(source, tmp_path / "entry.py"))
    return tuple(found)


def test_frames_carry_place_function_and_failing_expression(tmp_path: Path) -> None:
    (failure,) = _chain("x = 'ü'\ndef inner():\n    return x, 1 / 0\n\ninner()\n", tmp_path)
    frame = failure.frames[-1]
    assert failure.summary == "ZeroDivisionError: division by zero"
    assert (frame.path, frame.line, frame.function) == (str(tmp_path / "entry.py"), 3, "inner")
    assert frame.source[frame.col : frame.end_col] == "1 / 0"
    assert [line.number for line in frame.excerpt] == [1, 2, 3, 4, 5]


def test_columns_count_characters_not_bytes(tmp_path: Path) -> None:
    (failure,) = _chain("a = 'üü' + str(1 / 0)\n", tmp_path)
    frame = failure.frames[-1]
    assert frame.source[frame.col : frame.end_col] == "1 / 0"


def test_chain_begins_with_the_first_failure(tmp_path: Path) -> None:
    source = """
try:
    try:
        {}["key"]
    except KeyError as error:
        raise ValueError("bad") from error
except ValueError:
    raise RuntimeError("worse")
"""
    chain = _chain(source, tmp_path)
    assert [(each.summary, each.link) for each in chain] == [
        ("KeyError: 'key'", ""),
        ("ValueError: bad", "cause"),
        ("RuntimeError: worse", "context"),
    ]


def test_suppressed_context_and_cycles_do_not_show(tmp_path: Path) -> None:
    source = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise ValueError('x') from None\n"
    assert [each.summary for each in _chain(source, tmp_path)] == ["ValueError: x"]
    looped = ValueError("self")
    looped.__cause__ = KeyError("other")
    looped.__cause__.__cause__ = looped
    assert [each.type_name for each in failures(looped)] == ["KeyError", "ValueError"]


def test_syntax_error_is_a_frame_of_its_own(tmp_path: Path) -> None:
    (failure,) = _chain("ok = 1\ndef (\n", tmp_path)
    frame = failure.frames[-1]
    assert failure.summary == "SyntaxError: invalid syntax"
    assert (frame.path, frame.line) == (str(tmp_path / "entry.py"), 2)
    assert frame.source[frame.col : frame.end_col] == "("


def test_library_frames_are_marked_and_notes_are_kept(tmp_path: Path) -> None:
    source = """
import json
try:
    json.loads("{")
except ValueError as error:
    error.add_note("while reading the settings")
    raise
"""
    (failure,) = _chain(source, tmp_path)
    own = [frame.path for frame in failure.frames if not frame.is_library]
    assert str(tmp_path / "entry.py") in own
    assert failure.frames[-1].is_library
    assert failure.type_name == "json.decoder.JSONDecodeError"
    assert failure.notes == ("while reading the settings",)


def test_deep_recursion_shows_its_beginning_and_its_end(tmp_path: Path) -> None:
    (failure,) = _chain("def f(n):\n    return f(n + 1)\nf(0)\n", tmp_path)
    assert len(failure.frames) == 60


def test_page_has_no_outside_resource_and_escapes_everything(tmp_path: Path) -> None:
    chain = _chain("raise ValueError('<script>alert(1)</script> \\ud800')\n", tmp_path)
    page = request_error_page(chain, "text </pre><b>", method="GET", url="http://a/?<i>")
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["data:,"]
    assert "url(" not in page
    assert page.count("<script>") == 1
    assert "&lt;script&gt;alert(1)" in page
    assert "text &lt;/pre&gt;&lt;b&gt;" in page
    assert "http://a/?&lt;i&gt;" in page
    page.encode()


def test_page_opens_the_developers_own_innermost_frame(tmp_path: Path) -> None:
    chain = _chain("import json\njson.loads('{')\n", tmp_path)
    page = load_error_page(chain, "text")
    opened = page.split("<details ")[1]
    assert opened.startswith('class="own" open')
    assert "entry.py" in opened
    assert "The Worker does not import" in page


def test_message_page_shows_a_text_that_is_no_exception() -> None:
    page = message_page("the state directory is in use\n  hint: stop the other process")
    assert '<h1 class="plain">the state directory is in use</h1>' in page
    assert "hint: stop the other process" in page


def test_start_failure_is_a_page_or_text_for_whoever_asks(tmp_path: Path) -> None:
    cause = _raised("1 / 0\n", tmp_path / "entry.py")
    error = LoadError("does not import")
    error.__cause__ = cause
    assert import_exception(error) is cause
    assert import_exception(StateLocked("taken")) is None
    page = startup_failure_response("text", cause, {"Accept": "text/html"})
    text = startup_failure_response("text", cause, {"Accept": "*/*"})
    assert (page.status, text.status) == (500, 500)
    assert isinstance(page.body, bytes)
    assert b"<h1>ZeroDivisionError</h1>" in page.body
    assert text.body == b"text\n"


def test_browsers_are_those_that_ask_for_html() -> None:
    assert wants_html({"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert not wants_html({"Accept": "*/*"})
    assert not wants_html({})
    assert not wants_html({"Accept": "text/html", "User-Agent": "curl/8.0"})
