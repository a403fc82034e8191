"""From a config file to a `LoadedConfig`, or to one `ConfigError` that says all that is wrong.

`parse_config` is pure: any bytes give one or the other. `load_config` adds what needs the file
system (the file's bytes, whether the entry point exists) and today's date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn

from emulator import errors
from emulator.clock import Clock, SystemClock
from emulator.config import core
from emulator.config.compatibility import read_compatibility
from emulator.config.diagnostics import ConfigError, Diagnostics
from emulator.config.environments import select_environment, worker_name
from emulator.config.jsonc_document import parse_jsonc
from emulator.config.migrations import read_migrations
from emulator.config.node import Node, json_text
from emulator.config.registry import BindingParser
from emulator.config.sections import check_across, read_bindings, warn_of_unsupported
from emulator.config.source import Source, Span
from emulator.config.syntax import Document, SyntaxProblem
from emulator.config.worker import LoadedConfig, WorkerConfig

CONFIG_NAMES: Final = ("wrangler.json", "wrangler.jsonc", "wrangler.toml")
"""The names of config files, the one that wins first."""

_MS_PER_S: Final = 1000


def find_config(start: Path) -> Path:
    """The nearest config file at `start` or above it.

    Raises:
        emulator.errors.ConfigError: there is none.
    """
    start = start.absolute()
    for directory in (start, *start.parents):
        for name in CONFIG_NAMES:
            if (directory / name).is_file():
                return directory / name
    raise errors.ConfigError(
        f"no {CONFIG_NAMES[2]}, {CONFIG_NAMES[1]} or {CONFIG_NAMES[0]} in {start} or above it",
        hint="change to the directory of a Worker, or name the file with --config",
    )


def load_config(
    path: Path,
    *,
    env: str | None = None,
    registry: Sequence[BindingParser] = (),
    clock: Clock | None = None,
) -> LoadedConfig:
    """Read a config file.

    Raises:
        ConfigError: the file is wrong; it carries every diagnostic.
        emulator.errors.ConfigError: the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise errors.ConfigError(
            f"Could not read file: {path}: {error.strerror or error}",
            hint="name an existing config file",
        ) from error
    now_ms = (clock or SystemClock()).now_ms()
    today = dt.datetime.fromtimestamp(now_ms / _MS_PER_S, tz=dt.UTC).date()
    return _read(data, path, env=env, registry=registry, today=today, is_file=Path.is_file)


def parse_config(
    data: bytes,
    path: Path,
    *,
    env: str | None = None,
    registry: Sequence[BindingParser] = (),
    today: dt.date | None = None,
) -> LoadedConfig:
    """Read the content of a config file; `path` tells its format and where paths in it start.

    Raises:
        ConfigError: the content is wrong; it carries every diagnostic.
    """
    return _read(data, path, env=env, registry=registry, today=today, is_file=None)


def _read(
    data: bytes,
    path: Path,
    *,
    env: str | None,
    registry: Sequence[BindingParser],
    today: dt.date | None,
    is_file: Callable[[Path], bool] | None,
) -> LoadedConfig:
    source = Source(path, _decode(data, path))
    diagnostics = Diagnostics(source)
    top_level = _parse(source, diagnostics).root
    if not top_level.is_object:
        shown = json_text(top_level.value)
        diagnostics.error(top_level, f"Expected the configuration to be an object but got {shown}.")
        raise ConfigError(diagnostics.sorted())
    worker = _read_worker(top_level, path, env, registry, today, diagnostics)
    if worker is not None and is_file is not None and not is_file(worker.main):
        main = worker.raw["main"]
        diagnostics.error(main, f"The entry-point file at {json_text(main.value)} was not found.")
    if diagnostics.errors or worker is None:
        raise ConfigError(diagnostics.sorted())
    return LoadedConfig(worker, diagnostics.warnings)


def _decode(data: bytes, path: Path) -> str:
    for mark, name in ((b"\xff\xfe", "UTF-16 LE"), (b"\xfe\xff", "UTF-16 BE")):
        if data.startswith(mark):
            _refuse(data, path, f"The file is {name} text; a config file must be UTF-8", 0)
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        message = f"The file is not UTF-8 text: byte 0x{data[error.start]:02x}"
        _refuse(data, path, message, error.start)


def _refuse(data: bytes, path: Path, message: str, at_byte: int) -> NoReturn:
    source = Source(path, data.decode("utf-8", errors="replace"))
    at = len(data[:at_byte].decode("utf-8", errors="replace"))
    diagnostics = Diagnostics(source)
    diagnostics.error(Span(at, at + 1), message, hint="save it as UTF-8")
    raise ConfigError(diagnostics.sorted())


def _parse(source: Source, diagnostics: Diagnostics) -> Document:
    try:
        if source.path.suffix == ".toml":
            # Imported only for TOML: `tomllib` is a good part of what reading a config costs.
            from emulator.config.toml_document import parse_toml  # noqa: PLC0415

            return parse_toml(source)
        document = parse_jsonc(source.text)
    except SyntaxProblem as problem:
        diagnostics.error(problem.span, problem.message)
        raise ConfigError(diagnostics.sorted()) from None
    for key, span in document.repeated_keys:
        diagnostics.warning(span, f'"{key}" is written twice in this object; the last one counts')
    return document


def _read_worker(
    top_level: Node,
    path: Path,
    env: str | None,
    registry: Sequence[BindingParser],
    today: dt.date | None,
    diagnostics: Diagnostics,
) -> WorkerConfig | None:
    root = select_environment(top_level, env, path.name, diagnostics)
    if root is not top_level:
        # Mistakes at the top level count under every environment, as they do for Wrangler.
        core.check_name(top_level, diagnostics)
        read_bindings(top_level, registry, diagnostics)
    core.check_name(root, diagnostics)
    core.check_ignored(root, diagnostics)
    warn_of_unsupported(root, registry, diagnostics)
    directory = path.parent
    compatibility = read_compatibility(root, today, diagnostics)
    main = core.read_main(root, directory, diagnostics)
    if main is not None and not compatibility.enabled("python_workers"):
        diagnostics.error(
            root["main"],
            "The `python_workers` compatibility flag is required to use Python.",
            hint='add  compatibility_flags = ["python_workers"]',
        )
    exclude = core.read_python_modules_exclude(root, diagnostics)
    worker = WorkerConfig(
        path=path,
        name=worker_name(top_level, env),
        main=main or directory,
        compatibility=compatibility,
        compatibility_date=compatibility.date,
        bindings=read_bindings(root, registry, diagnostics),
        migrations=read_migrations(root, diagnostics),
        dev=core.read_dev(root, diagnostics),
        environment=env,
        raw=root,
        crons=core.read_crons(root, diagnostics),
        routes=core.read_routes(root, diagnostics),
        rules=core.read_rules(root, diagnostics),
        build=core.read_build(root, directory, diagnostics),
        base_dir=core.read_base_dir(root, directory, diagnostics),
        python_modules_exclude=("**/*.pyc",) if exclude is None else exclude,
        required_secrets=core.read_required_secrets(root, diagnostics),
    )
    check_across(worker, registry, diagnostics)
    return worker if main is not None else None
