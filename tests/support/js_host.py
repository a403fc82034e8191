"""A host for the JavaScript world without an event loop: everything moves only when a test says so.

Guarantees: microtasks run in order inside `run_microtasks`; timers fire in order of time and only
inside `advance`; console entries and unhandled errors are recorded, never printed; randomness is a
counter, so results repeat.
Does not know: asyncio, guests, network (`fetch` answers with what the test put in `fetch_handler`).
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from typing import Any

from emulator.js.errors import throwable
from emulator.js.frames import PipeEnd
from emulator.js.host import slot
from emulator.js.promise import Promise

MAX_MICROTASKS = 10_000_000
"""A test that needs more hangs."""


class StillPendingError(AssertionError):
    """A promise that should have settled did not, though nothing was left to run."""


class FakeEvents:
    """Implements `emulator.js.host.EventPort`: an event is a microtask."""

    def __init__(self, fake: FakeHost) -> None:
        self._fake = fake
        self._open = True
        fake.event_ports += 1

    def deliver(self, job: Callable[[], None]) -> None:
        self._fake.queue_microtask(job)

    def move_here(self) -> bool:
        return False

    def end(self) -> None:
        if self._open:
            self._open = False
            self._fake.event_ports -= 1


class FakeHost:
    """Implements `emulator.js.host.Host` by hand-cranked queues."""

    def __init__(self, now_ms: float = 1_700_000_000_000) -> None:
        self.time_ms = now_ms
        self.microtasks: deque[Callable[[], None]] = deque()
        self.console_entries: list[tuple[str, str]] = []
        self.reported: list[Any] = []
        self.rejections: list[Promise] = []
        self.io_allowed = True
        self.fetch_handler: Callable[[Any], Promise] | None = None
        self.flags: dict[str, bool] = {}
        self.sockets: set[PipeEnd] = set()
        self.event_ports = 0
        self._timers: list[tuple[float, int]] = []
        self._timer_jobs: dict[int, tuple[Callable[[], None], float | None]] = {}
        self._timer_ids = itertools.count(1)
        self._random = itertools.count(0)

    # -- the Host protocol --------------------------------------------------------------------

    def queue_microtask(self, job: Callable[[], None]) -> None:
        self.microtasks.append(job)

    def set_timer(self, delay_ms: float, job: Callable[[], None], *, repeat: bool) -> int:
        timer_id = next(self._timer_ids)
        self._timer_jobs[timer_id] = (job, max(delay_ms, 1) if repeat else None)
        heapq.heappush(self._timers, (self.time_ms + max(delay_ms, 0), timer_id))
        return timer_id

    def clear_timer(self, timer_id: int) -> None:
        self._timer_jobs.pop(timer_id, None)

    def now_ms(self) -> float:
        return self.time_ms

    def random_bytes(self, count: int) -> bytes:
        return bytes(next(self._random) % 256 for _ in range(count))

    def console(self, level: str, text: str) -> None:
        self.console_entries.append((level, text))

    def report_error(self, value: Any) -> None:
        self.reported.append(value)

    def track_rejection(self, promise: Promise) -> None:
        self.rejections.append(promise)

    def fetch(self, request: Any) -> Promise:
        assert self.fetch_handler is not None, "this test set no fetch_handler"
        return self.fetch_handler(request)

    def work_on_host(self, work: Callable[..., Any], *, outgoing: bool) -> Promise:
        raise AssertionError("this test has no host's loop")

    def check_io_allowed(self) -> None:
        assert self.io_allowed, "I/O is not allowed here"

    def flag(self, name: str) -> bool:
        return self.flags.get(name, False)

    def when_durable(self, job: Callable[[], None]) -> None:
        job()

    def expect_events(self, *, outlives_event: bool = True) -> FakeEvents:
        return FakeEvents(self)

    def own_socket(self, end: PipeEnd) -> None:
        self.sockets.add(end)

    def disown_socket(self, end: PipeEnd) -> None:
        self.sockets.discard(end)

    # -- cranks -------------------------------------------------------------------------------

    def run_microtasks(self) -> None:
        """Runs until no microtask is left, then reports rejections that nobody has handled."""
        for _ in range(MAX_MICROTASKS):
            if not self.microtasks:
                self.report_rejections()
                return
            self.microtasks.popleft()()
        raise AssertionError("microtasks never run dry")

    def report_rejections(self) -> None:
        """What the end of a turn does."""
        rejections, self.rejections = self.rejections, []
        for promise in rejections:
            if not promise.handled:
                self.report_error(promise.value)

    def advance(self, delay_ms: float) -> None:
        """Moves time on, firing due timers one by one, each followed by its microtasks."""
        end_ms = self.time_ms + delay_ms
        self.run_microtasks()
        while self._timers and self._timers[0][0] <= end_ms:
            due_ms, timer_id = heapq.heappop(self._timers)
            self.time_ms = max(self.time_ms, due_ms)
            self._fire(timer_id)
            self.run_microtasks()
        self.time_ms = end_ms

    def _fire(self, timer_id: int) -> None:
        entry = self._timer_jobs.get(timer_id)
        if entry is None:
            return
        job, interval_ms = entry
        if interval_ms is None:
            del self._timer_jobs[timer_id]
        else:
            heapq.heappush(self._timers, (self.time_ms + interval_ms, timer_id))
        job()

    @property
    def timer_count(self) -> int:
        """How many timers are still armed."""
        return len(self._timer_jobs)

    def settle(self, promise: Promise) -> Any:
        """Runs microtasks; returns the promise's value, or raises its rejection."""
        promise.handled = True
        self.run_microtasks()
        if promise.state == "pending":
            raise StillPendingError(repr(promise))
        if promise.state == "rejected":
            raise throwable(promise.value)
        return promise.value


def settle(promise: Promise) -> Any:
    """`settle` of the FakeHost that is installed."""
    host = slot.host
    assert isinstance(host, FakeHost), "use the js_host fixture"
    return host.settle(promise)


def is_pending(promise: Promise) -> bool:
    """Whether the promise is still pending once every microtask has run."""
    slot.host.run_microtasks()
    return promise.state == "pending"


def error_text(exception: BaseException) -> str:
    """`Name: message` of a thrown JavaScript error, for exact comparison."""
    return str(exception)
