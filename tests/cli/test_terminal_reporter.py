"""What `pyworkers dev` prints, to the letter."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from emulator.cli.levels import LogLevel
from emulator.cli.terminal import Terminal, wants_color
from emulator.cli.terminal_reporter import TerminalReporter
from emulator.host.reporter import RequestLine, WorkerFacts
from emulator.runtime.errors import guest_error

FACTS = WorkerFacts(
    "x", (("env.COUNTER (Counter)", "Durable Object"), ("env.CACHE", "KV Namespace")), ("careful",)
)


class Screen:
    def __init__(self, level: LogLevel = "log", *, color: bool = False) -> None:
        self._stream = io.StringIO()
        self.reporter = TerminalReporter(Terminal(color=color, stream=self._stream), level)

    @property
    def text(self) -> str:
        return self._stream.getvalue()


def test_start_up_shows_warnings_bindings_and_the_ready_line() -> None:
    screen = Screen()
    screen.reporter.ready("http://localhost:8787", FACTS, 212.4)
    assert screen.text == (
        "▲ careful\n"
        "Your Worker has access to the following bindings:\n"
        "Binding                    Resource\n"
        "env.COUNTER (Counter)      Durable Object\n"
        "env.CACHE                  KV Namespace\n"
        "\n"
        "⎔ Ready on http://localhost:8787 (212 ms)\n"
    )


def test_reload_repeats_nothing_that_is_known() -> None:
    screen = Screen()
    screen.reporter.ready("http://localhost:8787", FACTS, 1)
    shown = len(screen.text)
    changed = [str(Path(name).absolute()) for name in ("e.py", "a.py", "b.py", "c.py", "d.py")]
    screen.reporter.reloading(changed)
    screen.reporter.reloaded("http://localhost:8787", FACTS, 41.7)
    assert screen.text[shown:] == (
        "⎔ Reloading: a.py, b.py, c.py and 2 more changed\n⎔ Reloaded (42 ms)\n"
    )


def test_request_lines_are_golden() -> None:
    screen = Screen()
    screen.reporter.requests(
        [RequestLine("GET", "/x", 200, "OK", 3.2), RequestLine("POST", "/y", 599, "", 12.6)]
    )
    assert screen.text == "GET /x 200 OK (3ms)\nPOST /y 599 (13ms)\n"


def test_status_has_the_color_of_its_class() -> None:
    screen = Screen(color=True)
    screen.reporter.requests([RequestLine("GET", "/", 404, "Not Found", 0)])
    assert screen.text == "GET / \x1b[33m404 Not Found\x1b[0m (0ms)\n"


def test_failures_are_shown_with_their_text() -> None:
    screen = Screen("error")
    screen.reporter.failed("entry.py:1\n")
    screen.reporter.worker_died("The Worker's process was ended by SIGKILL")
    screen.reporter.guest_error(guest_error(ValueError("boom")))
    screen.reporter.stream_failed("/s", ValueError("cut"))
    assert screen.text == (
        "\n✘ The Worker does not start\nentry.py:1\n\n"
        "✘ The Worker's process was ended by SIGKILL. Starting another one.\n"
        "✘ Uncaught ValueError: boom\n"
        "✘ The response to /s was cut off: cut\n"
    )


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("debug", ["debug", "info", "log", "warn", "error", "Counter abcdefabcdef… started"]),
        ("info", ["info", "log", "warn", "error"]),
        ("log", ["log", "warn", "error"]),
        ("warn", ["warn", "error"]),
        ("error", ["error"]),
        ("none", []),
    ],
)
def test_console_entries_below_the_level_are_left_out(level: LogLevel, shown: list[str]) -> None:
    screen = Screen(level)
    observer = screen.reporter.observer(lambda: None)
    for each in ("debug", "info", "log", "warn", "error"):
        observer.console(each, each)
    observer.actor_started("Counter", "abcdef" * 10)
    assert screen.text.splitlines() == shown


def test_console_entry_has_the_color_of_its_level() -> None:
    screen = Screen(color=True)
    observer = screen.reporter.observer(lambda: None)
    observer.console("log", "plain")
    observer.console("error", "bad")
    assert screen.text == "plain\n\x1b[31mbad\x1b[0m\n"


def test_observer_passes_on_that_the_worker_is_loaded() -> None:
    loaded: list[bool] = []
    Screen().reporter.observer(lambda: loaded.append(True)).worker_loaded()
    assert loaded == [True]


def test_colors_are_for_terminals_unless_the_environment_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    assert wants_color(Tty())
    assert not wants_color(io.StringIO())
    assert not wants_color(Tty(), forbidden=True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert wants_color(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_color(Tty())


def test_output_that_cannot_be_encoded_is_escaped() -> None:
    data = io.BytesIO()
    stream = io.TextIOWrapper(data, encoding="ascii", newline="")
    Terminal(color=False, stream=stream).write("⎔ ok")
    assert data.getvalue() == b"\\u2394 ok\n"


def test_reader_that_is_gone_does_not_stop_the_server() -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    Terminal(color=False, stream=Closed()).write("nobody reads this")
