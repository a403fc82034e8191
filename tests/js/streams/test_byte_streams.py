"""Streams of `type: "bytes"`: BYOB readers, byobRequest, autoAllocateChunkSize."""

from __future__ import annotations

from typing import Any

from emulator.js.buffers import ArrayBuffer, Uint8Array, Uint16Array
from emulator.js.buffers.data_view import DataView
from emulator.js.streams import ReadableStream
from emulator.js.values import null
from tests.js.streams.support import call, javascript, new, obj, outcome, read, tick


def u8(data: bytes | int) -> Uint8Array:
    return Uint8Array.from_bytes(bytes(data))


def byte_stream(strategy: Any = None, **members: Any) -> ReadableStream:
    return new(ReadableStream, obj(type="bytes", **members), strategy)


def byob(stream: ReadableStream) -> Any:
    return call(stream, "getReader", obj(mode="byob"))


def bytes_then_close(data: bytes) -> ReadableStream:
    def start(controller: Any) -> None:
        call(controller, "enqueue", u8(data))
        call(controller, "close")

    return byte_stream(start=start)


@javascript
async def test_default_reads_give_chunks_as_they_were_enqueued() -> None:
    reader = call(bytes_then_close(b"hello"), "getReader")
    assert [await read(reader), await read(reader)] == [(b"hello", False), (None, True)]


@javascript
async def test_byob_reads_fill_the_readers_view() -> None:
    reader = byob(bytes_then_close(b"hello"))
    assert [await read(reader, u8(3)) for _ in range(3)] == [
        (b"hel", False),
        (b"lo", False),
        (b"", True),
    ]


@javascript
async def test_byob_reads_keep_type_offset_and_buffer_size() -> None:
    reader = byob(bytes_then_close(b"\1\0\2\0"))
    result = await call(reader, "read", Uint16Array.from_bytes(bytes(8)))
    value = result.js_get("value")
    assert (Uint16Array, 2, 2, 8) == (
        type(value), value.js_get("length"), value.view[1], len(value.buffer.data),
    )  # fmt: skip
    reader = byob(bytes_then_close(b"\1\0\2\0"))
    result = await call(reader, "read", DataView(ArrayBuffer(bytes(8)), 2, 3))
    value = result.js_get("value")
    assert (DataView, 3, 2, 8) == (
        type(value), value.byte_size, value.byte_offset, len(value.buffer.data),
    )  # fmt: skip


@javascript
async def test_buffers_are_detached_while_they_are_lent() -> None:
    controllers: list[Any] = []
    stream = byte_stream(start=controllers.append)
    chunk = u8(b"ab")
    call(controllers[0], "enqueue", chunk)
    assert chunk.buffer.detached_
    view = u8(4)
    await call(byob(stream), "read", view)
    assert view.buffer.detached_


@javascript
async def test_a_source_writes_into_the_byob_request() -> None:
    seen: list[Any] = []

    def pull(controller: Any) -> None:
        request = controller.byobRequest
        view = request.view
        seen.append((request.js_class_name, view.byte_size, view.byte_offset))
        view.js_set("0", 7)
        view.js_set("1", 8)
        call(request, "respond", 2)
        seen.append(request.view)

    assert await read(byob(byte_stream(pull=pull)), u8(4)) == (b"\7\10", False)
    assert [("ReadableStreamBYOBRequest", 4, 0), null] == seen


@javascript
async def test_default_reads_lend_a_buffer_too() -> None:
    for size, expected in ((None, 4096), (8, 8)):
        sizes: list[int] = []

        def pull(controller: Any, sizes: list[int] = sizes) -> None:
            request = controller.byobRequest
            sizes.append(request.view.byte_size)
            request.view.js_set("0", 1)
            call(request, "respond", 1)

        stream = byte_stream(pull=pull, autoAllocateChunkSize=size)
        assert await read(call(stream, "getReader")) == (b"\1", False)
        assert expected == sizes[0]


@javascript
async def test_enqueue_overtakes_the_byob_request() -> None:
    requests: list[Any] = []

    def pull(controller: Any) -> None:
        requests.append(controller.byobRequest)
        call(controller, "enqueue", u8(b"\1\2\3"))

    reader = byob(byte_stream(pull=pull))
    assert [await read(reader, u8(2)) for _ in range(2)] == [(b"\1\2", False), (b"\3", False)]
    assert (
        await outcome(lambda: call(requests[0], "respond", 1))
        == "TypeError: This ReadableStreamBYOBRequest has been invalidated."
    )


@javascript
async def test_wrong_responses() -> None:
    async def answer(action: Any) -> Any:
        stream = byte_stream(pull=lambda c: action(c.byobRequest))
        return await outcome(call(byob(stream), "read", u8(2)))

    assert (
        await answer(lambda request: call(request, "respond", 0))
        == "TypeError: The bytesWritten must be more than zero while the stream is open."
    )
    assert (
        await answer(lambda request: call(request, "respond", 9))
        == "RangeError: Too many bytes [9] in response to a BYOB read request."
    )
    assert (
        await answer(lambda request: call(request, "respondWithNewView", u8(9)))
        == "RangeError: The underlying ArrayBuffer is not the correct length."
    )


