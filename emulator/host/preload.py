"""Imports what every generation needs, once and in as little time as it takes.

Guarantees: all of it is in the process afterwards, frozen: garbage collections do not touch it, so
that its pages stay shared by all forks. aiohttp is imported without its client, which nobody but a
guest can want and which reads the system's certificates; whoever asks the package for a name
completes it.
Does not know: whether the process forks.
"""

from __future__ import annotations

import gc
import importlib.util
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_COLLECT_AFTER_ALLOCATIONS: Final = 20_000


def preload() -> None:
    """See the module docstring."""
    gc.disable()  # what an import leaves behind is to stay
    import_server_half()
    if sys.platform != "win32":
        import uvloop  # noqa: F401, PLC0415 - does not exist on Windows

    import importlib.metadata  # noqa: F401, PLC0415 - Cloudflare's SDK does

    import emulator.app  # noqa: PLC0415 - these are what it is all for
    import emulator.host.generation  # noqa: F401, PLC0415

    gc.freeze()
    # A request leaves no cycles behind, so the default of 700 would mostly look in vain.
    gc.set_threshold(_COLLECT_AFTER_ALLOCATIONS, 20, 20)
    gc.enable()


def import_server_half() -> None:
    """Imports `aiohttp.web_server` below a package whose own code has not run yet."""
    if "aiohttp" in sys.modules:
        return
    spec = importlib.util.find_spec("aiohttp")
    assert spec is not None, "pyworkers depends on it"
    package = importlib.util.module_from_spec(spec)
    vars(package)["__version__"] = _version(spec)
    sys.modules["aiohttp"] = package
    try:
        with _hidden("brotli"):  # bodies that are decoded are decoded by the core
            import aiohttp.web_server  # noqa: F401, PLC0415 - imported in this way only here
    except ImportError:  # a version whose modules need more of the package: as everybody does it
        for name in [name for name in sys.modules if f"{name}.".startswith("aiohttp.")]:
            del sys.modules[name]
        return
    vars(package)["__getattr__"] = partial(_complete, package)


@contextmanager
def _hidden(name: str) -> Iterator[None]:
    """Keeps a package from being found, unless it was imported before."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def _version(spec: ModuleSpec) -> str:
    """What the package's first line assigns: its modules read it while they are imported."""
    assert spec.origin is not None
    with Path(spec.origin).open(encoding="utf-8") as source:
        return source.readline().partition('"')[2].partition('"')[0]


def _complete(package: ModuleType, name: str) -> Any:
    """Runs the package's own code, at the first use of a name that is not there."""
    if isinstance(vars(package).get("__getattr__"), partial):
        del vars(package)["__getattr__"]
        assert package.__spec__ is not None
        assert package.__spec__.loader is not None
        package.__spec__.loader.exec_module(package)
    return getattr(package, name)
