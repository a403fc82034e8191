"""Findings: what is on disk and no class sees, in words, with what to write or run.

Nothing that guests stored is ever out of sight silently. Five things can put it there: a class was
renamed or removed and no migration says so; a migration deleted it; a class was used before a
migration gave it the data of another; its declared storage changed; or the Worker has a new name.

Does not change anything; texts are for the terminal, the first line says what is the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emulator.config import ClassOrigin, Departure, WorkerConfig
from emulator.lifecycle.classes import ObjectClass
from emulator.lifecycle.inventory import STORAGE_NAMES, Holding, Inventory, Storage
from emulator.lifecycle.keys import split_key
from emulator.lifecycle.snippets import declaration, rename_advice

_INDENT = "\n    "
_PLACEHOLDER = "NEW"


@dataclass(frozen=True, slots=True)
class Situation:
    """What findings are made from.

    Attributes:
        place: the state directory, as people know it.
        options: what `pyworkers state` needs to find the same config and directory.
    """

    config: WorkerConfig
    classes: Mapping[str, ObjectClass]
    inventory: Inventory
    place: str
    options: str = ""

    def owner(self, unique_key: str) -> ObjectClass | None:
        """The class that has a namespace."""
        owners = (each for each in self.classes.values() if each.unique_key == unique_key)
        return next(owners, None)

    def unowned(self) -> list[Holding]:
        """What this Worker stored and no class of it has."""
        owned = {each.unique_key for each in self.classes.values()}
        prefix = f"{self.config.name}-"
        return self.inventory.holdings(
            lambda key: (
                key not in owned and key.startswith(prefix) and "-" not in key[len(prefix) :]
            )
        )

    def address(self, unique_key: str) -> str:
        """How to name a namespace on the command line: by its class, where that is clear."""
        name = unique_key.removeprefix(f"{self.config.name}-")
        known = self.classes.get(name)
        is_plain = "@" not in name and "-" not in name
        return (
            name if is_plain and (known is None or known.unique_key == unique_key) else unique_key
        )

    def departure(self, unique_key: str) -> Departure | None:
        """How the class of a namespace ended, if a migration says so."""
        departures: Mapping[ClassOrigin, Departure] = self.config.migrations.departures
        for origin, departure in departures.items():
            if origin.unique_key(self.config.name) == unique_key:
                return departure
        return None

    def command(self, words: str) -> str:
        return f"pyworkers state {words}{self.options}"


def findings(situation: Situation) -> list[str]:
    """Everything that is to be said; nothing at all in the usual case."""
    said = [_unowned(situation, holding) for holding in situation.unowned()]
    said += [_other_worker(situation, *found) for found in _renamed_worker(situation)]
    said += [
        other_storage(situation, each)
        for each in situation.classes.values()
        if situation.inventory.has_other_storage(each.unique_key, each.storage)
    ]
    return [text for text in said if text]


def objects(count: int) -> str:
    """A count of objects, in words."""
    return "1 object" if count == 1 else f"{count} objects"


def stored(holding: Holding) -> str:
    """In which storage something is."""
    return " and ".join(STORAGE_NAMES[storage] for storage in holding.storages)


def _unowned(situation: Situation, holding: Holding) -> str:
    departure = situation.departure(holding.unique_key)
    if departure is not None:
        return _departed(situation, holding, departure)
    now = situation.classes.get(holding.class_name)
    if now is not None:
        return _replaced(situation, holding, now)
    return _orphaned(situation, holding)


def _departed(situation: Situation, holding: Holding, departure: Departure) -> str:
    step = f'migration "{departure.tag}"' if departure.tag else "`exports`"
    how = "deleted" if departure.how == "deleted" else "transferred to another Worker"
    address = situation.address(holding.unique_key)
    first = (
        f"{objects(holding.total)} of the Durable Object class {departure.name}, {how} by {step}, "
        f"{_are(holding.total)} still in {situation.place} ({stored(holding)})."
    )
    return _INDENT.join(
        (
            first,
            f"pyworkers deletes nothing because of a config. To delete {_them(holding.total)} now:",
            f"    {situation.command(f'delete {address}')}",
        )
    )


def _replaced(situation: Situation, holding: Holding, now: ObjectClass) -> str:
    current = situation.inventory.holding(now.unique_key)
    key = holding.unique_key
    first = (
        f"{objects(holding.total)} made as Durable Object class {now.name} "
        f"{_are(holding.total)} in {situation.place} ({stored(holding)}), where {now.name} does "
        f"not see {_them(holding.total)}: it has the data of {current.class_name} now "
        f"({objects(current.total)})."
    )
    lines = [
        first,
        f"To delete {_them(holding.total)}:",
        f"    {situation.command(f'delete {key}')}",
    ]
    if not current.total and holding.fits(now.storage):
        lines += [
            f"To have {_them(holding.total)} in {now.name}:",
            f"    {situation.command(f'move {key} {now.name}')}",
        ]
    return _INDENT.join(lines)


def _orphaned(situation: Situation, holding: Holding) -> str:
    name = holding.class_name
    address = situation.address(holding.unique_key)
    heirs = _heirs(situation)
    first = (
        f"{objects(holding.total)} of the Durable Object class {name} {_are(holding.total)} in "
        f"{situation.place} ({stored(holding)}), and no class of this Worker has "
        f"{_them(holding.total)}."
    )
    lines = [first]
    if heirs:
        new = heirs[0].name if len(heirs) == 1 else _PLACEHOLDER
        which = "" if len(heirs) == 1 else f" ({' or '.join(each.name for each in heirs)})"
        lines += [
            f"If {name} was renamed to {new}{which}, say so in {situation.config.path.name}:",
            *(f"    {line}" for line in rename_advice(situation.config, name, new, holding)),
        ]
    if any(holding.fits(each.storage) for each in heirs):
        lines += [
            f"To give its data to {new} without a migration:",
            f"    {situation.command(f'move {address} {new}')}",
        ]
    lines += [
        f"To delete {_them(holding.total)}:",
        f"    {situation.command(f'delete {address}')}",
    ]
    return _INDENT.join(lines)


def _heirs(situation: Situation) -> list[ObjectClass]:
    """The classes that have nothing yet, so that they may be what another one was renamed to."""
    return [
        each
        for each in situation.classes.values()
        if not situation.inventory.holding(each.unique_key).total
    ]


def _renamed_worker(situation: Situation) -> list[tuple[Holding, ObjectClass]]:
    """What another Worker stored under the names of classes that have nothing yet.

    Environments have names that begin with the Worker's, and data of their own on purpose.
    """
    heirs = {split_key(each.unique_key)[1]: each for each in _heirs(situation)}
    if not heirs:
        return []
    own = f"{situation.config.name}-"
    owned = {each.unique_key for each in situation.classes.values()}

    def wanted(key: str) -> bool:
        worker, name = split_key(key)
        is_environment = key.startswith(own) or own.startswith(f"{worker}-")
        return name in heirs and key not in owned and not is_environment

    return [(held, heirs[held.class_name]) for held in situation.inventory.holdings(wanted)]


def _other_worker(situation: Situation, holding: Holding, heir: ObjectClass) -> str:
    first = (
        f"{objects(holding.total)} of the Durable Object class {holding.class_name} of a Worker "
        f"named {holding.worker} {_are(holding.total)} in {situation.place} ({stored(holding)}), "
        f"and {heir.name} of this Worker, {situation.config.name}, has none."
    )
    lines = [first]
    if holding.fits(heir.storage):
        command = situation.command(f"move {holding.unique_key} {heir.name}")
        lines += [f"If the Worker was renamed, to have {_them(holding.total)}:", f"    {command}"]
    return _INDENT.join(lines)


def other_storage(situation: Situation, each: ObjectClass) -> str:
    """What a class has in the storage that it does not use; empty if nothing."""
    other: Storage = "kv" if each.storage == "sqlite" else "sqlite"
    count = situation.inventory.holding(each.unique_key).count(other)
    if not count:
        return ""
    name, file = each.name, situation.config.path.name
    is_declared = situation.config.migrations.is_live(name)
    where = declaration(situation.config, each.storage) if is_declared else "no migration"
    first = (
        f"{objects(count)} of the Durable Object class {name} {_are(count)} in "
        f"{STORAGE_NAMES[other]} in {situation.place}, where {name} does not see {_them(count)}: "
        f"{file} has it in {where} now, so it uses {STORAGE_NAMES[each.storage]}."
    )
    back = (
        f"To see {_them(count)} again, put {name} in {declaration(situation.config, other)}. "
        "Cloudflare cannot change the storage of a class that is deployed."
    )
    lines = [first, back]
    if other == "kv":
        lines += [
            "To bring the data over to SQLite:",
            f"    {situation.command(f'convert {name}')}",
        ]
    lines += [
        f"To delete {_them(count)}:",
        f"    {situation.command(f'delete {name} --storage {other}')}",
    ]
    return _INDENT.join(lines)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"
