"""What a binding module declares, and what it may use when it makes the guest's value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from emulator.config import Diagnostics, Node, WorkerConfig
from emulator.js.values import JsValue
from emulator.runtime.actor_namespace import ActorNamespace
from emulator.runtime.services import Services


class Channels(Protocol):
    """The ways from a binding to what it calls."""

    def actor_namespace(self, class_name: str, script_name: str | None) -> ActorNamespace:
        """The namespace of a Durable Object class; NotSupportedError for another script's."""
        ...


@dataclass(frozen=True, slots=True)
class BindingContext:
    """Everything a binding may use."""

    name: str
    worker: WorkerConfig
    channels: Channels
    services: Services


def _no_rules(worker: WorkerConfig, section: Node | None, diagnostics: Diagnostics) -> None:
    """Most kinds have no rule that looks beyond their own table."""


@dataclass(frozen=True, slots=True)
class BindingKind:
    """One kind of binding.

    Attributes:
        table: its place in the config, dotted, such as "kv_namespaces".
        label: what the start-up table and messages call it.
        parse: reads the config's section; reports problems, never raises.
        bind: makes the guest's value of one binding.
        describe: the resource column of the start-up table.
        check: looks at the whole config after parsing, for rules across tables.
    """

    table: str
    label: str
    parse: Callable[[Node | None, Diagnostics], Mapping[str, Any]]
    bind: Callable[[Any, BindingContext], JsValue]
    describe: Callable[[Any], str]
    check: Callable[[WorkerConfig, Node | None, Diagnostics], None] = _no_rules
