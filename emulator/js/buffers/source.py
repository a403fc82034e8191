"""WebIDL's BufferSource: bytes of an ArrayBuffer or a view."""

from __future__ import annotations

from emulator.js.buffers.array_buffer import ArrayBuffer, BufferView
from emulator.js.values import JsValue


def is_buffer_source(value: JsValue) -> bool:
    """Whether the value is an ArrayBuffer, a typed array or a DataView."""
    return isinstance(value, ArrayBuffer | BufferView)


def bytes_of(value: JsValue) -> bytes | None:
    """A copy of a BufferSource's bytes; None if the value is not one."""
    if isinstance(value, BufferView):
        return value.tobytes()
    return bytes(value.data) if isinstance(value, ArrayBuffer) else None


def view_of(value: JsValue) -> memoryview | None:
    """A BufferSource's memory itself, as bytes; None if the value is not one.

    Do not keep it: resizing or detaching the buffer leaves it looking at old memory.
    """
    if isinstance(value, BufferView):
        start = value.byte_offset
        return memoryview(value.buffer.data)[start : start + value.byte_size]
    return memoryview(value.data) if isinstance(value, ArrayBuffer) else None
