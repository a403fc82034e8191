"""What a run must have been: the history of a simulation, and the rules that it is held to.

Theory of operation. Every write of the simulated class is a *mark*: a key that is written once, by
one operation, and noted here in the moment it is made. Deletions are noted too. From that follows,
at every read and after every crash, which marks must be there, which must not, and which may:

- a write that was acknowledged survives everything but a deletion;
- a write that was rolled back, or made in the turn that aborted its object, never shows;
- what one instance wrote is seen until the object is reset or the process crashes;
- `count` equals the number of increments, so none interleaved with another, and no batch was torn.

The other rules are looked at while the run goes on: outputs come after the writes they may depend
on, nobody enters while somebody is alone, and of each object only the latest instance runs.

Knows nothing of the runtime but what is told. Violations are collected; a run goes on after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

COUNT = "count"
INCREMENT = "i:"
MARK = "m:"


@dataclass(slots=True, eq=False)
class Change:
    """A write or a deletion. `certain`: not durable perhaps, but nothing has happened to it yet."""

    operation: str
    object_name: str
    confirmed: bool = True
    certain: bool = True
    durable: bool = False
    acknowledged: bool = False
    never: bool = False

    @property
    def stands(self) -> bool:
        """It must show."""
        return not self.never and (self.certain or self.durable or self.acknowledged)


@dataclass(slots=True, eq=False)
class Mark(Change):
    """A key that is written once. `deletions`: those that were made after it."""

    key: str = ""
    deletions: list[Change] = field(default_factory=list)

    @property
    def required(self) -> bool:
        return self.stands and all(deletion.never for deletion in self.deletions)

    @property
    def forbidden(self) -> bool:
        return self.never or any(deletion.stands for deletion in self.deletions)


@dataclass(slots=True, eq=False)
class Alarm(Change):
    """An alarm that was set, or (without a time) cleared. `runs`: what finished handlers wrote."""

    time_ms: int | None = None
    runs: list[Mark] = field(default_factory=list)


class History:
    """See the module docstring."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.steps: list[str] = []
        self.crashed = False
        self.acknowledged = 0
        self.failures: dict[str, int] = {}
        self._marks: dict[str, dict[str, Mark]] = {}
        self._changes: dict[str, list[Change]] = {}
        self._instances: dict[str, object] = {}
        self._alone: dict[object, str] = {}
        self._alarms: dict[str, list[Alarm]] = {}
        self._in_alarm: dict[str, object] = {}

    def violate(self, rule: str, detail: str) -> None:
        """Notes that a rule was broken."""
        if not self.crashed:
            self.violations.append(f"{rule}: {detail}")

    def note(self, text: str) -> None:
        """A line of the story that is printed with a violation."""
        if not self.crashed:
            self.steps.append(text)

    # -- instances and turns ----------------------------------------------------------------------

    def started(self, object_name: str, instance: object) -> None:
        """An instance was constructed; the one before must not run any more."""
        self._instances[object_name] = instance

    def touch(self, object_name: str, instance: object, operation: str) -> None:
        """Code of an operation runs in an instance."""
        if self._instances.get(object_name) is not instance:
            self.violate("one actor per id", f"{operation} runs in an old instance: {object_name}")
        inside = self._alone.get(instance, operation)
        if inside != operation:
            self.violate("nothing interleaves", f"{operation} runs while {inside} is alone")

    @contextmanager
    def alone(self, instance: object, operation: str) -> Iterator[None]:
        """Nobody else may run in the instance meanwhile."""
        before = self._alone.get(instance)
        if before not in (None, operation):
            self.violate("nothing interleaves", f"{operation} begins while {before} is alone")
        self._alone[instance] = operation
        try:
            yield
        finally:
            if before is None:
                self._alone.pop(instance, None)

    # -- writes -----------------------------------------------------------------------------------

    def wrote(self, object_name: str, operation: str, key: str, *, confirmed: bool = True) -> Mark:
        """A mark was put."""
        mark = Mark(operation, object_name, confirmed, key=key)
        self._marks.setdefault(object_name, {})[key] = mark
        self._changes.setdefault(operation, []).append(mark)
        return mark

    def deleted(
        self, object_name: str, operation: str, keys: Iterable[str] | None = None
    ) -> Change:
        """Marks were deleted; None: all of the object's."""
        if keys is None:
            return self._deleted_all(object_name, operation)
        deletion = Change(operation, object_name)
        self._changes.setdefault(operation, []).append(deletion)
        marks = self._marks.get(object_name, {})
        for key in keys:
            if key in marks:
                marks[key].deletions.append(deletion)
        return deletion

    def _deleted_all(self, object_name: str, operation: str) -> Change:
        deletion = self.set_alarm(object_name, operation, None)
        for mark in self._marks.get(object_name, {}).values():
            mark.deletions.append(deletion)
        return deletion

    def set_alarm(self, object_name: str, operation: str, time_ms: int | None) -> Alarm:
        """The object's alarm was set or cleared."""
        alarm = Alarm(operation, object_name, time_ms=time_ms)
        self._changes.setdefault(operation, []).append(alarm)
        self._alarms.setdefault(object_name, []).append(alarm)
        return alarm

    def became_durable(self, object_name: str, keys: Iterable[str]) -> None:
        """The store has said so."""
        for key in keys:
            mark = self._marks.get(object_name, {}).get(key)
            if mark is not None:
                mark.durable = True

    def reset(self, object_name: str) -> None:
        """The object lost what was not committed; what was on its way may or may not be there."""
        self.note(f"reset {object_name}")
        for change in self._all_changes():
            if change.object_name == object_name:
                change.certain = False

    def lost_process(self) -> None:
        """The process is over, or the store failed."""
        for change in self._all_changes():
            change.certain = False
        self._alone.clear()
        self._instances.clear()

    def store_failed(self) -> None:
        for change in self._all_changes():
            change.certain = False

    def _all_changes(self) -> Iterator[Change]:
        for changes in self._changes.values():
            yield from changes

    # -- alarms -----------------------------------------------------------------------------------

    @contextmanager
    def in_alarm(
        self, object_name: str, instance: object, time_ms: int, now_ms: float
    ) -> Iterator[None]:
        """An alarm handler runs."""
        if now_ms < time_ms:
            self.violate("alarms are never early", f"{object_name} {time_ms - now_ms} ms")
        if self._in_alarm.get(object_name) is instance:
            self.violate("one alarm at a time", object_name)
        self._in_alarm[object_name] = instance
        try:
            yield
        finally:
            if self._in_alarm.get(object_name) is instance:
                del self._in_alarm[object_name]

    def alarm_ran(self, object_name: str, time_ms: int, mark: Mark) -> None:
        """The handler of an alarm is done; all that it did is in its mark."""
        for alarm in self._alarms.get(object_name, []):
            if alarm.time_ms == time_ms:
                alarm.runs.append(mark)

    def all_alarms_ran(self, object_name: str, entries: Mapping[str, Any]) -> None:
        """Called when no alarm can be left: the last one that stands has run, and that shows."""
        for alarm in reversed(self._alarms.get(object_name, [])):
            if alarm.never:
                continue
            ran = any(mark.key in entries or mark.deletions for mark in alarm.runs)
            if alarm.stands and alarm.time_ms is not None and not ran:
                self.violate("alarms run at least once", f"{object_name} {alarm}")
            return

    # -- outputs ----------------------------------------------------------------------------------

    def made_by(self, operation: str) -> tuple[Change, ...]:
        """The changes that what an operation sends now may depend on."""
        return tuple(self._changes.get(operation, ()))

    def output(self, where: str, changes: Iterable[Change]) -> None:
        """Something left that may depend on the changes."""
        for change in changes:
            held = isinstance(change, Mark) and change.confirmed and not change.durable
            if held and not change.never:
                self.violate("no output before its write is durable", f"{where}: {change.key}")

    def answered(self, operation: str) -> None:
        """A client has the answer to an operation."""
        if self.crashed:
            return
        self.acknowledged += 1
        changes = [change for name in _parts(operation) for change in self._changes.get(name, ())]
        self.output(f"answer to {operation}", changes)
        for change in changes:
            change.acknowledged = change.confirmed
            if change.never:
                self.violate("failed work is not acknowledged", operation)

    def failed(self, operation: str, text: str, allowed: Iterable[str]) -> None:
        """A client got an error."""
        last_line = text.strip().splitlines()[-1]
        self.failures[last_line[:60]] = self.failures.get(last_line[:60], 0) + 1
        if not any(part in text for part in allowed):
            self.violate("only errors of the scenario", f"{operation}: {text}")

    # -- reads ------------------------------------------------------------------------------------

    def shown(self, object_name: str, entries: Mapping[str, Any], where: str) -> list[Mark]:
        """Holds the whole state of an object to the rules; the marks it shows."""
        marks = self._marks.get(object_name, {})
        for mark in marks.values():
            if mark.key in entries:
                if mark.forbidden:
                    self.violate("what is gone stays gone", f"{where}: {mark}")
            elif mark.required:
                rule = "acknowledged writes survive" if mark.acknowledged else "writes are seen"
                self.violate(rule, f"{where}: {mark}")
        for key in entries:
            if key.startswith((INCREMENT, MARK)) and key not in marks:
                self.violate("nothing from nowhere", f"{where}: {object_name} {key}")
        increments = sum(key.startswith(INCREMENT) for key in entries)
        if entries.get(COUNT, 0) != increments:
            self.violate(
                "count equals the increments",
                f"{where}: {object_name} has {entries.get(COUNT)} after {increments}",
            )
        return [marks[key] for key in entries if key in marks]

    def objects(self) -> list[str]:
        """All objects that ever wrote."""
        return sorted(self._marks)


def _parts(operation: str) -> tuple[str, ...]:
    """The names under which an operation works in the objects that it calls."""
    return (operation, f"{operation}.there", f"{operation}.back.there")
