"""ActorAlarm: the alarm of a live instance, as the guest sees it and as the scheduler runs it.

While the handler runs the stored alarm is hidden: `getAlarm` gives null unless it was set anew. The
record is cleared only when the handler has succeeded, in the turn in which it ends, and success is
reported only when that is durable; so an alarm whose process dies runs again.

Whether the guest has changed the alarm meanwhile is asked of the storage's `alarm_version`, so that
a change which was rolled back is none.
Source: workerd src/workerd/io/worker.c++ (runAlarm), actor-sqlite.c++ (armAlarmHandler).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from emulator.js.convert import to_string
from emulator.js.errors import type_error
from emulator.js.object import JsObject
from emulator.js.values import MISSING, JsValue, PropertyKey
from emulator.runtime.alarm_scheduler import AlarmOutcome, Moved
from emulator.runtime.errors import GuestError, platform_error

if TYPE_CHECKING:
    from emulator.runtime.actor import Actor

ALARM_TIMEOUT_S: Final = 15 * 60.0
NO_HANDLER: Final = (
    "Attempted to run a scheduled alarm without a handler, did you remember to export an alarm() "
    "function?"
)
READ_ONLY: Final = "Cannot assign to read only property '{}' of object '#<AlarmInvocationInfo>'"
TIMED_OUT: Final = "Alarm exceeded its allowed execution time"
# What breaks an instance without being the guest's doing; it does not count as a retry.
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

    def js_set(self, key: PropertyKey, value: JsValue) -> None:
        if self.js_get_own(key) is not MISSING:
            raise type_error(READ_ONLY.format(to_string(key)))
        super().js_set(key, value)


class ActorAlarm:
    """See the module docstring."""

    __slots__ = ("_actor", "_running_version", "retry")

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        # The version of the alarm whose handler runs.
        self._running_version: int | None = None
        # Cleared by `ctx.abort(reason, {retryAlarm: false})`.
        self.retry = True

    # -- what the guest sees ----------------------------------------------------------------------

    @property
    def hidden(self) -> bool:
        """Whether the stored alarm is the one whose handler runs."""
        return self._running_version == self._actor.storage.alarm_version

    def get(self) -> int | None:
        """What `getAlarm` gives."""
        return None if self.hidden else self._actor.storage.alarm()

    def set(self, time_ms: int | None, *, confirmed: bool = True) -> None:
        """What `setAlarm` and `deleteAlarm` do."""
        storage = self._actor.storage
        if self.hidden and time_ms is not None:
            # Should it be the same time: that is a new alarm all the same.
            storage.set_alarm(None, confirmed=confirmed)
        storage.set_alarm(time_ms, confirmed=confirmed)

    # -- what the scheduler does ------------------------------------------------------------------

    async def run(self, time_ms: int, retry_count: int) -> AlarmOutcome:
        """Runs the handler, unless the object has no such alarm any more."""
        actor = self._actor
        limit = actor.services.loop.call_later(ALARM_TIMEOUT_S, self._timed_out)
        try:
            outcome = await actor.alarm_event(partial(self._handle, time_ms, retry_count))
            if self._running_version is not None:
                # A transaction was open when the handler ended: after it.
                await actor.in_turn(self._finish)
        except GuestError as error:
            return self._failed(error)
        finally:
            limit.cancel()
        return outcome

    async def _handle(self, time_ms: int, retry_count: int) -> AlarmOutcome:
        """Guest work: the alarm event."""
        actor = self._actor
        stored_ms = actor.storage.alarm()
        if stored_ms != time_ms:
            return "done" if stored_ms is None else Moved(stored_ms)
        self._running_version = actor.storage.alarm_version
        try:
            if not await actor.call_alarm_handler(AlarmInvocationInfo(time_ms, retry_count)):
                actor.services.observer.console("warn", NO_HANDLER)
        except BaseException:
            self._running_version = None
            raise
        if actor.storage.savepoint is None:
            self._finish()
        return "done"

    def _finish(self) -> None:
        """Clears the record, unless there is a new alarm in it."""
        if self.hidden:
            self._actor.storage.set_alarm(None)
        self._running_version = None

    def _failed(self, error: GuestError) -> AlarmOutcome:
        actor = self._actor
        broken = actor.broken
        if error is not broken:  # that is reported already
            actor.services.observer.uncaught_error(error.traceback_text.rstrip("\n"))
        if not self.retry:
            return "give up"
        counted = broken is None or broken.blames_guest or not broken.message.startswith(_UNCOUNTED)
        return "failed" if counted else "failed uncounted"

    def _timed_out(self) -> None:
        if self._actor.broken is None:
            error = platform_error(TIMED_OUT, overloaded=True, durableObjectReset=True)
            self._actor.reset(error)

    async def clear(self, time_ms: int) -> None:
        """Gives an alarm up, if it is still the one that is stored."""

        def job() -> None:
            if self._actor.storage.alarm() == time_ms:
                self._actor.storage.set_alarm(None)

        await self._actor.in_turn(job)

    def __repr__(self) -> str:
        return f"<ActorAlarm running={self._running_version is not None} retry={self.retry}>"
