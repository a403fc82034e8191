"""The job queue: order of jobs and microtasks, parked stacks, the end."""

from __future__ import annotations

import types
from collections.abc import Callable, Generator

import greenlet
import pytest

from emulator.errors import InternalError
from emulator.ffi.jobs import (
    NO_STACK_SWITCH,
    ContextEnded,
    JobQueue,
    Worker,
    current_worker,
    switchable_worker,
)


class Bench:
    """A queue, what happened in it, and how often it asked for a turn."""

    def __init__(self) -> None:
        self.asked = 0
        self.log: list[str] = []
        self.queue = JobQueue(self._arrived)

    def _arrived(self) -> None:
        self.asked += 1

    def note(self, text: str) -> Callable[[], None]:
        return lambda: self.log.append(text)

    def parks(self, name: str, parked: list[Worker]) -> Callable[[], None]:
        """A job that parks in the middle."""

        def job() -> None:
            worker = switchable_worker()
            self.log.append(f"{name} parks")
            parked.append(worker)
            worker.park()
            self.log.append(f"{name} goes on")

        return job


def test_jobs_run_in_order_and_microtasks_before_the_next_job() -> None:
    bench = Bench()

    def first() -> None:
        bench.log.append("first")
        bench.queue.add_microtask(bench.note("micro 1"))
        bench.queue.add_microtask(lambda: bench.queue.add_microtask(bench.note("micro 2")))
        bench.queue.add(bench.note("third"))

    bench.queue.add(first)
    bench.queue.add(bench.note("second"))
    bench.queue.drain()
    assert bench.log == ["first", "micro 1", "micro 2", "second", "third"]
    assert bench.queue.idle


def test_parked_job_goes_on_with_its_own_queue_after_another_one_ran() -> None:
    one, two = Bench(), Bench()
    parked: list[Worker] = []
    one.queue.add(one.parks("job", parked))
    one.queue.drain()  # ends with a stack parked in the middle of it
    two.queue.add(two.note("a"))
    two.queue.add_microtask(two.note("micro"))
    one.queue.add(one.note("b"))
    one.queue.make_resumable(parked[0])
    two.queue.drain()
    one.queue.add_microtask(one.note("c"))
    one.queue.drain()
    assert two.log == ["micro", "a"]
    assert one.log == ["job parks", "c", "job goes on", "b"]
    assert one.queue.idle


def test_a_job_asks_for_a_turn_unless_one_is_running() -> None:
    bench = Bench()
    bench.queue.add(lambda: bench.queue.add(bench.note("inner")))
    assert bench.asked == 1
    bench.queue.drain()
    assert bench.asked == 1
    bench.queue.add_microtask(bench.note("micro"))
    assert bench.asked == 1  # a microtask is always somebody's turn
    assert not bench.queue.idle


def test_an_empty_queue_can_be_drained() -> None:
    bench = Bench()
    bench.queue.drain()
    assert bench.log == []


def test_a_turn_does_not_nest() -> None:
    bench = Bench()
    failures: list[BaseException] = []

    def nested() -> None:
        try:
            bench.queue.drain()
        except AssertionError as error:
            failures.append(error)

    bench.queue.add(nested)
    bench.queue.drain()
    assert len(failures) == 1
    assert not bench.queue.draining


def test_a_parked_job_gives_the_turn_to_the_others() -> None:
    bench = Bench()
    parked: list[Worker] = []
    bench.queue.add(bench.parks("a", parked))
    bench.queue.add(bench.note("b"))
    bench.queue.drain()
    assert bench.log == ["a parks", "b"]
    assert bench.queue.idle
    bench.queue.make_resumable(parked[0])
    assert bench.asked == 3
    assert not bench.queue.idle
    bench.queue.drain()
    assert bench.log == ["a parks", "b", "a goes on"]


def test_a_parked_job_goes_on_before_the_next_job_and_after_microtasks() -> None:
    bench = Bench()
    parked: list[Worker] = []

    def wake() -> None:
        bench.log.append("wake")
        bench.queue.add_microtask(bench.note("micro"))
        bench.queue.make_resumable(parked[0])

    bench.queue.add(bench.parks("a", parked))
    bench.queue.add(wake)
    bench.queue.add(bench.note("next"))
    bench.queue.drain()
    assert bench.log == ["a parks", "wake", "micro", "a goes on", "next"]


def test_many_jobs_park_and_go_on_in_any_order() -> None:
    bench = Bench()
    parked: list[Worker] = []
    for name in "abc":
        bench.queue.add(bench.parks(name, parked))
    bench.queue.drain()
    assert len(set(parked)) == 3
    for index in (2, 0, 1):
        bench.queue.make_resumable(parked[index])
        bench.queue.drain()
    assert bench.log == [
        "a parks", "b parks", "c parks", "c goes on", "a goes on", "b goes on",
    ]  # fmt: skip


