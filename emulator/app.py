"""Emulator: opens everything in order, wires it together, and closes it in reverse.

The only module that knows every package below it. It has no behaviour of its own: verbs live in the
packages. One emulator per process at a time, since a guest's modules are the process's modules.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from emulator.bindings.kind import BindingContext, BindingKind
from emulator.bindings.registry import REGISTRY
from emulator.clock import Clock, SystemClock
from emulator.config import Diagnostic, LoadedConfig, WorkerConfig, load_config, read_secret_files
from emulator.config.settings import RestrictionMode, load_settings
from emulator.entropy import Entropy, SystemEntropy
from emulator.errors import NotSupportedError
from emulator.js.plain import PlainObject
from emulator.js.values import JsValue
from emulator.lifecycle.classes import ObjectClass, bound_classes, object_classes
from emulator.lifecycle.findings import Situation, findings
from emulator.lifecycle.inventory import Inventory
from emulator.lifecycle.place import command_options, shown, state_directory
from emulator.loader.guest import Guest
from emulator.loader.loopback_exports import fill_exports
from emulator.observer import Observer
from emulator.runtime.actor_namespace import ActorNamespace
from emulator.runtime.actor_storage import StorageFactory, log_storage
from emulator.runtime.alarm_scheduler import AlarmScheduler
from emulator.runtime.cache_store import CacheStore, MemoryCacheStore
from emulator.runtime.entrypoint import EntrypointChannel
from emulator.runtime.errors import platform_error
from emulator.runtime.http import HttpRequest, HttpResponse
from emulator.runtime.services import Outbound, Services
from emulator.runtime.sqlite_actor_storage import sqlite_storage
from emulator.runtime.storage_limits import SQLITE_BYTES_MAX
from emulator.runtime.web import plain_value
from emulator.storage import Disk, InlineWriter, MemoryDisk, RealDisk, Store, StoreStatistics
from emulator.storage.moves import read_moves
from emulator.storage.sqlite import SqliteStore

RESTARTED: Final = "Network connection lost."


class NoOutbound:
    """The world outside, while there is no way to it."""

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        raise platform_error(f"This Emulator was opened without a way outside ({request.url}).")


class Emulator:
    """A running Worker. Make one with `Emulator.open`."""

    def __init__(
        self,
        loaded: LoadedConfig,
        services: Services,
        guest: Guest,
        entrypoint: EntrypointChannel,
        store: Store,
        databases: SqliteStore,
        secrets: dict[str, str],
        situation: Situation,
    ) -> None:
        self.config: WorkerConfig = loaded.worker
        self.warnings: tuple[Diagnostic, ...] = loaded.warnings
        self.notes: list[str] = [*guest.warnings, *findings(situation)]
        self.namespaces: dict[str, ActorNamespace] = {}
        self._services = services
        self._guest = guest
        self._entrypoint = entrypoint
        self._store = store
        self._alarms = AlarmScheduler(services, store)
        self._databases = databases
        self._secrets = secrets
        self._classes: Mapping[str, ObjectClass] = situation.classes

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        config_path: Path,
        *,
        environment: str | None = None,
        persist_to: Path | None = None,
        memory: bool = False,
        strict_limits: bool = False,
        disk: Disk | None = None,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
        observer: Observer | None = None,
        outbound: Outbound | None = None,
        caches: CacheStore | None = None,
        lock_timeout_ms: float = 0,
        restrictions: RestrictionMode | None = None,
    ) -> AsyncIterator[Emulator]:
        """Loads a Worker and its state.

        The guest's module is imported before the state directory is locked, so that another
        process may hold it until `observer.worker_loaded` is called.

        Args:
            config_path: the wrangler file.
            persist_to: the state directory; by default `.pyworkers/state` beside the config.
            memory: keep state in memory only.
            strict_limits: refuse in storage what only production refuses.
            outbound: the way to the world outside; without it every request is refused.
            caches: where the Cache API keeps responses; in memory by default.
            disk: keep state on this disk, with all of its work on the event loop (for tests).
            lock_timeout_ms: how long to wait for another process to let the state go.
            restrictions: what to do about code that Cloudflare would refuse; by default what
                `pyproject.toml` says.

        Raises:
            ConfigError, LoadError, StateLocked, StorageFormatError: ready to print.
        """
        loaded = load_config(config_path, env=environment, registry=REGISTRY)
        config = loaded.worker
        services = Services(
            clock or SystemClock(),
            entropy or SystemEntropy(),
            observer or Observer(),
            outbound or NoOutbound(),
            asyncio.get_running_loop(),
            config.compatibility.all(),
            strict_limits=strict_limits,
            zone=_zone(config),
            caches=caches or MemoryCacheStore(),
        )
        async with AsyncExitStack() as stack:
            stack.push_async_callback(services.cancel_tasks)
            secrets = dict(read_secret_files(config, os.environ).values)
            # Variables are there at the guest's top level already; bindings need the store.
            env = PlainObject(_variables(config, secrets))
            mode = restrictions or load_settings(config.directory).restrictions
            guest = Guest(config, services, env, bound_classes(config), mode)
            stack.callback(guest.unload)
            services.find_class = guest.durable_object
            services.observer.worker_loaded()
            in_memory = memory or disk is not None
            if disk is None:
                disk = MemoryDisk() if memory else RealDisk()
            directory = state_directory(config, persist_to)
            store = Store.open(
                disk,
                directory,
                writer=InlineWriter() if in_memory else None,
                wait_lock_ms=lock_timeout_ms,
            )
            stack.push_async_callback(store.close)
            entrypoint = EntrypointChannel(services, guest.default_entrypoint())
            databases = (
                SqliteStore.open(None, writer=InlineWriter())
                if in_memory
                else SqliteStore.open(directory)
            )
            stack.push_async_callback(databases.close)
            inventory = Inventory(store, databases)
            moves = read_moves(disk, directory)
            classes = object_classes(config, guest.object_classes(), moves, inventory)
            options = command_options(config, persist_to)
            situation = Situation(config, classes, inventory, shown(directory), options)
            emulator = cls(
                loaded, services, guest, entrypoint, store, databases, secrets, situation
            )
            stack.callback(emulator._close_actors)
            if strict_limits:
                databases.length_max = SQLITE_BYTES_MAX
            emulator._bind(env)
            emulator._export()
            emulator._alarms.start()
            yield emulator

    def _bind(self, env: PlainObject) -> None:
        for name, binding in self.config.bindings.items():
            assert isinstance(binding.kind, BindingKind)
            if binding.kind.table == "vars":
                continue
            context = BindingContext(name, self.config, self, self._services)
            env.js_set(name, binding.kind.bind(binding.config, context))

    def _export(self) -> None:
        for class_name in self._classes:
            self.actor_namespace(class_name, None)
        fill_exports(self._services.exports, self._guest, self._services, self.namespaces)

    def actor_namespace(self, class_name: str, script_name: str | None) -> ActorNamespace:
        """The namespace of one of this Worker's classes (bindings.kind.Channels)."""
        if script_name is not None and script_name != self.config.name:
            raise NotSupportedError(
                f"pyworkers does not support Durable Objects of another script yet: {script_name}"
            )
        namespace = self.namespaces.get(class_name)
        if namespace is None:
            known = self._classes[class_name]
            namespace = self.namespaces[class_name] = ActorNamespace(
                self._services,
                self._storage_of(known),
                self._guest.durable_object(class_name),
                known.unique_key,
                self._alarms,
            )
        return namespace

    def _storage_of(self, known: ObjectClass) -> StorageFactory:
        if known.storage == "sqlite":
            return sqlite_storage(self._databases, known.unique_key, self._services)
        return log_storage(self._store, known.unique_key)

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        """Delivers a request to the default entrypoint. Failures are GuestError."""
        return await self._entrypoint.fetch(request)

    def bindings_table(self) -> list[tuple[str, str, str]]:
        """Name, resource and kind of each binding, for the start-up message."""
        rows = []
        for name, binding in self.config.bindings.items():
            assert isinstance(binding.kind, BindingKind)
            hidden = name in self._secrets
            resource = "(hidden)" if hidden else binding.kind.describe(binding.config)
            rows.append((f"env.{name} ({resource})", binding.kind.label, binding.kind.table))
        rows += [
            (f'env.{name} ("(hidden)")', "Environment Variable", "vars")
            for name in self._secrets
            if name not in self.config.bindings
        ]
        order = [kind.table for kind in REGISTRY]
        return sorted(rows, key=lambda row: order.index(row[2]))

    def watch_paths(self) -> set[Path]:
        """Files whose change makes this generation out of date."""
        directory = self.config.directory
        return {
            self.config.path,
            directory / ".dev.vars",
            directory / ".env",
            *self._guest.source_files(),
        }

    def storage_statistics(self) -> StoreStatistics:
        """A moment of the store."""
        return self._store.statistics()

    def _close_actors(self) -> None:
        self._alarms.close()
        error = platform_error(RESTARTED, retryable=True)
        for namespace in self.namespaces.values():
            namespace.close(error)


def _zone(config: WorkerConfig) -> str:
    """The zone that `wrangler dev` says requests come from."""
    if config.dev.host:
        return config.dev.host
    if config.routes:
        return config.routes[0].host
    return f"{config.name}.example.com"


def _variables(config: WorkerConfig, secrets: Mapping[str, str]) -> dict[str, JsValue]:
    """The values of `env` that are plain; a secret wins over a variable."""
    bindings = config.bindings
    plain = {name: b.config for name, b in bindings.items() if b.kind.table == "vars"}
    plain |= {name: text for name, text in secrets.items() if name in plain or name not in bindings}
    return {name: plain_value(value) for name, value in plain.items()}


__all__ = ["Emulator"]
