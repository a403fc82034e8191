"""What a config file means: frozen records, with all defaults filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from emulator.compat import CompatibilityFlags
from emulator.config.diagnostics import Diagnostic
from emulator.config.migrations import MigrationPlan
from emulator.config.node import Node
from emulator.config.registry import Binding

Protocol = Literal["http", "https"]


@dataclass(frozen=True, slots=True)
class DevConfig:
    """The `dev` table: how `pyworkers dev` listens."""

    ip: str = "localhost"
    port: int | None = None
    """None means the default 8787, which alone may move on when it is taken."""
    inspector_ip: str = "127.0.0.1"
    inspector_port: int | None = 9229
    """None means no inspector (`inspector_port = false`)."""
    local_protocol: Protocol = "http"
    upstream_protocol: Protocol = "http"
    host: str | None = None


@dataclass(frozen=True, slots=True)
class BuildConfig:
    """The `build` table: a command that runs before the Worker is loaded."""

    command: str | None = None
    cwd: Path | None = None
    watch_dirs: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class ModuleRule:
    """One entry of `rules`: which files are modules of which type."""

    type: str
    globs: tuple[str, ...]
    fallthrough: bool = False


@dataclass(frozen=True, slots=True)
class RouteConfig:
    """One route. `host` is the pattern's, which `request.url` shows in local development."""

    pattern: str
    is_custom_domain: bool = False

    @property
    def host(self) -> str:
        """The host of the pattern, without the wildcard it may begin with."""
        return self.pattern.partition("://")[2].partition("/")[0].removeprefix("*").lstrip(".") or (
            self.pattern.partition("/")[0].removeprefix("*").lstrip(".")
        )


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """One Worker in one environment. Paths are absolute if the config file's path is."""

    path: Path
    name: str
    main: Path
    compatibility: CompatibilityFlags
    compatibility_date: dt.date
    bindings: Mapping[str, Binding]
    """By name in `env`, in the order of the file."""
    migrations: MigrationPlan
    dev: DevConfig
    environment: str | None
    raw: Node = field(repr=False)
    """The tables in effect for this environment, with their places in the file."""
    crons: tuple[str, ...] = ()
    routes: tuple[RouteConfig, ...] = ()
    rules: tuple[ModuleRule, ...] = ()
    build: BuildConfig = field(default_factory=BuildConfig)
    base_dir: Path | None = None
    python_modules_exclude: tuple[str, ...] = ("**/*.pyc",)
    required_secrets: tuple[str, ...] | None = None
    """The names in `secrets.required`; None where the config does not restrict secrets."""

    @property
    def directory(self) -> Path:
        """Where the config file lies; relative paths in it start here."""
        return self.path.parent


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A config that can be used, and what is nevertheless to be said about it."""

    worker: WorkerConfig
    warnings: tuple[Diagnostic, ...]
