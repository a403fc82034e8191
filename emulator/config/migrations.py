"""The life of Durable Object classes: `migrations` replayed, or `exports` read.

Wrangler replays the steps on every local start only to learn which classes use SQLite. Here a class
also keeps its origin: where its life began, whatever it is called now. What an object's data is
found by comes from that, so a renamed class finds what it stored under its earlier name.
Order within a step: deleted, renamed, new, new SQLite. Source: workers-sdk, wrangler and miniflare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from emulator.config import checks
from emulator.config.diagnostics import Diagnostics
from emulator.config.node import Node, json_text

Backend = Literal["sqlite", "kv"]

_STEP_KEYS: Final = (
    "tag",
    "new_classes",
    "new_sqlite_classes",
    "renamed_classes",
    "deleted_classes",
    "transferred_classes",
)
_EXPORT_STATES: Final = ("created", "deleted", "renamed", "transferred", "expecting-transfer")
_EXPORT_TYPES: Final = ("durable-object", "worker")
_EXPORT_STORAGES: Final = ("sqlite", "legacy-kv")


@dataclass(frozen=True, slots=True)
class ClassOrigin:
    """Where the life of a class began. Two classes never have the same."""

    name: str
    life: int = 1
    """The how-manieth class it is that began under this name: more than 1 after a deletion or a
    rename made room for another one."""
    script: str | None = None
    """The Worker that it was transferred from."""

    def unique_key(self, worker_name: str) -> str:
        """What the ids and the data of its objects belong to; that of wrangler for a first life."""
        key = f"{self.script or worker_name}-{self.name}"
        return key if self.life == 1 else f"{key}@{self.life}"


@dataclass(frozen=True, slots=True)
class Departure:
    """How a class ended."""

    name: str
    """What it was called last."""
    how: Literal["deleted", "transferred"]
    tag: str | None
    """The step; None in `exports`."""


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """Where the replay ends. A class that is in neither set counts as KV-backed."""

    sqlite_classes: frozenset[str] = frozenset()
    kv_classes: frozenset[str] = frozenset()
    renames: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """For each class that was renamed, its earlier names, the latest first."""
    deleted: tuple[str, ...] = ()
    origins: Mapping[str, ClassOrigin] = field(default_factory=lambda: MappingProxyType({}))
    """Of each class that exists at the end."""
    departures: Mapping[ClassOrigin, Departure] = field(
        default_factory=lambda: MappingProxyType({})
    )
    tags: tuple[str, ...] = ()
    """The `tag` of each step, in order."""
    is_declared: bool = False
    """Whether the config says anything about the life of classes."""

    def uses_sqlite(self, class_name: str) -> bool:
        """Whether `storage.sql` works in objects of the class."""
        return class_name in self.sqlite_classes

    def origin(self, class_name: str) -> ClassOrigin:
        """Where a class began; one that no step mentions, under its own name."""
        return self.origins.get(class_name) or ClassOrigin(class_name)

    def is_live(self, class_name: str) -> bool:
        """Whether the steps leave a class of that name."""
        return class_name in self.origins


class _Replay:
    """The classes that exist so far."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.backends: dict[str, Backend] = {}
        self.earlier: dict[str, tuple[str, ...]] = {}
        self.deleted: dict[str, None] = {}
        self.origins: dict[str, ClassOrigin] = {}
        self.departures: dict[ClassOrigin, Departure] = {}
        self.tags: list[str] = []
        self._lives: dict[str, int] = {}
        self._diagnostics = diagnostics

    def create(self, where: Node, name: str, backend: Backend) -> None:
        if name in self.backends:
            kind = "new_sqlite_classes" if backend == "sqlite" else "new_classes"
            message = f"Cannot apply {kind} migration to existing class {name}"
            self._diagnostics.error(where, message)
            return
        self.backends[name] = backend
        self.deleted.pop(name, None)
        life = self._lives[name] = self._lives.get(name, 0) + 1
        self.origins[name] = ClassOrigin(name, life)

    def delete(
        self, where: Node, name: str, how: Literal["deleted", "transferred"] = "deleted"
    ) -> None:
        if self._take("deleted_classes", where, name):
            self.deleted[name] = None
            tag = self.tags[-1] if self.tags else None
            self.departures[self.origins.pop(name)] = Departure(name, how, tag)

    def rename(self, where: Node, old: str, new: str) -> None:
        if backend := self._take("renamed_classes", where, old):
            # An `exports` table also lists the new class, and knows its backend better.
            self.backends.setdefault(new, backend)
            self.earlier[new] = (old, *self.earlier.pop(old, ()))
            self.origins[new] = self.origins.pop(old)

    def receive(self, script: str, old: str, new: str) -> None:
        """A class that comes from another Worker. Its backend is declared there."""
        self.origins[new] = ClassOrigin(old, script=script)

    def plan(self) -> MigrationPlan:
        return MigrationPlan(
            sqlite_classes=frozenset(name for name, on in self.backends.items() if on == "sqlite"),
            kv_classes=frozenset(name for name, on in self.backends.items() if on == "kv"),
            renames=MappingProxyType(
                {name: old for name, old in self.earlier.items() if name in self.backends}
            ),
            deleted=tuple(self.deleted),
            origins=MappingProxyType(self.origins),
            departures=MappingProxyType(self.departures),
            tags=tuple(self.tags),
            is_declared=True,
        )

    def _take(self, kind: str, where: Node, name: str) -> Backend | None:
        if name not in self.backends:
            message = f"Cannot apply {kind} migration to non-existent class {name}"
            self._diagnostics.error(where, message)
        return self.backends.pop(name, None)


