"""What to write in a config so that a renamed class keeps its data."""

from __future__ import annotations

import json
from collections.abc import Sequence

from emulator.config import WorkerConfig
from emulator.lifecycle.inventory import Holding, Storage


def rename_advice(config: WorkerConfig, old: str, new: str, holding: Holding) -> Sequence[str]:
    """The migrations that rename a class, given those that the config has; lines of text."""
    plan = config.migrations
    key = "new_sqlite_classes" if holding.in_sqlite else "new_classes"
    is_toml = config.path.suffix == ".toml"
    if uses_exports(config):
        return [_renamed_export(old, new, is_toml=is_toml)]
    rename = {"from": old, "to": new}
    tags = [*plan.tags]
    lines: list[str] = []
    if not plan.is_live(old) and plan.is_live(new):
        lines.append(
            f'{"#" if is_toml else "//"} "{old}" again in {key}, in place of "{new}"; then'
        )
    elif not plan.is_live(old):
        tags.append(_next_tag(tags))
        lines += _step(tags[-1], key, [old], is_toml=is_toml)
    return lines + _step(_next_tag(tags), "renamed_classes", [rename], is_toml=is_toml)


def uses_exports(config: WorkerConfig) -> bool:
    """Whether the config declares classes in `exports`, which excludes `migrations`."""
    exports = config.raw.get("exports")
    return exports is not None and bool(exports.value) and not config.migrations.tags


def declaration(config: WorkerConfig, storage: Storage) -> str:
    """What declares the storage of a class in this config."""
    if uses_exports(config):
        return f'exports with storage = "{"sqlite" if storage == "sqlite" else "legacy-kv"}"'
    return "new_sqlite_classes" if storage == "sqlite" else "new_classes"


def _renamed_export(old: str, new: str, *, is_toml: bool) -> str:
    entry = {"type": "durable-object", "state": "renamed", "renamed_to": new}
    if is_toml:
        return f"{old} = {_toml(entry)}  # in [exports]"
    return f'"{old}": {json.dumps(entry)},  // in "exports"'


def _next_tag(tags: Sequence[str]) -> str:
    number = len(tags) + 1
    while f"v{number}" in tags:
        number += 1
    return f"v{number}"


def _step(tag: str, key: str, values: list[object], *, is_toml: bool) -> list[str]:
    if not is_toml:
        return [f'{json.dumps({"tag": tag, key: values})},  // in "migrations"']
    shown = ", ".join(map(_toml, values))
    return ["[[migrations]]", f'tag = "{tag}"', f"{key} = [{shown}]"]


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f'{key} = "{text}"' for key, text in value.items()) + " }"
    return json.dumps(value)
