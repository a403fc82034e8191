"""A real `pyworkers dev`, started on a small project and watched from outside."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

DEADLINE_S = 15.0
CONFIG = """\
name = "process-test"
main = "entry.py"
compatibility_date = "2025-10-01"
compatibility_flags = ["python_workers"]
"""
ENTRY = """\
import asyncio
import os
import time

from workers import Response, WorkerEntrypoint, fetch

VERSION = "one"


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        path = request.url.partition("//")[2].partition("/")[2]
        if path == "pid":
            return Response(str(os.getpid()))
        if path == "boom":
            raise ValueError("boom")
        if path == "itself":
            return await fetch(request.url.replace("itself", "x"))
        if path == "slow":
            await asyncio.sleep(0.5)
        if path == "stuck":
            print("stuck now", flush=True)
            while True:
                time.sleep(0.01)
        return Response(VERSION)
"""


class DevProcess:
    """The process, what it printed, and ways to ask it."""

    def __init__(self, project: Path, *arguments: str) -> None:
        self.project = project
        command = [sys.executable, "-m", "emulator", "dev", "--port", "0", "--no-color", *arguments]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        environment.pop("FORCE_COLOR", None)
        self.process = subprocess.Popen(
            command,
            cwd=project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env=environment,
        )
        self._text = ""
        self._printed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        with self._printed:
            return self._text

    @property
    def url(self) -> str:
        found = self.wait_printed(r"Ready on (http://\S+)")
        return found.group(1)

    def wait_printed(self, pattern: str, since: int = 0) -> re.Match[str]:
        """The first match of `pattern` in the output after `since` characters."""
        with self._printed:
            found = self._printed.wait_for(
                lambda: re.search(pattern, self._text[since:]), timeout=DEADLINE_S
            )
            assert found, f"{pattern!r} was not printed:\n{self._text}"
            return found

    def get(self, path: str = "/", **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def save(self, source: str, name: str = "entry.py") -> None:
        (self.project / name).write_text(source)

    def save_and_wait(self, source: str, pattern: str = r"Reloaded \(") -> None:
        since = len(self.text)
        self.save(source)
        self.wait_printed(pattern, since)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Sends a signal; the exit code, and how long the end took."""
        started = time.monotonic()
        self.process.send_signal(number)
        exit_code = self.process.wait(DEADLINE_S)
        return exit_code, time.monotonic() - started

    def family(self) -> set[int]:
        """The supervisor and its children."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {self.process.pid, *(int(pid) for pid in path.read_text().split())}

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(DEADLINE_S)
        self._reader.join(DEADLINE_S)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._printed:
                self._text += line
                self._printed.notify_all()


@contextmanager
def dev(
    tmp_path: Path, *arguments: str, entry: str = ENTRY, config: str = CONFIG
) -> Iterator[DevProcess]:
    (tmp_path / "wrangler.toml").write_text(config)
    (tmp_path / "entry.py").write_text(entry)
    process = DevProcess(tmp_path, *arguments)
    try:
        yield process
    finally:
        process.close()


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
