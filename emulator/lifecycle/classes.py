"""The Durable Object classes of a Worker that have a namespace, with their keys and storages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from emulator.bindings.durable_objects_config import DurableObjectBinding
from emulator.config import WorkerConfig
from emulator.lifecycle.inventory import Inventory, Storage
from emulator.lifecycle.keys import assign_keys


@dataclass(frozen=True, slots=True)
class ObjectClass:
    """One class, whatever it was called before."""

    name: str
    unique_key: str
    storage: Storage


def bound_classes(config: WorkerConfig) -> dict[str, list[str]]:
    """The classes of this Worker that bindings name, with the names of those bindings."""
    bound: dict[str, list[str]] = {}
    for name, binding in config.bindings.items():
        each = binding.config
        if isinstance(each, DurableObjectBinding) and each.script_name in (None, config.name):
            bound.setdefault(each.class_name, []).append(name)
    return bound


def object_classes(
    config: WorkerConfig,
    exported: Collection[str] | None,
    moves: Mapping[str, str],
    inventory: Inventory,
) -> dict[str, ObjectClass]:
    """The classes by name: those that are bound, and those that migrations have and code exports.

    `exported` is None where the code is not known; then all that migrations have are taken.
    """
    plan = config.migrations
    live = [name for name in plan.origins if exported is None or name in exported]
    keys = assign_keys(config.name, plan, (*bound_classes(config), *live), moves)
    return {
        name: ObjectClass(name, key, _storage(config, name, key, inventory))
        for name, key in keys.items()
    }


def _storage(config: WorkerConfig, name: str, key: str, inventory: Inventory) -> Storage:
    plan = config.migrations
    if plan.uses_sqlite(name):
        return "sqlite"
    if plan.origin(name).script is not None:
        # How a transferred class stores is declared where it comes from; the data shows it.
        holding = inventory.holding(key)
        return "sqlite" if holding.in_sqlite and not holding.in_log else "kv"
    return "kv"
