"""Python modules that are JavaScript objects: `import js`, `from js import X`, `import js.JSON`.

A registered name is a handle in `sys.modules` that also carries what the import system keeps on a
module (`__name__`, `__path__`, ...), beside the object, which must not see it. A finder answers for
registered names and for the properties below them.

Source: Pyodide's import hook.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final, cast

from emulator.ffi import capabilities
from emulator.ffi.proxy import JsProxy, make_handle
from emulator.js.object import JsObject
from emulator.js.values import MISSING

NOT_A_NAME: Final = "Argument 'name' must be a str, not '{}'"
NOT_A_PROXY: Final = "Argument 'jsproxy' must be a JsProxy, not '{}'"
NOT_REGISTERED: Final = "Cannot unregister '{}': no Javascript module with that name is registered"

IMPORT_NAMES: Final = frozenset(
    {"__name__", "__spec__", "__loader__", "__package__", "__path__", "__file__"}
)


class ModuleHandles:
    """What a module handle adds; copied into handle types."""

    js_value: Any

    def __setattr__(self, name: str, value: Any) -> None:
        if name in IMPORT_NAMES:
            object.__setattr__(self, name, value)
            return
        # `import js.JSON` assigns the submodule to its parent, where it already is.
        if isinstance(value, JsProxy) and self.js_value.js_get(name) is cast("Any", value).js_value:
            return
        JsProxy.__setattr__(self, name, value)


def members(flags: int) -> Mapping[str, Any]:
    """The functions for a handle type with these capabilities."""
    return {"__setattr__": ModuleHandles.__setattr__} if flags & capabilities.MODULE else {}


def module_handle(name: str, value: JsObject) -> Any:
    """A handle that the import system takes for a package."""
    handle = make_handle(value, capabilities.object_flags(value) | capabilities.MODULE)
    spec = ModuleSpec(name, JsLoader(handle), origin="javascript", is_package=True)
    facts = {
        "__name__": name, "__spec__": spec, "__loader__": spec.loader,
        "__package__": name, "__path__": [],
    }  # fmt: skip
    for fact, content in facts.items():
        object.__setattr__(handle, fact, content)
    return handle


class JsLoader(Loader):
    """Gives the import system a module that exists already."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return cast("ModuleType", self._handle)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""


class JsFinder(MetaPathFinder):
    """Finds registered JavaScript modules."""

    def __init__(self) -> None:
        self.registered: dict[str, JsObject] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = self.registered.get(fullname)
        if found is None:
            root, _, rest = fullname.partition(".")
            found = self.registered.get(root)
            for part in rest.split(".") if rest else ():
                if found is None:
                    return None
                child = found.js_get(part)
                found = child if child is not MISSING and isinstance(child, JsObject) else None
        return (
            None if found is None else cast("ModuleSpec", module_handle(fullname, found).__spec__)
        )

    def register(self, name: str, value: JsObject) -> None:
        """Makes the object importable under a name, in place of what was there."""
        self.registered[name] = value
        sys.modules[name] = cast("ModuleType", module_handle(name, value))
        parent, _, child = name.rpartition(".")
        if parent in sys.modules and not isinstance(sys.modules[parent], JsProxy):
            setattr(sys.modules[parent], child, sys.modules[name])

    def unregister(self, name: str) -> None:
        """Takes a name back; what was imported stays imported, as in Pyodide."""
        self.registered.pop(name, None)

    def clear(self) -> None:
        """Takes all names back, and what was imported under them."""
        self.registered.clear()
        for name in [name for name, module in sys.modules.items() if isinstance(module, JsProxy)]:
            del sys.modules[name]


finder: Final = JsFinder()


def register_js_module(name: str, jsproxy: Any) -> None:
    """Makes a JavaScript object importable as a Python module."""
    if not isinstance(name, str):
        raise TypeError(NOT_A_NAME.format(type(name).__name__))
    if not isinstance(jsproxy, JsProxy):
        raise TypeError(NOT_A_PROXY.format(type(jsproxy).__name__))
    finder.register(name, cast("Any", jsproxy).js_value)


def unregister_js_module(name: str) -> None:
    """Takes back what `register_js_module` did."""
    if name not in finder.registered:
        raise ValueError(NOT_REGISTERED.format(name))
    finder.unregister(name)


register_js_module.__module__ = unregister_js_module.__module__ = "pyodide.ffi"
