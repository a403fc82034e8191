"""The measurements: each returns one figure per server and round.

Guarantees: the servers take turns within a round, so that all see the same machine; they get the
same load from the same program; a durable counter that does not hold exactly what was acknowledged,
or a request that failed, ends the run with an error and no figure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from .servers import AIOHTTP, PYWORKERS, ROOT, WORKERD, Server, counter, hello

Figures = dict[str, list[float]]
"""What each server reached, round by round."""

OBJECTS = 1000
MANY = "/increment?name=o{i}"
STARTS = 5


class BenchmarkError(Exception):
    """A figure would be wrong."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How hard, how long, on what."""

    names: tuple[str, ...]
    """The servers that are installed."""
    folder: Path
    """For state and output; a folder of its own for each server."""
    duration: float = 3.0
    connections: int = 32
    rounds: int = 3
    warmup: float = 0.5


def hello_per_second(settings: Settings) -> Figures:
    """Requests per second of a handler that does nothing."""
    return _in_turns(settings, "hello", settings.names, hello, "/")


def increments_on_one_object(settings: Settings) -> Figures:
    """Durable increments per second on one Durable Object."""
    return _in_turns(settings, "one", _durable(settings), counter, "/increment?name=A")


def increments_on_new_objects(settings: Settings) -> Figures:
    """Durable increments per second over a thousand objects that the run itself creates.

    Every round has servers and state of its own, and no warm-up: the clock runs from the first
    request of a project without any state.
    """
    rates: Figures = {name: [] for name in _durable(settings)}
    length = replace(settings, warmup=0.0, duration=2 * settings.duration)
    for attempt in range(settings.rounds):
        for name, taken in rates.items():
            with counter(name, settings.folder / f"many-{name}-{attempt}") as server:
                rate, answered = _load(length, server, MANY, OBJECTS, prime=0)
                _check_count(server, MANY, OBJECTS, answered)
                taken.append(rate)
    return rates


def increments_on_known_objects(settings: Settings) -> Figures:
    """Durable increments per second over a thousand objects that exist and are in memory."""
    return _in_turns(settings, "known", _durable(settings), counter, MANY, rotate=OBJECTS)


def first_response(settings: Settings) -> Figures:
    """Seconds from the start of the process to the end of its first answer, the counter served."""
    taken: Figures = {name: [] for name in _durable(settings)}
    for attempt in range(STARTS):
        for name, seconds in taken.items():
            with counter(name, settings.folder / f"first-{name}-{attempt}") as server:
                seconds.append(server.first_response_seconds)
    return taken


def memory(settings: Settings) -> Figures:
    """Resident megabytes of the process and its children after increments over many objects.

    The sum counts pages that forked processes share once for each; the second figure, Linux's
    proportional set size, counts them once.
    """
    figures: Figures = {}
    for name in _durable(settings):
        with counter(name, settings.folder / f"memory-{name}") as server:
            _load(settings, server, MANY, OBJECTS)
            figures[name] = [resident_megabytes(server.pid, "status", "VmRSS:")]
            figures[f"{name} (PSS)"] = [resident_megabytes(server.pid, "smaps_rollup", "Pss:")]
    return figures


def logging_cost(settings: Settings) -> Figures:
    """Hello requests per second of pyworkers with a line for each request, and without."""
    taken: Figures = {"log": [], "none": []}
    with ExitStack() as stack:
        servers = {
            level: stack.enter_context(
                hello(PYWORKERS, settings.folder / f"log-{level}", log_level=level)
            )
            for level in taken
        }
        for _ in range(settings.rounds):
            for level, server in servers.items():
                taken[level].append(_load(settings, server, "/", 0)[0])
    return taken


def resident_megabytes(pid: int, file: str, field: str) -> float:
    """A field of /proc/<pid>/<file>, over a process and its descendants; NaN without /proc."""
    if not Path("/proc/self/status").exists():
        return float("nan")
    tree, kilobytes = [pid], 0
    for member in tree:
        tree += _children(member)
        facts = Path(f"/proc/{member}/{file}").read_text().splitlines()
        kilobytes += next(int(line.split()[1]) for line in facts if line.startswith(field))
    return kilobytes / 1024


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _durable(settings: Settings) -> tuple[str, ...]:
    return tuple(name for name in settings.names if name in {PYWORKERS, WORKERD})


def _in_turns(
    settings: Settings,
    label: str,
    names: tuple[str, ...],
    serve: Callable[[str, Path], AbstractContextManager[Server]],
    path: str,
    rotate: int = 0,
) -> Figures:
    """Load all servers one after the other, for some rounds; then check what they kept."""
    rates: Figures = {name: [] for name in names}
    acknowledged = dict.fromkeys(names, 0)
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(serve(name, settings.folder / f"{label}-{name}"))
            for name in names
        }
        for _ in range(settings.rounds):
            for name, server in servers.items():
                rate, answered = _load(settings, server, path, rotate)
                rates[name].append(rate)
                acknowledged[name] += answered
        if "increment" in path:
            for name, server in servers.items():
                _check_count(server, path, rotate, acknowledged[name])
    return rates


def _load(
    settings: Settings, server: Server, path: str, rotate: int, prime: int | None = None
) -> tuple[float, int]:
    """One run of the load generator: its rate, and how many answers it got in all.

    Unless `prime` says otherwise each object is reached before the clock starts.
    """
    command = [
        *(sys.executable, "-m", "benchmarks.load", "--port", str(server.port), "--path", path),
        *("--rotate", str(rotate), "--connections", str(settings.connections)),
        *("--prime", str(rotate if prime is None else prime)),
        *("--warmup", str(settings.warmup), "--duration", str(settings.duration)),
    ]
    done = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, env=dict(os.environ)
    )
    tally = json.loads(done.stdout)
    if tally["failed"]:
        raise BenchmarkError(f"{server.name}: {tally['failed']} requests for {path} failed")
    return tally["measured"] / tally["seconds"], tally["acknowledged"]


def _check_count(server: Server, path: str, rotate: int, acknowledged: int) -> None:
    """Every acknowledged increment must be there, once."""
    query = path.partition("?")[2]
    names = [query.replace("{i}", str(i)) for i in range(max(1, rotate))]
    kept = sum(int(server.get(f"/?{name}").rpartition(" ")[2]) for name in names)
    if kept != acknowledged:
        raise BenchmarkError(f"{server.name} acknowledged {acknowledged}, but counted {kept}")


__all__ = [
    "AIOHTTP",
    "BenchmarkError",
    "Figures",
    "Settings",
    "first_response",
    "hello_per_second",
    "increments_on_known_objects",
    "increments_on_new_objects",
    "increments_on_one_object",
    "logging_cost",
    "memory",
]
