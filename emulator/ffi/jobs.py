"""The job queue of one I/O context, and the greenlets that run it.

Theory of operation. Guest code of a context runs only inside `JobQueue.drain()`, which is one
*turn*: it runs ready jobs (what asyncio would call handles) in order, all microtasks after each,
until nothing is ready. Jobs run in a pooled greenlet, so that `run_sync` can park the Python stack
in the middle of a job and let the rest of the queue go on, as JavaScript promise integration does
with a WebAssembly stack:

    hub ── switch ──> worker A runs jobs … job calls run_sync: A parks, switches to the hub
    hub ── switch ──> worker B goes on with the queue … the awaited future is done: B yields
    hub ── switch ──> worker A returns from run_sync, finishes its job, goes on with the queue

One switch pair per turn is the usual cost. No exception ever crosses a switch (that would cost
20 times as much): workers report with a command.

Most contexts are idle most of the time, and there is one for each Durable Object in memory. An
empty deque takes as much room as the rest of a context, so idle queues have none: they are lent.

Does not know: gates, time, asyncio's loop. `emulator.ffi.webloop` puts an asyncio face on it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final

import greenlet

from emulator.errors import InternalError

_current = greenlet.getcurrent

_DONE: Final = "done"
_PARKED: Final = "parked"
_RESUME: Final = "resume"

NO_STACK_SWITCH: Final = (
    "Cannot stack switch because the Python entrypoint was a synchronous function. "
    "Use pyFunc.callPromising() to fix."
)


class ContextEnded(GeneratorExit):
    """Unwinds guest code of a context that is gone. Not an Exception, so guests do not catch it.

    Guests' `finally` blocks may raise it when the collector closes what was suspended: as a
    GeneratorExit it then is the end that was asked for.
    """


def _nobody() -> None:
    """Hears of work that arrives for a context that is gone."""


class JobQueue:
    """Ready jobs and microtasks of one context, as data."""

    __slots__ = ("_microtasks", "_on_arrival", "_ready", "_resumable", "closed", "draining")

    def __init__(self, on_arrival: Callable[[], None]) -> None:
        """`on_arrival` is called when a job comes in while no turn is running."""
        self._ready: deque[Callable[[], None]] | None = None
        self._microtasks: deque[Callable[[], None]] | None = None
        self.draining = False
        self.closed = False
        self._resumable: list[Worker] = []
        self._on_arrival = on_arrival

    def add(self, job: Callable[[], None]) -> None:
        """Queues a job; outside of a turn this asks for one."""
        if self.closed:
            return
        if self._ready is None:
            self._ready = _borrow()
        self._ready.append(job)
        if not self.draining:
            self._on_arrival()

    def push(self, job: Callable[[], None]) -> None:
        """Queues a job for a turn that begins anyway."""
        if self._ready is None:
            self._ready = _borrow()
        self._ready.append(job)

    def add_microtask(self, job: Callable[[], None]) -> None:
        """Queues a microtask, to run before the next job."""
        if not self.closed:
            if self._microtasks is None:
                self._microtasks = _borrow()
            self._microtasks.append(job)

    @property
    def idle(self) -> bool:
        """Nothing could run now."""
        return not (self._ready or self._microtasks or self._resumable)

    def close(self) -> None:
        """Drops everything; what was queued or parked never runs again."""
        self.closed = True
        self._on_arrival = _nobody
        self._ready = self._microtasks = None
        self._resumable.clear()

    def drain(self) -> None:
        """Runs jobs until nothing is ready. Jobs must not raise."""
        assert not self.draining, "a turn is already running in this context"
        self.draining = True
        worker = _idle_workers.pop() if _idle_workers else Worker()
        try:
            command = worker.start(self)
            while command is not _DONE:
                if command is _PARKED:
                    worker = _idle_workers.pop() if _idle_workers else Worker()
                    command = worker.start(self)
                else:
                    _idle_workers.append(worker)
                    worker = self._resumable.pop(0)
                    command = worker.resume()
            _idle_workers.append(worker)
        finally:
            self.draining = False
            ready, microtasks = self._ready, self._microtasks
            if ready is not None and not ready:
                self._ready = None
                _idle_deques.append(ready)
            if microtasks is not None and not microtasks:
                self._microtasks = None
                _idle_deques.append(microtasks)

    def _run(self) -> str:
        """The body of a turn, in a worker; returns early when a parked worker can go on."""
        # Looked up for each job: a stack that was parked in one goes on with what is lent then.
        try:
            while True:
                while self._microtasks:
                    self._microtasks.popleft()()
                if self._resumable:
                    return _RESUME
                if not self._ready:
                    return _DONE
                self._ready.popleft()()
        except ContextEnded:
            return _DONE

    def make_resumable(self, worker: Worker) -> None:
        """Lets a parked worker go on, after the job that is running now."""
        if self.closed:
            return
        self._resumable.append(worker)
        if not self.draining:
            self._on_arrival()

    def __repr__(self) -> str:
        return (
            f"<JobQueue ready={len(self._ready or ())} microtasks={len(self._microtasks or ())}"
            f"{' draining' if self.draining else ''}{' closed' if self.closed else ''}>"
        )


class Worker(greenlet.greenlet):
    """A Python stack that runs jobs."""

    def __init__(self) -> None:
        super().__init__(self._body)
        self.queue: JobQueue | None = None
        self.hub: greenlet.greenlet | None = None
        # Frames of synchronous JavaScript-to-Python callbacks on this stack: JavaScript cannot
        # be suspended in the middle of them.
        self.synchronous_frames = 0

    def _body(self) -> None:
        while True:
            assert self.queue is not None
            assert self.hub is not None
            command = self.queue._run()
            self.queue = None
            self.hub.switch(command)

    def start(self, queue: JobQueue) -> Any:
        """Gives the worker a queue to run; returns its command."""
        self.queue = queue
        self.hub = _current()
        return self.switch()

    def resume(self) -> Any:
        """Lets a parked worker go on; returns its next command."""
        self.hub = _current()
        return self.switch()

    def park(self) -> None:
        """Called on the worker's own stack: gives control back until resumed."""
        assert self.hub is not None
        self.hub.switch(_PARKED)


_idle_workers: list[Worker] = []
_idle_deques: list[deque[Callable[[], None]]] = []


def _borrow() -> deque[Callable[[], None]]:
    return _idle_deques.pop() if _idle_deques else deque()


def current_worker() -> Worker | None:
    """The worker whose stack this is, or None outside of guest code."""
    here = _current()
    return here if isinstance(here, Worker) else None


def switchable_worker() -> Worker:
    """The current worker, if its stack may be parked; RuntimeError with Pyodide's text if not."""
    worker = current_worker()
    if worker is None or worker.synchronous_frames:
        raise RuntimeError(NO_STACK_SWITCH)
    if worker.queue is None:
        raise InternalError("a worker without a queue runs guest code")
    return worker
