"""`pyworkers state`: what Durable Objects have stored, and what becomes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from emulator.lifecycle.administration import Administration, Row
    from emulator.lifecycle.inventory import Storage

_STORAGES = ("sqlite", "kv")


def _located(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that say which Worker and which directory are meant."""
    options = (
        click.option(
            "-c",
            "--config",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="PATH",
            help="The config file. By default the nearest wrangler.json, .jsonc or .toml upward.",
        ),
        click.option("-e", "--env", metavar="NAME", help="The environment of the config to use."),
        click.option(
            "--persist-to",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            help="Where state is kept. [default: .pyworkers/state beside the config]",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def state() -> None:
    """Show and change what Durable Objects have stored.

    No other process may use the state meanwhile: end `pyworkers dev` first.
    """


@state.command(name="list", short_help="Show what is stored of which class.")
@_located
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(
    *, config: Path | None, env: str | None, persist_to: Path | None, as_json: bool
) -> None:
    """Show how many objects are stored of which class, and which class has them now."""

    async def work(administration: Administration) -> None:
        rows = administration.rows()
        click.echo(
            json.dumps([_as_json(row) for row in rows], indent=2) if as_json else _table(rows)
        )

    _run(config, env, persist_to, work)


@state.command(short_help="Give the data of one class to another.")
@click.argument("old")
@click.argument("new")
@_located
def move(
    *, old: str, new: str, config: Path | None, env: str | None, persist_to: Path | None
) -> None:
    """Give what is stored of class OLD to class NEW, which must not have anything yet.

    The ids of all objects stay what they are. A `renamed_classes` migration in the config does the
    same, and is what Cloudflare needs; this is for a class that was never deployed.
    """

    async def work(administration: Administration) -> None:
        holding = administration.move(old, new)
        click.echo(f"{new} has the data of {old}: {_objects(holding.total)}.")
        for text in administration.remarks(new, persist_to):
            click.echo(text)

    _run(config, env, persist_to, work)


@state.command(short_help="Delete all objects of a class.")
@click.argument("name", metavar="CLASS")
@click.option("--storage", type=click.Choice(_STORAGES), help="Only what is in this storage.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@_located
def delete(
    *,
    name: str,
    storage: Storage | None,
    yes: bool,
    config: Path | None,
    env: str | None,
    persist_to: Path | None,
) -> None:
    """Delete everything that is stored of class CLASS, alarms included. It cannot be undone."""

    async def work(administration: Administration) -> None:
        holding = administration.find(name)
        count = holding.total if storage is None else holding.count(storage)
        if not yes:
            click.confirm(f"Delete {_objects(count)} of {name} for good?", abort=True)
        count = await administration.delete(holding, storage)
        click.echo(f"Deleted {_objects(count)} of {name}.")

    _run(config, env, persist_to, work)


@state.command(short_help="Bring a class's data from key-value storage to SQLite.")
@click.argument("name", metavar="CLASS")
@_located
def convert(*, name: str, config: Path | None, env: str | None, persist_to: Path | None) -> None:
    """Bring what class CLASS has in key-value storage over to SQLite.

    For a class that the config had in `new_classes`, or in no migration, and has in
    `new_sqlite_classes` now. Cloudflare cannot do that with a class that is deployed.
    """

    async def work(administration: Administration) -> None:
        count = await administration.convert(name)
        click.echo(f"{name} has {_objects(count)} more in SQLite.")

    _run(config, env, persist_to, work)


def _run(
    config_path: Path | None,
    environment: str | None,
    persist_to: Path | None,
    work: Callable[[Administration], Awaitable[None]],
) -> None:
    # Imported here: they take longer than everything that `--help` needs.
    import asyncio  # noqa: PLC0415

    from emulator.bindings.registry import REGISTRY  # noqa: PLC0415
    from emulator.config import find_config, load_config  # noqa: PLC0415
    from emulator.lifecycle.administration import Administration  # noqa: PLC0415

    path = (config_path or find_config(Path.cwd())).absolute()
    worker = load_config(path, env=environment, registry=REGISTRY).worker

    async def run() -> None:
        async with Administration.open(worker, persist_to) as administration:
            await work(administration)

    asyncio.run(run())


def _objects(count: int) -> str:
    return "1 object" if count == 1 else f"{count} objects"


def _as_json(row: Row) -> dict[str, Any]:
    return {
        "class": row.owner.name if row.owner else None,
        "bindings": list(row.bindings),
        "unique_key": row.holding.unique_key,
        "sqlite": row.holding.in_sqlite,
        "kv": row.holding.in_log,
        "note": row.note,
    }


def _table(rows: Sequence[Row]) -> str:
    if not rows:
        return "No Durable Object has stored anything."
    head = ("Class", "Objects", "Stored as", "Used by", "")
    lines = [head, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "   ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    counts = {"SQLite": row.holding.in_sqlite, "key-value": row.holding.in_log}
    return (
        row.owner.name if row.owner else f"({row.holding.class_name})",
        ", ".join(f"{count} {where}" for where, count in counts.items() if count),
        row.holding.unique_key,
        ", ".join(f"env.{name}" for name in row.bindings),
        row.note,
    )
