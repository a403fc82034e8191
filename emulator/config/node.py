"""One value of a config document together with where it stands in the file.

TOML and JSON documents become the same tree of `Node`s. A node's `path` is the name which messages
use for it (`kv_namespaces[0].binding`); inside a named environment it starts anew, as Wrangler's
does, because there the section itself is what the message is about.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from emulator.config.source import Span

Parts = tuple[str | int, ...]
"""The keys and indexes which lead from the root to a value."""

_NOTHING: Final[Mapping[str, Node]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value with its place. Exactly one of `fields` and `items` is used, or none for a scalar."""

    value: Any
    """The plain value: dict, list, str, int, float, bool, None, or a date of the TOML kinds."""
    path: str
    span: Span
    key_span: Span | None = None
    """Where the key stands, if the parent is an object."""
    fields: Mapping[str, Node] = field(default_factory=lambda: _NOTHING, repr=False)
    items: tuple[Node, ...] = field(default=(), repr=False)

    def __getitem__(self, key: str) -> Node:
        return self.fields[key]

    def __contains__(self, key: object) -> bool:
        return key in self.fields

    def get(self, key: str) -> Node | None:
        """The field of that name; None where there is none, or where this is no object."""
        return self.fields.get(key)

    @property
    def name_span(self) -> Span:
        """The key if there is one: the place to point at when the key itself is the mistake."""
        return self.key_span or self.span

    @property
    def is_object(self) -> bool:
        return isinstance(self.value, dict)

    @property
    def is_array(self) -> bool:
        return isinstance(self.value, list)

    @property
    def is_date(self) -> bool:
        """A date, a time or both, which TOML has and JSON has not."""
        return isinstance(self.value, dt.date | dt.time)

    def child_path(self, key: str) -> str:
        """How messages name a field of this object, present or not."""
        return f"{self.path}.{key}" if self.path else key

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, in the order of the file."""
        yield self
        for child in (*self.fields.values(), *self.items):
            yield from child.walk()


def overlay(base: Node, fields: Mapping[str, Node]) -> Node:
    """`base` with other fields; spans stay those of the file."""
    value = {key: node.value for key, node in fields.items()}
    return replace(base, value=value, fields=MappingProxyType(dict(fields)))


def display_path(parts: Parts) -> str:
    """The name of the value at `parts`; within `env.<name>`, relative to the environment."""
    if len(parts) > 2 and parts[0] == "env":
        parts = parts[2:]
    path = ""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")


def json_text(value: object) -> str:
    """A value as Wrangler's messages show it: what `JSON.stringify` makes of it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
