"""The FastAPI and the Django example, over real HTTP."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from tests.support.dev_process import DevProcess

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = pytest.mark.process


async def test_fastapi() -> None:
    server = await DevProcess.start(EXAMPLES / "fastapi/wrangler.toml", "--no-persist")
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as client:

        async def get(path: str) -> tuple[int, object]:
            async with client.get(path) as answer:
                return answer.status, await answer.json()

        assert await get("/?name=Ada") == (200, {"message": "Hello, Ada!"})
        book = {"title": "Solaris", "pages": 204}
        async with client.put("/shelves/sf", json=book) as answer:
            assert (answer.status, await answer.json()) == (201, book)
        async with client.put("/shelves/sf", json={"title": "Solaris", "pages": 0}) as answer:
            assert answer.status == 422
            assert (await answer.json())["detail"][0]["loc"] == ["body", "pages"]
        assert await get("/shelves/sf") == (200, ["Solaris"])
        assert await get("/shelves/sf/Solaris") == (200, book)
        assert await get("/shelves/sf/Emma") == (404, {"detail": "No book 'Emma' here"})
        assert await get("/sum?numbers=1,2,3") == (200, 6)
        async with client.get("/countdown") as answer:
            assert await answer.text() == "3\n2\n1\nLift-off!\n"
        status, schema = await get("/openapi.json")
        assert status == 200
        assert "/shelves/{name}" in schema["paths"]  # type: ignore[index]
        async with client.ws_connect("/echo") as socket:
            await socket.send_str("anybody?")
            assert await socket.receive_str(timeout=10) == "anybody?"
    assert await server.stop() == 0, server.output


async def test_django() -> None:
    server = await DevProcess.start(EXAMPLES / "django/wrangler.toml", "--no-persist")
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as client:

        async def page(path: str = "/", **form: str) -> tuple[int, str]:
            method = "POST" if form else "GET"
            async with client.request(method, path, data=form or None) as answer:
                return answer.status, await answer.text()

        status, text = await page()
        assert status == 200
        assert "Nobody has been here yet." in text
        status, text = await page(name="Ada")
        assert status == 400
        assert "This field is required." in text
        status, text = await page(name="Ada", text="<b>Hello</b>")
        assert status == 200  # after the redirect
        assert "<b>Ada</b>: &lt;b&gt;Hello&lt;/b&gt;" in text
        status, text = await page("/entries.json")
        assert text == '{"entries": [{"name": "Ada", "text": "<b>Hello</b>"}]}'
        assert (await page("/nothing"))[0] == 404
    assert await server.stop() == 0, server.output
