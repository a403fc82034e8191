"""The servers that are compared, each as a child process that can be started, asked and ended.

Guarantees: every process listens on loopback only, keeps its state in the folder it was given, and
is gone, with its children, when its `with` block ends.
Does not know: load, results.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.workerd import JavaScriptWorker, Workerd, find_workerd

ROOT = Path(__file__).parents[1]
HELLO = ROOT / "benchmarks/workers/hello"
COUNTER_PYTHON = ROOT / "examples/counter/wrangler.toml"
COUNTER_JAVASCRIPT = ROOT / "tests/conformance/scenarios/counter/tutorial/worker.js"

PYWORKERS = "pyworkers"
WORKERD = "workerd"
AIOHTTP = "aiohttp"

START_TIMEOUT_SECONDS = 30.0
_POLL_SECONDS = 0.002


class ServerError(Exception):
    """A server did not start; the message holds what it printed."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    port: int
    pid: int
    first_response_seconds: float
    """From just before the process was started to the end of its first answer."""

    def get(self, path: str) -> str:
        """Ask for a path over a connection of its own; the body of a 200."""
        status, body = _get(self.port, path)
        if status != 200:
            raise ServerError(f"{self.name} answered {status} to {path}: {body[:200]}")
        return body


def installed() -> list[str]:
    """Which of the servers can be run here."""
    return [PYWORKERS, AIOHTTP] + ([WORKERD] if find_workerd() else [])


@contextmanager
def hello(name: str, folder: Path, *, log_level: str = "none") -> Iterator[Server]:
    """A server that answers `Hello, World!`."""
    match name:
        case "pyworkers":
            config = HELLO / "wrangler.toml"
            yield from _command(name, folder, _pyworkers(config, folder, log_level))
        case "workerd":
            worker = JavaScriptWorker((HELLO / "worker.js").read_text(), name="hello")
            yield from _workerd(worker, folder)
        case _:
            command = [sys.executable, "-m", "benchmarks.bare_aiohttp", "--port"]
            yield from _command(name, folder, command)


@contextmanager
def counter(name: str, folder: Path) -> Iterator[Server]:
    """A server with the tutorial's counter, durable."""
    if name == WORKERD:
        source = COUNTER_JAVASCRIPT.read_text()
        worker = JavaScriptWorker(source, name="counter", objects={"COUNTERS": "Counter"})
        yield from _workerd(worker, folder)
    else:
        yield from _command(name, folder, _pyworkers(COUNTER_PYTHON, folder, "none"))


def _pyworkers(config: Path, folder: Path, log_level: str) -> list[str]:
    return [
        *(sys.executable, "-m", "emulator", "dev", "--config", str(config)),
        *("--persist-to", str(folder / "state"), "--log-level", log_level),
        *("--ip", "127.0.0.1", "--port"),
    ]


def _command(name: str, folder: Path, command: list[str]) -> Iterator[Server]:
    """Run a command whose last argument is the port to listen on."""
    port = _free_port()
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / "output.log"
    # As after an installation, even if whoever runs this told Python to keep no bytecode.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    with output.open("wb") as log:
        process = subprocess.Popen(
            [*command, str(port)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        while not _answers(port):
            late = time.perf_counter() - started > START_TIMEOUT_SECONDS
            if late or process.poll() is not None:
                end = "does not answer" if process.poll() is None else f"exit {process.returncode}"
                text = output.read_text(errors="replace")
                raise ServerError(f"{name} did not start ({end}):\n{text}")
            time.sleep(_POLL_SECONDS)
        yield Server(name, port, process.pid, time.perf_counter() - started)
    finally:
        _end(process)


def _workerd(worker: JavaScriptWorker, folder: Path) -> Iterator[Server]:
    folder.mkdir(parents=True, exist_ok=True)
    binary = find_workerd()
    assert binary is not None, "not chosen unless it is installed"
    started = time.perf_counter()
    with Workerd(worker, folder, binary=binary) as running:
        _get(running.port, "/")
        yield Server(WORKERD, running.port, running.pid, time.perf_counter() - started)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask politely, then end whatever is left of the group that it leads."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        return _get(port, "/")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def _get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()
