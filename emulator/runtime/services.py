"""What an I/O context gets from its surroundings: the ports, and the way out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from emulator.clock import Clock
from emulator.entropy import Entropy
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsValue
from emulator.observer import Observer
from emulator.runtime.cache_store import CacheStore, MemoryCacheStore
from emulator.runtime.guest_class import GuestClass
from emulator.runtime.http import HttpRequest, HttpResponse


class OutboundFailure(Exception):
    """A request could not be sent for a reason that guests are not told; its text tells people."""


class Outbound(Protocol):
    """The Outbound port: requests to the world outside the emulator."""

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        """Sends a request as it is, and gives the response as it comes, once its head is there.

        A cancelled call, or a cancelled body, ends the connection. The request's body is read while
        it is sent, and cancelled when it is not sent to its end.

        Raises:
            ConnectionError: there was no connection, or it was lost. A body raises it, too.
            OutboundFailure: for everything else.
            GuestError: what reading the request's body raised.
        """
        ...


def _no_class(name: str) -> GuestClass:
    raise LookupError(name)


@dataclass(slots=True)
class Services:
    """The four ports, the observer, and the event loop that the host runs."""

    clock: Clock
    entropy: Entropy
    observer: Observer
    outbound: Outbound
    loop: asyncio.AbstractEventLoop
    flags: Mapping[str, bool] = field(default_factory=dict)
    strict_limits: bool = False
    """Whether storage has the limits that only production enforces."""
    find_class: Callable[[str], GuestClass] = field(default=_no_class, repr=False)
    """A Durable Object class of the Worker, by its name; set when the Worker is loaded."""
    zone: str | None = None
    """The zone that outgoing requests say they come from, if they pass an edge."""
    caches: CacheStore = field(default_factory=MemoryCacheStore)
    exports: PlainObject = field(default_factory=PlainObject)
    """`ctx.exports`, one for the whole Worker; filled when the Worker is loaded."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

    def exports_for_guests(self) -> JsValue:
        """`ctx.exports`, where the Worker's compatibility date has it; else MISSING."""
        return self.exports if self.flags.get("enable_ctx_exports") else MISSING

    def post(self, job: Callable[[], None]) -> None:
        """Runs a job soon, from the host's loop, outside of any turn."""
        self.loop.call_soon(job)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs host work that nobody waits for."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def cancel_tasks(self) -> None:
        """Ends what `spawn` started; the last thing that happens."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
