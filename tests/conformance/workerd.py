"""The real runtime as a child process: workerd serving one JavaScript Worker from a temporary folder.

Guarantees: the address is on loopback and chosen by the kernel; `start` returns when workerd itself
reports on its control channel that it listens, and raises with workerd's own words when it does not;
the process is gone after `stop`.
Does not know: scenarios, load, HTTP.
Source: https://github.com/cloudflare/workerd, `workerd serve --help` and `workerd.capnp`.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

COMPATIBILITY_DATE = "2026-08-01"
START_TIMEOUT_SECONDS = 30.0

_INSTALL_HINT = (
    "workerd is not installed: run `npm install workerd` here, put it on PATH, "
    "or set PYWORKERS_WORKERD to the path of its binary"
)

_CONFIG = """\
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .mainWorker),
    (name = "state", disk = (path = {state}, writable = true)),
    (name = "internet", network = (
      allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
    (name = "cache", worker = .cacheWorker),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const mainWorker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "{date}",
  compatibilityFlags = [{flags}],
  bindings = [{bindings}],
  durableObjectNamespaces = [{namespaces}],
  durableObjectStorage = (localDisk = "state"),
  cacheApiOutbound = "cache",
);

const cacheWorker :Workerd.Worker = (
  modules = [(name = "cache.js", esModule = {cache})],
  compatibilityDate = "{date}",
);
"""

_EMPTY_CACHE = """\
export default {
  async fetch(request) {
    await request.arrayBuffer();
    if (request.method === "GET" && request.url.startsWith("http://kept.test/")) {
      return new Response("kept", { headers: { "cf-cache-status": "HIT", "age": "0", "x-a": "1", "set-cookie": "a=1" } });
    }
    const status = { PUT: 204, PURGE: 404 }[request.method] ?? 504;
    return new Response(null, { status, headers: { "cf-cache-status": "MISS" } });
  },
};
"""
"""What `caches` asks: keeps nothing, so that recordings show what the runtime itself does. It has one
answer for every URL of a host of its own."""


class WorkerdError(Exception):
    """workerd is missing, refused the configuration, or ended by itself."""


@dataclass(frozen=True, slots=True)
class JavaScriptWorker:
    """What workerd is asked to serve: a module, and the classes it binds by name."""

    source: str
    name: str = "worker"
    objects: dict[str, str] = field(default_factory=dict)
    """Binding name -> class name."""
    sqlite: bool = False
    flags: tuple[str, ...] = ()
    """Compatibility flags."""

    def capnp(self, state: Path) -> str:
        """The configuration; unique keys are made as wrangler makes them, so ids are the same."""
        bindings = [
            f'(name = "{binding}", durableObjectNamespace = "{cls}")'
            for binding, cls in self.objects.items()
        ]
        namespaces = [
            f'(className = "{cls}", uniqueKey = "{self.name}-{cls}", '
            f"enableSql = {str(self.sqlite).lower()})"
            for cls in dict.fromkeys(self.objects.values())
        ]
        return _CONFIG.format(
            state=json.dumps(str(state)),
            date=COMPATIBILITY_DATE,
            flags=", ".join(map(json.dumps, self.flags)),
            bindings=", ".join(bindings),
            namespaces=", ".join(namespaces),
            cache=json.dumps(_EMPTY_CACHE),
        )


def find_workerd() -> Path | None:
    """The binary: PYWORKERS_WORKERD, else ./node_modules/.bin, else PATH."""
    if chosen := os.environ.get("PYWORKERS_WORKERD"):
        return Path(chosen)
    local = Path("node_modules/.bin/workerd")
    if local.exists():
        return local.absolute()
    found = shutil.which("workerd")
    return Path(found) if found else None


def require_workerd() -> Path:
    """The binary, or a WorkerdError that says how to get it."""
    binary = find_workerd()
    if binary is None or not binary.exists():
        raise WorkerdError(_INSTALL_HINT if binary is None else f"no such file: {binary}")
    return binary


def workerd_version(binary: Path) -> str:
    """What the binary calls itself, as `workerd 2026-11-17`."""
    done = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Workerd:
    """One running workerd. Use as a context manager, or call `start` and `stop`."""

    def __init__(self, worker: JavaScriptWorker, folder: Path, *, binary: Path) -> None:
        self.worker = worker
        self.folder = folder
        self.binary = binary
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __repr__(self) -> str:
        return f"<Workerd {self.worker.name} port={self.port} pid={self.pid}>"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The origin it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Process id, 0 when it does not run."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start serving; storage that an earlier run left in the folder is used again."""
        assert self._process is None, "already started"
        state = self.folder / "state"
        state.mkdir(parents=True, exist_ok=True)
        (self.folder / "worker.js").write_text(self.worker.source)
        config = self.folder / "config.capnp"
        config.write_text(self.worker.capnp(state))
        reader, writer = os.pipe()
        try:
            with (self.folder / "workerd.log").open("ab") as log:
                self._process = subprocess.Popen(
                    [self.binary, "serve", f"--control-fd={writer}", config],
                    stdout=log,
                    stderr=log,
                    pass_fds=[writer],
                )
        finally:
            os.close(writer)
        try:
            self.port = self._wait_for_port(reader)
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(reader)

    def stop(self) -> None:
        """End the process and wait for it; calling it twice is fine."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self.port = 0

    def log(self) -> str:
        """Everything it printed."""
        path = self.folder / "workerd.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _wait_for_port(self, reader: int) -> int:
        """Read the control channel (one JSON object per line) until the HTTP socket listens."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        received = b""
        while True:
            readable, _, _ = select.select([reader], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(reader, 4096) if readable else b""
            if not chunk:
                raise WorkerdError(f"workerd did not start to listen:\n{self.log()}")
            received += chunk
            for line in received.splitlines(keepends=True):
                event = json.loads(line) if line.endswith(b"\n") else {}
                if event.get("event") == "listen":
                    return int(event["port"])
