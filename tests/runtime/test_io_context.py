"""IoContext: what is a turn, what comes from outside, when a context is done, how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emulator.entropy import SeededEntropy
from emulator.js.errors import JsThrow, type_error
from emulator.js.host import NoHost, slot
from emulator.js.object import JsObject
from emulator.js.promise import Promise, rejected, resolved
from emulator.runtime.errors import HUNG, ActorAborted, GuestError, platform_error
from emulator.runtime.gates import CriticalSection, InputGate
from emulator.runtime.io_context import GLOBAL_SCOPE, IoContext
from emulator.runtime.reply import Reply
from emulator.runtime.services import Services
from emulator.testing.virtual_loop import VirtualClock, VirtualLoop
from tests.support.worker import RecordingObserver


class NoWay:
    """An Outbound that is never used."""

    async def fetch(self, request: Any) -> Any:
        raise AssertionError(request)


class Bench:
    """Contexts on a virtual loop, and a log."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.observer = RecordingObserver()
        self.services = Services(
            VirtualClock(loop), SeededEntropy(1), self.observer, NoWay(), loop, {}
        )
        self.log: list[str] = []
        self.context = IoContext(self.services, on_turn_end=self.note("."))

    def other(self, **options: Any) -> IoContext:
        return IoContext(self.services, **options)

    def note(self, text: str) -> Callable[[], None]:
        return lambda: self.log.append(text)

    def run(self, reply: Reply[Any]) -> Any:
        """What a reply comes to."""

        async def wait() -> Any:
            return await reply

        return self.loop.run(wait())

    @property
    def text(self) -> str:
        return "".join(self.log)


@pytest.fixture
def bench(virtual_loop: VirtualLoop) -> Iterator[Bench]:
    bench = Bench(virtual_loop)
    yield bench
    bench.context.close()


# -- turns ---------------------------------------------------------------------------------------


def test_a_job_for_a_free_gate_runs_at_once_as_a_turn(bench: Bench) -> None:
    seen: list[Any] = []
    bench.context.deliver(lambda: seen.extend([slot.host, asyncio.get_running_loop()]))
    assert seen == [bench.context, bench.context.loop]
    assert isinstance(slot.host, NoHost)
    assert asyncio._get_running_loop() is None
    assert bench.text == "."


@pytest.mark.rule("IG-7")
def test_a_job_for_a_locked_gate_waits_for_it(bench: Bench) -> None:
    lock = bench.context.gate.try_lock()
    assert lock is not None
    bench.context.deliver(bench.note("a"))
    bench.context.deliver(bench.note("b"))
    bench.loop.run_ready()
    assert bench.text == ""
    lock.release()
    bench.loop.run_ready()
    assert bench.text == "a.b."


@pytest.mark.rule("IG-3")
def test_everything_that_can_go_on_is_one_turn(bench: Bench) -> None:
    async def guest() -> None:
        for number in range(3):
            await asyncio.sleep(0)
            future = asyncio.get_running_loop().create_future()
            future.set_result(None)
            await future
            await asyncio.create_task(asyncio.sleep(0))
            bench.log.append(str(number))

    bench.run(bench.context.invoke(guest))
    assert bench.text == "012."


@pytest.mark.rule("IG-6")
def test_a_timer_is_a_turn_of_its_own(bench: Bench) -> None:
    async def guest() -> None:
        for number in range(3):
            await asyncio.sleep(1)
            bench.log.append(str(number))

    bench.run(bench.context.invoke(guest))
    assert bench.text == ".0.1.2."
    assert bench.loop.time() == 3


def test_host_work_is_a_turn_of_its_own_even_if_it_is_done_at_once(bench: Bench) -> None:
    async def work() -> str:
        return "w"

    def begin() -> Promise:
        promise = bench.context.external(work())
        promise.subscribe(bench.log.append, lambda reason: None)
        bench.log.append("begin")
        return promise

    assert bench.run(bench.context.settle(begin)) == "w"
    assert bench.text == "begin.w."


