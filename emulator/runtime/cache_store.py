"""Where cached responses are kept: the port, and a store in memory.

Guarantees: a store may lose an entry at any time, and never gives half of one.
Does not know: what may be cached, and for how long.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Protocol

MEMORY_BYTES_MAX: Final = 64 * 1024 * 1024

CacheName = str | None
"""The name of a cache; None is the default one."""


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """A response as it is kept. Names of headers are lower-case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    expires_ms: float


class CacheStore(Protocol):
    """Keeps responses by cache and key."""

    async def get(self, cache: CacheName, key: str) -> CachedResponse | None:
        """The response, which may have expired."""
        ...

    async def put(self, cache: CacheName, key: str, response: CachedResponse) -> None:
        """Keeps a response in place of the one that is there."""
        ...

    async def delete(self, cache: CacheName, key: str) -> CachedResponse | None:
        """Forgets a response, and gives it."""
        ...


class MemoryCacheStore:
    """Keeps as much as fits; what was not asked for longest goes first."""

    def __init__(self, bytes_max: int = MEMORY_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: OrderedDict[tuple[CacheName, str], CachedResponse] = OrderedDict()

    async def get(self, cache: CacheName, key: str) -> CachedResponse | None:
        response = self._kept.get((cache, key))
        if response is not None:
            self._kept.move_to_end((cache, key))
        return response

    async def put(self, cache: CacheName, key: str, response: CachedResponse) -> None:
        await self.delete(cache, key)
        self._kept[cache, key] = response
        self._bytes += len(response.body)
        while self._bytes > self._bytes_max:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped.body)

    async def delete(self, cache: CacheName, key: str) -> CachedResponse | None:
        response = self._kept.pop((cache, key), None)
        if response is not None:
            self._bytes -= len(response.body)
        return response

    def __repr__(self) -> str:
        return f"<MemoryCacheStore entries={len(self._kept)} bytes={self._bytes}>"
