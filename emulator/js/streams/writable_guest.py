"""`new WritableStream(sink, strategy)` with a guest's sink.

Source: Streams standard, section 5.2.3.
"""

from __future__ import annotations

from emulator.js.streams.callbacks import Outcome, callback, check_options, strategy
from emulator.js.streams.writable import WritableStream
from emulator.js.values import JsValue


class GuestSink:
    """`{start, write, close, abort}` of a guest."""

    __slots__ = ("_abort", "_close", "_start", "_write")

    def __init__(self, options: JsValue) -> None:
        self._start = callback(options, "start", "UnderlyingSink")
        self._write = callback(options, "write", "UnderlyingSink")
        self._close = callback(options, "close", "UnderlyingSink")
        self._abort = callback(options, "abort", "UnderlyingSink")

    def start(self, controller: JsValue) -> Outcome:
        return None if self._start is None else self._start(controller)

    def write(self, chunk: JsValue, controller: JsValue) -> Outcome:
        return None if self._write is None else self._write(chunk, controller)

    def close(self) -> Outcome:
        return None if self._close is None else self._close()

    def abort(self, reason: JsValue) -> Outcome:
        return None if self._abort is None else self._abort(reason)


def guest_writable(options: JsValue, strategy_options: JsValue) -> WritableStream:
    """A stream over a guest's sink."""
    check_options(options, "WritableStream", 1, "UnderlyingSink")
    sink = GuestSink(options)
    return WritableStream(sink, strategy(strategy_options, "WritableStream", 2, 1))
