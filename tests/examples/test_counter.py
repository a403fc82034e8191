"""The example behaves as its tutorial says, in both of its styles, in process and over real HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from emulator.app import Emulator
from emulator.runtime.http import HttpRequest, read_all
from tests.support.dev_process import DevProcess

ROOT = Path(__file__).parents[2]
CONFIGS = (
    ROOT / "wrangler.toml",
    ROOT / "examples" / "counter" / "wrangler.toml",
    ROOT / "examples" / "counter" / "wrangler.plain.toml",
)
SELECT = (
    "Select a Durable Object to contact by using the `name` URL query string parameter. "
    "e.g. ?name=A"
)


def test_the_benchmarked_counter_is_the_one_that_is_compared_with_workerd() -> None:
    example = ROOT / "examples/counter/src/entry.py"
    scenario = ROOT / "tests/conformance/scenarios/counter/tutorial/worker.py"
    assert example.read_text() == scenario.read_text()


async def _get(emulator: Emulator, path: str) -> tuple[int, str]:
    request = HttpRequest("GET", f"http://localhost{path}", [("host", "localhost")])
    response = await emulator.fetch(request)
    return response.status, (await read_all(response.body)).decode()


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: str(path.relative_to(ROOT)))
async def test_counter_counts_by_path_and_name(config: Path) -> None:
    async with Emulator.open(config, memory=True) as emulator:
        assert await _get(emulator, "/") == (200, SELECT)
        assert await _get(emulator, "/?name=A") == (200, "Durable Object 'A' count: 0")
        assert await _get(emulator, "/increment?name=A") == (200, "Durable Object 'A' count: 1")
        assert await _get(emulator, "/increment?name=A") == (200, "Durable Object 'A' count: 2")
        assert await _get(emulator, "/decrement?name=B") == (200, "Durable Object 'B' count: -1")
        assert await _get(emulator, "/?name=A") == (200, "Durable Object 'A' count: 2")
        assert await _get(emulator, "/nothing?name=A") == (404, "Not found")


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: str(path.relative_to(ROOT)))
async def test_two_hundred_parallel_increments_lose_none(config: Path) -> None:
    async with Emulator.open(config, memory=True) as emulator:
        answers = await asyncio.gather(
            *(_get(emulator, "/increment?name=many") for _ in range(200))
        )
        counts = sorted(int(body.rsplit(" ", 1)[1]) for _, body in answers)
        assert counts == list(range(1, 201))


async def test_only_the_plain_style_warns_and_shows_the_change() -> None:
    async with Emulator.open(CONFIGS[1], memory=True) as emulator:
        assert emulator.notes == []
    async with Emulator.open(CONFIGS[2], memory=True) as emulator:
        fetch, counter = emulator.notes
        assert "Cloudflare ignores a module-level fetch()" in fetch
        assert "class Default(WorkerEntrypoint):" in fetch
        assert "class Counter(DurableObject): ..." in counter


@pytest.mark.process
async def test_the_real_process_serves_it_and_keeps_state_over_a_restart(tmp_path: Path) -> None:
    server = await DevProcess.start(CONFIGS[0], "--persist-to", str(tmp_path))
    answers = await asyncio.gather(*(server.get("/increment?name=A") for _ in range(200)))
    assert sorted(int(body.rsplit(" ", 1)[1]) for _, body in answers) == list(range(1, 201))
    assert await server.stop() == 0, server.output
    server = await DevProcess.start(CONFIGS[0], "--persist-to", str(tmp_path))
    assert await server.get("/?name=A") == (200, "Durable Object 'A' count: 200")
    assert await server.stop() == 0, server.output
