"""AlarmScheduler: wakes objects whose alarm is due, and tries again when they fail.

Theory of operation. An object's alarm time is a record of its own storage, committed with the
writes of its turn. The scheduler keeps an index of all alarms, so that a new process knows whom to
wake: one object of the log store, whose entry is written *before* the commit that sets an alarm and
removed
*after* the commit that clears it. A crash in between leaves an entry too many, never one too few:
when it comes due the object looks at its own record, and an alarm that is not there does not run.

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
from typing import Final, Literal

import msgpack

from emulator.errors import StorageFormatError
from emulator.runtime.actor_ids import ActorId
from emulator.runtime.services import Services
from emulator.storage import Batch, Store

INDEX_NAMESPACE: Final = "pyworkers:alarms"
INDEX_OBJECT: Final = "0" * 64
RETRY_START_S: Final = 2.0
RETRY_JITTER: Final = 0.25
RETRIES_MAX: Final = 6
BACKOFF_MAX: Final = 9

AlarmOutcome = Literal["done", "failed", "failed uncounted", "give up"]


@dataclass(frozen=True, slots=True)
class AlarmKey:
    """Whose alarm it is."""

    namespace: str
    object_id: str

    @property
    def entry(self) -> str:
        """The key in the index."""
        return f"{self.object_id}{self.namespace}"

    @classmethod
    def of_entry(cls, entry: str) -> AlarmKey:
        return cls(entry[64:], entry[:64])


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
    # Set while the alarm runs: what comes after. 0 is "nothing".
    queued_ms: int | None = None


class AlarmTarget:
    """How the scheduler reaches the objects of a namespace."""

    def __init__(
        self,
        run: Callable[[ActorId, int, int], Awaitable[AlarmOutcome]],
        clear: Callable[[ActorId, int], Awaitable[None]],
    ) -> None:
        self.run = run
        self.clear = clear


class AlarmScheduler:
    """See the module docstring."""

    def __init__(self, services: Services, store: Store) -> None:
        self._services = services
        self._store = store
        self._targets: dict[str, AlarmTarget] = {}
        self._alarms: dict[AlarmKey, _Alarm] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    # -- what objects tell ------------------------------------------------------------------------

    def register(self, namespace: str, target: AlarmTarget) -> None:
        """Makes the objects of a namespace reachable."""
        self._targets[namespace] = target

    def writing(self, key: AlarmKey, time_ms: int | None, name: str | None) -> None:
        """A commit that changes the alarm is about to be made."""
        if time_ms is not None:
            record: bytes = msgpack.packb([time_ms, name], unicode_errors="surrogatepass")
            self._commit(Batch(INDEX_NAMESPACE, INDEX_OBJECT, puts={key.entry: record}))

    def written(self, key: AlarmKey, time_ms: int | None, name: str | None) -> None:
        """That commit is durable."""
        if self._closed:
            return
        alarm = self._alarms.get(key)
        if alarm is not None and alarm.running:
            alarm.queued_ms = time_ms
            return
        if time_ms is None:
            self._drop(key)
        else:
            self._schedule(_Alarm(key, name, time_ms))

    def found(self, key: AlarmKey, time_ms: int | None, name: str | None) -> None:
        """An object that starts has this alarm; if the index missed it, it is made good."""
        if time_ms is not None and key not in self._alarms and not self._closed:
            self.writing(key, time_ms, name)
            self._schedule(_Alarm(key, name, time_ms))

    def _commit(self, batch: Batch) -> None:
        self._store.load(INDEX_NAMESPACE, INDEX_OBJECT).apply(batch)
        # A failed commit fails the object's own commit as well, which tells whom it concerns.
        self._store.commit(batch, lambda error: None)

    # -- waiting ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Schedules what the index holds; what is overdue runs at once."""
        for entry, record in self._store.load(INDEX_NAMESPACE, INDEX_OBJECT).list():
            try:
                time_ms, name = msgpack.unpackb(record, unicode_errors="surrogatepass")
            except (ValueError, msgpack.UnpackException) as error:
                raise StorageFormatError(f"the alarm index is damaged at {entry!r}") from error
            key = AlarmKey.of_entry(entry)
            if key.namespace in self._targets and key not in self._alarms:
                self._schedule(_Alarm(key, name, time_ms))

    def close(self) -> None:
        """Nothing is woken any more; what is stored stays."""
        self._closed = True
        for alarm in self._alarms.values():
            if alarm.timer is not None:
                alarm.timer.cancel()
        self._alarms.clear()
        for task in self._tasks:
            task.cancel()

    def _schedule(self, alarm: _Alarm) -> None:
        before = self._alarms.get(alarm.key)
        if before is not None and before.timer is not None:
            before.timer.cancel()
        self._alarms[alarm.key] = alarm
        self._arm(alarm, (alarm.time_ms - self._services.clock.now_ms()) / 1000.0)

    def _arm(self, alarm: _Alarm, delay_s: float) -> None:
        alarm.timer = self._services.loop.call_later(max(delay_s, 0.0), self._due, alarm)

    def _drop(self, key: AlarmKey) -> None:
        alarm = self._alarms.pop(key, None)
        if alarm is not None and alarm.timer is not None:
            alarm.timer.cancel()
        self._commit(Batch(INDEX_NAMESPACE, INDEX_OBJECT, deletes=(key.entry,)))

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
        outcome = await target.run(actor_id, alarm.time_ms, alarm.retry_count)
        alarm.running = False
        if alarm.queued_ms is not None:
            self._schedule(_Alarm(alarm.key, alarm.name, alarm.queued_ms))
        elif outcome == "done":
            self._drop(alarm.key)
        elif outcome == "give up" or not self._retry(alarm, counted=outcome == "failed"):
            await target.clear(actor_id, alarm.time_ms)

    def _retry(self, alarm: _Alarm, *, counted: bool) -> bool:
        """Arms the next attempt, unless there were enough."""
        if counted and alarm.retry_count >= RETRIES_MAX:
            return False
        if counted and alarm.uncounted:
            alarm.backoff = 0
        alarm.uncounted = not counted
        fraction = int.from_bytes(self._services.entropy.random_bytes(4), "big") / 2**32
        delay_s = RETRY_START_S * 2**alarm.backoff * (1 + RETRY_JITTER * fraction)
        alarm.backoff = min(alarm.backoff + 1, BACKOFF_MAX)
        alarm.retry_count += counted
        self._arm(alarm, delay_s)
        return True

    def hooks(self, key: AlarmKey, name: str | None) -> AlarmHooks:
        """What an object's storage tells about its commits."""
        return AlarmHooks(
            partial(self.writing, key, name=name),
            partial(self.written, key, name=name),
            partial(self.found, key, name=name),
        )

    def __repr__(self) -> str:
        running = sum(alarm.running for alarm in self._alarms.values())
        return f"<AlarmScheduler alarms={len(self._alarms)} running={running}>"


@dataclass(frozen=True, slots=True)
class AlarmHooks:
    """Called around each commit that changes an object's alarm, and when the object starts."""

    writing: Callable[[int | None], None]
    written: Callable[[int | None], None]
    found: Callable[[int | None], None]


NO_HOOKS: Final = AlarmHooks(lambda time_ms: None, lambda time_ms: None, lambda time_ms: None)
