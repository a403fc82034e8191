"""What a main module exports, found as Cloudflare's introspection does.

Names considered: `__all__`, or else all that do not begin with an underscore. A class counts if it
is a strict subclass of the SDK's WorkerEntrypoint, DurableObject or WorkflowEntrypoint; its
exported name is `__name__`. `Default` is the default export. With legacy global handlers the
module-level `on_fetch` is the default export where no `Default` class is.

Differs: two plain forms that Cloudflare ignores work here, with a warning that shows what to write
instead: a module-level `fetch(request, env[, ctx])`, and Durable Object classes, named in the
config, that do not derive from DurableObject.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal

ClassKind = Literal["entrypoint", "durable_object", "workflow"]


@dataclass(slots=True)
class Exports:
    """The classes and handlers of a main module."""

    default: type | None = None
    entrypoints: dict[str, type] = field(default_factory=dict)
    durable_objects: dict[str, type] = field(default_factory=dict)
    workflows: dict[str, type] = field(default_factory=dict)
    plain_durable_objects: dict[str, type] = field(default_factory=dict)
    legacy_fetch: Callable[..., Any] | None = None
    plain_fetch: Callable[..., Any] | None = None
    warnings: list[str] = field(default_factory=list)


def find_exports(
    module: ModuleType, *, legacy_handlers: bool, object_classes: Iterable[str]
) -> Exports:
    """The exports of a module. `object_classes` are the Durable Object classes config names."""
    exports = Exports()
    values = [getattr(module, name, None) for name in _public_names(module)]
    for value in values:
        if isinstance(value, type):
            _add_class(exports, value)
    if legacy_handlers:
        exports.legacy_fetch = _function(module, "on_fetch")
    if exports.default is None and exports.legacy_fetch is None:
        exports.plain_fetch = _function(module, "fetch")
    for name in object_classes:
        value = getattr(module, name, None)
        if isinstance(value, type) and name not in exports.durable_objects:
            exports.plain_durable_objects[name] = value
    _warn_about_plain_forms(exports, module)
    return exports


def _public_names(module: ModuleType) -> list[str]:
    declared = getattr(module, "__all__", None)
    if declared is not None:
        return list(declared)
    return [name for name in dir(module) if not name.startswith("_")]


def _function(module: ModuleType, name: str) -> Callable[..., Any] | None:
    value = getattr(module, name, None)
    return (
        value
        if callable(value) and not isinstance(value, type) and _is_own(value, module)
        else None
    )


def _is_own(value: Any, module: ModuleType) -> bool:
    """Whether a handler is the developer's, not a function of the SDK such as `workers.fetch`."""
    return not str(getattr(value, "__module__", "")).startswith(("workers", "js", "pyodide"))


def _add_class(exports: Exports, cls: type) -> None:
    kind = class_kind(cls)
    if kind == "entrypoint":
        if cls.__name__ == "Default":
            exports.default = cls
        else:
            exports.entrypoints[cls.__name__] = cls
    elif kind == "durable_object":
        exports.durable_objects[cls.__name__] = cls
    elif kind == "workflow":
        exports.workflows[cls.__name__] = cls


def class_kind(cls: type) -> ClassKind | None:
    """Which of the SDK's base classes a class derives from."""
    sdk = sys.modules.get("workers")
    if sdk is None:
        return None
    bases: dict[str, ClassKind] = {
        "WorkerEntrypoint": "entrypoint",
        "DurableObject": "durable_object",
        "WorkflowEntrypoint": "workflow",
    }
    for base_name, kind in bases.items():
        base = getattr(sdk, base_name, None)
        if base is not None and cls is not base and issubclass(cls, base):
            return kind
    return None


def _warn_about_plain_forms(exports: Exports, module: ModuleType) -> None:
    file = getattr(module, "__file__", None) or module.__name__
    if exports.plain_fetch is not None:
        line = getattr(getattr(exports.plain_fetch, "__code__", None), "co_firstlineno", 1)
        exports.warnings.append(
            f"{file}:{line}: Cloudflare ignores a module-level fetch(). It works here; to deploy, "
            "write instead:\n"
            "    class Default(WorkerEntrypoint):\n"
            "        async def fetch(self, request): return await fetch(request, self.env)"
        )
    for name in exports.plain_durable_objects:
        exports.warnings.append(
            f"{file}: class {name} does not derive from DurableObject, so Cloudflare does not see "
            "it. It works here for fetch(); to deploy, write instead:\n"
            "    from workers import DurableObject\n"
            f"    class {name}(DurableObject): ..."
        )
