"""ActorStorage: turns, savepoints, confirmed writes; then any order of them, against dicts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from emulator.runtime.actor_storage import ActorStorage, Savepoint
from emulator.runtime.gates import OutputGate
from emulator.storage import InlineWriter, MemoryDisk, Store
from emulator.testing.faulty_disk import FaultyDisk
from emulator.testing.virtual_loop import VirtualLoop
from tests.runtime.storage import MEMORY, OBJECT_ID

Entries = dict[str, bytes]


class Bench:
    """One object's storage on a disk in memory."""

    def __init__(self, disk: MemoryDisk | FaultyDisk | None = None) -> None:
        self.loop = VirtualLoop()
        self.disk = disk or MemoryDisk()
        self.failures: list[BaseException] = []
        self.store = self.open_store()
        self.begin_instance()

    def open_store(self) -> Store:
        return Store.open(self.disk, MEMORY, writer=InlineWriter(), loop=self.loop)

    def begin_instance(self) -> None:
        self.gate = OutputGate(self.failures.append)
        self.storage = ActorStorage(self.store, "w-C", OBJECT_ID, self.gate, self.failures.append)

    def reset(self) -> None:
        """The instance breaks, and another one begins."""
        self.storage.discard()
        self.begin_instance()

    def end_turn(self) -> None:
        self.storage.commit_implicit()

    def settle(self) -> None:
        self.loop.run_ready()

    def restart(self) -> None:
        """The process ends well, and another one begins."""
        self.loop.run(self.store.close())
        self.store = self.open_store()
        self.begin_instance()

    @property
    def entries(self) -> Entries:
        return dict(self.storage.list())

    def close(self) -> None:
        self.loop.run(self.store.close())
        self.loop.finish()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


@pytest.fixture
def failing() -> Iterator[Bench]:
    """On a disk whose next fdatasync fails."""
    disk = FaultyDisk()
    bench = Bench(disk)
    disk.fail_next("fdatasync")
    yield bench
    bench.loop.finish()


# -- turns ---------------------------------------------------------------------------------------


@pytest.mark.rule("SQL-40")
def test_a_write_is_seen_at_once_and_kept_at_the_end_of_the_turn(bench: Bench) -> None:
    bench.storage.put({"a": b"1"})
    assert bench.storage.get("a") == b"1"
    bench.end_turn()
    bench.reset()
    assert bench.entries == {"a": b"1"}


@pytest.mark.rule("SQL-40", "LC-15")
def test_writes_of_a_turn_that_did_not_end_are_lost(bench: Bench) -> None:
    bench.storage.put({"a": b"1"})
    bench.end_turn()
    bench.storage.put({"a": b"2", "b": b"2"})
    bench.storage.delete(["a"])
    bench.reset()
    assert bench.entries == {"a": b"1"}


def test_what_was_committed_survives_a_restart(bench: Bench) -> None:
    bench.storage.put({"a": b"1", "é": b"2"})
    bench.end_turn()
    bench.restart()
    assert bench.entries == {"a": b"1", "é": b"2"}


def test_delete_counts_what_existed_and_each_key_once(bench: Bench) -> None:
    bench.storage.put({"a": b"1", "b": b"2"})
    assert bench.storage.delete(["a", "a", "c"]) == 1
    assert bench.storage.delete(["a", "c"]) == 0
    assert bench.storage.delete([]) == 0
    assert bench.entries == {"b": b"2"}


def test_a_turn_without_writes_commits_nothing(bench: Bench) -> None:
    commits = bench.store.statistics()
    bench.storage.delete(["absent"])
    bench.end_turn()
    assert bench.gate.open
    assert bench.store.statistics() == commits


# -- the output gate -----------------------------------------------------------------------------


@pytest.mark.rule("OG-2")
def test_a_confirmed_write_closes_the_gate_from_the_end_of_its_turn_until_it_is_durable(
    bench: Bench,
) -> None:
    bench.storage.put({"a": b"1"})
    bench.end_turn()
    assert not bench.gate.open
    bench.settle()
    assert bench.gate.open


@pytest.mark.rule("OG-4")
def test_an_unconfirmed_write_leaves_the_gate_open(bench: Bench) -> None:
    bench.storage.put({"a": b"1"}, confirmed=False)
    bench.storage.delete(["a"], confirmed=False)
    bench.end_turn()
    assert bench.gate.open


@pytest.mark.rule("OG-4")
def test_one_confirmed_write_is_enough_to_wait_for_the_whole_turn(bench: Bench) -> None:
    bench.storage.put({"a": b"1"}, confirmed=False)
    bench.storage.put({"b": b"1"})
    bench.end_turn()
    assert not bench.gate.open
    bench.settle()
    bench.storage.put({"a": b"2"}, confirmed=False)
    bench.end_turn()
    assert bench.gate.open