def test_turns_of_two_contexts_do_not_nest(bench: Bench) -> None:
    other = bench.other(on_turn_end=bench.note("|"))

    def first() -> None:
        bench.log.append("a")
        other.deliver(bench.note("b"))
        bench.log.append("c")

    bench.context.deliver(first)
    assert bench.text == "ac."
    bench.loop.run_ready()
    assert bench.text == "ac.b|"
    other.close()


def test_a_job_added_from_outside_asks_for_one_turn(bench: Bench) -> None:
    bench.context.jobs.add(bench.note("a"))
    bench.context.jobs.add(bench.note("b"))
    assert bench.text == ""
    bench.loop.run_ready()
    assert bench.text == "ab."


def test_a_call_from_another_thread_is_delivered(bench: Bench) -> None:
    bench.context.loop.call_soon_threadsafe(bench.note("a"))
    bench.loop.run_ready()
    assert bench.text == "a."


def test_the_turns_writes_end_before_the_next_turn_begins(bench: Bench) -> None:
    bench.context.deliver(lambda: bench.context.deliver(bench.note("next")))
    bench.loop.run_ready()
    assert bench.text == ".next."


# -- replies -------------------------------------------------------------------------------------


def test_the_outcome_of_a_coroutine_is_the_reply(bench: Bench) -> None:
    async def good() -> int:
        return 1

    async def bad() -> None:
        raise ValueError("boom")

    assert bench.run(bench.context.invoke(good)) == 1
    with pytest.raises(GuestError) as caught:
        bench.run(bench.context.invoke(bad))
    assert caught.value.name == "PythonError"
    assert isinstance(caught.value.exception, ValueError)


def test_the_settling_of_a_promise_is_the_reply(bench: Bench) -> None:
    assert bench.run(bench.context.settle(lambda: 5)) == 5
    assert bench.run(bench.context.settle(lambda: resolved("value"))) == "value"

    def throw() -> Any:
        raise type_error("thrown")

    for fail in (throw, lambda: rejected(type_error("thrown").value)):
        with pytest.raises(GuestError) as caught:
            bench.run(bench.context.settle(fail))
        assert (caught.value.name, caught.value.message) == ("TypeError", "thrown")


def test_all_who_wait_can_be_told_that_nothing_will_come(bench: Bench) -> None:
    async def forever() -> None:
        await asyncio.get_running_loop().create_future()

    replies = [bench.context.invoke(forever), bench.context.settle(Promise)]
    error = platform_error("gone")
    bench.context.fail_replies(error)
    for reply in replies:
        with pytest.raises(GuestError, match="gone"):
            bench.run(reply)


# -- outside work --------------------------------------------------------------------------------


def outcome_of(bench: Bench, work: Any, convert: Any = None) -> Any:
    begin = lambda: (  # noqa: E731
        bench.context.external(work) if convert is None else bench.context.external(work, convert)
    )
    try:
        return bench.run(bench.context.settle(begin))
    except GuestError as error:
        return str(error).splitlines()[-1], error.properties


def test_the_result_is_converted_inside_a_turn(bench: Bench) -> None:
    async def work() -> int:
        return 5

    def convert(value: int) -> str:
        assert slot.host is bench.context
        return str(value)

    assert outcome_of(bench, work(), convert) == "5"


def test_a_failure_of_host_work_is_a_rejection(bench: Bench) -> None:
    async def fail(error: Exception) -> None:
        await asyncio.sleep(1)
        raise error

    flagged = platform_error("down", "RangeError", retryable=True)
    assert outcome_of(bench, fail(flagged)) == ("RangeError: down", {"retryable": True})
    text, _ = outcome_of(bench, fail(ValueError("boom")))
    assert text == "ValueError: boom"


