"""A read into a buffer that the reader brought (BYOB), or that the stream lends to its source.

Theory of operation: the reader's memory is moved into a new ArrayBuffer (the old one is detached,
as in a transfer), filled, and moved on into the view that the reader gets back, so that nothing is
copied and nobody else sees it meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable

from emulator.js.buffers import ArrayBuffer, Uint8Array
from emulator.js.buffers.array_buffer import BufferView
from emulator.js.buffers.data_view import DataView
from emulator.js.buffers.typed_array import TypedArray
from emulator.js.streams.protocols import ReadIntoRequest, ReadRequest

MakeView = Callable[[ArrayBuffer, int, int], BufferView]
"""(buffer, byte offset, byte size) -> view"""


class PullInto:
    """One such read; `request` is None once its reader has gone."""

    __slots__ = (
        "buffer", "element_size", "filled", "is_byob", "make_view", "min_bytes", "offset",
        "request", "size",
    )  # fmt: skip

    def __init__(
        self,
        buffer: ArrayBuffer,
        offset: int,
        size: int,
        *,
        min_bytes: int,
        element_size: int,
        make_view: MakeView,
    ) -> None:
        self.buffer = buffer
        self.offset = offset
        self.size = size
        self.min_bytes = min_bytes
        self.element_size = element_size
        self.make_view = make_view
        self.filled = 0
        self.is_byob = False
        self.request: ReadRequest | ReadIntoRequest | None = None

    @property
    def left(self) -> int:
        """How many bytes still fit."""
        return self.size - self.filled

    def fill(self, data: bytes | memoryview) -> None:
        """Writes bytes behind those that are there; they must fit."""
        assert len(data) <= self.left, f"{len(data)} bytes for {self.left}"
        start = self.offset + self.filled
        self.buffer.data[start : start + len(data)] = data
        self.filled += len(data)

    def is_complete(self) -> bool:
        """Whether the reader can have its view: enough bytes, in whole elements or not."""
        return self.filled >= self.min_bytes

    def take_rest(self) -> bytes:
        """Cuts off the bytes of an element that is not whole, for the next read."""
        rest = self.filled % self.element_size
        if not rest:
            return b""
        end = self.offset + self.filled
        self.filled -= rest
        return bytes(memoryview(self.buffer.data)[end - rest : end])

    def filled_bytes(self) -> bytes:
        """A copy of what was filled."""
        return bytes(memoryview(self.buffer.data)[self.offset : self.offset + self.filled])

    def view(self) -> BufferView:
        """The result: a view of what was filled, on memory that is only the reader's."""
        buffer = ArrayBuffer(self.buffer.detach())
        return self.make_view(buffer, self.offset, self.filled)

    def empty_view(self) -> BufferView:
        """The result at the end of the stream."""
        self.filled = 0
        return self.view()

    def __repr__(self) -> str:
        return f"<PullInto {self.filled}/{self.size} min={self.min_bytes} byob={self.is_byob}>"


def pull_into_view(view: BufferView, min_bytes: int, request: ReadIntoRequest) -> PullInto:
    """A BYOB read; detaches the reader's buffer."""
    offset, size = view.byte_offset, view.byte_size
    element_size = view.element.size if isinstance(view, TypedArray) else 1
    kind = type(view)

    def make_view(buffer: ArrayBuffer, start: int, filled: int) -> BufferView:
        if isinstance(view, DataView):
            return DataView(buffer, start, filled)
        assert issubclass(kind, TypedArray), kind
        return kind(buffer, start, filled // element_size)

    result = PullInto(
        ArrayBuffer(view.buffer.detach()),
        offset,
        size,
        min_bytes=min_bytes,
        element_size=element_size,
        make_view=make_view,
    )
    result.is_byob = True
    result.request = request
    return result


def pull_into_new(size: int, request: ReadRequest) -> PullInto:
    """A default read that lends its source a buffer of that size."""
    result = PullInto(
        ArrayBuffer(),
        0,
        size,
        min_bytes=1,
        element_size=1,
        make_view=Uint8Array,
    )
    result.request = request
    return result
