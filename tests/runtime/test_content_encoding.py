"""Content encodings, whatever pieces bodies come in."""

from __future__ import annotations

import asyncio
import gzip

import brotli
import pytest

from emulator.runtime.content_encoding import decoded, encoded, encoding_of
from emulator.runtime.errors import GuestError
from emulator.runtime.http import read_all
from tests.host.fakes import ListStream

TEXT = b"over and over " * 500
PACKED = {"gzip": gzip.compress(TEXT), "br": brotli.compress(TEXT)}


def read(body: object) -> bytes:
    return asyncio.run(read_all(body))  # type: ignore[arg-type]


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("encoding", ["gzip", "br"])
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_stream_is_decoded_in_pieces_of_any_size(encoding: str, size: int) -> None:
    assert read(decoded(ListStream(*cut(PACKED[encoding], size)), encoding)) == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_what_is_encoded_can_be_decoded(encoding: str) -> None:
    for body in (TEXT, b"", ListStream(*cut(TEXT, 999)), ListStream()):
        wire = read(encoded(body, encoding))
        assert wire
        expected = body if isinstance(body, bytes) else read(ListStream(*cut(TEXT, 999)))
        assert read(decoded(wire, encoding)) in (expected, b"")


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_every_piece_leaves_at_once(encoding: str) -> None:
    async def scenario() -> list[bytes]:
        stream = encoded(ListStream(b"first", b"second"), encoding)
        assert stream is not None
        assert not isinstance(stream, bytes)
        pieces = ListStream(await stream.read())
        body = decoded(pieces, encoding)
        assert body is not None
        assert not isinstance(body, bytes)
        return [await body.read()]

    assert asyncio.run(scenario()) == [b"first"]


def test_gzip_may_have_several_members() -> None:
    assert read(decoded(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip")) == b"one two"


@pytest.mark.parametrize(
    ("encoding", "data", "message"),
    [
        ("gzip", b"not gzip", "Gzip decompression failed."),
        ("gzip", PACKED["gzip"] + b"xyz", "Gzip decompression failed."),
        ("gzip", PACKED["gzip"][:-4], "Gzip compressed stream ended prematurely."),
        ("gzip", b"", "Gzip compressed stream ended prematurely."),
        ("br", b"not brotli", "Brotli decompression failed."),
        ("br", PACKED["br"][:-4], "Brotli compressed stream ended prematurely."),
    ],
)
def test_what_is_no_encoding_fails_as_on_the_platform(
    encoding: str, data: bytes, message: str
) -> None:
    with pytest.raises(GuestError) as caught:
        read(decoded(data, encoding))
    assert (caught.value.name, caught.value.message) == ("TypeError", message)


def test_cancelling_reaches_the_stream_below() -> None:
    below = ListStream(b"not gzip", b"more")
    with pytest.raises(GuestError):
        read(decoded(below, "gzip"))
    assert below.cancelled == [None]


@pytest.mark.parametrize(
    ("values", "brotli_on", "expected"),
    [
        (["gzip"], True, "gzip"),
        (["br"], True, "br"),
        (["br"], False, None),
        (["GZIP"], True, None),
        (["x-gzip"], True, None),
        (["deflate"], True, None),
        (["identity", "gzip"], True, None),
        ([], True, None),
    ],
)
def test_which_encodings_mean_something(
    values: list[str], brotli_on: bool, expected: str | None
) -> None:
    headers = [("content-encoding", value) for value in values]
    assert encoding_of(headers, lambda flag: brotli_on) == expected
