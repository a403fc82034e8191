"""The `pyworkers` command and its exit codes.

0 when all went well or somebody ended the server, 2 for what the user can mend (bad options, a
wrong config, a taken port), 1 for a bug. Imports nothing heavy: `--help` must be quick.
"""

from __future__ import annotations

import sys
from typing import Final

import click

from emulator import __version__
from emulator.cli.dev import dev
from emulator.cli.state import state
from emulator.cli.terminal import wants_color
from emulator.errors import UserError

_USER_ERROR: Final = 2


class _Group(click.Group):
    """Prints errors that the user can mend, without a traceback of ours."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UserError as error:
            color = wants_color(sys.stderr)
            mark = click.style("✘ error", fg="red", bold=True) if color else "✘ error"
            click.echo(f"{mark}  {error}", err=True, color=color)
            ctx.exit(_USER_ERROR)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-v", "--version", message="pyworkers %(version)s")
def cli() -> None:
    """Run Cloudflare Python Workers locally, in native CPython."""


cli.add_command(dev)
cli.add_command(state)


def main() -> None:
    """The console script."""
    cli(prog_name="pyworkers")
