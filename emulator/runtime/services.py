"""What an I/O context gets from its surroundings: the ports, and the way out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from emulator.clock import Clock
from emulator.entropy import Entropy
from emulator.observer import Observer
from emulator.runtime.http import HttpRequest, HttpResponse


class Outbound(Protocol):
    """The Outbound port: requests to the world outside the emulator."""

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        """Sends a request; raises GuestError as the platform would."""
        ...


@dataclass(slots=True)
class Services:
    """The four ports, the observer, and the event loop that the host runs."""

    clock: Clock
    entropy: Entropy
    observer: Observer
    outbound: Outbound
    loop: asyncio.AbstractEventLoop
    flags: Mapping[str, bool] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

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
