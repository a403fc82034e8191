"""A project whose Durable Object classes come and go between two starts, on a real disk.

project = Project(tmp_path)
project.write(classes=["Counter"], migrations=CREATE)
project.visit("Counter/a", "Counter/a")     # ["1", "2"]: each visit counts, in the object's storage
project.notes                               # what was said at the last start
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from click.testing import CliRunner, Result

from emulator.app import Emulator
from emulator.cli.main import cli
from tests.support.worker import answer, request_for

_CLASS = """

class {name}(DurableObject):
    async def visit(self):
        count = (await self.ctx.storage.get("count") or 0) + 1
        await self.ctx.storage.put("count", count)
        return count

    async def wake(self):
        await self.ctx.storage.setAlarm(4102444800000)

    async def alarm(self):
        await self.ctx.storage.put("woken", True)

    async def alarm_time(self):
        return await self.ctx.storage.getAlarm()
"""
_ENTRY = """\
from workers import DurableObject, Response, WorkerEntrypoint
{classes}

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        binding, name, *method = request.url.split("/")[3:]
        namespace = getattr(self.env, binding)
        if method == ["id"]:
            return Response(str(namespace.idFromName(name)))
        stub = namespace.getByName(name)
        return Response(str(await getattr(stub, method[0] if method else "visit")()))
"""
_HEAD = """\
name = "shop"
main = "entry.py"
compatibility_date = "2026-08-01"
compatibility_flags = ["python_workers"]
"""


def step(tag: str, text: str) -> str:
    """One migration."""
    return f'[[migrations]]\ntag = "{tag}"\n{text}\n'


class Project:
    """See the module docstring. Bindings have the names of their classes, unless told otherwise."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.config = directory / "wrangler.toml"
        self.notes: list[str] = []

    def write(
        self,
        *,
        classes: Sequence[str],
        migrations: str = "",
        exported: Sequence[str] | None = None,
    ) -> None:
        """Writes the config, and code that exports the bound classes or these."""
        code = "".join(_CLASS.format(name=name) for name in exported or classes)
        (self.directory / "entry.py").write_text(_ENTRY.format(classes=code))
        bindings = "".join(
            f"[[durable_objects.bindings]]\nname = {json.dumps(name)}\n"
            f"class_name = {json.dumps(name)}\n"
            for name in classes
        )
        self.config.write_text(_HEAD + bindings + migrations)

    def visit(self, *paths: str) -> list[str]:
        """Starts, makes the requests, and ends."""

        async def run() -> list[str]:
            async with Emulator.open(self.config) as emulator:
                self.notes = emulator.notes
                return [
                    (await answer(await emulator.fetch(request_for(f"/{path}")))).text
                    for path in paths
                ]

        return asyncio.run(run())

    def state(self, *arguments: str, input: str | None = None) -> Result:
        """`pyworkers state`, on this project."""
        words = ["state", *arguments, "--config", str(self.config)]
        return CliRunner().invoke(cli, words, prog_name="pyworkers", input=input)

    def commands(self) -> list[list[str]]:
        """The commands that the notes tell to run, as arguments of `state`."""
        lines = [line.strip() for note in self.notes for line in note.splitlines()]
        begins = "pyworkers state "
        return [
            line.removeprefix(begins).split(" --config")[0].split()
            for line in lines
            if line.startswith(begins)
        ]
