"""Inventory: how many objects of which namespaces a state directory has, in which storage.

Objects of SQLite-backed classes are database files, all others are in the log (emulator.storage).
Counting reads names of files, and objects only where the log has something new of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from emulator.lifecycle.keys import split_key
from emulator.storage import Store
from emulator.storage.sqlite import SqliteStore

Storage = Literal["sqlite", "kv"]

_OURS: Final = "pyworkers:"
STORAGE_NAMES: Final[dict[Storage, str]] = {"sqlite": "SQLite", "kv": "key-value storage"}


@dataclass(frozen=True, slots=True)
class Holding:
    """The objects of one namespace."""

    unique_key: str
    in_log: int = 0
    in_sqlite: int = 0

    @property
    def total(self) -> int:
        return self.in_log + self.in_sqlite

    @property
    def worker(self) -> str:
        return split_key(self.unique_key)[0]

    @property
    def class_name(self) -> str:
        """The name under which the class began, with `@2` and so on for a second one."""
        return split_key(self.unique_key)[1]

    def fits(self, storage: Storage) -> bool:
        """Whether a class that stores like this could see it, if need be after a conversion."""
        return storage == "sqlite" or not self.in_sqlite

    def count(self, storage: Storage) -> int:
        return self.in_sqlite if storage == "sqlite" else self.in_log

    @property
    def storages(self) -> tuple[Storage, ...]:
        """The storages that have any."""
        both: tuple[Storage, ...] = ("sqlite", "kv")
        return tuple(storage for storage in both if self.count(storage))


def count_objects(ids: Iterable[str]) -> int:
    """How many objects these ids are of. What is below an object has its id, a dot, and more."""
    return len({object_id.partition(".")[0] for object_id in ids})


class Inventory:
    """Looks into an open store and its databases. Counts are made when they are asked for."""

    def __init__(self, store: Store, databases: SqliteStore) -> None:
        self._store = store
        self._databases = databases
        self._in_log = {name for name in store.noted_namespaces() if not name.startswith(_OURS)}
        self._in_sqlite = set(databases.namespaces())

    def holding(self, unique_key: str) -> Holding:
        """What there is of one namespace."""
        in_log = unique_key in self._in_log
        return Holding(
            unique_key,
            count_objects(self._store.list_objects(unique_key)) if in_log else 0,
            count_objects(self._databases.list_objects(unique_key)),
        )

    def has_other_storage(self, unique_key: str, storage: Storage) -> bool:
        """Whether something may be in the storage that a class of this key does not use."""
        return unique_key in (self._in_log if storage == "sqlite" else self._in_sqlite)

    def holdings(self, wanted: Callable[[str], bool] = lambda unique_key: True) -> list[Holding]:
        """All namespaces that are wanted and have objects, by key."""
        keys = sorted(key for key in self._in_log | self._in_sqlite if wanted(key))
        return [held for key in keys if (held := self.holding(key)).total]

    def __repr__(self) -> str:
        return f"<Inventory log={len(self._in_log)} sqlite={len(self._in_sqlite)}>"
