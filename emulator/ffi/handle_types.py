"""Puts the protocols of all capability modules together into handle types.

Importing this module completes `proxy`; `emulator.ffi` does. The order is from general to special:
what a later module defines replaces what an earlier one did (`pop` of a map by `pop` of a view).
"""

from __future__ import annotations

from collections import abc
from typing import Any

from emulator.ffi import (
    arrays,
    binary,
    calls,
    capabilities,
    containers,
    create_proxy,
    futures,
    iteration,
    modules,
    proxy,
    views,
)

_ORDER = (iteration, containers, futures, calls, arrays, binary, views, create_proxy, modules)


def namespace_for(flags: int) -> dict[str, Any]:
    """All functions for a handle type with these capabilities."""
    namespace: dict[str, Any] = {}
    if flags & capabilities.DOUBLE_PROXY:
        # Its protocols are those of the Python object, not of a JavaScript one.
        for module in (futures, calls, create_proxy):
            namespace |= module.members(flags)
        return namespace
    for module in _ORDER:
        namespace |= module.members(flags)
    if "__getitem__" in namespace:
        # Or else iter() would count subscripts up from 0, which for a WeakMap has no end.
        namespace.setdefault("__iter__", None)
        namespace.setdefault("__reversed__", None)
    return namespace


proxy._Members.namespace_for = staticmethod(namespace_for)


def finish(kind: Any, flags: int) -> None:
    """What needs the finished type: functions that read its slots directly."""
    if flags & capabilities.CALLABLE:
        kind.__call__ = calls.call_of(kind)
    if flags & (capabilities.ARRAY | capabilities.TYPED_ARRAY):
        abc.MutableSequence.register(kind)
    elif flags & capabilities.MUTABLE_MAP:
        abc.MutableMapping.register(kind)
    elif flags & capabilities.MAP:
        abc.Mapping.register(kind)


proxy._Members.finish = staticmethod(finish)
