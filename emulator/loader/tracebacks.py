"""Tracebacks of guest code: the developer's frames, without the emulator's and the SDK's own.

Frames of pyworkers, of the SDK and of asyncio are left out where guest frames remain; if none would
remain the traceback is shown whole, since then it is all there is. Chained exceptions are kept.
"""

from __future__ import annotations

import asyncio
import importlib.util
import traceback
from pathlib import Path
from types import TracebackType
from typing import Final

import emulator

_OWN: Final = str(Path(emulator.__file__).parent)
_ASYNCIO: Final = str(Path(asyncio.__file__).parent)


def _sdk_directory() -> str:
    spec = importlib.util.find_spec("workers")
    return str(Path(spec.origin).parent) if spec is not None and spec.origin else "\0"


class GuestTracebacks:
    """Formats exceptions of one guest."""

    def __init__(self) -> None:
        self._hidden = (_OWN, _ASYNCIO, _sdk_directory(), "<frozen importlib")

    def is_hidden(self, filename: str) -> bool:
        """Whether frames of this file are not the developer's."""
        return filename.startswith(self._hidden)

    def format(self, exception: BaseException) -> str:
        """The traceback's text, with a final newline."""
        summary = traceback.TracebackException.from_exception(exception)
        self._trim(summary, set())
        return "".join(summary.format())

    def _trim(self, summary: traceback.TracebackException, seen: set[int]) -> None:
        if id(summary) in seen:
            return
        seen.add(id(summary))
        kept = [frame for frame in summary.stack if not self.is_hidden(frame.filename)]
        is_syntax_error = getattr(summary, "msg", None) is not None  # which shows its own line
        if kept or is_syntax_error:
            summary.stack[:] = kept
        for linked in (summary.__cause__, summary.__context__, *(summary.exceptions or ())):
            if linked is not None:
                self._trim(linked, seen)

    def guest_frames(self, trace: TracebackType | None) -> list[traceback.FrameSummary]:
        """The developer's frames of a traceback, outermost first."""
        return [
            frame for frame in traceback.extract_tb(trace) if not self.is_hidden(frame.filename)
        ]