@javascript
async def test_respond_with_new_view() -> None:
    def pull(controller: Any) -> None:
        view = controller.byobRequest.view
        view.js_set("0", 3)
        call(controller.byobRequest, "respondWithNewView", call(view, "subarray", 0, 1))

    assert await read(byob(byte_stream(pull=pull)), u8(2)) == (b"\3", False)


@javascript
async def test_closing_ends_the_read_that_waits() -> None:
    stream = byte_stream(pull=lambda c: call(c, "close"))
    assert await read(byob(stream), u8(2)) == (b"", True)


@javascript
async def test_min_waits_for_so_many_elements() -> None:
    count = 0

    def pull(controller: Any) -> None:
        nonlocal count
        count += 1
        call(controller, "enqueue", u8(bytes([count])))

    reader = byob(byte_stream(pull=pull))
    assert await outcome(call(reader, "read", u8(5), obj(min=3))) == (b"\1\2\3", False)
    assert await outcome(call(reader, "readAtLeast", 2, u8(5))) == (b"\4\5", False)
    result = await call(reader, "read", Uint16Array.from_bytes(bytes(4)), obj(min=2))
    assert result.js_get("value").tobytes() == b"\6\7\10\11"


@javascript
async def test_bytes_of_half_an_element_are_left_for_the_next_read() -> None:
    reader = byob(bytes_then_close(b"\1\2\3"))
    assert await read(reader, Uint16Array.from_bytes(bytes(8))) == (b"\1\2", False)
    assert await read(reader, u8(8)) == (b"\3", False)


@javascript
async def test_read_argument_texts() -> None:
    reader = byob(byte_stream())
    not_a_view = (
        "TypeError: Failed to execute 'read' on 'ReadableStreamBYOBReader': parameter 1 is not of "
        "type 'ArrayBufferView'."
    )
    texts: list[tuple[tuple[Any, ...], str]] = [
        ((), not_a_view),
        ((ArrayBuffer(bytes(4)),), not_a_view),
        ((u8(0),), ('TypeError: You must call read() on a "byob" reader with a positive-sized '
         "TypedArray object.")),
        ((u8(5), obj(min=0)), "TypeError: Requested invalid minimum number of bytes to read (0)."),
        ((u8(5), obj(min=6)), "TypeError: Minimum bytes to read (6) exceeds size of buffer (5)."),
    ]  # fmt: skip
    for args, text in texts:
        assert text == await outcome(call(reader, "read", *args))


@javascript
async def test_enqueue_texts() -> None:
    controllers: list[Any] = []
    byte_stream(start=controllers.append)
    enqueue = lambda *args: outcome(lambda: call(controllers[0], "enqueue", *args))  # noqa: E731
    assert (
        await enqueue("abc")
        == "TypeError: Failed to execute 'enqueue' on 'ReadableByteStreamController': parameter 1 is "
        "not of type 'BufferSource'."
    )
    assert await enqueue(u8(0)) == "TypeError: Cannot enqueue a zero-length ArrayBuffer."
    call(controllers[0], "close")
    assert await enqueue(u8(1)) == "TypeError: This ReadableByteStreamController is closed."
    assert (
        await outcome(lambda: call(controllers[0], "close"))
        == "TypeError: This ReadableStream is closed."
    )


@javascript
async def test_desired_size_counts_bytes() -> None:
    controllers: list[Any] = []
    byte_stream(start=controllers.append)
    byte_stream(obj(highWaterMark=10), start=controllers.append)
    call(controllers[1], "enqueue", u8(3))
    assert [controller.desiredSize for controller in controllers] == [0, 7]


@javascript
async def test_cancel_and_error_reach_the_read_that_waits() -> None:
    reader = byob(byte_stream())
    waiting = call(reader, "read", u8(3))
    await call(reader, "cancel")
    assert await outcome(waiting) == (b"", True)
    controllers: list[Any] = []
    reader = byob(byte_stream(start=controllers.append))
    waiting = call(reader, "read", u8(3))
    call(controllers[0], "error", "E")
    assert await outcome(waiting) == "E"


@javascript
async def test_an_answer_after_the_reader_left_goes_to_the_next_one() -> None:
    requests: list[Any] = []
    stream = byte_stream(pull=lambda c: requests.append(c.byobRequest))
    reader = byob(stream)
    waiting = call(reader, "read", u8(3))
    await tick()
    call(reader, "releaseLock")
    assert await outcome(waiting) == "TypeError: This ReadableStream reader has been released."
    requests[0].view.js_set("0", 9)
    call(requests[0], "respond", 1)
    assert await read(call(stream, "getReader")) == (b"\t", False)
