"""What config must be told about bindings: the port through which their parsers are handed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from emulator.config.diagnostics import Diagnostics
    from emulator.config.node import Node
    from emulator.config.worker import WorkerConfig


class BindingParser(Protocol):
    """Reads one table of the config. Usually an `emulator.bindings` `KIND`."""

    @property
    def table(self) -> str:
        """Where the table stands: `kv_namespaces`, or dotted such as `queues.producers`."""
        ...

    @property
    def label(self) -> str:
        """What Wrangler calls such a binding in its messages: `KV Namespace`."""
        ...

    def parse(self, section: Node | None, diagnostics: Diagnostics) -> Mapping[str, object]:
        """Frozen configs by their name in `env`.

        `section` is None where the file has no such table. Never raises: mistakes go to
        `diagnostics`, as does every name that was read (`Diagnostics.declare`).
        """
        ...


@runtime_checkable
class CrossCheckingParser(Protocol):
    """A binding parser with rules that need more than its own table."""

    def check(self, worker: WorkerConfig, section: Node | None, diagnostics: Diagnostics) -> None:
        """Look at the config as a whole. `section` is what `parse` was given."""
        ...


class Binding(NamedTuple):
    """One entry of `env`: what kind it is of, and the config which that kind's parser made."""

    kind: BindingParser
    config: object
