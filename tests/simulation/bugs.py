"""Known bugs, one at a time, to see that the checkers would find them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from emulator.runtime import gates
from emulator.runtime.actor_alarm import ActorAlarm
from emulator.runtime.actor_namespace import ActorContainer, ActorNamespace
from emulator.runtime.actor_storage import ActorStorage
from emulator.runtime.alarm_index import AlarmIndex
from emulator.runtime.gates import CriticalSection, InputGate, InputLock, OutputGate, Waiter
from emulator.storage import pipeline
from emulator.storage.store import Store

Patch = Callable[[pytest.MonkeyPatch], None]


def output_gate_never_holds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OutputGate, "open", True)
    patch.setattr(OutputGate, "wait", lambda self, callback: callback(self.broken))


def input_gate_lets_everybody_in(patch: pytest.MonkeyPatch) -> None:
    def wait(self: InputGate, *, section: bool = False) -> Waiter:
        waiter = Waiter()
        waiter.error = self.broken
        if self.broken is None:
            self._locks += 1
            waiter.lock = InputLock(self)
        return waiter

    patch.setattr(InputGate, "wait", wait)
    patch.setattr(InputGate, "try_lock", lambda self: wait(self).lock)


def sections_let_others_in(patch: pytest.MonkeyPatch) -> None:
    """The parent's lock is given back as soon as the section has begun."""
    started = CriticalSection._started

    def too_early(self: CriticalSection, granted: Waiter, told: Waiter) -> None:
        started(self, granted, told)
        if granted.lock is not None:
            self._parent_lock = InputLock(self.parent)
            self.parent._unlock()

    def succeed(self: CriticalSection) -> InputLock:
        self.state = "over"
        parent = self.parent.current()
        parent._locks += self._locks + 1
        parent._waiters = deque([*(parent._waiters or ()), *(self._waiters or ())])
        parent._section_waiters = deque(
            [*(parent._section_waiters or ()), *(self._section_waiters or ())]
        )
        assert self._parent_lock is not None
        return self._parent_lock

    patch.setattr(CriticalSection, "_started", too_early)
    patch.setattr(CriticalSection, "succeed", succeed)


def store_acknowledges_before_fsync(patch: pytest.MonkeyPatch) -> None:
    def append_group(self: Any, group: Any, durable: int) -> int:
        data = b"".join([self._framer.frame(it.body, it.sequence, durable) for it in group])
        self._file.append(data)
        return len(data)

    patch.setattr(pipeline._OpenLog, "append_group", append_group)


def every_call_gets_an_instance(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        ActorNamespace, "container", lambda self, actor_id: ActorContainer(self, actor_id)
    )


def rollback_keeps_the_writes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ActorStorage, "rollback", ActorStorage.release)


def reset_commits_what_is_pending(patch: pytest.MonkeyPatch) -> None:
    discard = ActorStorage.discard

    def commit_first(self: ActorStorage) -> None:
        self._savepoint = None
        self.commit_implicit()
        discard(self)

    patch.setattr(ActorStorage, "discard", commit_first)


def reset_keeps_the_image(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Store, "release", lambda self, namespace, object_id: None)


def successor_does_not_wait(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Store, "has_in_flight", lambda self, namespace, object_id: False)


def each_write_is_a_batch(patch: pytest.MonkeyPatch) -> None:
    put = ActorStorage.put

    def put_and_commit(self: ActorStorage, entries: dict[str, bytes], **options: Any) -> None:
        put(self, entries, **options)
        self.commit_implicit()

    patch.setattr(ActorStorage, "put", put_and_commit)


def alarms_are_forgotten_by_restarts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AlarmIndex, "entries", lambda self: iter(()))


def alarms_are_not_tried_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ActorAlarm, "_failed", lambda self, error: "done")


def waiters_enter_out_of_turn(patch: pytest.MonkeyPatch) -> None:
    """Releasing a lock admits two."""
    admit = gates.InputGate._admit

    def admit_two(self: InputGate) -> None:
        admit(self)
        queue = self._section_waiters or self._waiters
        if queue and self.broken is None:
            self._locks += 1
            queue.popleft()._grant(InputLock(self))

    patch.setattr(InputGate, "_admit", admit_two)


BUGS: dict[str, tuple[Patch, str]] = {
    bug.__name__: (bug, rule)
    for bug, rule in (
        (output_gate_never_holds, "no output before its write is durable"),
        (input_gate_lets_everybody_in, "nothing interleaves"),
        (sections_let_others_in, "nothing interleaves"),
        (store_acknowledges_before_fsync, "acknowledged writes survive"),
        (every_call_gets_an_instance, "one actor per id"),
        (rollback_keeps_the_writes, "what is gone stays gone"),
        (reset_commits_what_is_pending, "what is gone stays gone"),
        (reset_keeps_the_image, "what is gone stays gone"),
        (successor_does_not_wait, "no output before its write is durable"),
        (each_write_is_a_batch, "count equals the increments"),
        (alarms_are_forgotten_by_restarts, "alarms run at least once"),
        (alarms_are_not_tried_again, "alarms run at least once"),
        (waiters_enter_out_of_turn, "nothing interleaves"),
    )
}
