"""TCP connections of guests: `emulator.js.socket.Connection` over the host's loop.

A connection is made once the output gate lets it out, and so is each write. It ends with the
context that made it.

Does not know: streams, guest options.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from emulator.js.errors import JsThrow
from emulator.js.socket import connection_failure

if TYPE_CHECKING:
    from emulator.js.promise import Promise
    from emulator.runtime.io_context import IoContext

READ_SIZE = 65_536
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class HostConnection:
    """One connection. Implements `emulator.js.socket.Connection`."""

    def __init__(self, context: IoContext, hostname: str, port: int, *, secure: bool) -> None:
        self._context = context
        self._hostname = hostname
        self._port = port
        self._made: asyncio.Task[Streams] = context.services.loop.create_task(
            self._make(context.outgoing(_nothing()), secure=secure)
        )
        context.own_socket(self)
        self.opened = context.external(self._wait())

    async def _make(self, gate: Awaitable[None], *, secure: bool) -> Streams:
        await gate
        return await asyncio.open_connection(
            self._hostname, self._port, ssl=ssl.create_default_context() if secure else None
        )

    async def _wait(self) -> None:
        await self._streams()

    async def _streams(self) -> Streams:
        try:
            return await asyncio.shield(self._made)
        except OSError:
            self._context.disown_socket(self)
            raise JsThrow(connection_failure(self._port)) from None

    # -- Connection -------------------------------------------------------------------------------

    def read(self) -> Promise:
        """As `Connection` says; a connection that breaks is at its end."""

        async def work() -> bytes | None:
            reader, _ = await self._streams()
            try:
                return await reader.read(READ_SIZE) or None
            except OSError:
                return None

        return self._context.external(work())

    def write(self, data: bytes) -> Promise:
        """As `Connection` says."""

        async def work() -> None:
            _, writer = await self._streams()
            writer.write(data)
            await writer.drain()

        return self._outgoing(work)

    def end(self) -> Promise:
        """As `Connection` says. TLS has no half-closed connections."""

        async def work() -> None:
            _, writer = await self._streams()
            if writer.can_write_eof():
                writer.write_eof()

        return self._outgoing(work)

    def close(self) -> Promise:
        """As `Connection` says."""

        async def work() -> None:
            self._context.disown_socket(self)
            if not self._made.done():
                self._made.cancel()
                return
            with suppress(OSError, JsThrow):
                _, writer = await self._streams()
                writer.close()
                await writer.wait_closed()

        return self._context.external(work())

    def start_tls(self) -> Promise:
        """As `Connection` says."""

        async def work() -> None:
            _, writer = await self._streams()
            try:
                await writer.start_tls(ssl.create_default_context(), server_hostname=self._hostname)
            except OSError:
                raise JsThrow(connection_failure(self._port)) from None

        return self._outgoing(work)

    def _outgoing(self, work: Callable[[], Coroutine[Any, Any, None]]) -> Promise:
        return self._context.external(self._context.outgoing(work()))

    def abort(self) -> None:
        """The context is over."""
        self._made.cancel()
        if self._made.done() and not self._made.cancelled() and self._made.exception() is None:
            self._made.result()[1].transport.abort()


async def _nothing() -> None:
    """Only the way there matters."""
