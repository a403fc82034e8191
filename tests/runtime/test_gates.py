"""Gates, one step at a time: after each, who is ready and who is not."""

from __future__ import annotations

import pytest

from emulator.runtime.gates import (
    MAX_SECTION_DEPTH,
    CriticalSection,
    InputGate,
    InputLock,
    OutputGate,
    SectionTooDeep,
    Waiter,
)

BOOM = RuntimeError("boom")


def lock_of(waiter: Waiter) -> InputLock:
    """The lock that a waiter must have."""
    assert waiter.ready
    assert waiter.error is None
    assert waiter.lock is not None
    return waiter.lock


def started(section: CriticalSection) -> InputLock:
    """Starts a section that can start at once; gives the lock of its first turn."""
    lock = lock_of(section.start())
    assert section.state == "running"
    return lock


class Told:
    """Notes how an output gate answered."""

    def __init__(self, gate: OutputGate) -> None:
        self.answers: list[BaseException | None] = []
        gate.wait(self.answers.append)

    @property
    def pending(self) -> bool:
        return not self.answers

    @property
    def passed(self) -> bool:
        return self.answers == [None]


# -- input gate ----------------------------------------------------------------------------------


@pytest.mark.rule("IG-1")
def test_a_free_gate_lets_the_first_in_at_once() -> None:
    gate = InputGate()
    lock = gate.try_lock()
    assert lock is not None
    assert gate.try_lock() is None
    lock.release()
    assert gate.try_lock() is not None


@pytest.mark.rule("IG-1", "IG-2")
def test_waiters_enter_one_at_a_time_in_order_of_arrival() -> None:
    gate = InputGate()
    first, second, third = gate.wait(), gate.wait(), gate.wait()
    assert [first.ready, second.ready, third.ready] == [True, False, False]
    lock_of(first).release()
    assert [second.ready, third.ready] == [True, False]
    lock_of(second).release()
    assert third.ready
    lock_of(third).release()
    assert gate.try_lock() is not None


@pytest.mark.rule("IG-2")
def test_a_released_lock_is_handed_over_before_anybody_can_take_it() -> None:
    gate = InputGate()
    held = lock_of(gate.wait())
    waiting = gate.wait()
    taken: list[InputLock | None] = []
    waiting.on_ready(lambda _: taken.append(gate.try_lock()))
    held.release()
    assert waiting.ready
    assert taken == [None]


@pytest.mark.rule("IG-2")
def test_sections_start_before_ordinary_waiters() -> None:
    gate = InputGate()
    held = lock_of(gate.wait())
    ordinary = gate.wait()
    section = CriticalSection(gate)
    begun = section.start()
    assert section.state == "waiting"
    held.release()
    assert begun.ready
    assert not ordinary.ready
    lock_of(begun).release()
    section.succeed().release()
    assert ordinary.ready


@pytest.mark.rule("LC-20")
def test_sections_of_one_turn_run_one_after_the_other() -> None:
    gate = InputGate()
    held = lock_of(gate.wait())
    one, two = CriticalSection(gate), CriticalSection(gate)
    one_begun, two_begun = one.start(), two.start()
    held.release()
    assert [one_begun.ready, two_begun.ready] == [True, False]
    lock_of(one_begun).release()
    assert not two_begun.ready
    one.succeed().release()
    assert two_begun.ready
    assert two.state == "running"


def test_a_lock_is_released_once() -> None:
    lock = lock_of(InputGate().wait())
    lock.release()
    with pytest.raises(AssertionError, match="released once"):
        lock.release()


def test_a_waiter_is_told_once_and_at_once_if_it_is_ready() -> None:
    gate = InputGate()
    told: list[Waiter] = []
    first, second = gate.wait(), gate.wait()
    first.on_ready(told.append)
    assert told == [first]
    second.on_ready(told.append)
    assert told == [first]
    lock_of(first).release()
    assert told == [first, second]
    third = gate.wait()
    third.on_ready(told.append)
    with pytest.raises(AssertionError, match="one callback"):
        third.on_ready(told.append)


