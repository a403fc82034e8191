"""A context in which guest code can run: turns, microtasks, virtual timers, and nothing else."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from emulator.ffi.jobs import JobQueue
from emulator.ffi.webloop import WebLoop
from emulator.js.host import slot
from tests.support.js_host import FakeHost, StillPendingError

T = TypeVar("T")


class GuestLoop(FakeHost):
    """Implements the JavaScript world's Host and the WebLoop's Driver."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs = JobQueue(lambda: None)
        self.loop = WebLoop(self)  # type: ignore[abstract]
        self._due: list[tuple[float, int]] = []
        self._armed: dict[int, tuple[Callable[[], None], float | None]] = {}
        self._ids = itertools.count(1)

    def queue_microtask(self, job: Callable[[], None]) -> None:
        self.jobs.add_microtask(job)

    def set_timer(self, delay_ms: float, job: Callable[[], None], *, repeat: bool) -> int:
        timer_id = next(self._ids)
        self._armed[timer_id] = (job, max(delay_ms, 1) if repeat else None)
        heapq.heappush(self._due, (self.time_ms + max(delay_ms, 0), timer_id))
        return timer_id

    def clear_timer(self, timer_id: int) -> None:
        self._armed.pop(timer_id, None)

    def loop_time(self) -> float:
        return self.time_ms / 1000

    def call_threadsafe(self, job: Callable[[], None]) -> None:
        self.jobs.add(job)

    def turn(self) -> None:
        """Runs one turn."""
        before, slot.host = slot.host, self
        asyncio._set_running_loop(self.loop)
        try:
            self.jobs.drain()
            self.report_rejections()
        finally:
            asyncio._set_running_loop(None)
            slot.host = before

    def fire_next_timer(self) -> bool:
        """Moves time to the next timer; False if there is none."""
        while self._due:
            due_ms, timer_id = heapq.heappop(self._due)
            entry = self._armed.get(timer_id)
            if entry is None:
                continue
            job, interval_ms = entry
            self.time_ms = max(self.time_ms, due_ms)
            if interval_ms is None:
                del self._armed[timer_id]
            else:
                heapq.heappush(self._due, (self.time_ms + interval_ms, timer_id))
            self.jobs.add(job)
            return True
        return False

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Runs a guest coroutine to its end."""
        tasks: list[asyncio.Task[T]] = []
        self.jobs.add(lambda: tasks.append(self.loop.create_task(main)))
        self.turn()
        while not tasks[0].done():
            if not self.fire_next_timer():
                raise StillPendingError("the guest waits for something that never comes")
            self.turn()
        return tasks[0].result()

    def call(self, function: Callable[[], T]) -> T:
        """Runs a synchronous guest function."""

        async def main() -> T:
            return function()

        return self.run(main())
