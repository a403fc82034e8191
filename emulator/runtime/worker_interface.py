"""The waist: whatever can be called is a WorkerInterface, whoever calls holds one.

Calls and answers are plain data (HTTP messages, encoded values, GuestError), so that the callee may
live in another process with a module universe of its own. Calls that are made one after the other,
without awaiting, start in that order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from emulator.runtime.http import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class RpcCall:
    """A method call. `arguments` is an encoded JavaScript array (emulator.codec)."""

    method: str
    arguments: bytes


class WorkerInterface(Protocol):
    """A worker entrypoint, a Durable Object, or the outside world. Failures are GuestError."""

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        """Delivers a request."""
        ...

    async def call(self, call: RpcCall) -> bytes:
        """Calls a method; the encoded result."""
        ...