def test_a_job_may_park_again() -> None:
    bench = Bench()
    parked: list[Worker] = []
    first, second = bench.parks("1", parked), bench.parks("2", parked)
    bench.queue.add(lambda: (first(), second()))
    bench.queue.drain()
    bench.queue.make_resumable(parked[0])
    bench.queue.drain()
    assert bench.log == ["1 parks", "1 goes on", "2 parks"]
    bench.queue.make_resumable(parked[1])
    bench.queue.drain()
    assert bench.log[-1] == "2 goes on"
    assert parked[0] is parked[1]


def test_a_worker_that_goes_on_parks_others_in_the_same_turn() -> None:
    bench = Bench()
    parked: list[Worker] = []
    bench.queue.add(bench.parks("a", parked))
    bench.queue.drain()
    bench.queue.make_resumable(parked[0])
    bench.queue.add(bench.parks("b", parked))
    bench.queue.add(bench.note("c"))
    bench.queue.drain()
    assert bench.log == ["a parks", "a goes on", "b parks", "c"]


def test_nothing_runs_after_close() -> None:
    bench = Bench()
    parked: list[Worker] = []
    bench.queue.add(bench.parks("a", parked))
    bench.queue.drain()
    bench.queue.add(bench.note("ready"))
    bench.queue.add_microtask(bench.note("micro"))
    bench.queue.close()
    bench.queue.add(bench.note("late"))
    bench.queue.add_microtask(bench.note("late"))
    bench.queue.make_resumable(parked[0])
    assert bench.queue.idle
    bench.queue.drain()
    assert bench.log == ["a parks"]


def test_a_context_that_ends_in_a_job_stops_the_turn() -> None:
    bench = Bench()

    def end() -> None:
        bench.queue.close()
        raise ContextEnded

    bench.queue.add(end)
    bench.queue.add(bench.note("never"))
    bench.queue.drain()
    assert bench.log == []
    assert not bench.queue.draining


def test_a_worker_is_used_again_after_a_context_ended_in_it() -> None:
    ended = Bench()

    def end() -> None:
        ended.queue.close()
        raise ContextEnded

    ended.queue.add(end)
    ended.queue.drain()
    bench = Bench()
    bench.queue.add(bench.note("fine"))
    bench.queue.drain()
    assert bench.log == ["fine"]


def test_guest_code_runs_on_a_worker_and_the_host_does_not() -> None:
    bench = Bench()
    seen: list[Worker | None] = []
    bench.queue.add(lambda: seen.append(current_worker()))
    bench.queue.drain()
    assert isinstance(seen[0], Worker)
    assert current_worker() is None
    with pytest.raises(RuntimeError, match="Cannot stack switch") as caught:
        switchable_worker()
    assert str(caught.value) == NO_STACK_SWITCH


def test_a_stack_with_javascript_on_it_is_not_switched() -> None:
    bench = Bench()
    texts: list[str] = []

    def job() -> None:
        worker = current_worker()
        assert worker is not None
        worker.synchronous_frames += 1
        try:
            switchable_worker()
        except RuntimeError as error:
            texts.append(str(error))
        finally:
            worker.synchronous_frames -= 1
        assert switchable_worker() is worker

    bench.queue.add(job)
    bench.queue.drain()
    assert texts == [NO_STACK_SWITCH]


def test_guest_code_outside_of_a_turn_is_a_bug_of_ours() -> None:
    worker = Worker()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            switchable_worker()
        except InternalError as error:
            failures.append(error)
        greenlet.getcurrent().parent.switch()  # type: ignore[union-attr]

    worker.run = run
    worker.switch()
    assert len(failures) == 1


def test_the_repr_shows_the_state() -> None:
    bench = Bench()
    bench.queue.add(bench.note("x"))
    assert repr(bench.queue) == "<JobQueue ready=1 microtasks=0>"
    seen: list[str] = []
    bench.queue.add(lambda: seen.append(repr(bench.queue)))
    bench.queue.drain()
    assert seen == ["<JobQueue ready=0 microtasks=0 draining>"]
    bench.queue.close()
    assert repr(bench.queue) == "<JobQueue ready=0 microtasks=0 closed>"


def test_a_coroutine_that_is_closed_may_end_with_its_context() -> None:
    @types.coroutine
    def suspend() -> Generator[None, None, None]:
        yield

    async def guest() -> None:
        try:
            await suspend()
        finally:
            raise ContextEnded

    coroutine = guest()
    coroutine.send(None)
    coroutine.close()
    assert coroutine.cr_frame is None
