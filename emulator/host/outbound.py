"""The way to the world outside, opened by the first request that takes it.

aiohttp's client costs time and memory that most Workers never need: it is not imported before.
Does not know: HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from emulator.host.http_client import HttpClient
    from emulator.runtime.http import HttpRequest, HttpResponse


class HttpOutbound:
    """Implements the Outbound port. Use as an asynchronous context manager, or call `close`."""

    def __init__(self) -> None:
        self._client: HttpClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        """See `emulator.runtime.services.Outbound`."""
        if self._client is None:
            from emulator.host.http_client import HttpClient  # noqa: PLC0415 - see the docstring

            self._client = HttpClient()
        return await self._client.fetch(request)

    async def close(self) -> None:
        """Ends all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def __repr__(self) -> str:
        return f"<HttpOutbound {self._client or 'unused'}>"
