"""A registry of the two parsers every Worker needs, and short ways to read a config in a test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.bindings import durable_objects_config, vars_config
from emulator.config import (
    ConfigError,
    Diagnostics,
    LoadedConfig,
    Node,
    WorkerConfig,
    checks,
    parse_config,
)

TODAY = dt.date(2026, 11, 25)

HEAD = """\
name = "w"
main = "src/entry.py"
compatibility_date = "2026-11-01"
compatibility_flags = ["python_workers"]
"""


@dataclass(frozen=True)
class SampleKind:
    table: str
    label: str
    parse: Callable[[Node | None, Diagnostics], Mapping[str, Any]]
    check: Callable[[WorkerConfig, Node | None, Diagnostics], None] | None = None


def _parse_kv(section: Node | None, diagnostics: Diagnostics) -> dict[str, str | None]:
    found = {}
    for item in checks.binding_items(section, diagnostics):
        name = checks.binding_name(item, diagnostics)
        id = checks.optional_binding_string(item, "id", diagnostics)
        if name is not None:
            found[name] = id
    return found


def _parse_producers(section: Node | None, diagnostics: Diagnostics) -> dict[str, str | None]:
    items = checks.binding_items(section, diagnostics)
    names = [checks.binding_name(item, diagnostics) for item in items]
    return {name: None for name in names if name is not None}


DURABLE_OBJECTS = SampleKind(
    durable_objects_config.TABLE,
    durable_objects_config.LABEL,
    durable_objects_config.parse,
    durable_objects_config.check_migrations,
)
VARS = SampleKind(vars_config.TABLE, vars_config.LABEL, vars_config.parse)
KV = SampleKind("kv_namespaces", "KV Namespace", _parse_kv)
QUEUES = SampleKind("queues.producers", "Queue", _parse_producers)
REGISTRY = (DURABLE_OBJECTS, VARS)


def read(
    text: str,
    name: str = "wrangler.toml",
    *,
    env: str | None = None,
    registry: tuple[SampleKind, ...] = REGISTRY,
    today: dt.date | None = TODAY,
) -> LoadedConfig:
    return parse_config(text.encode(), Path(name), env=env, registry=registry, today=today)


def said(text: str, name: str = "wrangler.toml", **options: Any) -> list[str]:
    """Everything said about a config, as `line:col severity message`."""
    try:
        found = read(text, name, **options).warnings
    except ConfigError as error:
        found = error.diagnostics
    return [f"{each.line}:{each.col} {each.severity} {each.message}" for each in found]


def said_below_head(text: str, **options: Any) -> list[str]:
    """As `said`, for tables below a head that is in order; lines count from the first of `text`."""
    lines = HEAD.count("\n")
    return [
        f"{int(line) - lines}:{rest}"
        for line, _, rest in (each.partition(":") for each in said(HEAD + text, **options))
    ]
