"""Fills `ctx.exports` with what a loaded Worker exports.

The order is workerd's: `default`, then entrypoints, then Durable Object classes, each by name.
Workflows are not there, as in workerd.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emulator.js.object import JsObject
from emulator.loader.guest import Guest
from emulator.runtime.actor_namespace import ActorNamespace
from emulator.runtime.entrypoint import BoundEntrypoint
from emulator.runtime.guest_class import GuestClass
from emulator.runtime.loopback import (
    LoopbackDurableObjectClass,
    LoopbackDurableObjectNamespace,
    LoopbackServiceStub,
)
from emulator.runtime.services import Services
from emulator.runtime.worker_interface import RpcPayload


def fill_exports(
    exports: JsObject, guest: Guest, services: Services, namespaces: Mapping[str, ActorNamespace]
) -> None:
    """Adds everything. `namespaces` are those of the classes that have one."""
    exports.js_set("default", _entrypoint(services, guest.default_entrypoint()))
    for name in _in_order(guest.entrypoint_names()):
        entrypoint = guest.entrypoint(name)
        assert entrypoint is not None
        exports.js_set(name, _entrypoint(services, entrypoint))
    for name in _in_order({*guest.object_classes(), *namespaces}):
        actors = namespaces.get(name)
        exports.js_set(
            name,
            LoopbackDurableObjectClass(name)
            if actors is None
            else LoopbackDurableObjectNamespace(actors, name),
        )


def _entrypoint(services: Services, guest_class: GuestClass) -> LoopbackServiceStub:
    def open_channel(props: RpcPayload | None) -> BoundEntrypoint:
        return BoundEntrypoint(services, guest_class, props)

    return LoopbackServiceStub(open_channel)


def _in_order(names: Iterable[str]) -> list[str]:
    """As JavaScript compares strings, by UTF-16 code units."""
    return sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
