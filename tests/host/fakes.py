"""Stand-ins for what the host stands on: a handler of requests, a stream, a reporter."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

from emulator.host.reporter import Reporter, RequestLine, WorkerFacts
from emulator.host.server import HttpServer
from emulator.runtime.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], Awaitable[HttpResponse]]


class FakeEmulator:
    """Answers with a function, and keeps what it was asked."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.requests: list[HttpRequest] = []

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        return await self._handler(request)


class ListStream:
    """A body of given chunks; an exception among them is raised."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self._chunks = list(chunks)
        self.cancelled: list[BaseException | None] = []

    async def read(self) -> bytes:
        if not self._chunks:
            return b""
        chunk = self._chunks.pop(0)
        if isinstance(chunk, Exception):
            raise chunk
        return chunk

    async def cancel(self, reason: BaseException | None = None) -> None:
        self.cancelled.append(reason)


class RecordingReporter(Reporter):
    """Keeps everything it is told, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, object]] = []
        self.lines: list[RequestLine] = []
        self.logged = asyncio.Event()

    def ready(self, url: str, facts: WorkerFacts, elapsed_ms: float) -> None:
        self.events.append(("ready", facts))

    def requests(self, lines: Collection[RequestLine]) -> None:
        self.lines.extend(lines)
        self.logged.set()

    def guest_error(self, error: Exception) -> None:
        self.events.append(("guest_error", str(error)))

    def stream_failed(self, path: str, error: BaseException) -> None:
        self.events.append(("stream_failed", str(error)))

    def internal_error(self, text: str) -> None:
        self.events.append(("internal_error", text.strip().splitlines()[-1]))


class Served:
    """A server that runs, and its surroundings."""

    def __init__(
        self, server: HttpServer, emulator: FakeEmulator, reporter: RecordingReporter, port: int
    ) -> None:
        self.server = server
        self.emulator = emulator
        self.reporter = reporter
        self.port = port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def raw(self, request: bytes) -> bytes:
        """Sends bytes and reads until the server closes the connection."""
        reader, writer = await self.connect()
        writer.write(request)
        data = await reader.read()
        writer.close()
        await writer.wait_closed()
        return data


@asynccontextmanager
async def serving(handler: Handler, **options: object) -> AsyncIterator[Served]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    listener.setblocking(False)
    port = listener.getsockname()[1]
    emulator, reporter = FakeEmulator(handler), RecordingReporter()
    server = HttpServer(emulator, reporter, **options)  # type: ignore[arg-type]
    await server.start([listener])
    try:
        yield Served(server, emulator, reporter, port)
    finally:
        await server.drain(0.0)


def text_response(text: str, status: int = 200, *headers: tuple[str, str]) -> HttpResponse:
    return HttpResponse(status, "", [("content-type", "text/plain"), *headers], text.encode())


def always(response: HttpResponse) -> Handler:
    async def handler(_request: HttpRequest) -> HttpResponse:
        return response

    return handler