@pytest.mark.rule("IG-1", "IG-11")
def test_a_broken_gate_fails_those_who_wait_and_those_who_come() -> None:
    broke: list[BaseException] = []
    gate = InputGate(broke.append)
    held = lock_of(gate.wait())
    ordinary, section = gate.wait(), gate.wait(section=True)
    told: list[Waiter] = []
    ordinary.on_ready(told.append)
    section.on_ready(told.append)
    gate.break_with(BOOM)
    assert told == [section, ordinary]
    assert [waiter.error for waiter in told] == [BOOM, BOOM]
    assert [waiter.lock for waiter in told] == [None, None]
    assert gate.wait().error is BOOM
    assert gate.wait(section=True).error is BOOM
    assert gate.try_lock() is None
    held.release()
    assert gate.try_lock() is None
    gate.break_with(ValueError("too late"))
    assert broke == [BOOM]
    assert gate.broken is BOOM


# -- critical sections ---------------------------------------------------------------------------


@pytest.mark.rule("IG-10")
def test_a_section_holds_its_parent_and_lets_its_own_events_in() -> None:
    gate = InputGate()
    section = CriticalSection(gate)
    turn = started(section)
    outside, inside = gate.wait(), section.wait()
    assert [outside.ready, inside.ready] == [False, False]
    turn.release()
    assert [outside.ready, inside.ready] == [False, True]
    lock_of(inside).release()
    assert not outside.ready
    again = section.try_lock()
    assert again is not None
    again.release()
    section.succeed().release()
    assert outside.ready


@pytest.mark.rule("IG-10", "LC-19")
def test_the_end_of_a_section_hands_the_parents_lock_to_the_caller() -> None:
    gate = InputGate()
    section = CriticalSection(gate)
    started(section).release()
    outside = gate.wait()
    lock = section.succeed()
    assert lock.gate is gate
    assert not outside.ready
    lock.release()
    assert outside.ready


@pytest.mark.rule("IG-10", "LC-19")
def test_what_waits_at_a_section_that_ends_is_adopted_by_the_parent() -> None:
    gate = InputGate()
    section = CriticalSection(gate)
    turn = started(section)
    outside = gate.wait()
    first, second, third = section.wait(), section.wait(), section.wait(section=True)
    turn.release()
    assert [first.ready, second.ready, third.ready] == [False, False, True]
    lock = section.succeed()
    lock.release()
    # Still locked: the lock that was out when the section ended belongs to the parent now.
    assert [outside.ready, first.ready] == [False, False]
    lock_of(third).release()
    assert [outside.ready, first.ready, second.ready] == [True, False, False]
    lock_of(outside).release()
    assert [first.ready, second.ready] == [True, False]
    lock_of(first).release()
    assert second.ready
    lock_of(second).release()
    assert gate.try_lock() is not None


@pytest.mark.rule("IG-10")
def test_an_adopted_lock_may_be_released_before_the_callers() -> None:
    gate = InputGate()
    section = CriticalSection(gate)
    straggler = started(section)
    outside = gate.wait()
    lock = section.succeed()
    straggler.release()
    assert not outside.ready
    lock.release()
    assert outside.ready


def test_a_section_that_waits_in_one_that_ends_starts_in_the_parent_first() -> None:
    gate = InputGate()
    outer = CriticalSection(gate)
    turn = started(outer)
    outside = gate.wait()
    inner = CriticalSection(outer)
    begun = inner.start()
    lock = outer.succeed()
    turn.release()
    assert not begun.ready
    lock.release()
    assert [outside.ready, begun.ready] == [False, True]
    lock_of(begun).release()
    inner.succeed().release()
    assert outside.ready


def test_a_section_may_end_while_one_nested_in_it_runs() -> None:
    gate = InputGate()
    outer = CriticalSection(gate)
    started(outer).release()
    inner = CriticalSection(outer)
    turn = started(inner)
    outside = gate.wait()
    lock = outer.succeed()
    turn.release()
    lock.release()
    assert not outside.ready
    inner.succeed().release()
    assert outside.ready


