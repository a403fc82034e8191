"""A real `pyworkers dev` process for tests: started, waited for, spoken to, and ended by its id."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from pathlib import Path
from typing import Self

_READY = re.compile(r"Ready on http://(?P<host>[^:\s]+):(?P<port>\d+)")
READY_TIMEOUT_S = 30.0


class DevProcess:
    """`python -m emulator dev`, in a session of its own so that all of it can be killed."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, output: list[str]) -> None:
        self.process = process
        self.port = port
        self.output = output
        self._reader = asyncio.create_task(self._read_on())

    @classmethod
    async def start(cls, config: Path, *options: str) -> Self:
        """Starts the process and waits for its ready line."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "emulator", "dev", "--config", str(config), "--port", "0", "--no-color"),
            *options,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        output: list[str] = []
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                port = await cls._wait_ready(process, output)
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            raise AssertionError(f"not ready in time:\n{''.join(output)}") from None
        return cls(process, port, output)

    @staticmethod
    async def _wait_ready(process: asyncio.subprocess.Process, output: list[str]) -> int:
        assert process.stdout is not None
        async for line in process.stdout:
            output.append(line.decode(errors="replace"))
            found = _READY.search(output[-1])
            if found is not None:
                return int(found["port"])
        raise AssertionError(f"the process ended before it was ready:\n{''.join(output)}")

    async def _read_on(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.output.append(line.decode(errors="replace"))

    async def kill(self) -> None:
        """SIGKILL for all of it, at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        await self._reader

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.terminate()
        code = await self.process.wait()
        await self._reader
        return code

    async def get(self, path: str) -> tuple[int, str]:
        """One request on a connection of its own: status and body. ConnectionError if it fails."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            writer.write(request.encode())
            answer = await reader.read()
        finally:
            writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 "):
            raise ConnectionError("the answer was cut off")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if length is None or len(body) != int(length[1]):
            raise ConnectionError("the answer was cut off")
        return int(head.split(b" ", 2)[1]), body.decode()
