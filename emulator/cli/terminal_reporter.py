"""What `pyworkers dev` prints.

The words follow `wrangler dev`, because people and tools know them; `Ready on http://` is the line
that tools wait for. Everything of one kind looks alike: what the guest says is plain, what
pyworkers says is dim or bold, and color means success, redirection or failure.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from emulator import __version__
from emulator.cli.levels import LOG_LEVELS
from emulator.host.reporter import LoadedObserver, Reporter
from emulator.runtime.errors import GuestError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from emulator.cli.levels import LogLevel
    from emulator.cli.terminal import Terminal
    from emulator.host.reporter import RequestLine, WorkerFacts
    from emulator.observer import ConsoleLevel, Observer

_NAMED_PATHS_MAX: Final = 3
_RANK: Final[dict[str, int]] = {name: rank for rank, name in enumerate(LOG_LEVELS)}
_CONSOLE_STYLE: Final[dict[str, tuple[str, ...]]] = {
    "debug": ("dim",),
    "log": (),
    "info": ("cyan",),
    "warn": ("yellow",),
    "error": ("red",),
}
_STATUS_STYLE: Final = {1: "cyan", 2: "green", 3: "cyan", 4: "yellow", 5: "red"}


class TerminalReporter(Reporter):
    """Prints everything at or above a level."""

    def __init__(self, terminal: Terminal, level: LogLevel = "log") -> None:
        self._terminal = terminal
        self._rank = _RANK[level]
        self._facts: WorkerFacts | None = None
        self._painted: dict[tuple[int, str], str] = {}

    def observer(self, on_loaded: Callable[[], None]) -> Observer:
        return TerminalObserver(self._terminal, self._rank, on_loaded)

    def banner(self) -> None:
        """The first lines of all."""
        title = f"pyworkers {__version__}"
        if self._shows("log"):
            self._say(
                f"\n {self._paint(title, 'bold')}\n{self._paint('─' * (len(title) + 2), 'dim')}"
            )

    def warn(self, text: str) -> None:
        if self._shows("warn"):
            first, _, rest = text.partition("\n")
            mark = self._paint("▲ ", "yellow", "bold")
            self._say(f"{mark}{first}" + (f"\n{rest}" if rest else ""))

    def port_moved(self, wanted: int, port: int) -> None:
        self.warn(f"Port {wanted} is in use; using {port} instead.")

    def no_reload(self) -> None:
        self.warn("This system cannot reload: restart pyworkers dev to load changes.")

    def ready(self, url: str, facts: WorkerFacts, elapsed_ms: float) -> None:
        self._show_facts(facts)
        self._show_ready(url, elapsed_ms)

    def reloading(self, changed: Collection[str]) -> None:
        if self._shows("log"):
            names = [os.path.relpath(path) for path in sorted(changed)]
            more = len(names) - _NAMED_PATHS_MAX
            shown = ", ".join(names[:_NAMED_PATHS_MAX]) + (f" and {more} more" if more > 0 else "")
            self._say(f"{self._paint('⎔', 'cyan')} Reloading: {shown} changed")

    def reloaded(self, url: str, facts: WorkerFacts, elapsed_ms: float) -> None:
        self._show_facts(facts)
        if self._shows("log"):
            self._say(f"{self._paint('⎔', 'cyan')} Reloaded ({elapsed_ms:.0f} ms)")

    def failed(self, text: str) -> None:
        if self._shows("error"):
            head = self._paint("✘ The Worker does not start", "red", "bold")
            self._say(f"\n{head}\n{text.rstrip()}\n")

    def worker_died(self, how: str) -> None:
        if self._shows("error"):
            self._say(f"{self._paint('✘', 'red', 'bold')} {how}. Starting another one.")

    def stopping(self) -> None:
        if self._shows("log"):
            self._say(self._paint("\nStopped.", "dim"))

    def requests(self, lines: Collection[RequestLine]) -> None:
        if self._shows("log"):
            self._say("\n".join([self._request_line(line) for line in lines]))

    def guest_error(self, error: Exception) -> None:
        if self._shows("error"):
            text = error.traceback_text if isinstance(error, GuestError) else str(error)
            self._say(f"{self._paint('✘ Uncaught', 'red', 'bold')} {text.rstrip()}")

    def stream_failed(self, path: str, error: BaseException) -> None:
        if self._shows("error"):
            what = error.traceback_text if isinstance(error, GuestError) else str(error)
            mark = self._paint("✘", "red", "bold")
            self._say(f"{mark} The response to {path} was cut off: {what.rstrip()}")

    def internal_error(self, text: str) -> None:
        if self._shows("error"):
            head = self._paint("✘ A bug in pyworkers, please report it:", "red", "bold")
            self._say(f"{head}\n{text.rstrip()}")

    def _show_ready(self, url: str, elapsed_ms: float) -> None:
        if self._shows("log"):
            where = self._paint(url, "bold", "cyan")
            self._say(f"{self._paint('⎔', 'cyan')} Ready on {where} ({elapsed_ms:.0f} ms)")

    def _show_facts(self, facts: WorkerFacts) -> None:
        """Warnings and bindings, unless they are the same as before."""
        before, self._facts = self._facts, facts
        for warning in facts.warnings:
            if before is None or warning not in before.warnings:
                self.warn(warning)
        if (before is None or before.bindings != facts.bindings) and self._shows("log"):
            self._say(self._bindings(facts))

    def _bindings(self, facts: WorkerFacts) -> str:
        if not facts.bindings:
            return "Your Worker has no bindings.\n"
        width = max(len("Binding"), *(len(name) for name, _ in facts.bindings)) + 6
        lines = ["Your Worker has access to the following bindings:"]
        lines.append(self._paint(f"{'Binding':<{width}}Resource", "dim"))
        lines += [f"{name:<{width}}{self._paint(kind, 'dim')}" for name, kind in facts.bindings]
        return "\n".join(lines) + "\n"

    def _request_line(self, line: RequestLine) -> str:
        status = (line.status, line.status_text)
        shown = self._painted.get(status)
        if shown is None:
            text = f"{line.status} {line.status_text}".rstrip()
            shown = self._paint(text, _STATUS_STYLE.get(line.status // 100, "red"))
            if len(self._painted) < 256:
                self._painted[status] = shown
        return f"{line.method} {line.path} {shown} ({line.elapsed_ms:.0f}ms)"

    def _shows(self, level: ConsoleLevel) -> bool:
        return _RANK[level] >= self._rank

    def _paint(self, text: str, *styles: str) -> str:
        return self._terminal.paint(text, *styles)

    def _say(self, text: str) -> None:
        self._terminal.write(text)


class TerminalObserver(LoadedObserver):
    """Prints what the guest says and what goes wrong in it."""

    def __init__(self, terminal: Terminal, rank: int, on_loaded: Callable[[], None]) -> None:
        super().__init__(on_loaded)
        self._terminal = terminal
        self._rank = rank

    def console(self, level: ConsoleLevel, text: str) -> None:
        if _RANK[level] >= self._rank:
            styles = _CONSOLE_STYLE[level]
            self._terminal.write(self._terminal.paint(text, *styles) if styles else text)

    def uncaught_error(self, text: str) -> None:
        if _RANK["error"] >= self._rank:
            mark = self._terminal.paint("✘ Uncaught", "red", "bold")
            self._terminal.write(f"{mark} {text.rstrip()}")

    def actor_reset(self, class_name: str, object_id: str, reason: str) -> None:
        if _RANK["warn"] >= self._rank:
            mark = self._terminal.paint("▲", "yellow", "bold")
            self._terminal.write(f"{mark} {class_name} {object_id[:12]}… was reset: {reason}")

    def actor_started(self, class_name: str, object_id: str) -> None:
        self._debug(f"{class_name} {object_id[:12]}… started")

    def actor_evicted(self, class_name: str, object_id: str) -> None:
        self._debug(f"{class_name} {object_id[:12]}… evicted")

    def group_committed(self, batch_count: int, size_bytes: int) -> None:
        if self._rank == 0:
            self._debug(f"committed {batch_count} batches, {size_bytes} bytes")

    def _debug(self, text: str) -> None:
        if self._rank == 0:
            self._terminal.write(self._terminal.paint(text, "dim"))
