"""`pyworkers dev`: options in, an exit code out.

Options are named as in `wrangler dev`. Those that only mean something to JavaScript bundling are
accepted and ignored with one warning, so that a script written for Wrangler keeps working.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from emulator.cli.levels import LOG_LEVELS, LogLevel

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.config.settings import RestrictionMode

_JS_ONLY_FLAGS: Final = ("no-bundle", "minify")
_JS_ONLY_OPTIONS: Final = ("define", "alias", "jsx-factory", "jsx-fragment", "tsconfig")
_STARTED_AT: Final = time.perf_counter()


class _Port(click.IntRange):
    """A port number. Its help says all about it, so the range is not added there."""

    def __init__(self) -> None:
        super().__init__(0, 65535)

    def _describe_range(self) -> str:
        return ""


def _js_only(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that only JavaScript needs. They are hidden, and taken apart from ours."""
    for name in _JS_ONLY_FLAGS:
        command = click.option(f"--{name}", is_flag=True, hidden=True)(command)
    for name in _JS_ONLY_OPTIONS:
        command = click.option(f"--{name}", multiple=True, hidden=True)(command)
    return command


@click.command(short_help="Serve a Worker and reload it when its files change.")
@click.option(
    "-c",
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="The config file. By default the nearest wrangler.json, .jsonc or .toml upward.",
)
@click.option("-e", "--env", metavar="NAME", help="The environment of the config to use.")
@click.option("--ip", metavar="IP", help="The address to listen on. [default: localhost]")
@click.option(
    "--port",
    type=_Port(),
    metavar="PORT",
    help="The port to listen on; 0 takes any free one. [default: 8787, or the next free one]",
)
@click.option(
    "--persist-to",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where to keep state. [default: .pyworkers/state beside the config]",
)
@click.option("--no-persist", is_flag=True, help="Keep state in memory, and forget it at the end.")
@click.option(
    "--strict-limits",
    is_flag=True,
    help="Refuse in storage what only production refuses, such as values of more than 128 KiB.",
)
@click.option(
    "--log-level",
    type=click.Choice(LOG_LEVELS),
    default="log",
    show_default=True,
    help="Print only messages at or above this level.",
)
@click.option(
    "--restrictions",
    type=click.Choice(("warn", "error", "off")),
    help="What to do about code that Cloudflare would refuse. [default: pyproject.toml's, or warn]",
)
@click.option("--no-reload", is_flag=True, help="Run in one process, and ignore changes of files.")
@click.option("--no-color", is_flag=True, help="Print without colors.")
@_js_only
@click.pass_context
def dev(
    ctx: click.Context,
    /,
    *,
    config: Path | None,
    env: str | None,
    ip: str | None,
    port: int | None,
    persist_to: Path | None,
    no_persist: bool,
    strict_limits: bool,
    log_level: LogLevel,
    restrictions: RestrictionMode | None,
    no_reload: bool,
    no_color: bool,
    **js_only: Any,
) -> None:
    """Serve the Worker of this project on http://localhost:8787.

    Saving a file reloads it, without refusing a single connection. Ctrl-C ends the server.
    """
    if persist_to is not None and no_persist:
        raise click.UsageError("--persist-to and --no-persist exclude each other.")
    # Imported here: they take longer than everything that `--help` needs.
    from emulator.cli.terminal import Terminal, wants_color  # noqa: PLC0415
    from emulator.cli.terminal_reporter import TerminalReporter  # noqa: PLC0415
    from emulator.config import find_config  # noqa: PLC0415
    from emulator.host.dev import run_dev  # noqa: PLC0415
    from emulator.host.options import DevOptions  # noqa: PLC0415

    terminal = Terminal(color=wants_color(forbidden=no_color))
    reporter = TerminalReporter(terminal, log_level)
    reporter.banner()
    ignored = sorted(f"--{name.replace('_', '-')}" for name, value in js_only.items() if value)
    if ignored:
        reporter.warn(f"Ignored, because only JavaScript needs it: {', '.join(ignored)}")
    options = DevOptions(
        config_path=(config or find_config(Path.cwd())).absolute(),
        environment=env,
        persist_to=None if persist_to is None else persist_to.absolute(),
        in_memory=no_persist,
        strict_limits=strict_limits,
        ip=ip,
        port=port,
        reload=not no_reload,
        restrictions=restrictions,
        started_at=_STARTED_AT,
    )
    ctx.exit(run_dev(options, reporter))
