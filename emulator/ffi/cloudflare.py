"""The `_cloudflare` package: import patches, with which the SDK adapts other packages to Workers.

A patch is a context manager around the execution of one module. Patches that the SDK has for
entropy (they prepare for a memory snapshot, by counting the random bytes an import takes) are
registered but not applied: there is no snapshot here. The others are applied when the module is
imported, or at once if it has been already, and are taken back when the realm goes.

Source: the interface that the SDK's `_workers_sdk_package_patches` is written against.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

Patch = Callable[[Any], contextlib.AbstractContextManager[Any]]
Hook = Callable[[ModuleType], None]

ENTROPY_PATCHES: Final = "_workers_sdk_entropy_import_context"
_ABSENT: Final = object()


class ImportPatchManager(MetaPathFinder):
    """Registered patches, and the finder that applies them."""

    def __init__(self) -> None:
        self._create: dict[str, Patch] = {}
        self._exec: dict[str, Patch] = {}
        self.after_snapshot: dict[str, Hook] = {}
        self.before_first_request: dict[str, Hook] = {}
        self._undo: list[tuple[ModuleType, str, Any]] = []
        self._searching: set[str] = set()

    # -- registration, as the guest's decorators --------------------------------------------------

    def register_create_patch(self, name: str) -> Callable[[Patch], Patch]:
        """Decorator: a context around the creation of a module (native code runs there)."""
        return self._register(self._create, name)

    def register_exec_patch(self, name: str) -> Callable[[Patch], Patch]:
        """Decorator: a context around the execution of a module."""
        return self._register(self._exec, name)

    def register_after_snapshot(self, name: str) -> Callable[[Hook], Hook]:
        """Decorator: would run when a snapshot has been restored; there is none here."""
        return self._register(self.after_snapshot, name)

    def register_before_first_request(self, name: str) -> Callable[[Hook], Hook]:
        """Decorator: would reseed what a snapshot froze; there is none here."""
        return self._register(self.before_first_request, name)

    def _register(self, table: dict[str, Any], name: str) -> Callable[[Any], Any]:
        def decorate(patch: Any) -> Any:
            if getattr(patch, "__module__", None) != ENTROPY_PATCHES:
                table[name] = patch
                module = sys.modules.get(name)
                if table is self._exec and isinstance(module, ModuleType):
                    self.run_patched(name, module, lambda: None)
            return patch

        return decorate

    @staticmethod
    def block_calls(module: ModuleType, *, allowlist: Sequence[str] = ()) -> None:
        """Would refuse a module's functions until the first request; nothing needs it here."""

    # -- application ------------------------------------------------------------------------------

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in self._searching or not (fullname in self._exec or fullname in self._create):
            return None
        self._searching.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._searching.discard(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _PatchingLoader(spec.loader, self)
        return spec

    def create_patched(self, spec: ModuleSpec, create: Callable[[], Any]) -> Any:
        """Creates a module inside its context."""
        patch = self._create.get(spec.name)
        if patch is None:
            return create()
        with patch(spec):
            return create()

    def run_patched(self, name: str, module: ModuleType, execute: Callable[[], None]) -> None:
        """Executes a module inside its context, and remembers what the context changed."""
        patch = self._exec.get(name)
        if patch is None:
            execute()
            return
        before: dict[str, Any] = {}
        with patch(module):
            execute()
            before.update(vars(module))
        for attribute, value in vars(module).items():
            if before.get(attribute, _ABSENT) is not value:
                self._undo.append((module, attribute, before.get(attribute, _ABSENT)))

    def restore(self) -> None:
        """Takes back what patches changed in modules that stay."""
        for module, attribute, value in reversed(self._undo):
            if value is _ABSENT:
                delattr(module, attribute)
            else:
                setattr(module, attribute, value)
        self._undo.clear()


class _PatchingLoader(Loader):
    """The module's own loader, inside patches."""

    def __init__(self, loader: Any, manager: ImportPatchManager) -> None:
        self._loader = loader
        self._manager = manager

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._manager.create_patched(
            spec, lambda: self._loader.create_module(spec)
        )
        return made

    def exec_module(self, module: ModuleType) -> None:
        self._manager.run_patched(module.__name__, module, lambda: self._loader.exec_module(module))


@contextlib.contextmanager
def allow_bad_entropy_calls(count: int) -> Iterator[None]:
    """Would let an import take random bytes before a snapshot; nothing forbids it here."""
    yield


def make_modules(manager: ImportPatchManager) -> dict[str, ModuleType]:
    """The package's modules, by name."""
    package = _module("_cloudflare", package=True)
    entropy = _module("_cloudflare.allow_entropy")
    patches = _module("_cloudflare.import_patch_manager")
    vars(entropy).update(allow_bad_entropy_calls=allow_bad_entropy_calls)
    for name in (
        "register_create_patch", "register_exec_patch", "register_after_snapshot",
        "register_before_first_request", "block_calls",
    ):  # fmt: skip
        setattr(patches, name, getattr(manager, name))
    vars(package).update(allow_entropy=entropy, import_patch_manager=patches)
    return {module.__name__: module for module in (package, entropy, patches)}


def _module(name: str, *, package: bool = False) -> ModuleType:
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None, is_package=package)
    if package:
        module.__path__ = []
    return module
