"""Any order of commits, flushes, checkpoints, reopens, kills and power failures, against a dict."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from emulator.storage import Batch
from emulator.testing.faulty_disk import FaultyDisk, Outcome
from tests.storage.driver import Driver, History, object_id

namespaces = st.sampled_from(["w-Counter", "w-counter", "é/.."])
object_ids = st.integers(1, 3).map(object_id)
keys = st.sampled_from(["", "a", "b", "é", "\uffff", "\U00010000", "\ud800"])
values = st.binary(max_size=4) | st.just(b"x" * 700)
batches = st.builds(
    Batch,
    namespaces,
    object_ids,
    clear=st.booleans(),
    puts=st.dictionaries(keys, values, max_size=3),
    deletes=st.lists(keys, max_size=3),
    meta=st.dictionaries(st.sampled_from(["alarm", "name"]), st.none() | values, max_size=2),
)


class StoreMachine(RuleBasedStateMachine):
    @initialize(seed=st.integers(0, 1 << 16), checkpoint_bytes=st.sampled_from([500, 3000]))
    def begin(self, seed: int, checkpoint_bytes: int) -> None:
        self.disk = FaultyDisk(seed)
        self.history = History()
        self.checkpoint_bytes = checkpoint_bytes
        self.open()

    def open(self) -> None:
        self.driver = Driver(
            self.disk, history=self.history, checkpoint_bytes=self.checkpoint_bytes
        )

    @rule(changes=batches)
    def commit(self, changes: Batch) -> None:
        self.driver.store.load(*changes.key).apply(changes)
        self.driver.commit(changes)

    @rule(changes=st.lists(batches, min_size=2, max_size=5))
    def commit_several(self, changes: list[Batch]) -> None:
        for item in changes:
            self.commit(item)

    @rule(rounds=st.integers(1, 4))
    def step(self, rounds: int) -> None:
        for _ in range(rounds):
            self.driver.step()

    @rule()
    def flush(self) -> None:
        self.driver.flush()
        assert self.history.acknowledged == len(self.history.states) - 1

    @rule()
    def checkpoint(self) -> None:
        self.driver.checkpoint()

    @rule(namespace=namespaces, identifier=object_ids)
    def release(self, namespace: str, identifier: str) -> None:
        self.driver.store.release(namespace, identifier)

    @rule()
    def reopen(self) -> None:
        self.driver.close()
        self.driver.loop.close()
        assert self.history.acknowledged == len(self.history.states) - 1
        self.open()
        assert self.driver.dump() == self.history.states[-1]

    @rule(outcome=st.sampled_from(["kill", "power"]), variant=st.integers(0, 5))
    def crash(self, outcome: Outcome, variant: int) -> None:
        self.driver.loop.close()
        self.disk = self.disk.reopen(outcome, variant=variant)
        self.open()
        self.history.check_recovered(self.driver.dump())

    @rule(
        operations=st.integers(1, 12),
        outcome=st.sampled_from(["kill", "power"]),
        changes=st.lists(batches, min_size=1, max_size=3),
    )
    def crash_soon(self, operations: int, outcome: Outcome, changes: list[Batch]) -> None:
        """The disk stops in the middle of some operation of the next commits and checkpoints."""
        self.disk.crash_at = self.disk.operations + operations
        for item in changes:
            self.driver.commit(item)
            for _ in range(5):
                self.driver.step()
        self.crash(outcome, 0)

    @invariant()
    def a_load_is_what_was_committed(self) -> None:
        entries, meta = self.history.states[-1].get(("w-Counter", object_id(1)), ({}, {}))
        state = self.driver.store.load("w-Counter", object_id(1))
        assert state.list() == sorted(entries.items())
        assert state.meta == meta

    def teardown(self) -> None:
        if hasattr(self, "driver"):
            self.driver.loop.close()


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
