"""Importing the guest's main module, and taking it out of the process again.

The module is imported by its stem, as on Cloudflare, in the global scope's I/O context: no I/O, no
timers, no randomness. Vendored packages (`python_modules/`) come before the main module's directory
on `sys.path`, which comes before everything installed.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from emulator.config import WorkerConfig
from emulator.errors import LoadError
from emulator.loader.tracebacks import GuestTracebacks
from emulator.runtime.io_context import IoContext
from emulator.runtime.services import Services

SRC_NOTE: Final = (
    "If your main module is inside the 'src' directory then your import statement shouldn't "
    "include a 'src.' prefix"
)


class GuestModule:
    """The imported main module. `unload` undoes the import."""

    def __init__(self, config: WorkerConfig, services: Services) -> None:
        self._config = config
        self._tracebacks = GuestTracebacks()
        self._modules_before = set(sys.modules)
        self._path_before = list(sys.path)
        self._shadowed = sys.modules.get(config.main.stem)
        self.context = IoContext(services, global_scope=True)
        self.module = self._import()

    @property
    def paths(self) -> tuple[Path, ...]:
        """Directories of guest code, in the order of `sys.path`."""
        vendored = self._config.directory / "python_modules"
        root = self._config.main.parent
        return (vendored, root) if vendored.is_dir() else (root,)

    def _import(self) -> ModuleType:
        sys.path[:0] = [str(path) for path in self.paths]
        outcome: list[ModuleType | BaseException] = []

        def job() -> None:
            try:
                outcome.append(self._execute())
            except BaseException as error:  # noqa: BLE001 - sys.exit at the top level is theirs too
                outcome.append(error)

        self.context.deliver(job)
        if not outcome:
            self.unload()
            raise LoadError(
                f"{self._config.main.name} waits at its top level for something that never comes",
                hint="move the waiting into a handler",
            )
        result = outcome[0]
        if isinstance(result, BaseException):
            self.unload()
            raise self._load_error(result) from result
        return result

    def _execute(self) -> ModuleType:
        main = self._config.main
        spec = importlib.util.spec_from_file_location(main.stem, main)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[main.stem] = module
        spec.loader.exec_module(module)
        return module

    def _load_error(self, error: BaseException) -> LoadError:
        if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] == "src":
            error.add_note(SRC_NOTE)
        text = self._tracebacks.format(error).rstrip("\n")
        return LoadError(f"{self._config.main.name} does not import\n{text}")

    def loaded_files(self) -> Iterator[Path]:
        """Source files of the guest's modules that are imported now."""
        # Paths are compared as text, since there may be many. The emulator's own modules are not
        # even looked at: that would end the sharing of their memory with other processes.
        roots = tuple(os.path.join(path, "") for path in self.paths)  # noqa: PTH118
        for name in {self._config.main.stem, *(sys.modules.keys() - self._modules_before)}:
            file = getattr(sys.modules.get(name), "__file__", None)
            if isinstance(file, str) and file.startswith(roots):
                yield Path(file)

    def unload(self) -> None:
        """Takes the guest's modules out of the process."""
        self.context.close()
        roots = [str(path) for path in self.paths]
        for name, module in sys.modules.copy().items():
            file = getattr(module, "__file__", None) or ""
            if name not in self._modules_before and file.startswith(tuple(roots)):
                del sys.modules[name]
        stem = self._config.main.stem
        if self._shadowed is not None:
            sys.modules[stem] = self._shadowed
        else:
            sys.modules.pop(stem, None)
        sys.path[:] = self._path_before