def read_migrations(root: Node, diagnostics: Diagnostics) -> MigrationPlan:
    """The plan that `migrations` or `exports` of a config make."""
    migrations, exports = root.get("migrations"), root.get("exports")
    if migrations is not None and exports is not None and migrations.value and exports.value:
        diagnostics.error(exports.name_span, "`migrations` and `exports` are mutually exclusive.")
    if migrations is not None and (migrations.value or exports is None):
        return _replay_migrations(migrations, diagnostics)
    return MigrationPlan() if exports is None else _read_exports(exports, diagnostics)


def _replay_migrations(section: Node, diagnostics: Diagnostics) -> MigrationPlan:
    if not section.is_array:
        diagnostics.error(
            section,
            'The optional "migrations" field should be an array, '
            f"but got {json_text(section.value)}",
        )
        return MigrationPlan()
    replay = _Replay(diagnostics)
    for step in section.items:
        if checks.has_type(step, "object", diagnostics):
            _apply(step, replay, diagnostics)
    return replay.plan() if section.items else MigrationPlan()


def _apply(step: Node, replay: _Replay, diagnostics: Diagnostics) -> None:
    checks.unexpected_fields(step, _STEP_KEYS, diagnostics, name="migrations")
    tag = checks.require_string(step, "tag", diagnostics)
    if tag is not None:
        replay.tags.append(tag)
    for node in _names(step, "deleted_classes", diagnostics):
        replay.delete(node, node.value)
    for node in _objects(step, "renamed_classes", ("from", "to"), diagnostics):
        replay.rename(node, node.value["from"], node.value["to"])
    for node in _names(step, "new_classes", diagnostics):
        replay.create(node, node.value, "kv")
    for node in _names(step, "new_sqlite_classes", diagnostics):
        replay.create(node, node.value, "sqlite")
    for node in _objects(step, "transferred_classes", ("from", "from_script", "to"), diagnostics):
        replay.receive(node.value["from_script"], node.value["from"], node.value["to"])


def _names(step: Node, key: str, diagnostics: Diagnostics) -> tuple[Node, ...]:
    if checks.optional_string_array(step, key, diagnostics) is None:
        return ()
    return step[key].items


def _objects(
    step: Node, key: str, keys: tuple[str, ...], diagnostics: Diagnostics
) -> tuple[Node, ...]:
    """The entries of a field which holds a list of objects with just these string fields."""
    node = step.get(key)
    if node is None:
        return ()
    if node.is_array and all(_is_object_of_strings(item, keys) for item in node.items):
        return node.items
    shape = ", ".join(f"{name}: string" for name in keys)
    diagnostics.error(
        node,
        f'Expected "{node.path}" to be an array of "{{{shape}}}" objects '
        f"but got {json_text(node.value)}.",
    )
    return ()


def _is_object_of_strings(item: Node, keys: tuple[str, ...]) -> bool:
    return item.is_object and all(isinstance(item.value.get(key), str) for key in keys)


def _read_exports(section: Node, diagnostics: Diagnostics) -> MigrationPlan:
    if not checks.has_type(section, "object", diagnostics):
        return MigrationPlan()
    replay = _Replay(diagnostics)
    entries = list(_durable_object_exports(section, diagnostics))
    for name, entry, _ in entries:
        storage = checks.optional_choice(entry, "storage", _EXPORT_STORAGES, diagnostics)
        replay.create(entry, name, "kv" if storage == "legacy-kv" else "sqlite")
    # Renames and deletions name classes that may stand anywhere in the table.
    for name, entry, state in entries:
        if state in ("deleted", "transferred"):
            replay.delete(entry, name, "deleted" if state == "deleted" else "transferred")
        elif state == "expecting-transfer" and (
            script := checks.optional_string(entry, "transfer_from", diagnostics)
        ):
            replay.receive(script, name, name)
    renames = {
        name: (entry, new)
        for name, entry, state in entries
        if state == "renamed" and (new := checks.require_string(entry, "renamed_to", diagnostics))
    }
    for name in _oldest_first(renames):
        entry, new = renames[name]
        replay.rename(entry, name, new)
    return replay.plan() if entries else MigrationPlan()


def _oldest_first(renames: Mapping[str, tuple[Node, str]]) -> list[str]:
    """The renamed classes, each behind those that became it."""
    ordered: dict[str, None] = {}

    def add(name: str, seen: frozenset[str]) -> None:
        for earlier, (_, new) in renames.items():
            if new == name and earlier not in seen:
                add(earlier, seen | {earlier})
        ordered.setdefault(name)

    for name in renames:
        add(name, frozenset((name,)))
    return list(ordered)


def _durable_object_exports(
    section: Node, diagnostics: Diagnostics
) -> Iterator[tuple[str, Node, str]]:
    for name, entry in section.fields.items():
        if not checks.has_type(entry, "object", diagnostics):
            continue
        if "type" not in entry:
            checks.missing_field(entry, "type", diagnostics)
        kind = checks.optional_choice(entry, "type", _EXPORT_TYPES, diagnostics)
        state = checks.optional_choice(entry, "state", _EXPORT_STATES, diagnostics)
        if kind == "durable-object":
            yield name, entry, str(state or "created")
