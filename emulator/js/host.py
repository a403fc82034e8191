"""What the JavaScript world needs from the runtime that hosts it, as one Protocol and one slot.

The runtime sets the slot for the length of every turn, so "the current host" is the I/O context
whose guest code is running. Outside of any turn the slot holds `NoHost`, whose methods raise an
InternalError: reaching it means that guest code ran where none may run.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from emulator.errors import InternalError

if TYPE_CHECKING:
    from emulator.js.promise import Promise
    from emulator.js.socket import Connection

ConsoleLevel = str  # "debug" | "log" | "info" | "warn" | "error"


class Abortable(Protocol):
    """What a context must not leave behind: the end of a WebSocket, a connection."""

    def abort(self) -> None:
        """The context is over."""
        ...


class EventPort(Protocol):
    """Where events for one guest object come in: at the gate that was current when it was made."""

    def deliver(self, job: Callable[[], None]) -> None:
        """Runs the job as an event of its own."""
        ...

    def move_here(self) -> bool:
        """Lets events in at the gate that is current now; whether that is another one."""
        ...

    def end(self) -> None:
        """No more events will come: the context need not go on for them. Safe to repeat."""
        ...


class Host(Protocol):
    """Services of the current I/O context."""

    def queue_microtask(self, job: Callable[[], None]) -> None:
        """Runs the job before the guest is given anything else to do."""
        ...

    def set_timer(self, delay_ms: float, job: Callable[[], None], *, repeat: bool) -> int:
        """Runs the job as its own event after the delay; returns a timer id (from 1)."""
        ...

    def clear_timer(self, timer_id: int) -> None:
        """Cancels a timer; unknown ids are ignored."""
        ...

    def now_ms(self) -> float:
        """What `Date.now()` gives."""
        ...

    def random_bytes(self, count: int) -> bytes:
        """Random bytes for crypto.getRandomValues and the like."""
        ...

    def console(self, level: ConsoleLevel, text: str) -> None:
        """One console entry."""
        ...

    def report_error(self, value: Any) -> None:
        """An exception or rejection that nobody handled; logged."""
        ...

    def track_rejection(self, promise: Promise) -> None:
        """A promise was rejected unhandled; reported unless handled before all has run dry."""
        ...

    def fetch(self, request: Any) -> Promise:
        """Sends a js.Request to the outside world; resolves to a js.Response.

        The request's signal cancels it, and the response's body."""
        ...

    sends_at_once: bool
    """Whether nothing that leaves has to wait for the disk."""

    def work_on_host(
        self, work: Callable[[AbstractEventLoop], Coroutine[Any, Any, None]], *, outgoing: bool
    ) -> Promise:
        """Does work on the host's loop; `outgoing` work, which the world can see, waits for the
        disk first."""
        ...

    def cache_match(self, cache: str | None, request: Any) -> Promise:
        """Looks for a js.Request in a cache (None: the default one): a js.Response or undefined."""
        ...

    def cache_put(self, cache: str | None, request: Any, response: Any) -> Promise:
        """Keeps a js.Response for a js.Request, if HTTP lets it be kept."""
        ...

    def cache_delete(self, cache: str | None, request: Any) -> Promise:
        """Forgets what is kept for a js.Request; resolves to whether there was something."""
        ...

    def connect_socket(self, hostname: str, port: int, *, secure: bool) -> Connection:
        """A TCP connection to somewhere, with TLS if `secure`."""
        ...

    def check_io_allowed(self) -> None:
        """Raises the global-scope error where I/O, timers and randomness are not allowed."""
        ...

    def flag(self, name: str) -> bool:
        """Whether a compatibility flag is on."""
        ...

    def when_durable(self, job: Callable[[], None]) -> None:
        """Runs the job, which lets something out, once everything written so far is durable;
        never if that fails. Jobs run in order, maybe at once."""
        ...

    def expect_events(self, *, outlives_event: bool = True) -> EventPort:
        """Keeps the context for events from outside: a Durable Object in memory, and if the events'
        source `outlives_event`, the context of a request beyond its response."""
        ...

    def own_socket(self, end: Abortable) -> None:
        """The end of a socket is aborted when the context ends."""
        ...

    def disown_socket(self, end: Abortable) -> None:
        """The end is somebody else's from now on."""
        ...


class NoHost:
    """Stands in the slot while no guest code may run."""

    def __getattr__(self, name: str) -> Any:
        raise InternalError(f"guest code used {name}() outside of any turn")


class _Slot:
    __slots__ = ("host",)

    def __init__(self) -> None:
        self.host: Any = NoHost()


slot = _Slot()


def current() -> Host:
    """The host of the guest code that is running."""
    host: Host = slot.host
    return host
