"""A headless Chromium for tests of pages, driven over its DevTools protocol."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp

_LISTENING = re.compile(rb"DevTools listening on ws://(127\.0\.0\.1:\d+)/")
PATIENCE_S = 30.0


class Browser:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.errors: list[str] = []
        self._socket = socket
        self._ids = itertools.count(1)

    @classmethod
    @asynccontextmanager
    async def open(cls, chromium: str, profile: Path) -> AsyncIterator[Self]:
        """Starts Chromium with a profile of its own; ends it afterwards."""
        process = await asyncio.create_subprocess_exec(
            chromium,
            *("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"),
            *(f"--user-data-dir={profile}", "about:blank"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                address = await cls._address(process)
            async with aiohttp.ClientSession() as session:
                async with session.put(f"http://{address}/json/new?about:blank") as answer:
                    tab = await answer.json()
                url = tab["webSocketDebuggerUrl"]
                async with session.ws_connect(url, max_msg_size=0) as socket:
                    browser = cls(socket)
                    await browser._command("Runtime.enable")
                    await browser._command("Page.enable")
                    yield browser
        finally:
            process.terminate()
            await process.communicate()

    @staticmethod
    async def _address(process: asyncio.subprocess.Process) -> str:
        assert process.stderr is not None
        async for line in process.stderr:
            found = _LISTENING.search(line)
            if found is not None:
                return found[1].decode()
        raise AssertionError("Chromium ended before it listened")

    async def goto(self, url: str) -> None:
        """Opens a page and waits until it is loaded."""
        await self._command("Page.navigate", url=url)
        await self.until(f"location.href == {url!r} && document.readyState == 'complete'")

    async def run(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited."""
        answer = await self._command(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def until(self, condition: str) -> None:
        """Waits until a JavaScript condition holds, looking at each frame."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self.run(condition):
                await self.run("new Promise((done) => setTimeout(done, 16))")

    async def _command(self, method: str, **parameters: Any) -> Any:
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            message = await self._socket.receive_json(timeout=PATIENCE_S)
            if message.get("method") == "Runtime.exceptionThrown":
                self.errors.append(str(message["params"]["exceptionDetails"]))
            if message.get("id") == number:
                assert "error" not in message, message["error"]
                return message["result"]