def test_a_failed_conversion_is_a_rejection(bench: Bench) -> None:
    async def work() -> None: ...

    def convert(_: None) -> None:
        raise type_error("cannot")

    assert outcome_of(bench, work(), convert) == ("TypeError: cannot", {})


def test_outstanding_counts_what_will_come_from_outside(bench: Bench) -> None:
    async def work() -> None:
        await asyncio.sleep(1)

    def begin() -> None:
        bench.context.external(work())
        bench.context.set_timer(500, bench.note("t"), repeat=False)
        bench.context.set_timer(2000, bench.note("u"), repeat=False)

    bench.context.deliver(begin)
    counts = [bench.context.outstanding]
    for _ in range(4):
        bench.loop.advance(0.6)
        counts.append(bench.context.outstanding)
    assert counts == [3, 2, 1, 1, 0]


# -- timers --------------------------------------------------------------------------------------


def test_timers_repeat_until_they_are_cleared(bench: Bench) -> None:
    ids: list[int] = []

    def tick() -> None:
        bench.log.append("t")
        if bench.log.count("t") == 3:
            bench.context.clear_timer(ids[0])

    bench.context.deliver(lambda: ids.append(bench.context.set_timer(1000, tick, repeat=True)))
    bench.loop.advance(10)
    assert bench.text == ".t.t.t."
    assert bench.context.outstanding == 0


def test_a_timer_cleared_while_it_waits_at_the_gate_does_not_fire(bench: Bench) -> None:
    ids: list[int] = []
    bench.context.deliver(
        lambda: ids.append(bench.context.set_timer(1, bench.note("t"), repeat=False))
    )
    lock = bench.context.gate.try_lock()
    assert lock is not None
    bench.loop.advance(1)
    bench.context.clear_timer(ids[0])
    bench.context.clear_timer(ids[0])
    bench.context.clear_timer(999)
    lock.release()
    bench.loop.run_ready()
    assert bench.text == ".."
    assert bench.context.outstanding == 0


@pytest.mark.rule("IG-8", "LC-18")
def test_a_timer_belongs_to_the_critical_section_in_which_it_was_set(bench: Bench) -> None:
    gate = bench.context.gate
    section = CriticalSection(gate)
    bench.context.deliver(
        lambda: bench.context.set_timer(1, bench.note("outside"), repeat=False) and None
    )
    waiter = section.start()
    assert waiter.lock is not None
    bench.context.run_turn(
        waiter.lock, lambda: bench.context.set_timer(2, bench.note("inside"), repeat=False) and None
    )
    bench.loop.advance(1)
    assert bench.text == "..inside."
    section.succeed().release()
    bench.loop.run_ready()
    assert bench.text == "..inside.outside."


@pytest.mark.rule("IG-8", "LC-19")
def test_a_timer_of_a_section_that_is_over_fires_in_its_parent(bench: Bench) -> None:
    section = CriticalSection(bench.context.gate)
    waiter = section.start()
    assert waiter.lock is not None
    bench.context.run_turn(
        waiter.lock, lambda: bench.context.set_timer(1, bench.note("t"), repeat=False) and None
    )
    section.succeed().release()
    bench.loop.advance(1)
    assert bench.text == ".t."


@pytest.mark.rule("IG-8")
def test_host_work_belongs_to_its_section_too(bench: Bench) -> None:
    async def work() -> str:
        return "outside"

    def begin() -> None:
        bench.context.external(work()).subscribe(bench.log.append, bench.log.append)

    bench.context.deliver(begin)
    section = CriticalSection(bench.context.gate)
    waiter = section.start()
    assert waiter.lock is not None
    bench.context.run_turn(waiter.lock, None)
    bench.loop.run_ready()
    assert bench.text == ".."
    section.succeed().release()
    bench.loop.run_ready()
    assert bench.text == "..outside."


# -- hangs ---------------------------------------------------------------------------------------


async def _forever() -> None:
    await asyncio.get_running_loop().create_future()


