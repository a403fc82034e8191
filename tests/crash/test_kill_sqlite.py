"""As test_kill, for SQLite-backed objects: a counter in SQL, its twin in an entry of the same turn."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.crash import test_kill
from tests.support.dev_process import DevProcess
from tests.support.worker import write_worker

ROUNDS = 8
SOURCE = """
    from urllib.parse import parse_qs, urlsplit
    from workers import DurableObject, Response, WorkerEntrypoint

    class Object(DurableObject):
        def __init__(self, ctx, env):
            super().__init__(ctx, env)
            ctx.storage.sql.exec("create table if not exists counter(n)")

        async def count(self, step):
            sql, kv = self.ctx.storage.sql, self.ctx.storage.kv
            rows = sql.exec("select n from counter").toArray()
            assert (rows[0]["n"] if rows else 0) == (kv.get("n") or 0), "a turn is whole"
            n = (kv.get("n") or 0) + step
            if step:
                sql.exec("insert into counter(rowid, n) values(1, ?) "
                         "on conflict do update set n = excluded.n", n)
                kv.put("n", n)
            return n

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            url = urlsplit(request.url)
            name = parse_qs(url.query)["name"][0]
            n = await self.env.OBJECT.getByName(name).count(int(url.path == "/increment"))
            return Response(f"Durable Object '{name}' count: {n}")
"""


@pytest.mark.rule("OG-2")
@pytest.mark.crash
async def test_acknowledged_sql_survives_sigkill_at_any_moment(tmp_path: Path) -> None:
    dice = random.Random(20261126)
    ledger = test_kill.Ledger()
    config = write_worker(tmp_path / "worker", SOURCE, sqlite=True)
    state = str(tmp_path / "state")
    for _ in range(ROUNDS):
        server = await DevProcess.start(config, "--persist-to", state)
        await test_kill._round(server, ledger, dice)
    assert sum(ledger.acknowledged.values()) > ROUNDS
    server = await DevProcess.start(config, "--persist-to", state)
    for name in test_kill.NAMES:
        _, body = await server.get(f"/?name={name}")
        assert test_kill._count(body) >= ledger.acknowledged[name]
    assert await server.stop() == 0, server.output
