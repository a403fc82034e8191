"""SqliteActorStorage: ActorStorage's twin for classes that are declared with `new_sqlite_classes`.

Theory of operation. The first write of a turn opens a SQLite transaction, which holds everything
that is written until the turn ends: entries, SQL, records. Explicit transactions are savepoints in
it. A commit is in the database at once, and holds the output gate until it is on disk.

Guarantees: as ActorStorage. What SQLite refuses is a JavaScript Error with Cloudflare's text. When
a commit fails, or an error took the transaction with it, the actor is reset and nothing leaves.
Does not know: guest values, SQL. Source: workerd src/workerd/io/actor-sqlite.h.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from emulator.js.errors import error
from emulator.runtime.actor_storage import (
    VERSIONS,
    Entries,
    Savepoint,
    StorageFactory,
)
from emulator.runtime.alarm_scheduler import NO_HOOKS
from emulator.runtime.errors import GuestError, platform_error
from emulator.runtime.gates import OutputGate, OutputLock
from emulator.runtime.internal_errors import internal_error
from emulator.runtime.services import Services
from emulator.storage import StorageFailed
from emulator.storage.sqlite import (
    KvList,
    ObjectDatabase,
    RowCursor,
    SqlError,
    SqliteStore,
    SqlValue,
)

T = TypeVar("T")

CONSTRAINTS_VIOLATED: Final = (
    "Durable Object was reset and rolled back to its last known good state because the application "
    "left the database in a state where constraints were violated: {}"
)
EARLIER_CRITICAL: Final = "Cannot commit transaction due to an earlier SQL critical error"
DISK_FULL: Final = "database or disk is full: SQLITE_FULL"
LIST_INVALIDATED: Final = (
    "kv.list() iterator was invalidated because a new call to kv.list() was started. Only one "
    "kv.list() iterator can exist at a time."
)
_NS_PER_MS: Final = 1_000_000
GONE: Final = "Durable Object storage is no longer accessible."


@dataclass(slots=True, eq=False)
class SqliteSavepoint(Savepoint):
    """A savepoint that SQLite has."""

    number: int = 0
    alarm_before: tuple[int, bool] = (0, False)
    """Version, and whether it was changed in this transaction."""


class KvListing:
    """The entries of `kv.list()`, live. Over when another listing begins."""

    __slots__ = ("_entries", "_storage")

    def __init__(self, storage: SqliteActorStorage, entries: KvList) -> None:
        self._storage = storage
        self._entries: KvList | None = entries

    def next(self) -> tuple[str, bytes] | None:
        """The next entry, or None at the end."""
        if self._entries is None:
            raise error(LIST_INVALIDATED)
        with self._storage.refusals():
            return next(self._entries, None)

    def invalidate(self) -> None:
        """Ends the listing before its end."""
        entries, self._entries = self._entries, None
        close = getattr(entries, "close", None)
        if close is not None:
            close()


class SqliteActorStorage:
    """See the module docstring. Implements ActorStorageOps."""

    __slots__ = (
        "_alarm_changed",
        "_confirmed",
        "_database",
        "_failed",
        "_listing",
        "_on_failure",
        "_output_gate",
        "_savepoint",
        "_services",
        "_store",
        "alarm_hooks",
        "alarm_version",
    )

    def __init__(
        self,
        store: SqliteStore,
        database: ObjectDatabase,
        services: Services,
        output_gate: OutputGate,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._store = store
        self._database = database
        self._services = services
        self._output_gate = output_gate
        self._on_failure = on_failure
        self._savepoint: SqliteSavepoint | None = None
        self._confirmed = False
        self._alarm_changed = False
        self.alarm_hooks = NO_HOOKS
        self.alarm_version = 0
        # What storage calls get from now on, once the storage is over.
        self._failed: str | None = None
        self._listing: KvListing | None = None
        if not database.settled:
            # An earlier instance's commits can be read already: what is told of them must wait too.
            self._hold_output(database.when_durable, confirmed=True)

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """What SQLite refuses in here is thrown as JavaScript's Error."""
        if self._failed is not None:
            raise error(self._failed)
        writes = self._database.writes
        try:
            yield
        except SqlError as refused:
            if refused.critical:
                self._report(refused)
                self._fail(platform_error(refused.text, durableObjectReset=True), refused.text)
            raise error(refused.text) from refused
        finally:
            if self._database.writes != writes:
                self._confirmed = True

    # -- reading ----------------------------------------------------------------------------------

    def get(self, key: str) -> bytes | None:
        with self.refusals():
            return self._database.kv_get(key)

    def list(
        self,
        start: str | None = None,
        end: str | None = None,
        *,
        reverse: bool = False,
        limit: int | None = None,
    ) -> Entries:
        self._end_listing()
        with self.refusals():
            return [*self._database.kv_list(start, end, reverse=reverse, limit=limit)]

    def iterate(
        self,
        start: str | None = None,
        end: str | None = None,
        *,
        reverse: bool = False,
        limit: int | None = None,
    ) -> KvListing:
        """As `list`, but live. Ends the listing that was open."""
        self._end_listing()
        with self.refusals():
            entries = self._database.kv_list(start, end, reverse=reverse, limit=limit)
        self._listing = KvListing(self, entries)
        return self._listing

    def _end_listing(self) -> None:
        listing, self._listing = self._listing, None
        if listing is not None:
            listing.invalidate()

    def meta(self, name: str) -> bytes | None:
        with self.refusals():
            return self._database.record(name)

    # -- writing ----------------------------------------------------------------------------------

    def put(self, entries: dict[str, bytes], *, confirmed: bool = True) -> None:
        confirmed = confirmed or self._confirmed
        try:
            with self.refusals():
                self._database.kv_put(entries)
        finally:
            self._confirmed = confirmed

    def delete(self, keys: Sequence[str], *, confirmed: bool = True) -> int:
        confirmed = confirmed or self._confirmed
        try:
            with self.refusals():
                return self._database.kv_delete(keys)
        finally:
            self._confirmed = confirmed

    def delete_all(self, *, deletes_alarm: bool = False) -> None:
        assert self._savepoint is None, "deleteAll inside a transaction is refused earlier"
        if deletes_alarm:
            self.set_alarm(None)
        with self.refusals():
            self._database.delete_all(self._database.alarm_ns)
        self._confirmed = True
        self._commit(explicit=False)

    def put_meta(self, records: dict[str, bytes | None]) -> None:
        """Stores records of the system, in the open transaction or as one of their own."""
        confirmed, alone = self._confirmed, not self._database.in_transaction
        with self.refusals():
            self._database.put_records(records)
        self._confirmed = confirmed
        if alone:
            self.commit_implicit()

    def alarm(self) -> int | None:
        with self.refusals():
            time_ns = self._database.alarm_ns
        return None if time_ns is None else time_ns // _NS_PER_MS

    def set_alarm(self, time_ms: int | None, *, confirmed: bool = True) -> None:
        if self.alarm() == time_ms:
            return
        confirmed = confirmed or self._confirmed
        with self.refusals():
            self._database.set_alarm(None if time_ms is None else time_ms * _NS_PER_MS)
        self.alarm_version = next(VERSIONS)
        self._alarm_changed = True
        self._confirmed = confirmed

    # -- SQL --------------------------------------------------------------------------------------

    def execute(self, sql: str, bindings: Sequence[SqlValue]) -> RowCursor:
        """Runs a guest's SQL."""
        with self.refusals():
            return self._database.execute(sql, bindings)

    @property
    def size_bytes(self) -> int:
        """How large the database is."""
        with self.refusals():
            return self._database.size_bytes

    def next_bookmark(self) -> int:
        """A number that is larger every time, also after a restart."""
        with self.refusals():
            return self._database.next_bookmark()

    # -- transactions -----------------------------------------------------------------------------

    @property
    def savepoint(self) -> Savepoint | None:
        return self._savepoint

    def begin(self) -> Savepoint:
        with self.refusals():
            number = self._database.savepoint()
        self._savepoint = SqliteSavepoint(
            self._savepoint,
            self._confirmed,
            number=number,
            alarm_before=(self.alarm_version, self._alarm_changed),
        )
        return self._savepoint

    def commit(self, savepoint: Savepoint) -> None:
        self.release(savepoint)
        if self._savepoint is None:
            self._commit(explicit=True)

    def release(self, savepoint: Savepoint) -> None:
        if self._failed == GONE:
            return
        if self._failed is not None:
            raise error(EARLIER_CRITICAL)
        assert isinstance(savepoint, SqliteSavepoint)
        number = self._leave(savepoint)
        with self.refusals():
            self._database.release(number)

    def rollback(self, savepoint: Savepoint) -> None:
        if self._failed is not None:
            return
        assert isinstance(savepoint, SqliteSavepoint)
        number = self._leave(savepoint)
        with self.refusals():
            self._database.roll_back_to(number)
        self._confirmed = savepoint.confirmed_before
        self.alarm_version, self._alarm_changed = savepoint.alarm_before

    def _leave(self, savepoint: SqliteSavepoint) -> int:
        assert savepoint is self._savepoint, "transactions end innermost first"
        parent = savepoint.parent
        assert parent is None or isinstance(parent, SqliteSavepoint)
        self._savepoint = parent
        return savepoint.number

    def commit_implicit(self) -> None:
        if self._database.in_transaction and self._savepoint is None and self._failed is None:
            self._commit(explicit=False)

    def _commit(self, *, explicit: bool) -> None:
        confirmed, self._confirmed = self._confirmed, False
        changed, self._alarm_changed = self._alarm_changed, False
        time_ms = self.alarm() if changed else None
        if changed:
            # The scheduler's note of it is in another file: both must be durable.
            note = partial(self.alarm_hooks.writing, time_ms)
            self._hold_output(note, confirmed=confirmed)
        try:
            self._hold_output(
                self._database.commit,
                confirmed=confirmed,
                on_durable=partial(self.alarm_hooks.written, time_ms) if changed else None,
            )
        except SqlError as refused:
            if changed:
                self.alarm_hooks.refused()
            failure = self._commit_failure(refused, explicit=explicit)
            self._fail(failure, EARLIER_CRITICAL)
            if explicit:
                raise error(failure.message) from refused

    def _hold_output(
        self,
        submit: Callable[[Callable[[BaseException | None], None]], None],
        *,
        confirmed: bool,
        on_durable: Callable[[], None] | None = None,
    ) -> None:
        """Submits a commit; output is held until it is durable."""
        locks: list[OutputLock] = []

        def durable(failure: BaseException | None) -> None:
            if failure is None:
                if on_durable is not None:
                    on_durable()
                for lock in locks:
                    if not lock.done:
                        lock.succeed()
            elif self._failed is None:
                self._fail(self._sync_failure(failure), GONE)

        submit(durable)
        if confirmed:
            locks.append(self._output_gate.lock())

    # -- failures ---------------------------------------------------------------------------------

    def _fail(self, failure: GuestError, text: str) -> None:
        """The storage is over: resets the actor."""
        if self._failed is None:
            self._failed = text
            self._on_failure(failure)

    def _report(self, refused: SqlError) -> None:
        self._services.observer.uncaught_error(
            f"{refused.text}\n  caused by: {refused.__cause__ or refused}"
        )

    def _commit_failure(self, refused: SqlError, *, explicit: bool) -> GuestError:
        if refused.critical:
            return platform_error(refused.text, durableObjectReset=True)
        flags = {"durableObjectReset": True} if explicit else {}
        if refused.is_constraint and not explicit:
            return platform_error(CONSTRAINTS_VIOLATED.format(refused.text))
        failure = self._internal_error(refused, **flags)
        failure.blames_guest = refused.is_constraint
        return failure

    def _sync_failure(self, failure: BaseException) -> GuestError:
        if isinstance(failure, StorageFailed) and failure.is_disk_full:
            return platform_error(DISK_FULL, durableObjectReset=True)
        return self._internal_error(failure, durableObjectReset=True)

    def _internal_error(self, cause: BaseException, **flags: Any) -> GuestError:
        return internal_error(self._services, cause, **flags)

    @property
    def holds_output(self) -> bool:
        """Whether something was written that holds what is sent from here on."""
        return self._confirmed

    def when_durable(self, callback: Callable[[BaseException | None], None]) -> None:
        self.commit_implicit()
        if self._failed is None:
            self._database.when_durable(callback)

    def discard(self) -> None:
        """Forgets what was not committed."""
        if self._failed is None:
            self._failed = GONE
        self._end_listing()
        self._savepoint = None
        self._store.release(self._database)

    def __repr__(self) -> str:
        transaction = " in transaction" if self._savepoint else ""
        return f"<SqliteActorStorage {self._database.key[1][:8]}{transaction}>"


def sqlite_storage(store: SqliteStore, namespace: str, services: Services) -> StorageFactory:
    """Makes the storage of a SQLite-backed class's objects."""

    def new_storage(
        object_id: str, output_gate: OutputGate, on_failure: Callable[[BaseException], None]
    ) -> SqliteActorStorage:
        database = store.database(namespace, object_id)
        return SqliteActorStorage(store, database, services, output_gate, on_failure)

    return new_storage
