"""AlarmScheduler: wakes objects whose alarm is due, and tries again when they fail.

Theory of operation. An object's alarm time is a record of its own storage, committed with the
writes of its turn. The scheduler learns of it when it is durable, and keeps an index of all alarms
(emulator.runtime.alarm_index), so that a new process knows whom to wake. What the index says may be
too early or about an alarm that is gone, never too late: an object that is woken looks at its own
record, runs the alarm that is there, or tells the time at which it wants to be woken instead.

Guarantees: at least once; never early; at most one invocation of an object at a time; after a
failure the delays are 2 s, 4 s, 8 s ... plus up to a quarter, and after six counted retries the
alarm is given up. Retry counts live in memory.
Does not know: guests, gates, what an alarm does.
Source: workerd src/workerd/server/alarm-scheduler.h. Differs: setting an alarm between retries
always replaces the retry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, TypeAlias

from emulator.runtime.actor_ids import ActorId
from emulator.runtime.alarm_index import AlarmIndex, AlarmKey, OnDurable
from emulator.runtime.services import Services
from emulator.storage import Store

RETRY_START_S: Final = 2.0
RETRY_JITTER: Final = 0.25
RETRIES_MAX: Final = 6
BACKOFF_MAX: Final = 9
RUN_FAILED: Final = "an alarm could not be delivered: {}"


@dataclass(frozen=True, slots=True)
class Moved:
    """The object's alarm is at another time than it was woken for; nothing ran."""

    time_ms: int


AlarmOutcome: TypeAlias = Literal["done", "failed", "failed uncounted", "give up"] | Moved


@dataclass(slots=True)
class _Alarm:
    """One alarm that waits or runs."""

    key: AlarmKey
    name: str | None
    time_ms: int
    retry_count: int = 0
    backoff: int = 0
    uncounted: bool = False
    running: bool = False
    timer: asyncio.Handle | None = None
    # While it ran, the object committed another alarm, or None for no alarm.
    changed: bool = False
    queued_ms: int | None = None


