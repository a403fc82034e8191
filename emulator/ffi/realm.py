"""Installs the guest's world into this interpreter: everything it can import that is not PyPI.

`install(realm)` puts the modules into `sys.modules`, in place of what is there (PyPI's
`pyodide-py`, for one), and patches the standard library; the function it returns puts everything
back. One realm at a time: guests share the interpreter's module table.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Final

from emulator.errors import InternalError
from emulator.ffi import cloudflare, guest, http, modules, patches, semantics, surface, views
from emulator.ffi.semantics import Semantics
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import JsBigInt, JsNull

# Top-level names that belong to the guest; they are gone when the realm is.
GUEST_NAMES: Final = (
    "js", "pyodide", "_pyodide", "_pyodide_core", "pyodide_js", "_pyodide_entrypoint_helper",
    "_cloudflare_compat_flags", "_cloudflare", "workers", "asgi", "_workers_sdk_patch_loader",
    "_workers_sdk_entropy_import_context", "_workers_sdk_package_patches",
)  # fmt: skip
SDK_PATCHES: Final = ("_workers_sdk_entropy_import_context", "_workers_sdk_package_patches")


@dataclass(frozen=True, slots=True)
class Realm:
    """What a guest's world is made of."""

    global_object: JsObject
    flags: Mapping[str, bool]
    """Every compatibility flag by enable name (`CompatibilityFlags.all()`)."""
    pyodide_version: str
    """As `CompatibilityFlags.pyodide_version` gives it."""
    helper: JsObject
    """`_pyodide_entrypoint_helper`."""


@dataclass(slots=True)
class _Undo:
    """What to do to take an installation back, last step first."""

    steps: list[Callable[[], object]] = field(default_factory=list)
    done: bool = False

    def __call__(self) -> None:
        if self.done:
            return
        self.done = True
        for step in reversed(self.steps):
            step()


_installed = False


def install(realm: Realm) -> Callable[[], None]:
    """Makes the realm's modules importable; returns the uninstaller.

    Raises:
        InternalError: a realm is installed already.
    """
    global _installed
    if _installed:
        raise InternalError("a realm is installed already")
    _installed = True
    undo = _Undo()
    undo.steps.append(_mark_uninstalled)
    try:
        _install(realm, undo.steps)
    except BaseException:
        undo()
        raise
    return undo


def _mark_uninstalled() -> None:
    global _installed
    _installed = False


def _install(realm: Realm, undo: list[Callable[[], object]]) -> None:
    chosen = semantics.semantics_of(realm.pyodide_version)
    previous = semantics.use(chosen)
    undo.append(lambda: semantics.use(previous))
    undo.append(_name_types(chosen))
    views.told = False
    guest.global_object = realm.global_object
    undo.append(lambda: setattr(guest, "global_object", None))
    undo.append(_take_modules_away(GUEST_NAMES))
    undo.append(_install_modules(realm))
    undo.append(patches.apply())
    undo.append(_install_sdk_patches())


def _name_types(chosen: Semantics) -> Callable[[], None]:
    """Types of the JavaScript world that guests see carry the guest's module names."""
    before = JsNull.__module__, JsBigInt.__module__
    JsNull.__module__ = chosen.null_module
    JsBigInt.__module__ = "pyodide.ffi"
    http.use_module_names(chosen)

    def restore() -> None:
        JsNull.__module__, JsBigInt.__module__ = before

    return restore


def _take_modules_away(names: Iterable[str]) -> Callable[[], None]:
    """Hides modules of these names and below; the way back removes what guests imported."""
    tops = frozenset(names)
    hidden = _pop_modules(tops)

    def restore() -> None:
        _pop_modules(tops)
        sys.modules.update(hidden)

    return restore


def _pop_modules(tops: frozenset[str]) -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] in tops]
    return {name: sys.modules.pop(name) for name in names}


def _install_modules(realm: Realm) -> Callable[[], None]:
    proxies = {
        "js": realm.global_object,
        "_pyodide_entrypoint_helper": realm.helper,
        "_cloudflare_compat_flags": PlainObject(dict(realm.flags)),
        "pyodide_js": surface.pyodide_js(realm.pyodide_version),
    }
    sys.meta_path.insert(0, modules.finder)
    for name, value in proxies.items():
        modules.finder.register(name, value)
    sys.modules.update(surface.make_modules(realm.pyodide_version))

    def restore() -> None:
        sys.meta_path.remove(modules.finder)
        modules.finder.clear()

    return restore


def _install_sdk_patches() -> Callable[[], None]:
    """Does what the SDK's `.pth` file does where `_cloudflare` can be imported."""
    manager = cloudflare.ImportPatchManager()
    sys.modules.update(cloudflare.make_modules(manager))
    sys.meta_path.insert(0, manager)
    for name in SDK_PATCHES:
        with contextlib.suppress(ModuleNotFoundError):  # an older SDK, or none
            importlib.import_module(name)

    def restore() -> None:
        sys.meta_path.remove(manager)
        manager.restore()

    return restore
