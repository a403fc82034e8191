"""ActorStorage: one actor's writes on their way to the store, as bytes.

Theory of operation. Writes change the object's image at once, and are noted in `_pending`. At the
end of a turn what is pending becomes one atomic batch (the *implicit transaction*) unless an
explicit transaction is open. Each open explicit transaction is a savepoint that remembers how the
keys it changed looked before, so that it can be undone alone.

Guarantees: a batch is committed whole; a confirmed write locks the output gate until its batch is
durable; after `discard` the store's image is rebuilt from what was committed.
Does not know: guest values, who may call when.
Source: workerd src/workerd/io/actor-sqlite.h (implicit and explicit transactions).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol, TypeAlias

from emulator.runtime.alarm_scheduler import NO_HOOKS, AlarmHooks
from emulator.runtime.gates import OutputGate, OutputLock
from emulator.storage import Batch, ObjectState, Store

_ABSENT: Final[Any] = object()
VERSIONS: Final = itertools.count(1)
ALARM: Final = "alarm"

Entries = list[tuple[str, bytes]]


def alarm_record(time_ms: int | None) -> bytes | None:
    """The system record of an alarm."""
    return None if time_ms is None else time_ms.to_bytes(8, "big")


@dataclass(slots=True)
class Savepoint:
    """An open explicit transaction. `undo`: key -> (value before, pending note before)."""

    parent: Savepoint | None
    confirmed_before: bool
    undo: dict[str, tuple[bytes | None, Any]] = field(default_factory=dict)
    # The alarm before, its version, and whether it was pending; None if it was left alone.
    undo_alarm: tuple[int | None, int, bool] | None = None


class ActorStorageOps(Protocol):
    """What an actor and its guest need of storage, whatever keeps it.

    ActorStorage is the log's, SqliteActorStorage a SQLite database's.
    """

    alarm_hooks: AlarmHooks
    alarm_version: int
    """Another one whenever the alarm is changed; a rollback brings the earlier one back."""

    def get(self, key: str) -> bytes | None:
        """The value's bytes, or None."""
        ...

    def list(
        self,
        start: str | None = None,
        end: str | None = None,
        *,
        reverse: bool = False,
        limit: int | None = None,
    ) -> Entries:
        """Entries in order of the keys' UTF-8 bytes; `start` inclusive, `end` exclusive."""
        ...

    def meta(self, name: str) -> bytes | None:
        """A small record of the system, such as the object's name."""
        ...

    def put(self, entries: dict[str, bytes], *, confirmed: bool = True) -> None:
        """Stores entries. `confirmed=False` does not hold back output (allowUnconfirmed)."""
        ...

    def delete(self, keys: Sequence[str], *, confirmed: bool = True) -> int:
        """Deletes keys; how many of them existed."""
        ...

    def delete_all(self, *, deletes_alarm: bool = False) -> None:
        """Deletes everything, at once: what was pending is discarded, not written first.

        An alarm that stays is the one that was set last.
        """
        ...

    @property
    def savepoint(self) -> Savepoint | None:
        """The innermost open explicit transaction."""
        ...

    def begin(self) -> Savepoint:
        """Opens an explicit transaction."""
        ...

    def commit(self, savepoint: Savepoint) -> None:
        """Ends the innermost transaction, keeping its writes; the outermost is committed now."""
        ...

    def release(self, savepoint: Savepoint) -> None:
        """Ends the innermost transaction; its writes join what encloses it, or the turn's."""
        ...

    def rollback(self, savepoint: Savepoint) -> None:
        """Ends the innermost transaction, undoing its writes."""
        ...

    def commit_implicit(self) -> None:
        """Commits what the turn wrote, unless an explicit transaction is open."""
        ...

    def put_meta(self, records: dict[str, bytes | None]) -> None:
        """Stores records of the system; None deletes one."""
        ...

    def alarm(self) -> int | None:
        """The alarm's time in milliseconds, or None."""
        ...

    def set_alarm(self, time_ms: int | None, *, confirmed: bool = True) -> None:
        """Sets or clears the alarm, as part of the turn's writes."""
        ...

    @property
    def holds_output(self) -> bool:
        """Whether something was written that holds what is sent from here on."""
        ...

    def when_durable(self, callback: Callable[[BaseException | None], None]) -> None:
        """Calls back when every write so far, confirmed or not, is durable."""
        ...

    def discard(self) -> None:
        """Forgets what was not committed. Nothing is called after it."""
        ...


# Makes the storage of an object: its id, its output gate, and whom to tell of a failed commit.
StorageFactory: TypeAlias = Callable[
    [str, OutputGate, Callable[[BaseException], None]], ActorStorageOps
]


