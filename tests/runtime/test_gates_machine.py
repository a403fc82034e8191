"""Gates under any order of calls, against a small model each."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from emulator.runtime.gates import (
    CriticalSection,
    InputGate,
    InputLock,
    OutputGate,
    OutputLock,
    Waiter,
)

ROOT = 0
BOOM = RuntimeError("boom")
picks = st.integers(0, 1000)


class Model:
    """Scopes by number: ROOT, or that of the waiter with which a section began.

    A waiter is a number; `waiting` has (scope, is section, waiter) in order of arrival, `locks` the
    scope of each lock that is out, `parents` the scope around each section, `over` those that ended.
    """

    def __init__(self) -> None:
        self.waiting: list[tuple[int, bool, int]] = []
        self.locks: list[int] = []
        self.parents: dict[int, int] = {}
        self.over: set[int] = set()
        self.admitted: set[int] = set()

    def find(self, scope: int) -> int:
        return self.find(self.parents[scope]) if scope in self.over else scope

    def free(self, scope: int) -> bool:
        return all(self.find(lock) != scope for lock in self.locks)

    def wait(self, scope: int, waiter: int, *, section: bool) -> None:
        self.waiting.append((self.find(scope), section, waiter))
        self.admit()

    def admit(self) -> None:
        for entry in sorted(self.waiting, key=lambda entry: not entry[1]):
            scope, section, waiter = entry
            if self.free(scope):
                self.waiting.remove(entry)
                self.admitted.add(waiter)
                self.locks.append(scope)
                if section:
                    self.parents[waiter] = scope
                    self.locks.append(waiter)

    def release(self, scope: int) -> None:
        self.locks.remove(next(lock for lock in self.locks if self.find(lock) == self.find(scope)))
        self.admit()

    def end(self, section: int) -> None:
        self.over.add(section)
        adopted = [entry for entry in self.waiting if entry[0] == section]
        self.waiting = [entry for entry in self.waiting if entry[0] != section]
        self.waiting += [(self.find(section), is_section, w) for _, is_section, w in adopted]


class InputGates(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.gates: dict[int, InputGate] = {ROOT: InputGate()}
        self.waiters: dict[int, Waiter] = {}
        self.held: list[tuple[int, InputLock]] = []
        self.broken: set[InputGate] = set()

    def scope(self, pick: int) -> int:
        """A gate where something may have begun: not that of a section which has not."""
        begun = [
            scope
            for scope, gate in self.gates.items()
            if not (isinstance(gate, CriticalSection) and gate.state == "waiting")
        ]
        return begun[pick % len(begun)]

    def running(self) -> list[int]:
        return [
            scope
            for scope, gate in self.gates.items()
            if isinstance(gate, CriticalSection) and gate.state == "running"
        ]

    def watch(self, scope: int, number: int, waiter: Waiter) -> None:
        self.waiters[number] = waiter

        def ready(waiter: Waiter) -> None:
            if waiter.lock is not None:
                self.held.append((scope, waiter.lock))

        waiter.on_ready(ready)

    @precondition(lambda self: not self.broken)
    @rule(pick=picks)
    def wait(self, pick: int) -> None:
        scope, number = self.scope(pick), len(self.waiters) + 1
        self.model.wait(scope, number, section=False)
        self.watch(scope, number, self.gates[scope].current().wait())

    @precondition(lambda self: not self.broken)
    @rule(pick=picks)
    def try_lock(self, pick: int) -> None:
        scope = self.scope(pick)
        free = self.model.free(self.model.find(scope))
        lock = self.gates[scope].current().try_lock()
        assert (lock is not None) == free
        if lock is not None:
            self.model.locks.append(scope)
            self.held.append((scope, lock))

    @precondition(lambda self: self.held)
    @rule(pick=picks)
    def release(self, pick: int) -> None:
        scope, lock = self.held.pop(pick % len(self.held))
        if not self.broken:
            self.model.release(scope)
        lock.release()

    @precondition(lambda self: not self.broken)
    @rule(pick=picks)
    def start_section(self, pick: int) -> None:
        scope, number = self.scope(pick), len(self.waiters) + 1
        section = CriticalSection(self.gates[scope])
        self.gates[number] = section
        self.model.wait(scope, number, section=True)
        self.watch(number, number, section.start())

    @precondition(lambda self: not self.broken and self.running())
    @rule(pick=picks)
    def end_section(self, pick: int) -> None:
        scope = self.running()[pick % len(self.running())]
        section: Any = self.gates[scope]
        self.model.end(scope)
        self.held.append((scope, section.succeed()))

    @precondition(lambda self: not self.broken and self.running())
    @rule(pick=picks)
    def fail_section(self, pick: int) -> None:
        gate: Any = self.gates[self.running()[pick % len(self.running())]]
        gate.fail(BOOM)
        while isinstance(gate, CriticalSection):
            self.broken.add(gate)
            gate = gate.parent.current()
        self.broken.add(gate)

    @precondition(lambda self: self.broken)
    @rule(pick=picks)
    def wait_at_a_broken_gate(self, pick: int) -> None:
        gate = sorted(self.broken, key=repr)[pick % len(self.broken)]
        assert gate.wait().error is BOOM
        assert gate.try_lock() is None

    @invariant()
    def the_same_waiters_are_ready(self) -> None:
        if not self.broken:
            assert {n for n, waiter in self.waiters.items() if waiter.ready} == self.model.admitted

    @invariant()
    def nobody_waits_at_a_broken_gate(self) -> None:
        for scope, section, number in self.model.waiting:
            if self.gates[scope] in self.broken:
                assert self.waiters[number].error is BOOM, (scope, section, number)


class OutputGates(RuleBasedStateMachine):
    """The model: a message waits for the set of writes that were open when it came."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = OutputGate()
        self.locks: list[OutputLock] = []
        self.undone: set[int] = set()
        self.messages: list[tuple[set[int], list[BaseException | None]]] = []
        self.broken = False

    def undone_pick(self, pick: int) -> int:
        left = [number for number, lock in enumerate(self.locks) if not lock.done]
        return left[pick % len(left)]

    @rule()
    def lock(self) -> None:
        self.undone.add(len(self.locks))
        self.locks.append(self.gate.lock())

    @rule()
    def send(self) -> None:
        answers: list[BaseException | None] = []
        self.messages.append((set() if self.broken else set(self.undone), answers))
        self.gate.wait(answers.append)
        if self.broken:
            assert answers == [BOOM]

    @precondition(lambda self: not all(lock.done for lock in self.locks))
    @rule(pick=picks)
    def succeed(self, pick: int) -> None:
        number = self.undone_pick(pick)
        self.undone.discard(number)
        self.locks[number].succeed()

    @precondition(lambda self: not all(lock.done for lock in self.locks))
    @rule(pick=picks)
    def fail(self, pick: int) -> None:
        number = self.undone_pick(pick)
        waiting = [answers for _, answers in self.messages if not answers]
        self.undone.discard(number)
        self.locks[number].fail(BOOM)
        assert all(answers == [BOOM] for answers in waiting)
        self.broken = True

    @invariant()
    def messages_left_exactly_when_their_writes_were_durable(self) -> None:
        if not self.broken:
            for writes, answers in self.messages:
                assert answers == ([] if writes & self.undone else [None])
            assert self.gate.open == (not self.undone)
        else:
            assert all(len(answers) == 1 for _, answers in self.messages)
            assert not self.gate.open


TestInputGates = InputGates.TestCase
TestInputGates.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestOutputGates = OutputGates.TestCase
TestOutputGates.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
