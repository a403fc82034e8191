"""What the JavaScript world needs from the runtime that hosts it, as one Protocol and one slot.

The runtime sets the slot for the length of every turn, so "the current host" is the I/O context
whose guest code is running. Outside of any turn the slot holds `NoHost`, whose methods raise an
InternalError: reaching it means that guest code ran where none may run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from emulator.errors import InternalError

if TYPE_CHECKING:
    from emulator.js.promise import Promise

ConsoleLevel = str  # "debug" | "log" | "info" | "warn" | "error"


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

    def fetch(self, request: Any) -> Promise:
        """Sends a js.Request to the outside world; resolves to a js.Response."""
        ...

    def check_io_allowed(self) -> None:
        """Raises the global-scope error where I/O, timers and randomness are not allowed."""
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
