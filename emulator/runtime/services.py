"""What an I/O context gets from its surroundings: the ports, and the way out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

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

    def post(self, job: Callable[[], None]) -> None:
        """Runs a job soon, from the host's loop, outside of any turn."""
        self.loop.call_soon(job)
