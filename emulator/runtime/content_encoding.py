"""`Content-Encoding` of bodies: what a guest reads is decoded, what it sends is encoded.

As on Cloudflare exactly the values `gzip` and `br` mean something; a body with any other value, or
with several, travels as it is. The header stays in either case.

Guarantees: no more than one piece is held; a body that is no valid encoding, or ends too early,
fails with the platform's error.
Does not know: guests, which messages are to be coded.
Source: workerd src/workerd/api/system-streams.c++; kj/compat/gzip.c++ and brotli.c++.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from emulator.runtime.errors import platform_error

if TYPE_CHECKING:
    from emulator.runtime.http import Body, ByteStream

ENCODINGS: Final = ("gzip", "br")
BROTLI_FLAG: Final = "brotli_content_encoding"
FAILED: Final = "{} decompression failed."
ENDED_EARLY: Final = "{} compressed stream ended prematurely."

_GZIP_WINDOW_BITS: Final = 31


def encoding_of(headers: list[tuple[str, str]], flag: Callable[[str], bool]) -> str | None:
    """The encoding that the body of a message with these (lower-case) headers has, if it is known.

    `flag`: whether a compatibility flag is on. It is asked rarely, since most messages have none.
    """
    found: str | None = None
    for name, value in headers:
        if name == "content-encoding":
            if found is not None:
                return None
            found = value
    if found not in ENCODINGS or (found == "br" and not flag(BROTLI_FLAG)):
        return None
    return found


class _Decoder(Protocol):
    """Decodes one body."""

    name: str

    def feed(self, data: bytes) -> bytes:
        """More input; the result may be empty. Raises `ValueError` or `zlib.error`."""
        ...

    def complete(self) -> bool:
        """Whether the input may end here."""
        ...


class _Gzip:
    """Gzip, of one or more members."""

    name = "Gzip"

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=_GZIP_WINDOW_BITS)

    def feed(self, data: bytes) -> bytes:
        output = self._zlib.decompress(data)
        while self._zlib.unused_data:
            rest = self._zlib.unused_data
            self._zlib = zlib.decompressobj(wbits=_GZIP_WINDOW_BITS)
            output += self._zlib.decompress(rest)
        return output

    def complete(self) -> bool:
        return self._zlib.eof


class _Brotli:
    """Brotli; the library is loaded by the first body that needs it."""

    name = "Brotli"

    def __init__(self) -> None:
        import brotli  # type: ignore[import-untyped]  # noqa: PLC0415

        self._decoder: Any = brotli.Decompressor()
        self._failure: type[Exception] = brotli.error

    def feed(self, data: bytes) -> bytes:
        try:
            output: bytes = self._decoder.process(data)
        except self._failure as error:
            raise ValueError(str(error)) from error
        return output

    def complete(self) -> bool:
        finished: bool = self._decoder.is_finished()
        return finished


class DecodedStream:
    """A body without its encoding. Implements ByteStream."""

    __slots__ = ("_decoder", "_stream", "encoding", "untouched")

    def __init__(self, stream: ByteStream, encoding: str) -> None:
        self.encoding = encoding
        self.untouched = True
        self._stream = stream
        self._decoder: _Decoder = _Gzip() if encoding == "gzip" else _Brotli()

    @property
    def original(self) -> ByteStream:
        """The body with its encoding."""
        return self._stream

    async def read(self) -> bytes:
        self.untouched = False
        while data := await self._stream.read():
            try:
                output = self._decoder.feed(data)
            except (ValueError, zlib.error):
                await self._stream.cancel()
                raise platform_error(FAILED.format(self._decoder.name), "TypeError") from None
            if output:
                return output
        if not self._decoder.complete():
            raise platform_error(ENDED_EARLY.format(self._decoder.name), "TypeError")
        return b""

    async def cancel(self, reason: BaseException | None = None) -> None:
        await self._stream.cancel(reason)

    def __repr__(self) -> str:
        return f"<DecodedStream {self._decoder.name} of {self._stream!r}>"


class EncodedStream:
    """A body with an encoding put on. Every piece leaves at once: it may be all for a while.

    Implements ByteStream.
    """

    __slots__ = ("_encoder", "_ended", "_stream")

    def __init__(self, stream: ByteStream, encoding: str) -> None:
        self._stream = stream
        self._encoder = _encoder(encoding)
        self._ended = False

    async def read(self) -> bytes:
        if self._ended:
            return b""
        data = await self._stream.read()
        if data:
            return self._encoder.add(data)
        self._ended = True
        return self._encoder.end()

    async def cancel(self, reason: BaseException | None = None) -> None:
        await self._stream.cancel(reason)

    def __repr__(self) -> str:
        return f"<EncodedStream of {self._stream!r}>"


class _Encoder(Protocol):
    """Encodes one body. No result is empty."""

    def add(self, data: bytes) -> bytes:
        """More input."""
        ...

    def end(self) -> bytes:
        """What is left at the end."""
        ...


class _GzipEncoder:
    def __init__(self) -> None:
        self._zlib = zlib.compressobj(wbits=_GZIP_WINDOW_BITS)

    def add(self, data: bytes) -> bytes:
        return self._zlib.compress(data) + self._zlib.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._zlib.flush()


class _BrotliEncoder:
    def __init__(self) -> None:
        import brotli  # noqa: PLC0415

        self._compressor: Any = brotli.Compressor(quality=5)

    def add(self, data: bytes) -> bytes:
        output: bytes = self._compressor.process(data) + self._compressor.flush()
        return output

    def end(self) -> bytes:
        output: bytes = self._compressor.finish()
        return output


def _encoder(encoding: str) -> _Encoder:
    return _GzipEncoder() if encoding == "gzip" else _BrotliEncoder()


def decoded(body: Body, encoding: str) -> Body:
    """A body that has an encoding, without it; bytes are decoded at the first read."""
    if body is None:
        return None
    return DecodedStream(_BytesStream(body) if isinstance(body, bytes) else body, encoding)


def encoded(body: Body, encoding: str) -> Body:
    """A body with an encoding put on."""
    if body is None:
        return None
    if isinstance(body, bytes):
        encoder = _encoder(encoding)
        return (encoder.add(body) if body else b"") + encoder.end()
    return EncodedStream(body, encoding)


def still_encoded(body: Body, encoding: str) -> Body:
    """The original of a body that has been decoded, if its encoding is the one that is wanted."""
    if isinstance(body, DecodedStream) and body.untouched and body.encoding == encoding:
        return body.original
    return None


class _BytesStream:
    """Bytes as a ByteStream."""

    __slots__ = ("_data",)

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def read(self) -> bytes:
        data, self._data = self._data, b""
        return data

    async def cancel(self, reason: BaseException | None = None) -> None:
        self._data = b""
