"""A real process is killed with SIGKILL under load, again and again: what it said is true after.

An acknowledged increment is one whose answer a client has read. After each restart every counter
must be at least as high as the highest answer, and at most that plus the increments that were under
way when the process died.
"""

from __future__ import annotations

import asyncio
import random
import re
from pathlib import Path

import pytest

from tests.support.dev_process import DevProcess

ROUNDS = 20
CLIENTS = 16
NAMES = ("A", "B", "C", "D")
EXAMPLE = Path(__file__).parents[2] / "examples" / "counter" / "wrangler.toml"


class Ledger:
    """What the clients have seen."""

    def __init__(self) -> None:
        self.acknowledged = dict.fromkeys(NAMES, 0)
        self.under_way = dict.fromkeys(NAMES, 0)
        self.answers = 0
        self.enough = asyncio.Event()
        self.kill_after = 0

    def acknowledge(self, name: str, value: int) -> None:
        self.acknowledged[name] = max(self.acknowledged[name], value)
        self.under_way[name] -= 1
        self.answers += 1
        if self.answers >= self.kill_after:
            self.enough.set()


async def _client(server: DevProcess, ledger: Ledger, dice: random.Random) -> None:
    while True:
        name = dice.choice(NAMES)
        ledger.under_way[name] += 1
        try:
            status, body = await server.get(f"/increment?name={name}")
        except (OSError, EOFError):
            return  # killed meanwhile: it may or may not have counted
        assert status == 200, body
        ledger.acknowledge(name, _count(body))


def _count(body: str) -> int:
    found = re.fullmatch(r"Durable Object '\w+' count: (\d+)", body)
    assert found is not None, body
    return int(found[1])


async def _round(server: DevProcess, ledger: Ledger, dice: random.Random) -> None:
    for name in NAMES:
        status, body = await server.get(f"/?name={name}")
        assert status == 200, body
        count = _count(body)
        least = ledger.acknowledged[name]
        assert least <= count <= least + ledger.under_way[name], (name, body, ledger.__dict__)
        ledger.acknowledged[name] = count
        ledger.under_way[name] = 0
    ledger.answers = 0
    ledger.kill_after = dice.randint(1, 150)
    ledger.enough.clear()
    clients = [asyncio.create_task(_client(server, ledger, dice)) for _ in range(CLIENTS)]
    await ledger.enough.wait()
    for _ in range(dice.randint(0, 20)):
        await asyncio.sleep(0)  # somewhere in the middle of whatever is going on
    await server.kill()
    await asyncio.gather(*clients)


@pytest.mark.rule("OG-2")
@pytest.mark.crash
async def test_acknowledged_increments_survive_sigkill_at_any_moment(tmp_path: Path) -> None:
    dice = random.Random(20261125)
    ledger = Ledger()
    for _ in range(ROUNDS):
        server = await DevProcess.start(EXAMPLE, "--persist-to", str(tmp_path))
        await _round(server, ledger, dice)
    assert sum(ledger.acknowledged.values()) > ROUNDS
    server = await DevProcess.start(EXAMPLE, "--persist-to", str(tmp_path))
    for name in NAMES:
        _, body = await server.get(f"/?name={name}")
        assert _count(body) >= ledger.acknowledged[name]
    assert await server.stop() == 0, server.output