@pytest.mark.rule("IG-8")
def test_a_section_that_is_over_stands_for_its_parent() -> None:
    gate = InputGate()
    outer = CriticalSection(gate)
    started(outer).release()
    inner = CriticalSection(outer)
    started(inner).release()
    assert inner.current() is inner
    inner.succeed().release()
    assert inner.current() is outer
    outer.succeed().release()
    assert inner.current() is gate
    assert CriticalSection(inner).parent is gate
    assert CriticalSection(inner).depth == 1


def test_a_lock_taken_in_a_section_that_is_over_unlocks_the_parent() -> None:
    gate = InputGate()
    section = CriticalSection(gate)
    started(section).release()
    section.succeed().release()
    late = section.current().try_lock()
    assert late is not None
    waiting = gate.wait()
    assert not waiting.ready
    late.release()
    assert waiting.ready


@pytest.mark.rule("LC-20")
def test_a_nested_section_blocks_its_parent() -> None:
    gate = InputGate()
    outer = CriticalSection(gate)
    turn = started(outer)
    inner = CriticalSection(outer)
    begun = inner.start()
    assert not begun.ready
    turn.release()
    assert begun.ready
    event_of_outer, event_of_inner = outer.wait(), inner.wait()
    lock_of(begun).release()
    assert [event_of_outer.ready, event_of_inner.ready] == [False, True]
    lock_of(event_of_inner).release()
    inner.succeed().release()
    assert event_of_outer.ready


def test_a_section_in_a_section_that_ended_before_it_began_runs_in_the_parent() -> None:
    gate = InputGate()
    outer = CriticalSection(gate)
    started(outer).release()
    inner = CriticalSection(outer)
    outer.succeed().release()
    begun = inner.start()
    assert begun.ready
    lock_of(begun).release()
    assert gate.try_lock() is None
    lock = inner.succeed()
    assert lock.gate is gate
    lock.release()
    assert gate.try_lock() is not None


@pytest.mark.rule("IG-10")
def test_a_failed_section_breaks_itself_and_all_that_enclose_it() -> None:
    broke: list[BaseException] = []
    gate = InputGate(broke.append)
    outer = CriticalSection(gate)
    started(outer).release()
    inner = CriticalSection(outer)
    started(inner)
    at_gate, at_outer, at_inner = gate.wait(), outer.wait(), inner.wait()
    inner.fail(BOOM)
    assert [waiter.error for waiter in (at_gate, at_outer, at_inner)] == [BOOM] * 3
    assert gate.broken is outer.broken is inner.broken is BOOM
    assert broke == [BOOM]


def test_a_section_cannot_start_at_a_broken_gate() -> None:
    gate = InputGate()
    gate.break_with(BOOM)
    section = CriticalSection(gate)
    begun = section.start()
    assert begun.error is BOOM
    assert section.broken is BOOM
    assert section.state == "waiting"


def test_a_gate_that_breaks_under_a_waiting_section_fails_its_start() -> None:
    gate = InputGate()
    held = lock_of(gate.wait())
    section = CriticalSection(gate)
    begun = section.start()
    gate.break_with(BOOM)
    assert begun.error is BOOM
    assert section.wait().error is BOOM
    held.release()
    assert section.state == "waiting"


@pytest.mark.rule("LC-20")
def test_sections_nest_64_deep_and_no_deeper() -> None:
    gate: InputGate = InputGate()
    for depth in range(1, MAX_SECTION_DEPTH + 1):
        section = CriticalSection(gate)
        assert section.depth == depth
        started(section).release()
        gate = section
    with pytest.raises(SectionTooDeep):
        CriticalSection(gate)


def test_a_section_ends_once_and_not_before_it_runs() -> None:
    gate = InputGate()
    section = CriticalSection(gate)
    with pytest.raises(AssertionError, match="waiting cannot succeed"):
        section.succeed()
    started(section).release()
    section.succeed()
    with pytest.raises(AssertionError, match="over cannot succeed"):
        section.succeed()


