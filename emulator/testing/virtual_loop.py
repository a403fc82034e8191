"""A deterministic event loop with virtual time.

Theory of operation. The loop has a ready queue and a heap of timers, and no selector: nothing comes
from outside but calls of `call_soon_threadsafe`. When nothing is ready, time jumps to the next
timer at once, so that a test of a 30 s timeout takes no time and always goes the same way. When
nothing is ready and no timer is armed, nothing can ever happen again: that is a `Deadlock`, raised
out of the loop with a list of the tasks that wait.

Order. Callbacks run in the order in which they were queued, as asyncio promises, and timers after
what was ready when they came due. With a `seed`, what asyncio does *not* promise is varied: timers
that are due at the same moment run in a shuffled order, and each of them comes anywhere among the
callbacks that were ready, as it would if it had come due a little earlier. Callbacks that were
queued with `call_soon` keep their order. The same seed and the same program give the same run.

Threads. `call_soon_threadsafe` may be called from any thread. What other threads do is not visible
to the loop, so that time would jump over it: with `thread_patience_s` the loop first waits so long,
in real time, for a call from another thread. Such runs are not deterministic.

Does not know: sockets, subprocesses, signals. Source of the idea: trio's autojumping MockClock.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import heapq
import random
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

EPOCH_MS: Final = 1_790_000_000_000.0
"""What a VirtualClock shows when its loop's time is 0: a moment in September 2026."""


class Deadlock(Exception):
    """Nothing is ready and no timer is armed, but something still waits."""


class _Timer(asyncio.TimerHandle):
    """A timer that comes after those of the same moment that were armed before it."""

    __slots__ = ("order",)

    order: int

    def __lt__(self, other: object) -> bool:
        assert isinstance(other, _Timer)
        return (self.when(), self.order) < (other.when(), other.order)


class VirtualLoop(asyncio.BaseEventLoop):
    """See the module docstring."""

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    _stopping: bool

    def __init__(self, seed: int | None = None, *, thread_patience_s: float = 0.0) -> None:
        super().__init__()
        self.seed = seed
        self.thread_patience_s = thread_patience_s
        self._chance = None if seed is None else random.Random(seed)  # noqa: S311 - reproducible
        self._now_s = 0.0
        self._called = threading.Event()
        self._steps = 0
        self._timers_armed = 0

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        self._check_closed()  # type: ignore[attr-defined]
        timer = _Timer(when, callback, args, self, context)
        timer.order = self._timers_armed = self._timers_armed + 1
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer

    # -- what asyncio.BaseEventLoop asks of a subclass ------------------------------------------

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now_s

    def _write_to_self(self) -> None:
        """Called after another thread has queued a callback."""
        self._called.set()

    def _process_events(self, event_list: object) -> None:
        """There is no selector, so there are no events."""

    def _run_once(self) -> None:
        """One step: due timers join what is ready; all that is ready now runs."""
        self._called.clear()
        self._steps += 1
        if not self._ready and not self._stopping:
            self._jump()
        self._move_due_timers()
        ready = self._ready
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()

    # -- time -----------------------------------------------------------------------------------

    def _jump(self) -> None:
        """Moves time to the next timer."""
        if self.thread_patience_s and not self._ready:
            self._called.wait(self.thread_patience_s)
        if self._ready:
            return
        self._drop_cancelled_timers()
        if not self._scheduled:
            raise Deadlock(self._describe_waiting())
        self._now_s = max(self._now_s, self._scheduled[0].when())

    def _drop_cancelled_timers(self) -> None:
        while self._scheduled and self._scheduled[0].cancelled():
            self._forget(heapq.heappop(self._scheduled))

    def _forget(self, timer: asyncio.TimerHandle) -> None:
        timer._scheduled = False  # type: ignore[attr-defined]  # so that a later cancel is no news

    def _move_due_timers(self) -> None:
        due: list[asyncio.TimerHandle] = []
        while self._scheduled and self._scheduled[0].when() <= self._now_s:
            timer = heapq.heappop(self._scheduled)
            self._forget(timer)
            if not timer.cancelled():
                due.append(timer)
        if self._chance is None:
            self._ready.extend(due)
            return
        self._chance.shuffle(due)
        for timer in due:
            self._ready.insert(self._chance.randint(0, len(self._ready)), timer)

    # -- running --------------------------------------------------------------------------------

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine to its end; tasks that are left over go on at the next `run`.

        Raises:
            Deadlock: the coroutine waits for something that can never happen. It is cancelled.
        """
        task = self.create_task(main)
        try:
            return self.run_until_complete(task)
        except Deadlock:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Deadlock):
                self.run_until_complete(task)
            raise

    def run_ready(self) -> None:
        """Runs until nothing is ready; time stands still."""
        while self._ready or self._due_now():
            self.call_soon(self.stop)
            self.run_forever()

    def _due_now(self) -> bool:
        self._drop_cancelled_timers()
        return bool(self._scheduled) and self._scheduled[0].when() <= self._now_s

    def advance(self, duration_s: float) -> None:
        """Runs everything that happens in the next seconds of virtual time."""
        self.run(asyncio.sleep(duration_s))
        self.run_ready()

    def finish(self) -> None:
        """Cancels the tasks that are left, lets them end, and closes the loop."""
        if self.is_closed():
            return
        tasks = asyncio.all_tasks(self)
        for task in tasks:
            task.cancel()
        if tasks:
            with contextlib.suppress(Deadlock):
                self.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.run_until_complete(self.shutdown_asyncgens())
        self.close()

    def _describe_waiting(self) -> str:
        tasks = sorted(asyncio.all_tasks(self), key=lambda task: task.get_name())
        lines = [f"nothing is ready and no timer is armed at {self._now_s:g} s; waiting:"]
        lines += [f"  {_where(task)}" for task in tasks] or ["  no task at all"]
        return "\n".join(lines)

    def __repr__(self) -> str:
        seed = "" if self.seed is None else f" seed={self.seed}"
        return (
            f"<VirtualLoop time={self._now_s:g} ready={len(self._ready)} "
            f"timers={len(self._scheduled)} steps={self._steps}{seed}>"
        )


def _where(task: asyncio.Task[Any]) -> str:
    frames = task.get_stack()
    name = f"{task.get_name()} ({getattr(task.get_coro(), '__qualname__', '?')})"
    if not frames:
        return name
    code = frames[-1].f_code
    return f"{name} at {code.co_filename}:{frames[-1].f_lineno} in {code.co_qualname}"


class VirtualClock:
    """Wall-clock time that follows a loop's virtual time. Implements emulator.clock.Clock."""

    def __init__(self, loop: asyncio.AbstractEventLoop, epoch_ms: float = EPOCH_MS) -> None:
        self._time: Callable[[], float] = loop.time
        self._epoch_ms = epoch_ms

    def now_ms(self) -> float:
        return self._epoch_ms + self._time() * 1000.0

    def __repr__(self) -> str:
        return f"<VirtualClock {self.now_ms():.0f}>"
