"""Administration: what `pyworkers state` does to a state directory that nobody uses meanwhile.

Guarantees: holds the directory's lock; every change is durable when a method returns. Stopped in
the middle, a move was made or not; a deletion or a conversion is done for some objects and not for
the others, and doing it again does the rest. Refusals are UserError, before anything was changed.
Does not know: the guest's code, so a class counts as existing if the config has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from emulator.config import WorkerConfig
from emulator.errors import UserError
from emulator.lifecycle.classes import ObjectClass, bound_classes, object_classes
from emulator.lifecycle.findings import Situation, objects, other_storage, stored
from emulator.lifecycle.inventory import STORAGE_NAMES, Holding, Inventory, Storage, count_objects
from emulator.lifecycle.place import command_options, shown, state_directory
from emulator.runtime.alarm_index import AlarmIndex, AlarmKey
from emulator.storage import Batch, RealDisk, Store
from emulator.storage.moves import read_moves, write_move
from emulator.storage.sqlite import ObjectDatabase, SqlError, SqliteStore

ALARM: Final = "alarm"
_NS_PER_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One namespace: what it has, and whose it is."""

    holding: Holding
    owner: ObjectClass | None
    bindings: tuple[str, ...]
    note: str


class Administration:
    """An open state directory. Made by `Administration.open`."""

    def __init__(
        self, config: WorkerConfig, directory: Path, store: Store, databases: SqliteStore
    ) -> None:
        self._config = config
        self._directory = directory
        self._store = store
        self._databases = databases

    @classmethod
    @asynccontextmanager
    async def open(
        cls, config: WorkerConfig, persist_to: Path | None = None
    ) -> AsyncIterator[Administration]:
        """Takes the lock of the config's state directory, which must be there.

        Raises:
            UserError: there is none, or another process uses it, or it is damaged.
        """
        directory = state_directory(config, persist_to)
        if not (directory / "format.json").exists():
            raise UserError(f"nothing is stored in {shown(directory)}")
        store = Store.open(RealDisk(), directory)
        try:
            databases = SqliteStore.open(directory)
            try:
                yield cls(config, directory, store, databases)
            finally:
                await databases.close()
        finally:
            await store.close()

    def situation(self, persist_to: Path | None = None) -> Situation:
        """The classes of the config and what is stored, as of now."""
        inventory = Inventory(self._store, self._databases)
        moves = read_moves(RealDisk(), self._directory)
        classes = object_classes(self._config, None, moves, inventory)
        options = command_options(self._config, persist_to)
        return Situation(self._config, classes, inventory, shown(self._directory), options)

    def rows(self) -> list[Row]:
        """Everything that is stored, of every Worker."""
        situation = self.situation()
        bound = bound_classes(self._config)
        rows = []
        for holding in situation.inventory.holdings():
            owner = situation.owner(holding.unique_key)
            bindings = tuple(bound.get(owner.name, ())) if owner else ()
            rows.append(Row(holding, owner, bindings, _note(situation, holding, owner)))
        return rows

    # -- names ------------------------------------------------------------------------------------

    def find(self, name: str) -> Holding:
        """What a name on the command line means: a class, or a unique key (which has a dash)."""
        situation = self.situation()
        known = situation.classes.get(name)
        key = name if "-" in name else f"{self._config.name}-{name}"
        holding = situation.inventory.holding(known.unique_key if known else key)
        if not holding.total:
            raise UserError(
                f"nothing is stored of {name} in {situation.place}",
                hint=f"{situation.command('list')} shows what there is",
            )
        owner = situation.owner(holding.unique_key)
        if known is None and owner is not None and name not in (owner.name, owner.unique_key):
            raise UserError(
                f"the data of {name} belongs to {owner.name} now",
                hint=f"say {owner.name}, or {owner.unique_key}, if that is what you mean",
            )
        return holding

    # -- changes ----------------------------------------------------------------------------------

    def move(self, old: str, new: str) -> Holding:
        """Gives the data of one class to another; at once, since no data moves (storage.moves)."""
        holding = self.find(old)
        situation = self.situation()
        target = self._declared(situation, new)
        if target.unique_key == holding.unique_key:
            return holding
        owner = situation.owner(holding.unique_key)
        if owner is not None and owner.name in bound_classes(self._config):
            raise UserError(
                f"{owner.name} uses its data: the config binds it",
                hint=f"rename the class in the bindings to {new} first",
            )
        current = situation.inventory.holding(target.unique_key)
        if current.total:
            raise UserError(
                f"{new} has {objects(current.total)} of its own",
                hint=f"delete them first, with {situation.command(f'delete {new}')}",
            )
        if not holding.fits(target.storage):
            raise UserError(
                f"the data of {old} is in {stored(holding)}, and {new} uses "
                f"{STORAGE_NAMES[target.storage]}",
                hint=f"declare {new} in new_sqlite_classes first",
            )
        own = self._config.migrations.origin(new).unique_key(self._config.name)
        write_move(RealDisk(), self._directory, own, holding.unique_key)
        return holding

    def remarks(self, name: str, persist_to: Path | None) -> list[str]:
        """What is still to be said about a class."""
        situation = self.situation(persist_to)
        text = other_storage(situation, self._declared(situation, name))
        return [text] if text else []

    def _declared(self, situation: Situation, name: str) -> ObjectClass:
        known = situation.classes.get(name)
        if known is None:
            names = ", ".join(situation.classes) or "none"
            raise UserError(
                f"{self._config.path.name} has no Durable Object class {name}",
                hint=f"it has: {names}",
            )
        return known

    async def delete(self, holding: Holding, storage: Storage | None = None) -> int:
        """Deletes the objects of a namespace, with their alarms; how many."""
        count = 0
        if storage in (None, "sqlite"):
            count += holding.in_sqlite
            self._databases.delete_objects(holding.unique_key)
        if storage in (None, "kv"):
            count += holding.in_log
            for object_id in self._store.list_objects(holding.unique_key):
                self._clear(holding.unique_key, object_id)
        await self._store.flush()
        if storage is None or holding.storages == (storage,):
            await self._forget_alarms(holding.unique_key)
        return count

    def _clear(self, namespace: str, object_id: str) -> None:
        state = self._store.load(namespace, object_id)
        meta: dict[str, bytes | None] = dict.fromkeys(state.meta)
        # A failure is the store's, and `flush` raises it.
        self._store.commit(Batch(namespace, object_id, clear=True, meta=meta), lambda failure: None)
        self._store.release(namespace, object_id)

    async def _forget_alarms(self, namespace: str) -> None:
        """Their entries in the index would only wake objects in vain."""
        index = AlarmIndex(self._store)
        for key, _ in list(index.entries()):
            if key.namespace == namespace:
                index.settle(AlarmKey(namespace, key.object_id), None, None)
        await self._store.flush()

    async def convert(self, name: str) -> int:
        """Brings what a class has in key-value storage over to SQLite; how many objects."""
        situation = self.situation()
        target = self._declared(situation, name)
        if target.storage != "sqlite":
            raise UserError(
                f"{name} is not declared in new_sqlite_classes",
                hint="declare it there first; what is in SQLite cannot be brought back",
            )
        key = target.unique_key
        ids = self._store.list_objects(key)
        for object_id in ids:
            self._check_convertible(key, object_id)
        for object_id in ids:
            await self._convert_object(self._databases.database(key, object_id), key, object_id)
        return count_objects(ids)

    def _check_convertible(self, namespace: str, object_id: str) -> None:
        """An object that is in both storages must be one whose conversion was cut short."""
        database = self._databases.database(namespace, object_id)
        stored_before = _entries(database)
        if stored_before and stored_before != dict(self._store.load(namespace, object_id).list()):
            raise UserError(
                f"object {object_id} has other data in SQLite already",
                hint="delete one of both: add --storage kv, or --storage sqlite, to "
                f"pyworkers state delete {namespace}",
            )

    async def _convert_object(
        self, database: ObjectDatabase, namespace: str, object_id: str
    ) -> None:
        """SQLite first, durably, then the log: stopped between the two, both have the same."""
        state = self._store.load(namespace, object_id)
        meta = dict(state.meta)
        alarm = meta.pop(ALARM, None)
        entries = dict(state.list())
        try:
            if entries:
                database.kv_put(entries)
            if meta:
                database.put_records({**meta})
            if alarm is not None:
                database.set_alarm(int.from_bytes(alarm, "big") * _NS_PER_MS)
        except SqlError as error:
            raise UserError(f"SQLite refuses the data of object {object_id}: {error}") from error
        await self._committed(database)
        self._databases.release(database)
        self._clear(namespace, object_id)
        await self._store.flush()

    async def _committed(self, database: ObjectDatabase) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        database.commit(partial(_settle, done))
        await done


def _settle(done: asyncio.Future[None], failure: BaseException | None) -> None:
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)


def _entries(database: ObjectDatabase) -> dict[str, bytes]:
    return dict(database.kv_list())


def _note(situation: Situation, holding: Holding, owner: ObjectClass | None) -> str:
    if owner is not None:
        unseen: Storage = "kv" if owner.storage == "sqlite" else "sqlite"
        if holding.count(unseen):
            return f"{owner.name} uses {STORAGE_NAMES[owner.storage]}, and does not see the other"
        return "" if owner.name == holding.class_name else f"began as {holding.class_name}"
    departure = situation.departure(holding.unique_key)
    if departure is not None:
        return f"{departure.how} by migration {departure.tag}" if departure.tag else departure.how
    if holding.worker != situation.config.name:
        return f"of the Worker {holding.worker}"
    return "no class has it"
