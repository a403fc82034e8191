"""A PostgreSQL server as far as tests need one: the start of a connection, with TLS or without,
and simple queries, which succeed with one command tag or fail."""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SSL_REQUEST = 80877103
PARAMETERS = {
    "server_version": "16.1",
    "server_encoding": "UTF8",
    "client_encoding": "UTF8",
    "integer_datetimes": "on",
    "standard_conforming_strings": "on",
}


class FakePostgres:
    """Speaks version 3 of the protocol; trusts everybody."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Its URL."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield f"postgres://me:secret@localhost:{server.sockets[0].getsockname()[1]}/data"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._start(reader, writer)
            while (kind := await reader.readexactly(1)) != b"X":
                body = await self._body(reader)
                if kind == b"Q":
                    self._query(writer, body[:-1].decode())
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _body(self, reader: asyncio.StreamReader) -> bytes:
        (size,) = struct.unpack("!i", await reader.readexactly(4))
        return await reader.readexactly(size - 4)

    async def _start(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = await self._body(reader)
        if struct.unpack("!i", body[:4])[0] == SSL_REQUEST:
            if self._context is None:
                writer.write(b"N")
            else:
                writer.write(b"S")
                await writer.start_tls(self._context)
            await self._body(reader)
        _send(writer, b"R", struct.pack("!i", 0))
        for name, value in PARAMETERS.items():
            _send(writer, b"S", f"{name}\0{value}\0".encode())
        _send(writer, b"K", struct.pack("!ii", 1, 1))
        _send(writer, b"Z", b"I")

    def _query(self, writer: asyncio.StreamWriter, text: str) -> None:
        if text == "FAIL":
            _send(writer, b"E", b"SERROR\0VERROR\0C42601\0Mno such thing\0\0")
        else:
            _send(writer, b"C", text.encode() + b"\0")
        _send(writer, b"Z", b"I")


def _send(writer: asyncio.StreamWriter, kind: bytes, body: bytes) -> None:
    writer.write(kind + struct.pack("!i", len(body) + 4) + body)
