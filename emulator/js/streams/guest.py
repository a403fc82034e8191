"""Streams that guests construct: their options objects as sources and sinks.

Source: Streams standard, sections 4.2.3 and 5.2.3; texts of workerd.
"""

from __future__ import annotations

from emulator.js.convert import get_option, to_string
from emulator.js.errors import type_error
from emulator.js.streams.byte_controller import byte_readable
from emulator.js.streams.callbacks import (
    Outcome,
    callback,
    check_options,
    strategy,
    to_size,
)
from emulator.js.streams.default_controller import default_readable
from emulator.js.streams.readable import ReadableStream
from emulator.js.values import JsValue

BAD_TYPE = '"{type}" is not a valid type of ReadableStream.'
ZERO_CHUNK_SIZE = "The autoAllocateChunkSize option cannot be zero."
# workerd lends a byte source a buffer of this size when it names none itself.
AUTO_ALLOCATE_CHUNK_SIZE = 4096


class GuestSource:
    """`{start, pull, cancel}` of a guest."""

    __slots__ = ("_cancel", "_pull", "_start")

    def __init__(self, options: JsValue) -> None:
        self._start = callback(options, "start", "UnderlyingSource")
        self._pull = callback(options, "pull", "UnderlyingSource")
        self._cancel = callback(options, "cancel", "UnderlyingSource")

    def start(self, controller: JsValue) -> Outcome:
        return None if self._start is None else self._start(controller)

    def pull(self, controller: JsValue) -> Outcome:
        return None if self._pull is None else self._pull(controller)

    def cancel(self, reason: JsValue) -> Outcome:
        return None if self._cancel is None else self._cancel(reason)


def guest_readable(options: JsValue, strategy_options: JsValue) -> ReadableStream:
    """`new ReadableStream(source, strategy)`."""
    check_options(options, "ReadableStream", 1, "UnderlyingSource")
    kind = get_option(options, "type")
    source = GuestSource(options)
    if kind is None or kind == "":
        return default_readable(source, strategy(strategy_options, "ReadableStream", 2, 1))
    if kind != "bytes":
        raise type_error(BAD_TYPE.format(type=to_string(kind)))
    chunk_size = get_option(options, "autoAllocateChunkSize")
    size = AUTO_ALLOCATE_CHUNK_SIZE if chunk_size is None else to_size(chunk_size)
    if not size:
        raise type_error(ZERO_CHUNK_SIZE)
    high_water_mark = strategy(strategy_options, "ReadableStream", 2, 0).high_water_mark
    return byte_readable(source, high_water_mark, size)
