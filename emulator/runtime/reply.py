"""Reply: the outcome of guest work, for host code to await.

Unlike an asyncio future it needs no event loop until somebody really waits: most requests are
answered within their first turn, and then awaiting the reply does not suspend at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Reply(Generic[T]):
    """Settled once, with a value or an error; later attempts are ignored. One waiter."""

    __slots__ = ("_error", "_future", "_value", "done")

    def __init__(self) -> None:
        self.done = False
        self._value: T | None = None
        self._error: BaseException | None = None
        self._future: asyncio.Future[None] | None = None

    def resolve(self, value: T) -> None:
        """Settles with a value."""
        if not self.done:
            self._value = value
            self._settle()

    def fail(self, error: BaseException) -> None:
        """Settles with an error, which awaiting raises."""
        if not self.done:
            self._error = error
            self._settle()

    def _settle(self) -> None:
        self.done = True
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    def __await__(self) -> Generator[Any, None, T]:
        if not self.done:
            self._future = asyncio.get_running_loop().create_future()
            yield from self._future
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]

    def __repr__(self) -> str:
        state = "pending" if not self.done else "failed" if self._error else "done"
        return f"<Reply {state}>"
