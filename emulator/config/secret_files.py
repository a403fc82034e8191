"""Which secret files a Worker reads in local development, and what they add to its `env`.

Lowest to highest: the config's `vars`, these files, `--var`. Files never replace other bindings;
bringing the layers together is the caller's part. Values are always text.

* `--env-file`: exactly the given files, the later ones win.
* else `.dev.vars.<env>` alone, if it exists; else `.dev.vars` alone.
* else `.env`, `.env.local`, `.env.<env>`, `.env.<env>.local`, merged in that order, with `${X}`
  expansion; the environment variable `CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV=false` turns it off.

With `secrets.required` in the config only those names count, besides names in `vars`, and the
process environment may provide them; `CLOUDFLARE_INCLUDE_PROCESS_ENV=true` lets it do so always.
Source: workers-sdk, wrangler's `dev-vars.ts`, and measurements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emulator import errors
from emulator.config.dotenv import expand, parse_dotenv
from emulator.config.worker import WorkerConfig


@dataclass(frozen=True, slots=True)
class FileSecrets:
    """What the files (and the process environment, where it counts) say."""

    values: Mapping[str, str]
    files: tuple[Path, ...]
    """The files that were read, lowest precedence first."""
    missing: tuple[str, ...] = ()
    """Names in `secrets.required` that nothing provides."""

    @property
    def warning(self) -> str:
        """What to tell the developer about missing secrets; empty if there are none."""
        if not self.missing:
            return ""
        return (
            f"Missing required secrets: {', '.join(self.missing)}. "
            "Add them to .dev.vars, .env, or set as environment variables."
        )


def read_secret_files(
    worker: WorkerConfig, environ: Mapping[str, str], *, env_files: Sequence[Path] = ()
) -> FileSecrets:
    """Read the secret files of a Worker; `env_files` are relative to its directory.

    Raises:
        emulator.errors.ConfigError: a file is there but cannot be read.
    """
    directory, env = worker.directory, worker.environment
    dev_vars = [directory / f".dev.vars.{env}"] if env else []
    dev_vars.append(directory / ".dev.vars")
    chosen = next((path for path in dev_vars if path.is_file()), None)
    if env_files:
        files, is_dotenv = [directory / path for path in env_files], True
    elif chosen is not None:
        files, is_dotenv = [chosen], False
    else:
        files, is_dotenv = _dotenv_files(directory, env, environ), True
    files = [path for path in files if path.is_file()]
    values: dict[str, str] = {}
    for path in files:
        values |= parse_dotenv(_read(path))
    if is_dotenv:
        values = expand(values, environ)
    return _restrict(worker, values, environ, tuple(files))


def _dotenv_files(directory: Path, env: str | None, environ: Mapping[str, str]) -> list[Path]:
    if environ.get("CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV", "").lower() == "false":
        return []
    names = [".env", ".env.local", *([f".env.{env}", f".env.{env}.local"] if env else [])]
    return [directory / name for name in names]


def _restrict(
    worker: WorkerConfig,
    values: dict[str, str],
    environ: Mapping[str, str],
    files: tuple[Path, ...],
) -> FileSecrets:
    required = worker.required_secrets
    includes_environ = environ.get("CLOUDFLARE_INCLUDE_PROCESS_ENV", "").lower() == "true"
    if includes_environ or required is not None:
        values = {**values, **environ}
    if required is None:
        return FileSecrets(values, files)
    section = worker.raw.get("vars")
    names = (*(section.fields if section is not None else ()), *required)
    return FileSecrets(
        {name: values[name] for name in names if name in values},
        files,
        tuple(name for name in required if name not in values),
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise errors.ConfigError(f"Could not read file: {path}: {error}") from error
