"""A Redis server as far as tests need one: GET, SET, INCRBY over RESP2, everything else as clients
ask for it at the start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

OK = b"+OK\r\n"


class FakeRedis:
    """Its data is shared by all connections."""

    def __init__(self) -> None:
        self.data: dict[bytes, bytes] = {}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Its URL."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0?protocol=2"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readline():
                words = [await self._word(reader) for _ in range(int(head[1:]))]
                writer.write(self._answer(*words))
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _word(self, reader: asyncio.StreamReader) -> bytes:
        size = int((await reader.readline())[1:])
        return (await reader.readexactly(size + 2))[:-2]

    def _answer(self, command: bytes, *arguments: bytes) -> bytes:
        if command == b"SET":
            self.data[arguments[0]] = arguments[1]
        elif command == b"GET":
            value = self.data.get(arguments[0])
            return b"$-1\r\n" if value is None else b"$%d\r\n%b\r\n" % (len(value), value)
        elif command == b"INCRBY":
            count = int(self.data.get(arguments[0], b"0")) + int(arguments[1])
            self.data[arguments[0]] = b"%d" % count
            return b":%d\r\n" % count
        elif command == b"FAIL":
            return b"-ERR no such thing\r\n"
        return OK
