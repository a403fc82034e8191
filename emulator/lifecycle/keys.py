"""Unique keys: which data belongs to which class.

A namespace's unique key is in the ids of its objects and in the place of their data, so it must not
change while anybody remembers an id. It is `<worker>-<name>`, as in wrangler, with the name under
which the class *began*: a class that was renamed keeps its key, and with it all objects and ids,
and no byte moves. A class that begins under a name that was used before, because the earlier one
was renamed or deleted, gets a key of its own (`<worker>-<name>@2`).

Guarantees: no two classes get the same key; the outcome depends on the config, the moves and the
set of classes only, never on what is stored. So going back to an earlier config brings its data
back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emulator.config import MigrationPlan


def assign_keys(
    worker_name: str, plan: MigrationPlan, classes: Iterable[str], moves: Mapping[str, str]
) -> dict[str, str]:
    """The unique key of each of these classes of a Worker, those that have a namespace."""
    names = list(dict.fromkeys(classes))
    own = {name: plan.origin(name).unique_key(worker_name) for name in names}

    def weight(name: str) -> int:
        """What was asked for by hand goes first, then what a migration says."""
        return 0 if own[name] in moves else 1 if plan.is_live(name) else 2

    keys: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names, key=weight):
        key = _free_key(moves.get(own[name], own[name]), f"{worker_name}-{name}", taken)
        keys[name] = key
        taken.add(key)
    return {name: keys[name] for name in names}


def _free_key(wanted: str, plain: str, taken: set[str]) -> str:
    key, life = wanted, 1
    while key in taken:
        life += 1
        key = f"{plain}@{life}"
    return key


def split_key(unique_key: str) -> tuple[str, str]:
    """Worker and class of a key. A class name has no dash, whatever the Worker's name has."""
    worker, _, name = unique_key.rpartition("-")
    return worker, name