@dataclass(frozen=True, slots=True)
class AlarmTarget:
    """How the scheduler reaches the objects of a namespace."""

    run: Callable[[ActorId, int, int], Awaitable[AlarmOutcome]]
    clear: Callable[[ActorId, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AlarmHooks:
    """Called around each commit that changes an object's alarm, and when the object starts."""

    writing: Callable[[int | None, OnDurable | None], None]
    """Before the commit. The callback is called, later, once the commit may be acknowledged."""
    written: Callable[[int | None], None]
    """The commit is durable."""
    refused: Callable[[], None]
    """There will be no commit."""
    found: Callable[[int | None], None]


NO_HOOKS: Final = AlarmHooks(
    lambda time_ms, on_durable: None, lambda time_ms: None, lambda: None, lambda time_ms: None
)


class AlarmScheduler:
    """See the module docstring."""

    def __init__(self, services: Services, store: Store) -> None:
        self._services = services
        self._index = AlarmIndex(store)
        self._targets: dict[str, AlarmTarget] = {}
        self._alarms: dict[AlarmKey, _Alarm] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    # -- what objects tell ------------------------------------------------------------------------

    def register(self, namespace: str, target: AlarmTarget) -> None:
        """Makes the objects of a namespace reachable."""
        self._targets[namespace] = target

    def hooks(self, key: AlarmKey, name: str | None) -> AlarmHooks:
        """What an object's storage tells about its commits."""
        return AlarmHooks(
            partial(self._index.writing, key, name),
            partial(self.written, key, name),
            partial(self._index.refused, key),
            partial(self.found, key, name),
        )

    def written(self, key: AlarmKey, name: str | None, time_ms: int | None) -> None:
        """A commit that changed the alarm is durable."""
        if self._closed:
            return
        self._index.written(key, name, time_ms)
        alarm = self._alarms.get(key)
        if alarm is not None and alarm.running:
            alarm.changed, alarm.queued_ms = True, time_ms
        elif time_ms is None:
            self._drop(key)
        else:
            self._schedule(key, name, time_ms)

    def found(self, key: AlarmKey, name: str | None, time_ms: int | None) -> None:
        """An object that starts has this alarm; if that is news, it is made good."""
        if time_ms is None or self._closed or self._index.is_changing(key):
            return
        alarm = self._alarms.get(key)
        if alarm is None or (not alarm.running and alarm.time_ms != time_ms):
            self._index.settle(key, name, time_ms)
            self._schedule(key, name, time_ms)

    # -- waiting ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Schedules what the index holds; what is overdue runs at once."""
        for key, entry in self._index.entries():
            if key.namespace in self._targets and key not in self._alarms:
                self._schedule(key, entry.name, entry.time_ms)

    def close(self) -> None:
        """Nothing is woken any more; what is stored stays."""
        self._closed = True
        for alarm in self._alarms.values():
            if alarm.timer is not None:
                alarm.timer.cancel()
        self._alarms.clear()
        for task in self._tasks:
            task.cancel()

    def _schedule(self, key: AlarmKey, name: str | None, time_ms: int) -> None:
        """Waits for an alarm that nobody has tried to run yet, in place of what was there."""
        before = self._drop(key)
        if name is None and before is not None:
            name = before.name
        alarm = self._alarms[key] = _Alarm(key, name, time_ms)
        self._arm(alarm, (time_ms - self._services.clock.now_ms()) / 1000.0)

    def _arm(self, alarm: _Alarm, delay_s: float) -> None:
        alarm.timer = self._services.loop.call_later(max(delay_s, 0.0), self._due, alarm)

    def _drop(self, key: AlarmKey) -> _Alarm | None:
        alarm = self._alarms.pop(key, None)
        if alarm is not None and alarm.timer is not None:
            alarm.timer.cancel()
        return alarm

    # -- running ----------------------------------------------------------------------------------

    def _due(self, alarm: _Alarm) -> None:
        early_ms = alarm.time_ms - self._services.clock.now_ms()
        if early_ms > 0:  # the clocks of the loop and of the wall differ
            self._arm(alarm, early_ms / 1000.0)
            return
        alarm.timer = None
        alarm.running = True
        task = self._services.loop.create_task(self._run(alarm))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, alarm: _Alarm) -> None:
        target = self._targets[alarm.key.namespace]
        actor_id = ActorId(alarm.key.object_id, alarm.name)
        try:
            outcome = await target.run(actor_id, alarm.time_ms, alarm.retry_count)
            if not alarm.changed and self._is_last(alarm, outcome):
                await target.clear(actor_id, alarm.time_ms)
                outcome = "done"
        except Exception as error:  # noqa: BLE001 - the instance could not even be made
            self._services.observer.uncaught_error(RUN_FAILED.format(error))
            outcome = "failed uncounted"
        alarm.running = False
        self._after(alarm, outcome)

    def _is_last(self, alarm: _Alarm, outcome: AlarmOutcome) -> bool:
        return outcome == "give up" or (outcome == "failed" and alarm.retry_count >= RETRIES_MAX)

    def _after(self, alarm: _Alarm, outcome: AlarmOutcome) -> None:
        key = alarm.key
        if alarm.changed:
            next_ms = alarm.queued_ms
        elif isinstance(outcome, Moved):
            next_ms = outcome.time_ms
        elif outcome == "done":
            next_ms = None
        else:
            self._retry(alarm, counted=outcome == "failed")
            return
        if not self._index.is_changing(key):
            self._index.settle(key, alarm.name, next_ms)
        if next_ms is None:
            self._drop(key)
        else:
            self._schedule(key, alarm.name, next_ms)

    def _retry(self, alarm: _Alarm, *, counted: bool) -> None:
        """Arms the next attempt."""
        if counted and alarm.uncounted:
            alarm.backoff = 0
        alarm.uncounted = not counted
        fraction = int.from_bytes(self._services.entropy.random_bytes(4), "big") / 2**32
        delay_s = RETRY_START_S * 2**alarm.backoff * (1 + RETRY_JITTER * fraction)
        alarm.backoff = min(alarm.backoff + 1, BACKOFF_MAX)
        alarm.retry_count += counted
        self._arm(alarm, delay_s)

    def __repr__(self) -> str:
        running = sum(alarm.running for alarm in self._alarms.values())
        return f"<AlarmScheduler alarms={len(self._alarms)} running={running}>"
