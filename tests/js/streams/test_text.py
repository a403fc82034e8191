"""TextEncoderStream and TextDecoderStream."""

from __future__ import annotations

from typing import Any

from emulator.js.buffers import ArrayBuffer, Uint8Array
from emulator.js.streams import TextDecoderStream, TextEncoderStream
from emulator.js.values import null
from tests.js.streams.support import call, javascript, new, obj, outcome, read

NOT_A_BUFFER = (
    "TypeError: This TransformStream is being used as a byte stream, but received a value that is "
    "not a BufferSource."
)


async def passed(stream: Any, *chunks: Any) -> list[Any]:
    """What comes out, chunk by chunk."""
    writer = call(stream.writable, "getWriter")
    for chunk in chunks:
        call(writer, "write", chunk).handled = True
    call(writer, "close").handled = True
    reader = call(stream.readable, "getReader")
    got: list[Any] = []
    while not (result := await read(reader))[1]:
        got.append(result[0])
    return got


def u8(*values: int) -> Uint8Array:
    return Uint8Array.from_bytes(bytes(values))


@javascript
async def test_surrogates_are_joined_across_chunks() -> None:
    chunks = ["a\ud83d", "\ude00b", 12, "\ud800", "x", "\udc00", "\ud801"]
    assert [b"a", "😀b".encode(), b"12", "\ufffdx".encode(), "\ufffd".encode(),
            "\ufffd".encode()] == await passed(new(TextEncoderStream), *chunks)  # fmt: skip


@javascript
async def test_other_values_are_converted_to_text() -> None:
    got = await passed(new(TextEncoderStream), null, None, "", obj())
    assert got == [b"null", b"undefined", b"[object Object]"]


@javascript
async def test_characters_are_joined_across_chunks() -> None:
    chunks = [u8(0xE2, 0x82), ArrayBuffer(b"\xacA"), u8(0xE2)]
    assert await passed(new(TextDecoderStream), *chunks) == ["€A", "\ufffd"]


@javascript
async def test_fatal_decoding_fails_both_sides() -> None:
    for chunk in (u8(0xFF), u8(0xE2)):
        stream = new(TextDecoderStream, "utf-8", obj(fatal=True))
        reading = call(call(stream.readable, "getReader"), "read")
        writer = call(stream.writable, "getWriter")
        writing = call(writer, "write", chunk)
        writing.handled = True
        closing = call(writer, "close")
        assert await outcome(reading) == "TypeError: Failed to decode input."
        assert await outcome(closing) == "TypeError: Failed to decode input."


@javascript
async def test_only_buffers_can_be_decoded() -> None:
    stream = new(TextDecoderStream)
    writing = call(call(stream.writable, "getWriter"), "write", "x")
    reading = call(call(stream.readable, "getReader"), "read")
    assert await outcome(reading) == NOT_A_BUFFER
    assert await outcome(writing) == NOT_A_BUFFER


@javascript
async def test_properties_and_texts() -> None:
    stream = new(TextDecoderStream, "latin1", obj(fatal=True, ignoreBOM=True))
    assert (stream.encoding, stream.fatal, stream.ignoreBOM) == ("windows-1252", True, True)
    assert new(TextEncoderStream).encoding == "utf-8"
    assert (
        await outcome(lambda: new(TextDecoderStream, "bogus"))
        == 'RangeError: "bogus" is not a valid encoding.'
    )
    assert (
        await outcome(lambda: new(TextDecoderStream, "x", "y"))
        == "TypeError: Failed to construct 'TextDecoderStream': constructor parameter 2 is not of "
        "type 'TextDecoderStreamInit'."
    )
