"""Gates: who may enter an actor, and what may leave it.

An InputGate holds back every event that is not the work of the lock's holder, so that awaiting
storage never lets a stranger change the actor's memory. A CriticalSection is a gate inside a gate:
while it runs, only events that began inside it are delivered. An OutputGate holds back every
message to the outside until the writes it may depend on are durable; if they fail, the message is
never sent.

Guarantees:
- Waiters enter one at a time, in arrival order, but critical sections before all others.
- A lock has one holder at a time; releasing it hands it over before anybody else can take it.
  Only where a section ends with a lock of its own still out does the parent have two for a while:
  that one, and the one that the section's caller goes on with.
- A failed critical section breaks its gate and all that enclose it, for good.
- `OutputGate.wait` covers exactly the locks taken before the call.
Does not know: storage, guests, event loops. A waiter is told by a callback, which may come at once.
Source: workerd src/workerd/io/io-gate.h. Differs: no hooks for metrics, no lock timeout.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Literal, TypeVar

MAX_SECTION_DEPTH: Final = 64

_T = TypeVar("_T")
_Queue = deque[_T] | None
"""None while it is empty: each object has four, mostly empty, and a deque takes 760 bytes."""


def _queued(queue: _Queue[_T], item: _T) -> deque[_T]:
    """The queue, with one more."""
    if queue is None:
        queue = deque()
    queue.append(item)
    return queue


class Waiter:
    """A place in the queue of an input gate."""

    __slots__ = ("_callback", "error", "lock")

    def __init__(self) -> None:
        self.lock: InputLock | None = None
        self.error: BaseException | None = None
        self._callback: Callable[[Waiter], None] | None = None

    @property
    def ready(self) -> bool:
        """Whether the lock, or the gate's error, is here."""
        return self.lock is not None or self.error is not None

    def on_ready(self, callback: Callable[[Waiter], None]) -> None:
        """Calls back once ready; at once if it already is."""
        assert self._callback is None, "a waiter has one callback"
        if self.ready:
            callback(self)
        else:
            self._callback = callback

    def _tell(self) -> None:
        if self._callback is not None:
            callback, self._callback = self._callback, None
            callback(self)

    def _grant(self, lock: InputLock) -> None:
        self.lock = lock
        self._tell()

    def _fail(self, error: BaseException) -> None:
        self.error = error
        self._tell()


class InputLock:
    """The right to run guest code under a gate. Released once, by whoever holds it."""

    __slots__ = ("gate", "released")

    def __init__(self, gate: InputGate) -> None:
        self.gate = gate
        self.released = False

    def release(self) -> None:
        """Gives the lock back; the next waiter gets it before this returns."""
        assert not self.released, "an input lock is released once"
        self.released = True
        self.gate.current()._unlock()


class InputGate:
    """See the module docstring."""

    __slots__ = ("_locks", "_section_waiters", "_waiters", "broken", "on_broken")

    def __init__(self, on_broken: Callable[[BaseException], None] | None = None) -> None:
        self._locks = 0
        self._waiters: _Queue[Waiter] = None
        self._section_waiters: _Queue[Waiter] = None
        self.broken: BaseException | None = None
        self.on_broken = on_broken

    def current(self) -> InputGate:
        """The gate that now stands for this one: itself, unless it was a section that is over."""
        return self

    @property
    def depth(self) -> int:
        """How many critical sections enclose what runs under this gate."""
        return 0

    def try_lock(self) -> InputLock | None:
        """The lock, if the gate is free and whole."""
        if self._locks or self.broken is not None:
            return None
        self._locks = 1
        return InputLock(self)

    def wait(self, *, section: bool = False) -> Waiter:
        """Queues for the lock. `section`: a critical section starts, which goes first."""
        waiter = Waiter()
        if self.broken is not None:
            waiter.error = self.broken
        elif not self._locks:
            self._locks = 1
            waiter.lock = InputLock(self)
        elif section:
            self._section_waiters = _queued(self._section_waiters, waiter)
        else:
            self._waiters = _queued(self._waiters, waiter)
        return waiter

    def _unlock(self) -> None:
        assert self._locks, "unlocking a gate that is not locked"
        self._locks -= 1
        self._admit()

    def _admit(self) -> None:
        queue = self._section_waiters or self._waiters
        if queue and not self._locks and self.broken is None:
            self._locks = 1
            waiter = queue.popleft()
            if not queue:
                self._forget_if_empty()
            waiter._grant(InputLock(self))

    def _forget_if_empty(self) -> None:
        self._section_waiters = self._section_waiters or None
        self._waiters = self._waiters or None

    def break_with(self, error: BaseException) -> None:
        """Breaks the gate for good: all waiters, now and later, get the error."""
        if self.broken is not None:
            return
        self.broken = error
        waiters = [*(self._section_waiters or ()), *(self._waiters or ())]
        self._section_waiters = self._waiters = None
        for waiter in waiters:
            waiter._fail(error)
        if self.on_broken is not None:
            self.on_broken(error)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} locks={self._locks} waiters={len(self._waiters or ())} "
            f"sections={len(self._section_waiters or ())}{' broken' if self.broken else ''}>"
        )


