"""Any order of writes, savepoints, commits, resets and restarts, against a dictionary."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from emulator.storage.sqlite import ObjectDatabase
from emulator.testing.virtual_loop import VirtualLoop
from tests.storage.sqlite.support import NAMESPACE, A, B, committed, open_store, refusal, rows

KEYS = st.sampled_from(["", "a", "a\0", "b", "é", "\ud800", "\U00010000"])
NUMBERS = st.integers(0, 5)


class State:
    """What a database should hold: entries, and the rows of its table if it has one."""

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}
        self.table: list[float] | None = None

    def copy(self) -> State:
        twin = State()
        twin.entries = dict(self.entries)
        twin.table = None if self.table is None else list(self.table)
        return twin


class DatabaseMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        asyncio.set_event_loop(None)
        self.directory = tempfile.TemporaryDirectory()
        self.now, self.durable = State(), State()
        self.savepoints: list[tuple[int, State]] = []
        self._start()

    def _start(self) -> None:
        self.store = self.loop.run(self._open())
        self.database: ObjectDatabase = self.store.database(NAMESPACE, A)
        self.other = self.store.database(NAMESPACE, B)

    async def _open(self):  # type: ignore[no-untyped-def]
        return open_store(Path(self.directory.name), connections_max=1, checkpoint_pages=15)

    def teardown(self) -> None:
        self.loop.run(self.store.close())
        self.loop.finish()
        self.directory.cleanup()

    @rule(key=KEYS, size=NUMBERS)
    def put(self, key: str, size: int) -> None:
        value = bytes(size * 700)
        self.database.kv_put({key: value, "twin" + key: value})
        self.now.entries |= {key: value, "twin" + key: value}

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        existed = self.now.entries.pop(key, None) is not None
        assert self.database.kv_delete([key]) == existed

    @rule()
    def create(self) -> None:
        if self.now.table is None:
            rows(self.database, "create table t(a unique)")
            self.now.table = []
        else:
            assert "already exists" in refusal(self.database, "create table t(a unique)")

    @rule(value=NUMBERS)
    def insert(self, value: int) -> None:
        sql = "insert into t values(?)"
        if self.now.table is None:
            assert "no such table" in refusal(self.database, sql, float(value))
        elif value in self.now.table:
            assert "UNIQUE" in refusal(self.database, sql, float(value))
        else:
            rows(self.database, sql, float(value))
            self.now.table.append(float(value))

    @precondition(lambda self: self.now.table is not None)
    @rule()
    def drop(self) -> None:
        rows(self.database, "drop table t")
        self.now.table = None

    @rule()
    def begin(self) -> None:
        self.savepoints.append((self.database.savepoint(), self.now.copy()))

    @precondition(lambda self: self.savepoints)
    @rule()
    def release(self) -> None:
        self.database.release(self.savepoints.pop()[0])

    @precondition(lambda self: self.savepoints)
    @rule()
    def roll_back_to(self) -> None:
        savepoint, self.now = self.savepoints.pop()
        self.database.roll_back_to(savepoint)

    @precondition(lambda self: not self.savepoints)
    @rule()
    def commit(self) -> None:
        assert self.loop.run(committed(self.database)) is None
        self.durable = self.now.copy()

    @precondition(lambda self: not self.savepoints)
    @rule()
    def delete_all(self) -> None:
        self.database.delete_all()
        self.now = State()
        assert self.loop.run(committed(self.database)) is None
        self.durable = State()

    @rule()
    def use_another(self) -> None:
        """With one connection to have, this closes the first one where that is possible."""
        self.other.kv_put({"a": b""})
        assert self.loop.run(committed(self.other)) is None

    @rule()
    def reset(self) -> None:
        self.store.release(self.database)
        self.database = self.store.database(NAMESPACE, A)
        self.savepoints.clear()
        self.now = self.durable.copy()

    @rule()
    def restart(self) -> None:
        self.loop.run(self.store.close())
        self.savepoints.clear()
        self.now = self.durable.copy()
        self._start()

    @invariant()
    def everything_is_as_it_should_be(self) -> None:
        expected = sorted(
            self.now.entries.items(), key=lambda entry: entry[0].encode(errors="surrogatepass")
        )
        assert [*self.database.kv_list()] == expected
        if self.now.table is not None:
            assert rows(self.database, "select a from t order by a") == [
                (value,) for value in sorted(self.now.table)
            ]


TestDatabaseMachine = DatabaseMachine.TestCase
TestDatabaseMachine.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