def test_the_repr_shows_the_state() -> None:
    gate = InputGate()
    assert repr(gate) == "<InputGate locks=0 waiters=0 sections=0>"
    gate.wait()
    gate.wait()
    gate.wait(section=True)
    assert repr(gate) == "<InputGate locks=1 waiters=1 sections=1>"
    gate.break_with(BOOM)
    assert repr(gate) == "<InputGate locks=1 waiters=0 sections=0 broken>"
    assert repr(CriticalSection(InputGate())).startswith("<CriticalSection ")


# -- output gate ---------------------------------------------------------------------------------


def test_an_open_output_gate_lets_messages_pass_at_once() -> None:
    gate = OutputGate()
    assert gate.open
    assert Told(gate).passed


@pytest.mark.rule("OG-1")
def test_a_message_waits_for_the_writes_before_it_and_for_no_others() -> None:
    gate = OutputGate()
    first = gate.lock()
    before = Told(gate)
    second = gate.lock()
    after = Told(gate)
    assert [before.pending, after.pending] == [True, True]
    first.succeed()
    assert [before.passed, after.pending] == [True, True]
    second.succeed()
    assert after.passed
    assert gate.open


@pytest.mark.rule("OG-1", "SQL-44")
def test_a_write_that_is_durable_out_of_order_opens_nothing_early() -> None:
    gate = OutputGate()
    first, second, third = gate.lock(), gate.lock(), gate.lock()
    waiting = Told(gate)
    third.succeed()
    second.succeed()
    assert waiting.pending
    assert not gate.open
    first.succeed()
    assert waiting.passed
    assert gate.open


@pytest.mark.rule("OG-1")
def test_messages_leave_in_the_order_in_which_they_waited() -> None:
    gate = OutputGate()
    lock = gate.lock()
    left: list[int] = []
    for number in range(3):
        gate.wait(lambda _, number=number: left.append(number))
    lock.succeed()
    assert left == [0, 1, 2]


def test_a_message_that_makes_a_write_when_it_leaves_does_not_disturb_the_others() -> None:
    gate = OutputGate()
    lock = gate.lock()
    later: list[object] = []
    gate.wait(lambda _: later.append(gate.lock()))
    second = Told(gate)
    lock.succeed()
    assert second.passed
    assert len(later) == 1
    assert not gate.open


@pytest.mark.rule("OG-1", "OG-5")
def test_a_failed_write_holds_back_everything_for_good() -> None:
    broke: list[BaseException] = []
    gate = OutputGate(broke.append)
    good, bad, after = gate.lock(), gate.lock(), gate.lock()
    waiting = Told(gate)
    bad.fail(BOOM)
    assert waiting.answers == [BOOM]
    assert not gate.open
    assert Told(gate).answers == [BOOM]
    good.succeed()
    after.fail(ValueError("second"))
    assert broke == [BOOM]
    assert gate.broken is BOOM
    assert Told(gate).answers == [BOOM]


def test_a_write_at_a_broken_gate_may_end_either_way() -> None:
    gate = OutputGate()
    gate.break_with(BOOM)
    gate.lock().succeed()
    gate.lock().fail(ValueError("more"))
    assert gate.broken is BOOM


def test_a_write_ends_once() -> None:
    lock = OutputGate().lock()
    lock.succeed()
    with pytest.raises(AssertionError, match="ends once"):
        lock.succeed()
    with pytest.raises(AssertionError, match="ends once"):
        lock.fail(BOOM)


def test_the_repr_of_an_output_gate_shows_the_state() -> None:
    gate = OutputGate()
    lock = gate.lock()
    Told(gate)
    assert repr(gate) == "<OutputGate locks=1 waiters=1>"
    lock.fail(BOOM)
    assert repr(gate) == "<OutputGate locks=0 waiters=0 broken>"


def test_the_owner_hears_of_a_broken_output_gate_before_those_who_wait() -> None:
    told: list[str] = []
    gate = OutputGate(lambda _: told.append("owner"))
    lock = gate.lock()
    gate.wait(lambda _: told.append("waiter"))
    lock.fail(BOOM)
    assert told == ["owner", "waiter"]
