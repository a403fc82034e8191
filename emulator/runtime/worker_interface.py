"""The waist: whatever can be called is a WorkerInterface, whoever calls holds one.

Calls and answers are plain data (HTTP messages, encoded values, GuestError), so that the callee may
live in another process with a module universe of its own. Calls that are made one after the other,
without awaiting, start in that order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from emulator.runtime.http import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class RpcPayload:
    """A value: encoded by emulator.codec, with the live things it refers to by index.

    What may be in `externals` is defined by emulator.runtime.rpc_values.
    """

    data: bytes
    externals: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class RpcCall:
    """A method call. `arguments` holds a JavaScript array."""

    method: str
    arguments: RpcPayload


@dataclass(frozen=True, slots=True)
class ClassReference:
    """A Durable Object class of the Worker, and the `props` that its instances get."""

    class_name: str
    props: RpcPayload | None = None


class WorkerInterface(Protocol):
    """A worker entrypoint, a Durable Object, or the outside world. Failures are GuestError."""

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        """Delivers a request."""
        ...

    async def call(self, call: RpcCall) -> RpcPayload:
        """Calls a method; the result."""
        ...