def test_a_confirmed_write_that_was_rolled_back_does_not_hold_back_a_later_turn(
    bench: Bench,
) -> None:
    savepoint = bench.storage.begin()
    bench.storage.put({"a": b"1"})
    bench.storage.rollback(savepoint)
    bench.end_turn()
    bench.storage.put({"b": b"1"}, confirmed=False)
    bench.end_turn()
    assert bench.gate.open


@pytest.mark.rule("OG-2")
def test_a_delete_of_nothing_is_no_write(bench: Bench) -> None:
    bench.storage.delete(["a"])
    bench.storage.put({"b": b"1"}, confirmed=False)
    bench.end_turn()
    assert bench.gate.open


@pytest.mark.rule("OG-2", "OG-4")
def test_delete_all_is_always_confirmed(bench: Bench) -> None:
    bench.storage.delete_all()
    assert not bench.gate.open
    bench.settle()
    assert bench.gate.open


@pytest.mark.rule("OG-5")
def test_a_failed_confirmed_write_breaks_the_gate(failing: Bench) -> None:
    failing.storage.put({"a": b"1"})
    failing.end_turn()
    answers: list[BaseException | None] = []
    failing.gate.wait(answers.append)
    failing.settle()
    assert answers == failing.failures
    assert len(failing.failures) == 1
    assert failing.gate.broken is failing.failures[0]


@pytest.mark.rule("OG-4")
def test_a_failed_unconfirmed_write_is_told_too(failing: Bench) -> None:
    failing.storage.put({"a": b"1"}, confirmed=False)
    failing.end_turn()
    failing.settle()
    assert len(failing.failures) == 1
    assert failing.gate.broken is None


@pytest.mark.rule("OG-8")
def test_when_durable_waits_for_all_writes_so_far_even_of_this_turn(bench: Bench) -> None:
    told: list[BaseException | None] = []
    bench.storage.put({"a": b"1"}, confirmed=False)
    bench.storage.when_durable(told.append)
    assert told == []
    bench.settle()
    assert told == [None]
    bench.reset()
    assert bench.entries == {"a": b"1"}


def test_system_records_are_kept_apart_and_are_not_confirmed(bench: Bench) -> None:
    bench.storage.put_meta({"name": b"foo"})
    assert bench.gate.open
    assert bench.storage.meta("name") == b"foo"
    assert bench.entries == {}
    bench.restart()
    assert bench.storage.meta("name") == b"foo"
    assert bench.storage.meta("other") is None


# -- explicit transactions -----------------------------------------------------------------------


@pytest.mark.rule("KV-16")
def test_a_rollback_undoes_what_came_after_its_begin(bench: Bench) -> None:
    bench.storage.put({"a": b"1", "b": b"1"})
    savepoint = bench.storage.begin()
    bench.storage.put({"a": b"2", "c": b"2"})
    bench.storage.delete(["b"])
    bench.storage.rollback(savepoint)
    assert bench.entries == {"a": b"1", "b": b"1"}
    bench.end_turn()
    bench.restart()
    assert bench.entries == {"a": b"1", "b": b"1"}


@pytest.mark.rule("KV-14")
def test_turns_that_end_inside_a_transaction_commit_nothing(bench: Bench) -> None:
    savepoint = bench.storage.begin()
    bench.storage.put({"a": b"1"})
    bench.end_turn()
    bench.storage.put({"b": b"1"})
    bench.end_turn()
    assert bench.gate.open
    bench.reset()
    assert bench.entries == {}
    savepoint = bench.storage.begin()
    bench.storage.put({"a": b"1"})
    bench.end_turn()
    bench.storage.put({"b": b"1"})
    bench.storage.commit(savepoint)
    assert not bench.gate.open
    bench.reset()
    assert bench.entries == {"a": b"1", "b": b"1"}


@pytest.mark.rule("KV-18")
def test_a_rollback_inside_a_transaction_keeps_what_encloses_it(bench: Bench) -> None:
    outer = bench.storage.begin()
    bench.storage.put({"a": b"1"})
    inner = bench.storage.begin()
    bench.storage.put({"a": b"2", "b": b"2"})
    bench.storage.rollback(inner)
    assert bench.storage.savepoint is outer
    bench.storage.commit(outer)
    bench.reset()
    assert bench.entries == {"a": b"1"}


@pytest.mark.rule("KV-18")
def test_a_rollback_undoes_transactions_inside_that_were_committed(bench: Bench) -> None:
    outer = bench.storage.begin()
    inner = bench.storage.begin()
    bench.storage.put({"a": b"1"})
    bench.storage.commit(inner)
    assert bench.entries == {"a": b"1"}
    bench.storage.rollback(outer)
    assert bench.entries == {}


