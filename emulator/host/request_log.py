"""The request log: one line for each answered request, written in batches.

A write to a terminal costs more than a small request does, so lines are collected and handed over
once per turn of the event loop. Nothing waits longer than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.host.reporter import RequestLine

if TYPE_CHECKING:
    import asyncio

    from emulator.host.reporter import Reporter


class RequestLog:
    """Collects lines for a reporter."""

    __slots__ = ("_lines", "_loop", "_reporter")

    def __init__(self, reporter: Reporter, loop: asyncio.AbstractEventLoop) -> None:
        self._reporter = reporter
        self._loop = loop
        self._lines: list[RequestLine] = []

    def __repr__(self) -> str:
        return f"<RequestLog pending={len(self._lines)}>"

    def add(self, line: RequestLine) -> None:
        if not self._lines:
            self._loop.call_soon(self.flush)
        self._lines.append(line)

    def flush(self) -> None:
        """Hands over what is collected."""
        if lines := self._lines:
            self._lines = []
            self._reporter.requests(lines)
