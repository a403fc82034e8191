"""Record what the real workerd answers: `python -m tests.conformance.record [--only GLOB]`.

Runs the JavaScript twin of each scenario on workerd, storage in a temporary folder, and writes
`recorded/<group>/<name>.json`. Ends with status 1 if any scenario could not be recorded; the files of
the others are written. See README.md for where workerd is looked for.
"""

from __future__ import annotations

import argparse
import asyncio
import fnmatch
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from .answers import Answer, Client, RawAnswer, drive
from .origin import OriginClient, running_origin
from .recording import Recording, digest
from .scenario import Scenario, all_scenarios
from .workerd import (
    COMPATIBILITY_DATE,
    JavaScriptWorker,
    Workerd,
    WorkerdError,
    require_workerd,
    workerd_version,
)

REQUEST_TIMEOUT_SECONDS = 45
"""Longer than the 30 s after which the runtime itself gives up on a critical section."""


class SocketClient:
    """A Client over HTTP; redirects and cookies are left to the scenario."""

    def __init__(self, session: aiohttp.ClientSession, workerd: Workerd) -> None:
        self._session = session
        self._workerd = workerd

    async def fetch(
        self, method: str, path: str, headers: Mapping[str, str], body: str | None
    ) -> RawAnswer:
        """Send one request and read the entire response."""
        url = self._workerd.url + path
        async with self._session.request(
            method, url, headers=headers, data=body, allow_redirects=False
        ) as response:
            content = await response.read()
            names = {name.lower(): value for name, value in response.headers.items()}
            return RawAnswer(response.status, names, content)


async def record(scenario: Scenario, binary: Path) -> dict[str, Answer]:
    """Run the JavaScript twin and return its answers."""
    worker = JavaScriptWorker(
        source=scenario.javascript,
        name=scenario.worker,
        objects=dict(scenario.objects),
        sqlite=scenario.sqlite,
        flags=scenario.flags,
    )
    requests = [request for request in scenario.requests if request.javascript]
    timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_SECONDS)
    with (
        tempfile.TemporaryDirectory() as folder,
        Workerd(worker, Path(folder), binary=binary) as workerd,
    ):
        async with (
            running_origin() as origin,
            aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
        ):
            client: Client = SocketClient(session, workerd)
            if scenario.origin:
                client = OriginClient(client, origin)

            async def restart() -> None:
                workerd.stop()
                workerd.start()

            return await drive(requests, client, restart)


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and record."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.record", description=__doc__)
    parser.add_argument("--only", default="*", metavar="GLOB", help="e.g. 'gates/*'")
    options = parser.parse_args(arguments)
    chosen = [s for s in all_scenarios() if fnmatch.fnmatch(s.name, options.only)]
    if not chosen:
        print(f"no scenario matches {options.only!r}", file=sys.stderr)
        return 1
    try:
        binary = require_workerd()
    except WorkerdError as error:
        print(error, file=sys.stderr)
        return 1
    runtime = workerd_version(binary)
    failed = sum(not _record_one(scenario, binary, runtime) for scenario in chosen)
    print(f"{len(chosen) - failed} recorded on {runtime}, {failed} failed")
    return 1 if failed else 0


def _record_one(scenario: Scenario, binary: Path, runtime: str) -> bool:
    try:
        answers = asyncio.run(record(scenario, binary))
    except (WorkerdError, aiohttp.ClientError, TimeoutError, json.JSONDecodeError) as error:
        print(f"FAILED  {scenario.name}: {type(error).__name__}: {error}", file=sys.stderr)
        return False
    Recording(
        runtime=runtime,
        compatibility_date=COMPATIBILITY_DATE,
        source=digest(scenario),
        answers=answers,
    ).write(scenario.recording)
    print(f"ok      {scenario.name}")
    return True


if __name__ == "__main__":
    sys.exit(main())
