"""What the host has to tell the person at the terminal, as a port.

The command line implements it; tests record. The methods for the life of the server are called in
the supervising process, `request` and `internal_error` in the process that runs the Worker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """What is worth saying of a Worker once it runs."""

    name: str
    bindings: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)  # not frozen: that would double its cost, and there is one per request
class RequestLine:
    """One answered request."""

    method: str
    path: str
    status: int
    status_text: str
    elapsed_ms: float


class Reporter:
    """Says nothing. Override what is to be shown."""

    def observer(self, on_loaded: Callable[[], None]) -> Observer:
        """The observer for one `Emulator`; it calls `on_loaded` at `worker_loaded`."""
        return LoadedObserver(on_loaded)

    def ready(self, url: str, facts: WorkerFacts, elapsed_ms: float) -> None:
        """The first generation accepts requests."""

    def port_moved(self, wanted: int, port: int) -> None:
        """The default port is taken."""

    def no_reload(self) -> None:
        """This system cannot fork: changes are not loaded while the server runs."""

    def reloading(self, changed: Collection[str]) -> None:
        """Files changed, a new generation starts."""

    def reloaded(self, url: str, facts: WorkerFacts, elapsed_ms: float) -> None:
        """The new generation accepts requests."""

    def failed(self, text: str) -> None:
        """The Worker does not start; every request is answered with why, until a file changes."""

    def worker_died(self, how: str) -> None:
        """The process of the running generation ended by itself; another one is started."""

    def stopping(self) -> None:
        """Somebody asked the server to end."""

    def requests(self, lines: Collection[RequestLine]) -> None:
        """These requests were answered since the last call."""

    def guest_error(self, error: Exception) -> None:
        """A request failed: a `GuestError`, or an error of ours that the guest ran into."""

    def stream_failed(self, path: str, error: BaseException) -> None:
        """A response was cut off after its head had been sent."""

    def internal_error(self, text: str) -> None:
        """A bug of ours, with its traceback."""

    def flush(self) -> None:
        """Nothing may stay in a buffer: the process is about to fork or to end."""


class LoadedObserver(Observer):
    """Passes on that the Worker is loaded."""

    def __init__(self, on_loaded: Callable[[], None]) -> None:
        self._on_loaded = on_loaded

    def worker_loaded(self) -> None:
        self._on_loaded()
