"""Which writes hold back what an object says, on both engines, and what belongs to a turn."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from emulator.storage import StorageFailed
from emulator.testing.faulty_disk import FaultyDisk
from tests.runtime.objects import Box
from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]

SOURCE = """
    FAR_MS = 4_102_444_800_000
    class Object(DurableObject):
        async def prepare(self):
            await self.ctx.storage.put("old", 1)
            await self.ctx.storage.setAlarm(FAR_MS)
        async def do(self, what):
            storage = self.ctx.storage
            match what:
                case "put":
                    await storage.put("a", 1)
                case "put, unconfirmed":
                    await storage.put("a", 1, allowUnconfirmed=True)
                case "one of two confirmed":
                    await storage.put("a", 1, allowUnconfirmed=True)
                    await storage.put("b", 1)
                case "delete":
                    await storage.delete("old")
                case "delete, unconfirmed":
                    await storage.delete("old", allowUnconfirmed=True)
                case "deleteAll":
                    await storage.deleteAll()
                case "setAlarm":
                    await storage.setAlarm(FAR_MS + 1)
                case "setAlarm, unconfirmed":
                    await storage.setAlarm(FAR_MS + 1, allowUnconfirmed=True)
                case "deleteAlarm":
                    await storage.deleteAlarm()
                case "transaction":
                    await storage.transaction(lambda txn: txn.put("a", 1))
                case "transactionSync":
                    storage.transactionSync(self.put)
                case "sql":
                    storage.sql.exec("create table t(a)")
                case "kv":
                    storage.kv.put("a", 1)
                case "bookmark":
                    await storage.getCurrentBookmark()
                case "get":
                    await storage.get("old")
                case "list":
                    await storage.list()
                case "getAlarm":
                    await storage.getAlarm()
                case "the same alarm":
                    await storage.setAlarm(FAR_MS)
                case "select":
                    storage.sql.exec("select 1").toArray()
            return "told"
        def put(self):
            self.unawaited = self.ctx.storage._binding.put("a", 1)
        async def alarm(self):
            pass
"""
CONFIRMED = [
    "put",
    "one of two confirmed",
    "delete",
    "deleteAll",
    "setAlarm",
    "deleteAlarm",
    "transaction",
    "transactionSync",
]
UNCONFIRMED = ["put, unconfirmed", "delete, unconfirmed", "setAlarm, unconfirmed"]
READING = ["get", "list", "getAlarm", "the same alarm"]


def told_on_a_broken_disk(worker: Open, what: str, sqlite: bool) -> bool:
    """Whether the answer to a call leaves although nothing can be made durable any more."""
    disk = FaultyDisk()
    box = Box(worker, SOURCE, sqlite=sqlite, disk=disk)
    box.call("prepare")
    if sqlite:
        failure = StorageFailed("cannot sync", cause=OSError(errno.EIO, "refused"))
        box.worker.emulator._databases._durability.failure = failure
    else:
        disk.fail_next("fdatasync", errno.EIO)
    answer = box.call("do", what)
    assert answer == "told" or "durableObjectReset" in answer
    box.advance(1)
    has_reset = any(event.startswith("reset") for event in box.events)
    assert has_reset == (what in [*CONFIRMED, *UNCONFIRMED, "sql", "kv", "bookmark"])
    return bool(answer == "told")


@pytest.mark.rule("OG-2", "OG-5")
@pytest.mark.parametrize("what", CONFIRMED)
@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
def test_a_write_holds_the_answer_back(worker: Open, what: str, sqlite: bool) -> None:
    assert not told_on_a_broken_disk(worker, what, sqlite=sqlite)


@pytest.mark.rule("OG-2")
@pytest.mark.parametrize("what", ["sql", "kv", "bookmark"])
def test_a_write_that_only_databases_have_holds_the_answer_back(worker: Open, what: str) -> None:
    assert not told_on_a_broken_disk(worker, what, sqlite=True)


@pytest.mark.rule("OG-4")
@pytest.mark.parametrize("what", UNCONFIRMED)
@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
def test_an_unconfirmed_write_lets_the_answer_go_and_resets_later(
    worker: Open, what: str, sqlite: bool
) -> None:
    assert told_on_a_broken_disk(worker, what, sqlite=sqlite)


@pytest.mark.rule("OG-2", "SQL-45")
@pytest.mark.parametrize(
    ("what", "sqlite"),
    [*((what, sqlite) for what in READING for sqlite in (False, True)), ("select", True)],
)
def test_what_writes_nothing_holds_nothing_back(worker: Open, what: str, sqlite: bool) -> None:
    assert told_on_a_broken_disk(worker, what, sqlite=sqlite)


TURNS = """
    class Object(DurableObject):
        async def make(self):
            self.ctx.storage.sql.exec("create table t(a)")
        async def rows(self):
            return [row["a"] for row in self.ctx.storage.sql.exec("select a from t")]
        async def seen_by_its_own_turn(self):
            sql = self.ctx.storage.sql
            sql.exec("insert into t values (1)")
            await self.ctx.storage.put("k", 1)
            return [await self.rows(), await self.ctx.storage.get("k")]
        async def aborted(self):
            await self.seen_by_its_own_turn()
            self.ctx.abort("gone")
        async def asynchronous(self):
            async def closure():
                self.ctx.storage.sql.exec("insert into t values (1)")
                await asyncio.sleep(0.001)
                raise ValueError("late")
            returned = self.ctx.storage.transactionSync(closure)
            try:
                await returned
            except ValueError as error:
                return str(error)
        async def delete_all(self):
            def closure():
                self.unawaited = self.ctx.storage._binding.deleteAll()
            await self.ctx.storage.put("k", 1)
            self.ctx.storage.transactionSync(closure)
            return [await outcome(self.unawaited), await self.ctx.storage.get("k")]