def test_a_reply_that_can_never_come_is_a_hang(bench: Bench) -> None:
    context = bench.other(detects_hangs=True)
    with pytest.raises(GuestError) as caught:
        bench.run(context.invoke(_forever))
    assert caught.value.message == HUNG


def test_a_hang_is_seen_only_when_nothing_is_left(bench: Bench) -> None:
    context = bench.other(detects_hangs=True)

    async def guest() -> None:
        asyncio.get_running_loop().call_later(5, lambda: None)
        await asyncio.get_running_loop().create_future()

    with pytest.raises(GuestError, match="hung"):
        bench.run(context.invoke(guest))
    assert bench.loop.time() == 5


def test_clearing_the_last_timer_is_the_moment_of_the_hang(bench: Bench) -> None:
    context = bench.other(detects_hangs=True)

    async def guest() -> None:
        timer = asyncio.get_running_loop().call_later(5, lambda: None)
        await asyncio.sleep(1)
        timer.cancel()
        await asyncio.get_running_loop().create_future()

    with pytest.raises(GuestError, match="hung"):
        bench.run(context.invoke(guest))
    assert bench.loop.time() == 1


def test_an_actor_may_wait_forever(bench: Bench) -> None:
    reply = bench.context.invoke(_forever)
    bench.loop.run_ready()
    assert not reply.done


def test_idleness_is_told_after_each_turn_that_leaves_nothing(bench: Bench) -> None:
    bench.context.when_idle(bench.note("idle "))
    bench.context.deliver(None)
    bench.context.deliver(lambda: bench.context.set_timer(1, lambda: None, repeat=False) and None)
    bench.loop.advance(1)
    assert bench.text == ".idle ..idle "


# -- waitUntil -----------------------------------------------------------------------------------


class Kept(IoContext):
    """Counts what keeps it alive."""

    kept = 0

    def keep_alive(self) -> Callable[[], None]:
        self.kept += 1

        def release() -> None:
            self.kept -= 1

        return release


@pytest.mark.parametrize("fails", [False, True])
def test_wait_until_keeps_the_context_until_the_promise_settles(bench: Bench, fails: bool) -> None:
    context = Kept(bench.services)
    promise = Promise()
    context.deliver(lambda: context.wait_until(promise))
    assert context.kept == 1
    settle = promise.reject_with if fails else promise.resolve_with
    context.deliver(lambda: settle(type_error("late").value))
    assert context.kept == 0
    assert bench.observer.errors == (["TypeError: late"] if fails else [])


def test_wait_until_takes_any_value(bench: Bench) -> None:
    context = Kept(bench.services)
    context.deliver(lambda: context.wait_until(5))
    assert context.kept == 0


# -- the end -------------------------------------------------------------------------------------


@pytest.mark.rule("LC-16")
def test_nothing_runs_after_close(bench: Bench) -> None:
    cancelled: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            cancelled.append("work")
            raise

    async def guest() -> None:
        await asyncio.sleep(3)
        bench.log.append("guest")

    def begin() -> None:
        bench.context.external(work()).subscribe(bench.log.append, bench.log.append)
        bench.context.set_timer(1000, bench.note("timer"), repeat=True)

    bench.context.deliver(begin)
    reply = bench.context.invoke(guest)
    lock = bench.context.gate.try_lock()
    bench.context.deliver(bench.note("queued"))
    bench.loop.run_ready()
    bench.log.clear()
    bench.context.close()
    bench.context.close()
    assert lock is not None
    lock.release()
    bench.context.deliver(bench.note("late"))
    bench.context.jobs.add(bench.note("late"))
    bench.context.loop.call_soon_threadsafe(bench.note("late"))
    bench.loop.advance(20)
    assert bench.text == ""
    assert cancelled == ["work"]
    assert not reply.done


def test_a_context_that_closes_in_its_turn_ends_it_there(bench: Bench) -> None:
    def close() -> None:
        bench.context.jobs.add(bench.note("never"))
        bench.context.close()

    bench.context.deliver(close)
    bench.loop.run_ready()
    assert bench.text == ""


