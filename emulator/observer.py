"""The Observer port: what the core reports while it works.

The core calls these methods where things happen; who listens is not its business. `Observer` itself
listens to nothing, so an implementation overrides only what it shows. Every method is called on the
event loop's thread, returns at once and raises nothing: an observer never changes what is observed.

Guarantees: arguments are plain values, so that an event may be kept, counted or sent elsewhere.
Does not know: terminals, files, who started the emulator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ConsoleLevel = Literal["debug", "log", "info", "warn", "error"]


class Observer:
    """Hears of everything and does nothing."""

    def worker_loaded(self) -> None:
        """The guest's module is imported; the state directory is not locked yet.

        A process that is to take over from another one asks it to let go at this moment.
        """

    def request_started(self, method: str, url: str) -> None:
        """A request reached the Worker."""

    def request_finished(self, method: str, url: str, status: int, elapsed_ms: float) -> None:
        """The Worker answered it; a body may still be streaming."""

    def console(self, level: ConsoleLevel, text: str) -> None:
        """The guest called a method of `console`."""

    def uncaught_error(self, text: str) -> None:
        """Guest code failed where nobody waits for it. `text` has the guest's traceback."""

    def actor_started(self, class_name: str, object_id: str) -> None:
        """A Durable Object was constructed."""

    def actor_evicted(self, class_name: str, object_id: str) -> None:
        """A Durable Object left memory because nothing needed it."""

    def actor_reset(self, class_name: str, object_id: str, reason: str) -> None:
        """A Durable Object broke and is rebuilt from its storage when it is next called."""

    def group_committed(self, batch_count: int, size_bytes: int) -> None:
        """So many write batches became durable together."""


@dataclass(frozen=True, slots=True)
class ObserverStatistics:
    """How often each thing happened."""

    requests_started: int = 0
    requests_finished: int = 0
    console_entries: int = 0
    uncaught_errors: int = 0
    actors_started: int = 0
    actors_evicted: int = 0
    actors_reset: int = 0
    groups_committed: int = 0
    batches_committed: int = 0
    bytes_committed: int = 0


class CountingObserver(Observer):
    """Counts what it hears of."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(ObserverStatistics.__slots__, 0)

    def __repr__(self) -> str:
        seen = " ".join(f"{name}={count}" for name, count in self._counts.items() if count)
        return f"<CountingObserver {seen or 'nothing yet'}>"

    def statistics(self) -> ObserverStatistics:
        return ObserverStatistics(**self._counts)

    def request_started(self, method: str, url: str) -> None:
        self._counts["requests_started"] += 1

    def request_finished(self, method: str, url: str, status: int, elapsed_ms: float) -> None:
        self._counts["requests_finished"] += 1

    def console(self, level: ConsoleLevel, text: str) -> None:
        self._counts["console_entries"] += 1

    def uncaught_error(self, text: str) -> None:
        self._counts["uncaught_errors"] += 1

    def actor_started(self, class_name: str, object_id: str) -> None:
        self._counts["actors_started"] += 1

    def actor_evicted(self, class_name: str, object_id: str) -> None:
        self._counts["actors_evicted"] += 1

    def actor_reset(self, class_name: str, object_id: str, reason: str) -> None:
        self._counts["actors_reset"] += 1

    def group_committed(self, batch_count: int, size_bytes: int) -> None:
        self._counts["groups_committed"] += 1
        self._counts["batches_committed"] += batch_count
        self._counts["bytes_committed"] += size_bytes