"""


ABORTING = """
    LOG = []
    class Object(DurableObject):
        async def abort_inside(self, swallows):
            # Past the SDK, whose abort comes after the turn.
            def closure():
                self.unawaited = self.ctx.storage._binding.put("a", 1)
                try:
                    self.ctx._ctx.abort("inside")
                except BaseException:
                    if not swallows:
                        raise
            try:
                self.ctx.storage.transactionSync(closure)
            except BaseException as error:
                LOG.append(type(error).__name__)
                raise
        async def state(self):
            return [LOG, list(await self.ctx.storage.list())]
"""


@pytest.mark.rule("LC-15", "SQL-27")
@pytest.mark.parametrize("swallows", [False, True])
@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
def test_an_abort_inside_transaction_sync_is_nothing_but_an_abort(
    worker: Open, swallows: bool, sqlite: bool
) -> None:
    box = Box(worker, ABORTING, sqlite=sqlite)
    assert box.call("abort_inside", swallows) == "Error: inside [durableObjectReset]"
    assert box.call("state") == [["ActorAborted"], []]


@pytest.mark.rule("SQL-43", "SQL-40", "LC-15")
def test_a_turn_sees_its_own_writes_and_an_abort_loses_them(worker: Open) -> None:
    box = Box(worker, TURNS, sqlite=True)
    box.call("make")
    assert box.call("aborted") == "Error: gone [durableObjectReset]"
    assert box.call("rows") == []
    assert box.call("seen_by_its_own_turn") == [[1], 1]


@pytest.mark.rule("SQL-28")
def test_an_asynchronous_closure_is_no_part_of_transaction_sync(worker: Open) -> None:
    box = Box(worker, TURNS, sqlite=True)
    box.call("make")
    assert box.call("asynchronous") == "late"
    assert box.call("rows") == [1]


@pytest.mark.rule("KV-24", "KV-19")
@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
def test_delete_all_is_refused_in_transaction_sync(worker: Open, sqlite: bool) -> None:
    box = Box(worker, TURNS, sqlite=sqlite)
    refused = "Error: Cannot call deleteAll() within a transaction"
    assert box.call("delete_all") == [refused, 1]