@pytest.mark.rule("SQL-27")
def test_release_leaves_the_commit_to_the_turn(bench: Bench) -> None:
    bench.storage.release(bench.storage.begin())
    savepoint = bench.storage.begin()
    bench.storage.put({"a": b"1"})
    bench.storage.release(savepoint)
    bench.reset()
    assert bench.entries == {}


def test_transactions_end_innermost_first(bench: Bench) -> None:
    outer = bench.storage.begin()
    bench.storage.begin()
    for end in (bench.storage.commit, bench.storage.rollback, bench.storage.release):
        with pytest.raises(AssertionError, match="innermost first"):
            end(outer)


@pytest.mark.rule("KV-22")
def test_delete_all_discards_what_was_pending_and_what_comes_after_is_kept(bench: Bench) -> None:
    bench.storage.put({"old": b"1"})
    bench.end_turn()
    bench.storage.put({"a": b"1"})
    bench.storage.delete_all()
    assert bench.entries == {}
    bench.storage.put({"b": b"1"})
    bench.end_turn()
    bench.restart()
    assert bench.entries == {"b": b"1"}


@pytest.mark.rule("LC-15")
def test_delete_all_is_not_undone_by_a_reset(bench: Bench) -> None:
    bench.storage.put({"a": b"1"})
    bench.end_turn()
    bench.storage.delete_all()
    bench.reset()
    assert bench.entries == {}


def test_the_repr_shows_the_state(bench: Bench) -> None:
    bench.storage.put({"a": b"1"})
    assert repr(bench.storage) == "<ActorStorage 00000000 pending=1>"
    bench.storage.begin()
    assert repr(bench.storage) == "<ActorStorage 00000000 pending=1 in transaction>"


# -- any order -----------------------------------------------------------------------------------

keys = st.sampled_from(["", "a", "b", "é", "\U00010000"])
values = st.binary(max_size=2)


class StorageMachine(RuleBasedStateMachine):
    """The model: `committed`, `now`, and a copy of `now` for each open transaction.

    While a transaction is open nothing is committed; what the turn wrote before it began is
    committed with it at the latest.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.committed: Entries = {}
        self.now: Entries = {}
        self.open: list[tuple[Savepoint, Entries]] = []

    def commit_if_outermost(self) -> None:
        if not self.open:
            self.committed = dict(self.now)

    @rule(entries=st.dictionaries(keys, values, max_size=3), confirmed=st.booleans())
    def put(self, entries: Entries, confirmed: bool) -> None:
        self.now |= entries
        self.bench.storage.put(entries, confirmed=confirmed)

    @rule(doomed=st.lists(keys, max_size=4), confirmed=st.booleans())
    def delete(self, doomed: list[str], confirmed: bool) -> None:
        existed = {key for key in doomed if self.now.pop(key, None) is not None}
        assert self.bench.storage.delete(doomed, confirmed=confirmed) == len(existed)

    @precondition(lambda self: not self.open)
    @rule()
    def delete_all(self) -> None:
        self.now = {}
        self.committed = {}
        self.bench.storage.delete_all()

    @precondition(lambda self: len(self.open) < 4)
    @rule()
    def begin(self) -> None:
        self.open.append((self.bench.storage.begin(), dict(self.now)))

    @precondition(lambda self: self.open)
    @rule()
    def commit(self) -> None:
        savepoint, _ = self.open.pop()
        self.commit_if_outermost()
        self.bench.storage.commit(savepoint)

    @precondition(lambda self: self.open)
    @rule()
    def release(self) -> None:
        savepoint, _ = self.open.pop()
        self.bench.storage.release(savepoint)

    @precondition(lambda self: self.open)
    @rule()
    def rollback(self) -> None:
        savepoint, self.now = self.open.pop()
        self.bench.storage.rollback(savepoint)

    @rule()
    def end_turn(self) -> None:
        self.commit_if_outermost()
        self.bench.end_turn()

    @rule()
    def settle(self) -> None:
        self.bench.settle()
        assert self.bench.gate.open

    @rule()
    def reset(self) -> None:
        self.open.clear()
        self.now = dict(self.committed)
        self.bench.reset()

    @rule()
    def restart(self) -> None:
        self.open.clear()
        self.now = dict(self.committed)
        self.bench.restart()

    @invariant()
    def entries_are_those_of_the_model(self) -> None:
        expected = sorted(self.now.items(), key=lambda item: item[0].encode())
        assert self.bench.storage.list() == expected
        assert self.bench.failures == []

    def teardown(self) -> None:
        self.bench.close()


TestStorage = StorageMachine.TestCase
TestStorage.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