def log_storage(store: Store, namespace: str) -> StorageFactory:
    """Makes the storage of objects that are kept in the log."""
    return lambda object_id, output_gate, on_failure: ActorStorage(
        store, namespace, object_id, output_gate, on_failure
    )


class ActorStorage:
    """See the module docstring. Implements ActorStorageOps."""

    __slots__ = (
        "_alarm_pending",
        "_confirmed",
        "_discarded",
        "_image",
        "_namespace",
        "_object_id",
        "_on_failure",
        "_output_gate",
        "_pending",
        "_savepoint",
        "_store",
        "alarm_hooks",
        "alarm_version",
    )

    def __init__(
        self,
        store: Store,
        namespace: str,
        object_id: str,
        output_gate: OutputGate,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._store = store
        self._namespace = namespace
        self._object_id = object_id
        self._image: ObjectState = store.load(namespace, object_id)
        self._output_gate = output_gate
        self._on_failure = on_failure
        self._pending: dict[str, bytes | None] = {}
        self._confirmed = False
        self._alarm_pending = False
        self._savepoint: Savepoint | None = None
        self._discarded = False
        self.alarm_hooks = NO_HOOKS
        self.alarm_version = 0
        if store.has_in_flight(namespace, object_id):
            self._await_predecessor()

    def _await_predecessor(self) -> None:
        """An instance that was reset left commits on their way; this one's reads show them."""
        lock = self._output_gate.lock()

        def durable(error: BaseException | None) -> None:
            if lock.done:
                return
            if error is None:
                lock.succeed()
            else:
                lock.fail(error)

        self._store.call_when_durable(durable)

    # -- reading ----------------------------------------------------------------------------------

    def get(self, key: str) -> bytes | None:
        """The value's bytes, or None."""
        return self._image.get(key)

    def list(
        self,
        start: str | None = None,
        end: str | None = None,
        *,
        reverse: bool = False,
        limit: int | None = None,
    ) -> Entries:
        """Entries in order of the keys' UTF-8 bytes; `start` inclusive, `end` exclusive."""
        return self._image.list(start, end, reverse=reverse, limit=limit)

    def meta(self, name: str) -> bytes | None:
        """A small record of the system, such as the object's name."""
        return self._image.meta.get(name)

    def alarm(self) -> int | None:
        record = self._image.meta.get(ALARM)
        return None if record is None else int.from_bytes(record, "big")

    # -- writing ----------------------------------------------------------------------------------

    def set_alarm(self, time_ms: int | None, *, confirmed: bool = True) -> None:
        before = self.alarm()
        if before == time_ms:
            return
        savepoint = self._savepoint
        if savepoint is not None and savepoint.undo_alarm is None:
            savepoint.undo_alarm = (before, self.alarm_version, self._alarm_pending)
        self._apply_alarm(time_ms)
        self.alarm_version = next(VERSIONS)
        self._alarm_pending = True
        self._confirmed |= confirmed

    def _apply_alarm(self, time_ms: int | None) -> None:
        record = {ALARM: alarm_record(time_ms)}
        self._image.apply(Batch(self._namespace, self._object_id, meta=record))

    def put(self, entries: dict[str, bytes], *, confirmed: bool = True) -> None:
        """Stores entries. `confirmed=False` does not hold back output (allowUnconfirmed)."""
        for key, value in entries.items():
            self._note(key, value)
        self._image.apply(Batch(self._namespace, self._object_id, puts=entries))
        self._confirmed |= confirmed

    def delete(self, keys: Sequence[str], *, confirmed: bool = True) -> int:
        """Deletes keys; how many of them existed."""
        existing = tuple(key for key in dict.fromkeys(keys) if key in self._image)
        for key in existing:
            self._note(key, None)
        self._image.apply(Batch(self._namespace, self._object_id, deletes=existing))
        if existing:
            self._confirmed |= confirmed
        return len(existing)

    def _note(self, key: str, value: bytes | None) -> None:
        savepoint = self._savepoint
        if savepoint is not None and key not in savepoint.undo:
            savepoint.undo[key] = (self._image.get(key), self._pending.get(key, _ABSENT))
        self._pending[key] = value

    def delete_all(self, *, deletes_alarm: bool = False) -> None:
        """Deletes every entry, at once: what was pending is discarded, not written first."""
        assert self._savepoint is None, "deleteAll inside a transaction is refused earlier"
        if deletes_alarm:
            self.set_alarm(None)
        self._pending.clear()
        self._confirmed = False
        self._image.apply(Batch(self._namespace, self._object_id, clear=True))
        self._commit({}, clear=True, confirmed=True)

    # -- transactions -----------------------------------------------------------------------------

    @property
    def savepoint(self) -> Savepoint | None:
        """The innermost open explicit transaction."""
        return self._savepoint

    def begin(self) -> Savepoint:
        """Opens an explicit transaction. Writes from before it are not part of it."""
        self._savepoint = Savepoint(self._savepoint, self._confirmed)
        return self._savepoint

    def commit(self, savepoint: Savepoint) -> None:
        """Ends the innermost transaction, keeping its writes; the outermost is committed now."""
        self.release(savepoint)
        self.commit_implicit()

    def release(self, savepoint: Savepoint) -> None:
        """Ends the innermost transaction; its writes join what encloses it, or the turn's."""
        if self._discarded:
            return
        assert savepoint is self._savepoint, "transactions end innermost first"
        self._savepoint = savepoint.parent
        if savepoint.parent is not None:
            for key, before in savepoint.undo.items():
                savepoint.parent.undo.setdefault(key, before)
            if savepoint.parent.undo_alarm is None:
                savepoint.parent.undo_alarm = savepoint.undo_alarm

    def rollback(self, savepoint: Savepoint) -> None:
        """Ends the innermost transaction, undoing its writes."""
        assert savepoint is self._savepoint, "transactions end innermost first"
        self._savepoint = savepoint.parent
        self._confirmed = savepoint.confirmed_before
        puts: dict[str, bytes] = {}
        deletes = []
        for key, (value, note) in savepoint.undo.items():
            if value is None:
                deletes.append(key)
            else:
                puts[key] = value
            if note is _ABSENT:
                self._pending.pop(key, None)
            else:
                self._pending[key] = note
        self._image.apply(
            Batch(self._namespace, self._object_id, puts=puts, deletes=tuple(deletes))
        )
        if savepoint.undo_alarm is not None:
            time_ms, self.alarm_version, self._alarm_pending = savepoint.undo_alarm
            self._apply_alarm(time_ms)

    def commit_implicit(self) -> None:
        """Hands what is pending to the store, unless an explicit transaction is open."""
        if self._savepoint is not None or not (self._pending or self._alarm_pending):
            return
        pending, self._pending = self._pending, {}
        confirmed, self._confirmed = self._confirmed, False
        self._commit(pending, clear=False, confirmed=confirmed)

    def _commit(self, pending: dict[str, bytes | None], *, clear: bool, confirmed: bool) -> None:
        puts = {key: value for key, value in pending.items() if value is not None}
        deletes = tuple(key for key, value in pending.items() if value is None)
        if not self._alarm_pending:
            batch = Batch(self._namespace, self._object_id, clear, puts, deletes)
            self._submit(batch, confirmed=confirmed)
            return
        self._alarm_pending = False
        time_ms = self.alarm()
        meta = {ALARM: alarm_record(time_ms)}
        # What it notes goes to the same log, so it is durable when this batch is.
        self.alarm_hooks.writing(time_ms, None)
        self._submit(
            Batch(self._namespace, self._object_id, clear, puts, deletes, meta),
            confirmed=confirmed,
            on_durable=partial(self.alarm_hooks.written, time_ms),
        )

    def put_meta(self, records: dict[str, bytes | None]) -> None:
        """Stores records of the system, as a batch of their own."""
        batch = Batch(self._namespace, self._object_id, meta=records)
        self._image.apply(batch)
        self._submit(batch, confirmed=False)

    def _submit(
        self, batch: Batch, *, confirmed: bool, on_durable: Callable[[], None] | None = None
    ) -> None:
        lock: OutputLock | None = self._output_gate.lock() if confirmed else None

        def durable(error: BaseException | None) -> None:
            if error is None:
                if on_durable is not None:
                    on_durable()
                if lock is not None and not lock.done:
                    lock.succeed()
            elif lock is not None and not lock.done:
                lock.fail(error)
            else:
                self._on_failure(error)

        self._store.commit(batch, durable)

    @property
    def holds_output(self) -> bool:
        """Whether something was written that holds what is sent from here on."""
        return self._confirmed

    def when_durable(self, callback: Callable[[BaseException | None], None]) -> None:
        """Calls back when every write so far, confirmed or not, is durable."""
        self.commit_implicit()
        self._store.call_when_durable(callback)

    def discard(self) -> None:
        """Forgets what is pending and the image; the next load starts from what was committed."""
        self._pending.clear()
        self._alarm_pending = False
        self._savepoint = None
        self._discarded = True
        # What is left of a reset instance may stay in memory for long; its entries need not.
        self._image = ObjectState()
        self._store.release(self._namespace, self._object_id)

    def __repr__(self) -> str:
        transaction = " in transaction" if self._savepoint else ""
        return f"<ActorStorage {self._object_id[:8]} pending={len(self._pending)}{transaction}>"