class SectionTooDeep(Exception):
    """More than MAX_SECTION_DEPTH critical sections nested in one another."""


class CriticalSection(InputGate):
    """A gate inside a gate: holds the parent's lock from `start` until it is over."""

    __slots__ = ("_depth", "_parent_lock", "parent", "state")

    def __init__(self, parent: InputGate) -> None:
        super().__init__()
        self.parent = parent.current()
        self._depth = self.parent.depth + 1
        self.state: Literal["waiting", "running", "over"] = "waiting"
        self._parent_lock: InputLock | None = None
        if self._depth > MAX_SECTION_DEPTH:
            raise SectionTooDeep

    def current(self) -> InputGate:
        return self.parent.current() if self.state == "over" else self

    @property
    def depth(self) -> int:
        return self._depth

    def start(self) -> Waiter:
        """Queues for the parent's lock; when the waiter is ready the section is running."""
        waiter = self.parent.current().wait(section=True)
        started = Waiter()
        waiter.on_ready(lambda granted: self._started(granted, started))
        return started

    def _started(self, granted: Waiter, started: Waiter) -> None:
        if granted.error is not None:
            self.break_with(granted.error)
            started._fail(granted.error)
            return
        self._parent_lock = granted.lock
        self.state = "running"
        lock = self.try_lock()
        assert lock is not None, "a section that has just begun is free"
        started._grant(lock)

    def succeed(self) -> InputLock:
        """Ends the section: its waiters, and the locks that are out, move to the parent.

        Returns the parent's lock that the section held, for the section's caller to go on with.
        """
        assert self.state == "running", f"a section that is {self.state} cannot succeed"
        assert self._parent_lock is not None
        self.state = "over"
        parent = self.parent.current()
        parent._locks += self._locks
        for waiter in self._section_waiters or ():
            parent._section_waiters = _queued(parent._section_waiters, waiter)
        for waiter in self._waiters or ():
            parent._waiters = _queued(parent._waiters, waiter)
        self._section_waiters = self._waiters = None
        return self._parent_lock

    def fail(self, error: BaseException) -> None:
        """Ends the section by breaking this gate and all that enclose it."""
        self.break_with(error)
        parent = self.parent.current()
        if isinstance(parent, CriticalSection):
            parent.fail(error)
        else:
            parent.break_with(error)


class OutputLock:
    """One write that is not durable yet."""

    __slots__ = ("_gate", "done")

    def __init__(self, gate: OutputGate) -> None:
        self._gate = gate
        self.done = False

    def succeed(self) -> None:
        """The write is durable."""
        assert not self.done, "a write ends once"
        self.done = True
        self._gate._advance()

    def fail(self, error: BaseException) -> None:
        """The write will never be durable: nothing that waits may leave."""
        assert not self.done, "a write ends once"
        self.done = True
        self._gate.break_with(error)


class OutputGate:
    """See the module docstring."""

    __slots__ = ("_locks", "_waiters", "broken", "on_broken")

    def __init__(self, on_broken: Callable[[BaseException], None] | None = None) -> None:
        self._locks: _Queue[OutputLock] = None
        self._waiters: _Queue[tuple[OutputLock, Callable[[BaseException | None], None]]] = None
        self.broken: BaseException | None = None
        self.on_broken = on_broken

    @property
    def open(self) -> bool:
        """Whether a message may leave at once."""
        return not self._locks and self.broken is None

    def lock(self) -> OutputLock:
        """Closes the gate for messages from now on, until the lock is done."""
        lock = OutputLock(self)
        if self.broken is None:
            self._locks = _queued(self._locks, lock)
        return lock

    def wait(self, callback: Callable[[BaseException | None], None]) -> None:
        """Calls back when all locks taken so far are done, or with what broke the gate."""
        if self.broken is not None:
            callback(self.broken)
        elif not self._locks:
            callback(None)
        else:
            self._waiters = _queued(self._waiters, (self._locks[-1], callback))

    def _advance(self) -> None:
        # Looked up each time, as a callback may take a lock, wait, or break the gate.
        while self._locks and self._locks[0].done:
            last = self._locks.popleft()
            while self._waiters and self._waiters[0][0] is last:
                self._waiters.popleft()[1](None)
        self._locks = self._locks or None
        self._waiters = self._waiters or None

    def break_with(self, error: BaseException) -> None:
        """Breaks the gate for good: nothing held back is ever sent."""
        if self.broken is not None:
            return
        self.broken = error
        waiters, self._locks, self._waiters = self._waiters or (), None, None
        # First, so that those who waited can be told what became of the actor.
        if self.on_broken is not None:
            self.on_broken(error)
        for _, callback in waiters:
            callback(error)

    def __repr__(self) -> str:
        return (
            f"<OutputGate locks={len(self._locks or ())} waiters={len(self._waiters or ())}"
            f"{' broken' if self.broken else ''}>"
        )
