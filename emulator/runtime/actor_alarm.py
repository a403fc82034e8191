"""ActorAlarm: the alarm of a live instance, as the guest sees it and as the scheduler runs it.

While the handler runs the stored alarm is hidden: `getAlarm` gives null unless it was set anew. The
record is cleared only when the handler has succeeded, and success is reported only when that is
durable; so an alarm whose process dies runs again.
Source: workerd src/workerd/io/worker.c++ (runAlarm), actor-sqlite.c++ (armAlarmHandler).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.js.object import JsObject
from emulator.js.values import JsValue
from emulator.runtime.alarm_scheduler import AlarmOutcome
from emulator.runtime.errors import GuestError

if TYPE_CHECKING:
    from emulator.runtime.actor import Actor

NO_HANDLER: Final = (
    "Attempted to run a scheduled alarm without a handler, did you remember to export an alarm() "
    "function?"
)
# Failures that are not the guest's doing do not count as retries.
_UNCOUNTED: Final = ("Internal error", "internal error")


class AlarmInvocationInfo(JsObject, name="AlarmInvocationInfo", constructible=False):
    """What an alarm handler is told."""

    __slots__ = ()

    def __init__(self, scheduled_time_ms: int, retry_count: int) -> None:
        super().__init__()
        self._own = {
            "scheduledTime": scheduled_time_ms,
            "retryCount": retry_count,
            "isRetry": retry_count > 0,
        }


class ActorAlarm:
    """See the module docstring."""

    __slots__ = ("_actor", "_running_ms", "_touched", "retry")

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._running_ms: int | None = None
        # The guest set or deleted an alarm while the handler ran.
        self._touched = False
        # Cleared by `ctx.abort(reason, {retryAlarm: false})`.
        self.retry = True

    def get(self) -> int | None:
        """What `getAlarm` gives."""
        if self._running_ms is not None and not self._touched:
            return None
        return self._actor.storage.alarm()

    def set(self, time_ms: int | None, *, confirmed: bool = True) -> None:
        """What `setAlarm` and `deleteAlarm` do."""
        self._touched = self._running_ms is not None
        storage = self._actor.storage
        if self._touched and time_ms is not None and storage.alarm() == time_ms:
            # The same time again is a new alarm; the record must be seen to change.
            storage.set_alarm(None, confirmed=confirmed)
        storage.set_alarm(time_ms, confirmed=confirmed)

    async def run(self, time_ms: int, retry_count: int) -> AlarmOutcome:
        """Runs the handler, unless the object has no such alarm any more."""
        actor = self._actor
        due = True

        def begin() -> None:
            nonlocal due
            due = actor.storage.alarm() == time_ms
            self._running_ms, self._touched = time_ms, False

        def arguments() -> list[JsValue]:
            return [AlarmInvocationInfo(time_ms, retry_count)]

        try:
            if not await actor.alarm_event(arguments, begin, lambda: due):
                if due:
                    actor.services.observer.console("warn", NO_HANDLER)
                    return "give up"
                return "done"
            await self._succeeded()
        except GuestError as error:
            return self._failed(error)
        finally:
            self._running_ms = None
        return "done"

    async def _succeeded(self) -> None:
        """Clears the record, unless there is a new alarm in it, and waits until that is durable."""
        if not self._touched:
            await self._actor.in_turn(lambda: self._actor.storage.set_alarm(None))

    def _failed(self, error: GuestError) -> AlarmOutcome:
        actor = self._actor
        actor.services.observer.uncaught_error(error.traceback_text.rstrip("\n"))
        if not self.retry:
            return "give up"
        if actor.broken is None and self._touched:
            return "done"  # what the handler set or deleted stands instead
        return "failed uncounted" if error.message.startswith(_UNCOUNTED) else "failed"

    async def clear(self, time_ms: int) -> None:
        """Gives an alarm up, if it is still the one that is stored."""

        def job() -> None:
            if self._actor.storage.alarm() == time_ms:
                self._actor.storage.set_alarm(None)

        await self._actor.in_turn(job)