def test_guest_code_of_an_actor_that_is_gone_unwinds_and_its_reply_stays_open(
    bench: Bench,
) -> None:
    async def guest() -> None:
        bench.context.close()
        raise ActorAborted("gone")

    reply = bench.context.invoke(guest)
    bench.loop.run_ready()
    assert not reply.done


@pytest.mark.rule("IG-11")
def test_a_broken_gate_lets_nobody_in(bench: Bench) -> None:
    gate = InputGate()
    context = bench.other(gate=gate)
    gate.break_with(ValueError("broken"))
    context.deliver(bench.note("never"))
    bench.loop.run_ready()
    assert bench.text == ""


# -- services for guest code ---------------------------------------------------------------------


def test_time_randomness_and_console_come_from_the_ports(bench: Bench) -> None:
    context = bench.context
    assert context.now_ms() == VirtualClock(bench.loop).now_ms()
    assert context.loop_time() == bench.loop.time()
    assert context.random_bytes(4) == SeededEntropy(1).random_bytes(4)
    context.console("warn", "text")
    assert bench.observer.log == ["warn: text"]
    context.report_error(type_error("lost").value)
    assert bench.observer.errors == ["TypeError: lost"]
    context.check_io_allowed()


@pytest.mark.rule("LC-13")
def test_an_unhandled_rejection_is_reported_at_the_end_of_its_turn(bench: Bench) -> None:
    def begin() -> None:
        rejected(type_error("handled").value).handled = True
        rejected(type_error("lost").value)

    bench.context.deliver(begin)
    assert bench.observer.errors == ["TypeError: lost"]


def test_a_rejection_that_is_handled_later_in_its_turn_is_not_reported(bench: Bench) -> None:
    promises: list[Promise] = []

    def begin() -> None:
        promises.append(rejected(type_error("late").value))
        bench.context.jobs.add(lambda: bench.context.jobs.add(handle))

    def handle() -> None:
        promises[0].subscribe(lambda _: None, lambda _: bench.log.append("handled"))

    bench.context.deliver(begin)
    assert bench.text == "handled."
    assert bench.observer.errors == []


def test_a_rejection_that_is_handled_in_a_later_turn_was_reported(bench: Bench) -> None:
    promises: list[Promise] = []
    bench.context.deliver(lambda: promises.append(rejected(type_error("late").value)))
    bench.context.deliver(lambda: promises[0].subscribe(lambda _: None, lambda _: None))
    assert bench.observer.errors == ["TypeError: late"]


def test_the_text_of_a_reported_rejection_may_reject_too(bench: Bench) -> None:
    class Talkative(JsObject, name="Talkative"):
        def js_to_string(self) -> str:
            rejected(type_error("while it was told").value)
            return "first"

    def begin() -> None:
        rejected(Talkative())

    bench.context.deliver(begin)
    assert bench.observer.errors == ["first", "TypeError: while it was told"]


def test_the_global_scope_has_no_io(bench: Bench) -> None:
    context = bench.other(global_scope=True)
    assert context.now_ms() == 0
    with pytest.raises(JsThrow) as caught:
        context.check_io_allowed()
    assert str(caught.value) == f"Error: {GLOBAL_SCOPE}"
    with pytest.raises(JsThrow):
        context.set_timer(1, lambda: None, repeat=False)
    with pytest.raises(JsThrow):
        context.fetch(None)
    context.set_timer(0, bench.note("t"), repeat=False)
    bench.loop.run_ready()
    assert bench.text == "t"


def test_the_repr_shows_the_state(bench: Bench) -> None:
    bench.context.invoke(_forever)
    assert repr(bench.context) == (
        "<IoContext <JobQueue ready=0 microtasks=0> outstanding=0 replies=1>"
    )
    bench.context.close()
    assert repr(bench.context).endswith(" closed>")
