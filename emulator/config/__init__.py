"""Config files (`wrangler.toml`, `.jsonc`, `.json`) as frozen records, with exact diagnostics."""

from __future__ import annotations

from emulator.config.diagnostics import ConfigError, Diagnostic, Diagnostics
from emulator.config.load import CONFIG_NAMES, find_config, load_config, parse_config
from emulator.config.migrations import ClassOrigin, Departure, MigrationPlan
from emulator.config.node import Node
from emulator.config.registry import Binding, BindingParser, CrossCheckingParser
from emulator.config.render import render
from emulator.config.secret_files import FileSecrets, read_secret_files
from emulator.config.worker import (
    BuildConfig,
    DevConfig,
    LoadedConfig,
    ModuleRule,
    RouteConfig,
    WorkerConfig,
)

__all__ = [
    "CONFIG_NAMES",
    "Binding",
    "BindingParser",
    "BuildConfig",
    "ClassOrigin",
    "ConfigError",
    "CrossCheckingParser",
    "Departure",
    "DevConfig",
    "Diagnostic",
    "Diagnostics",
    "FileSecrets",
    "LoadedConfig",
    "MigrationPlan",
    "ModuleRule",
    "Node",
    "RouteConfig",
    "WorkerConfig",
    "find_config",
    "load_config",
    "parse_config",
    "read_secret_files",
    "render",
]
