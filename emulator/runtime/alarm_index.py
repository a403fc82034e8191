"""AlarmIndex: which objects have an alarm, for the process that comes next.

It is one object of the log store, with an entry per alarm: its time, and the object's name. The
entry is made, or moved earlier, *before* the commit of the object that sets the alarm. It is moved
later, or removed, *after* the object's last such commit is durable. So whatever a crash leaves, an
object whose record has an alarm has an entry that is not later; the reverse does not hold.

Guarantees: while a change of an object's alarm is on its way, its entry is never removed and never
moved later. Does not know: when alarms run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgpack

from emulator.errors import StorageFormatError
from emulator.storage import Batch, Store

INDEX_NAMESPACE: Final = "pyworkers:alarms"
INDEX_OBJECT: Final = "0" * 64

OnDurable: TypeAlias = Callable[[BaseException | None], None]


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


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What the index knows of an alarm."""

    time_ms: int
    name: str | None


class AlarmIndex:
    """See the module docstring."""

    __slots__ = ("_changing", "_store")

    def __init__(self, store: Store) -> None:
        self._store = store
        # How many commits of each object are on their way.
        self._changing: dict[AlarmKey, int] = {}

    # -- around the commits of objects ------------------------------------------------------------

    def writing(
        self, key: AlarmKey, name: str | None, time_ms: int | None, on_durable: OnDurable | None
    ) -> None:
        """A commit that changes the alarm is about to be made.

        Calls back, later, when that commit may be acknowledged as far as the index is concerned.
        """
        self._changing[key] = self._changing.get(key, 0) + 1
        known = self._get(key)
        if time_ms is not None and (known is None or time_ms < known.time_ms):
            self._put(key, known, name, time_ms)
        if on_durable is not None:
            self._store.call_when_durable(on_durable)

    def written(self, key: AlarmKey, name: str | None, time_ms: int | None) -> None:
        """That commit is durable."""
        self.refused(key)
        if not self.is_changing(key):
            self.settle(key, name, time_ms)

    def refused(self, key: AlarmKey) -> None:
        """That commit will not be made. What was noted for it may stay: it is not too late."""
        count = self._changing.pop(key) - 1
        if count:
            self._changing[key] = count

    def is_changing(self, key: AlarmKey) -> bool:
        """Whether the object's record may be anything yet."""
        return key in self._changing

    def settle(self, key: AlarmKey, name: str | None, time_ms: int | None) -> None:
        """Notes what the object's record durably is."""
        assert not self.is_changing(key), "an alarm that changes is not settled"
        known = self._get(key)
        if time_ms is None:
            if known is not None:
                self._commit(Batch(INDEX_NAMESPACE, INDEX_OBJECT, deletes=(key.entry,)))
        elif known is None or known.time_ms != time_ms:
            self._put(key, known, name, time_ms)

    # -- entries ----------------------------------------------------------------------------------

    def entries(self) -> Iterator[tuple[AlarmKey, IndexEntry]]:
        """All of them."""
        for entry, record in self._store.load(INDEX_NAMESPACE, INDEX_OBJECT).list():
            yield AlarmKey.of_entry(entry), _decode(entry, record)

    def _get(self, key: AlarmKey) -> IndexEntry | None:
        record = self._store.load(INDEX_NAMESPACE, INDEX_OBJECT).get(key.entry)
        return None if record is None else _decode(key.entry, record)

    def _put(self, key: AlarmKey, known: IndexEntry | None, name: str | None, time_ms: int) -> None:
        if name is None and known is not None:
            name = known.name  # who reached the object by its id does not make it nameless
        record: bytes = msgpack.packb([time_ms, name], unicode_errors="surrogatepass")
        self._commit(Batch(INDEX_NAMESPACE, INDEX_OBJECT, puts={key.entry: record}))

    def _commit(self, batch: Batch) -> None:
        self._store.load(INDEX_NAMESPACE, INDEX_OBJECT).apply(batch)
        # Whom a failure concerns hears it from a commit of its own: the store's failures are final.
        self._store.commit(batch, lambda error: None)

    def __repr__(self) -> str:
        return f"<AlarmIndex changing={len(self._changing)}>"


def _decode(entry: str, record: bytes) -> IndexEntry:
    try:
        time_ms, name = msgpack.unpackb(record, unicode_errors="surrogatepass")
    except (ValueError, msgpack.UnpackException) as error:
        raise StorageFormatError(f"the alarm index is damaged at {entry!r}") from error
    return IndexEntry(time_ms, name)
