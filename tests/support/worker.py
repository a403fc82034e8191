"""Workers for tests: source code in, a running Emulator out.

    def test_hello(worker):
        assert worker(HELLO).fetch("/").text == "Hello"

`worker(source, **config)` (fixture in tests/conftest.py) writes entry.py and wrangler.toml, and
opens the Emulator on a VirtualLoop, so that time is virtual and `fetch` is an ordinary call.
`open_worker(directory, source, **config)` is the same as an async context manager, for any loop.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any, TypeVar

from emulator.app import Emulator
from emulator.clock import Clock
from emulator.config.settings import RestrictionMode
from emulator.entropy import SeededEntropy
from emulator.observer import Observer
from emulator.runtime.errors import GuestError
from emulator.runtime.http import HttpRequest, HttpResponse, read_all
from emulator.runtime.services import Outbound
from emulator.storage import Disk
from emulator.testing.virtual_loop import VirtualClock, VirtualLoop

T = TypeVar("T")

DATE = "2026-11-17"
ORIGIN = "http://worker.test"


@dataclass
class RecordingObserver(Observer):
    """Keeps everything it hears of."""

    log: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    def console(self, level: str, text: str) -> None:
        self.log.append(f"{level}: {text}")

    def uncaught_error(self, text: str) -> None:
        self.errors.append(text)

    def actor_started(self, class_name: str, object_id: str) -> None:
        self.events.append(f"started {class_name}")

    def actor_evicted(self, class_name: str, object_id: str) -> None:
        self.events.append(f"evicted {class_name}")

    def actor_reset(self, class_name: str, object_id: str, reason: str) -> None:
        self.events.append(f"reset {class_name}: {reason}")


@dataclass(frozen=True)
class Answer:
    """A response with its whole body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class TestWorker:
    """A running Worker, for async tests."""

    __test__ = False

    def __init__(self, emulator: Emulator, observer: RecordingObserver) -> None:
        self.emulator = emulator
        self.observer = observer

    async def fetch(self, path: str = "/", **request: Any) -> Answer:
        """Sends a request and reads the whole answer; raises GuestError as the Worker fails."""
        return await answer(await self.emulator.fetch(request_for(path, **request)))

    async def gather(self, paths: Iterable[str]) -> list[Answer]:
        """Sends requests at once."""
        return list(await asyncio.gather(*(self.fetch(path) for path in paths)))

    async def failure(self, path: str = "/", **request: Any) -> GuestError:
        """The error that a request must end with."""
        try:
            found = await self.fetch(path, **request)
        except GuestError as error:
            return error
        raise AssertionError(f"{path} gave {found.status} {found.text!r}")


class VirtualWorker:
    """A running Worker on a loop of its own with virtual time, for synchronous tests."""

    def __init__(self, loop: VirtualLoop, directory: Path, source: str, options: Any) -> None:
        self.loop = loop
        self._stack = AsyncExitStack()
        context = open_worker(directory, source, clock=VirtualClock(loop), **options)
        try:
            self._worker = loop.run(self._stack.enter_async_context(context))
        except BaseException:
            loop.finish()
            raise
        self.emulator = self._worker.emulator
        self.observer = self._worker.observer

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine on the worker's loop."""
        return self.loop.run(main)

    def fetch(self, path: str = "/", **request: Any) -> Answer:
        """As TestWorker.fetch."""
        return self.run(self._worker.fetch(path, **request))

    def text(self, path: str = "/", **request: Any) -> str:
        """The body of the answer to a request."""
        return self.fetch(path, **request).text

    def gather(self, *paths: str) -> list[str]:
        """The bodies of the answers to requests that are sent at once."""
        return [found.text for found in self.run(self._worker.gather(paths))]

    def failure(self, path: str = "/", **request: Any) -> GuestError:
        """As TestWorker.failure."""
        return self.run(self._worker.failure(path, **request))

    def start(self, path: str = "/", **request: Any) -> asyncio.Task[Answer]:
        """Sends a request; it goes on while something else runs the loop."""
        return self.loop.create_task(self._worker.fetch(path, **request))

    def advance(self, duration_s: float) -> None:
        """Lets virtual time pass."""
        self.loop.advance(duration_s)

    def close(self) -> None:
        """Ends the Worker and its loop."""
        try:
            self.loop.run(self._stack.aclose())
        finally:
            self.loop.finish()


def request_for(
    path: str = "/",
    *,
    method: str = "GET",
    headers: Iterable[tuple[str, str]] = (),
    body: Any = None,
) -> HttpRequest:
    """A request for a path of the Worker."""
    return HttpRequest(method, ORIGIN + path, list(headers), body)


async def answer(response: HttpResponse) -> Answer:
    """A response with its whole body."""
    return Answer(response.status, response.headers, await read_all(response.body))


def write_worker(
    directory: Path,
    source: str,
    *,
    date: str = DATE,
    flags: Iterable[str] = (),
    objects: dict[str, str] | None = None,
    sqlite: bool = False,
    variables: dict[str, Any] | None = None,
    extra: str = "",
) -> Path:
    """Writes a Worker; gives its config file.

    Args:
        objects: Durable Objects, binding -> class; by default `env.OBJECT` if there is a class of
            that name, `Object`.
        sqlite: whether the classes are backed by SQLite.
    """
    if objects is None:
        objects = {"OBJECT": "Object"} if "class Object" in source else {}
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "entry.py").write_text(dedent(source))
    lines = [
        'name = "worker"',
        'main = "entry.py"',
        f'compatibility_date = "{date}"',
        f"compatibility_flags = {json.dumps(['python_workers', *flags])}",
    ]
    for binding, class_name in objects.items():
        lines += ["[[durable_objects.bindings]]", f'name = "{binding}"']
        lines += [f'class_name = "{class_name}"']
    if objects:
        lines += ["[[migrations]]", 'tag = "v1"']
        lines += [
            f"{'new_sqlite_classes' if sqlite else 'new_classes'} = {json.dumps(sorted(set(objects.values())))}"
        ]
    if variables:
        lines += ["[vars]", *(f"{name} = {json.dumps(value)}" for name, value in variables.items())]
    config = directory / "wrangler.toml"
    config.write_text("\n".join([*lines, dedent(extra), ""]))
    return config


@asynccontextmanager
async def open_worker(
    directory: Path,
    source: str,
    *,
    clock: Clock | None = None,
    outbound: Outbound | None = None,
    disk: Disk | None = None,
    observer: RecordingObserver | None = None,
    strict_limits: bool = False,
    restrictions: RestrictionMode | None = None,
    **config: Any,
) -> AsyncIterator[TestWorker]:
    """A running Worker, with its state in memory, on the running loop."""
    path = write_worker(directory, source, **config)
    watcher = observer or RecordingObserver()
    async with Emulator.open(
        path,
        memory=True,
        strict_limits=strict_limits,
        disk=disk,
        clock=clock,
        entropy=SeededEntropy(1),
        observer=watcher,
        outbound=outbound,
        restrictions=restrictions,
    ) as emulator:
        yield TestWorker(emulator, watcher)
