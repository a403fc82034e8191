"""Guest: one Worker's Python universe in this process, from `import js` to its entrypoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from emulator.config import WorkerConfig
from emulator.config.settings import RestrictionMode
from emulator.errors import LoadError
from emulator.ffi import diagnostics
from emulator.ffi.realm import Realm, install
from emulator.js import errors as js_errors
from emulator.js.globals import make_global
from emulator.js.object import JsObject
from emulator.loader.dispatch import (
    NO_GLOBAL_HANDLER,
    NO_HANDLER,
    ModuleHandler,
    PlainObjectClass,
    SdkClass,
)
from emulator.loader.entrypoint_helper import EntrypointHelper
from emulator.loader.entrypoints import Exports, find_exports
from emulator.loader.guest_module import GuestModule
from emulator.loader.restrictions import Restrictions
from emulator.loader.tracebacks import GuestTracebacks
from emulator.runtime.guest_class import GuestClass
from emulator.runtime.services import Services

NOT_EXPORTED: Final = (
    "Your Worker depends on the following Durable Objects, which are not exported in your "
    "entrypoint file: {}."
)


class Guest:
    """The loaded Worker. One per process at a time; `unload` gives the process back."""

    def __init__(
        self,
        config: WorkerConfig,
        services: Services,
        env: JsObject,
        object_classes: Iterable[str],
        restrictions: RestrictionMode = "off",
    ) -> None:
        """`env` may be filled after this; it is the object that the guest's `env` is."""
        self._config = config
        self._env = env
        self._object_classes = tuple(object_classes)
        helper = EntrypointHelper(services.exports)
        helper.set_env(env)
        flags = config.compatibility.all()
        realm = Realm(
            make_global(flags), flags, config.compatibility.pyodide_version, helper.object
        )
        self._format_before = js_errors.format_exception
        js_errors.format_exception = GuestTracebacks().format
        self._uninstall: Callable[[], None] = install(realm)
        diagnostics.set_sink(lambda _, text: services.observer.console("warn", text))
        self._restrictions = Restrictions(restrictions, config.main.parent)
        try:
            self._restrictions.apply()
            self._restrictions.at_top_level = True
            self._module = GuestModule(config, services)
            self._restrictions.at_top_level = False
            self._exports = self._find_exports()
        except BaseException:
            self._restore()
            raise

    def _find_exports(self) -> Exports:
        exports = find_exports(
            self._module.module,
            legacy_handlers=self._config.compatibility.legacy_global_handlers,
            object_classes=self._object_classes,
        )
        known = {**exports.durable_objects, **exports.plain_durable_objects}
        missing = [name for name in self._object_classes if name not in known]
        if missing:
            self._module.unload()
            raise LoadError(
                NOT_EXPORTED.format(", ".join(missing)),
                hint=(
                    "You should export these objects from your entrypoint, "
                    f"{self._config.main.name}."
                ),
            )
        return exports

    @property
    def warnings(self) -> list[str]:
        """What works here and not on Cloudflare."""
        return self._exports.warnings

    def durable_object(self, name: str) -> GuestClass:
        """The Durable Object class of that name; it exists, since loading checked it."""
        cls = self._exports.durable_objects.get(name)
        if cls is not None:
            return self._sdk_class(cls)
        return PlainObjectClass(self._exports.plain_durable_objects[name], self._env)

    def object_classes(self) -> list[str]:
        """The names of all Durable Object classes that it exports."""
        return list(self._exports.durable_objects)

    def default_entrypoint(self) -> GuestClass:
        """What answers HTTP requests; one without any handler fails each of them."""
        exports = self._exports
        if exports.default is not None:
            return self._sdk_class(exports.default)
        if exports.legacy_fetch is not None or exports.plain_fetch is not None:
            return ModuleHandler(exports.legacy_fetch or exports.plain_fetch, self._env, NO_HANDLER)
        legacy = self._config.compatibility.legacy_global_handlers
        missing = NO_GLOBAL_HANDLER.format(self._config.main.name) if legacy else NO_HANDLER
        return ModuleHandler(None, self._env, missing)

    def entrypoint_names(self) -> list[str]:
        """The names of all entrypoints but the default one."""
        return list(self._exports.entrypoints)

    def entrypoint(self, name: str) -> GuestClass | None:
        """A named entrypoint."""
        cls = self._exports.entrypoints.get(name)
        return None if cls is None else self._sdk_class(cls)

    def _sdk_class(self, cls: type) -> SdkClass:
        # Cloudflare keeps the name, and looks the class up again when an event comes.
        found = getattr(self._module.module, cls.__name__, None)
        return SdkClass(
            found if isinstance(found, type) else cls,
            self._env,
            legacy_names=self._config.compatibility.legacy_global_handlers,
            is_found=isinstance(found, type),
        )

    def source_files(self) -> set[Path]:
        """Files of the guest that are imported now."""
        return set(self._module.loaded_files())

    def unload(self) -> None:
        """Takes the guest and its modules out of the process."""
        self._module.unload()
        self._restore()

    def _restore(self) -> None:
        self._restrictions.remove()
        self._uninstall()
        diagnostics.set_sink(None)
        diagnostics.reset()
        js_errors.format_exception = self._format_before
