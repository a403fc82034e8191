"""The Python side: one Worker's source on an in-process pyworkers, asked through `fetch`.

`emulated` writes the source and the configuration that wrangler users would write, opens the emulator
on them and is a `Client` for `answers.drive`. `restart` closes it and opens it again on the same state.
Nothing of the emulator is imported before a scenario runs.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from .answers import RawAnswer
from .scenario import Scenario

HOST = "127.0.0.1"


class EmulatedWorker:
    """A Client whose Worker runs in this process."""

    def __init__(self, config: Path, options: dict[str, Any]) -> None:
        self._config = config
        self._options = options
        self._emulator: Any = None
        self.failures: list[str] = []
        """What escaped the Worker. Clients are told no more than that it failed."""
        self._open = AsyncExitStack()

    async def start(self) -> None:
        """Open the emulator."""
        from emulator.app import Emulator  # noqa: PLC0415 - see the module's docstring

        self._emulator = await self._open.enter_async_context(
            Emulator.open(self._config, **self._options)
        )

    async def stop(self) -> None:
        """Close it; its state stays on disk."""
        await self._open.aclose()

    async def restart(self) -> None:
        """What a restart of the process does to a Worker."""
        await self.stop()
        await self.start()

    async def fetch(
        self, method: str, path: str, headers: Mapping[str, str], body: str | None
    ) -> RawAnswer:
        """Send one request and read the entire response."""
        from emulator.runtime.content_encoding import ENCODINGS, decoded  # noqa: PLC0415
        from emulator.runtime.errors import GuestError  # noqa: PLC0415
        from emulator.runtime.http import HttpRequest, read_all  # noqa: PLC0415

        content = None if body is None else body.encode()
        named = {"host": HOST, **headers}
        sent = list(named.items())
        if content is not None:
            sent.append(("content-length", str(len(content))))
        request = HttpRequest(
            method=method, url=f"http://{named['host']}{path}", headers=sent, body=content, cf=None
        )
        try:
            response = await self._emulator.fetch(request)
        except GuestError as error:
            self.failures.append(f"{method} {path}: {error}")
            return RawAnswer(500, {}, b"Internal Server Error")
        names = {name.lower(): value for name, value in response.headers}
        encoding = names.get("content-encoding", "")
        body = decoded(response.body, encoding) if encoding in ENCODINGS else response.body
        received = await read_all(body)
        return RawAnswer(response.status, names, received)


@asynccontextmanager
async def emulated(
    worker_py: str, config: str, folder: Path, **options: Any
) -> AsyncIterator[EmulatedWorker]:
    """Run a Python Worker's source with the text of its `wrangler.toml`; options of Emulator.open."""
    (folder / "worker.py").write_text(worker_py, encoding="utf-8")
    path = folder / "wrangler.toml"
    path.write_text(config, encoding="utf-8")
    worker = EmulatedWorker(path, options or {"persist_to": folder / "state"})
    try:
        await worker.start()
        yield worker
    finally:
        await worker.stop()


def wrangler_toml(scenario: Scenario) -> str:
    """The configuration of the Python twin."""
    classes = json.dumps(list(dict.fromkeys(scenario.objects.values())))
    lines = [
        f"name = {json.dumps(scenario.worker)}",
        'main = "worker.py"',
        'compatibility_date = "2026-11-17"',
        f"compatibility_flags = {json.dumps(['python_workers', *scenario.flags])}",
    ]
    for binding, cls in scenario.objects.items():
        lines += [
            "",
            "[[durable_objects.bindings]]",
            f'name = "{binding}"',
            f'class_name = "{cls}"',
        ]
    if scenario.objects:
        key = "new_sqlite_classes" if scenario.sqlite else "new_classes"
        lines += ["", "[[migrations]]", 'tag = "v1"', f"{key} = {classes}"]
    return "\n".join([*lines, ""])
