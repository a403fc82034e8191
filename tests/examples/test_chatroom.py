"""The chatroom over real sockets, and its page in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.browser import Browser
from tests.support.dev_process import DevProcess

CONFIG = Path(__file__).parents[2] / "examples/chatroom/wrangler.toml"
CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)

pytestmark = pytest.mark.process


class Visitor:
    """A WebSocket in a room."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def hears(self) -> Any:
        return await self.socket.receive_json(timeout=10)

    async def says(self, text: str) -> None:
        await self.socket.send_str(text)


@asynccontextmanager
async def visiting(server: DevProcess, name: str, room: str = "lobby") -> AsyncIterator[Visitor]:
    url = f"ws://127.0.0.1:{server.port}/room/{room}/websocket?name={name}"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        yield Visitor(socket)


async def test_what_is_said_in_a_room_is_heard_there_and_kept(tmp_path: Path) -> None:
    server = await DevProcess.start(CONFIG, "--persist-to", str(tmp_path))
    async with visiting(server, "Ada") as ada:
        assert await ada.hears() == {"joined": "Ada", "present": ["Ada"]}
        async with visiting(server, "Grace%20H") as grace, visiting(server, "Eve", "other") as eve:
            joined = {"joined": "Grace H", "present": ["Ada", "Grace H"]}
            assert await grace.hears() == joined
            assert await ada.hears() == joined
            await ada.says("Good morning")
            said = {"name": "Ada", "text": "Good morning"}
            assert [await ada.hears(), await grace.hears()] == [said, said]
            assert await eve.hears() == {"joined": "Eve", "present": ["Eve"]}
            await grace.says("x" * 1001)
            closed = await grace.socket.receive(timeout=10)
            assert (closed.data, closed.extra) == (1009, "Up to 1000 characters of text, please")
        assert await ada.hears() == {"left": "Grace H", "present": ["Ada"]}
    await server.kill()
    server = await DevProcess.start(CONFIG, "--persist-to", str(tmp_path))
    async with visiting(server, "Linus") as linus:
        assert await linus.hears() == said
    assert (await server.get("/room/lobby/websocket?name=x"))[0] == 426
    assert (await server.get("/nothing"))[0] == 404
    assert await server.stop() == 0, server.output


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
async def test_the_page_is_a_place_to_chat_in(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    server = await DevProcess.start(CONFIG, "--no-persist")
    async with visiting(server, "Grace") as grace, Browser.open(CHROMIUM, tmp_path) as browser:
        await browser.goto(f"http://127.0.0.1:{server.port}/")
        await browser.run("document.querySelector('[name=name]').value = 'Ada'")
        await browser.run("document.querySelector('#enter button').click()")
        await browser.until("document.querySelector('#present').textContent == 'Ada, Grace'")
        await browser.run("document.querySelector('[name=text]').value = 'Hello <b>all</b>'")
        await browser.run("document.querySelector('#say button').click()")
        assert await grace.hears() == {"joined": "Grace", "present": ["Grace"]}
        assert await grace.hears() == {"joined": "Ada", "present": ["Ada", "Grace"]}
        assert await grace.hears() == {"name": "Ada", "text": "Hello <b>all</b>"}
        await grace.says("Hello Ada")
        await browser.until("document.querySelector('#messages').innerText.includes('Hello Ada')")
        lines = await browser.run("document.querySelector('#messages').innerText")
        assert lines.split("\n") == ["Ada is here", "AdaHello <b>all</b>", "GraceHello Ada"]
        assert browser.errors == []
    assert await server.stop() == 0, server.output
