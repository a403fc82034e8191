"""The virtual loop: time jumps, order is kept, deadlocks are loud."""

from __future__ import annotations

import asyncio
import threading

import pytest

from emulator.testing.virtual_loop import EPOCH_MS, Deadlock, VirtualClock, VirtualLoop

LONG_S = 1e9


@pytest.fixture
def loop():
    loop = VirtualLoop()
    yield loop
    loop.finish()


def test_sleeping_for_years_takes_no_time(loop: VirtualLoop) -> None:
    loop.run(asyncio.sleep(LONG_S))
    assert loop.time() == LONG_S


def test_timers_fire_in_order_of_time_and_see_exactly_their_time(loop: VirtualLoop) -> None:
    seen: list[tuple[str, float]] = []
    for name, delay in (("c", 3.0), ("a", 0.1), ("b", 0.3)):
        loop.call_later(delay, lambda name=name: seen.append((name, loop.time())))
    loop.advance(10)
    assert seen == [("a", 0.1), ("b", 0.3), ("c", 3.0)]
    assert loop.time() == 10


def test_time_stands_still_while_something_is_ready(loop: VirtualLoop) -> None:
    seen: list[str] = []

    def again(left: int) -> None:
        seen.append(f"soon {left}")
        if left:
            loop.call_soon(again, left - 1)

    loop.call_later(0.001, seen.append, "timer")
    loop.call_soon(again, 2)
    loop.advance(1)
    assert seen == ["soon 2", "soon 1", "soon 0", "timer"]


def test_a_cancelled_timer_neither_fires_nor_moves_time(loop: VirtualLoop) -> None:
    fired: list[str] = []
    loop.call_later(5, fired.append, "cancelled").cancel()
    loop.call_later(1, fired.append, "kept")
    loop.run(asyncio.sleep(2))
    assert fired == ["kept"]
    assert loop.time() == 2


def test_a_timer_cancelled_while_it_is_ready_does_not_fire(loop: VirtualLoop) -> None:
    fired: list[str] = []
    handle = loop.call_later(1, fired.append, "second")
    loop.call_at(0.5, lambda: None)
    loop.call_at(1, fired.append, "third")
    first = loop.call_at(0.9999, handle.cancel)
    loop.advance(2)
    assert fired == ["third"]
    assert not first.cancelled()


def test_nothing_to_wait_for_is_a_deadlock_that_names_who_waits(loop: VirtualLoop) -> None:
    cancelled: list[str] = []

    async def forever() -> None:
        try:
            await loop.create_future()
        except asyncio.CancelledError:
            cancelled.append("forever")
            raise

    with pytest.raises(Deadlock, match=r"(?s)at 0 s; waiting:.*forever.*test_virtual_loop\.py:\d+"):
        loop.run(forever())
    assert cancelled == ["forever"]
    loop.run(asyncio.sleep(1))  # the loop is still good


def test_what_is_left_over_goes_on_at_the_next_run(loop: VirtualLoop) -> None:
    seen: list[str] = []

    async def background() -> None:
        await asyncio.sleep(5)
        seen.append("background")

    async def main() -> asyncio.Task[None]:
        return asyncio.create_task(background())

    task = loop.run(main())
    assert not task.done()
    loop.advance(4)
    assert not seen
    loop.advance(1)
    assert seen == ["background"]


def test_run_ready_does_not_move_time(loop: VirtualLoop) -> None:
    seen: list[str] = []
    loop.call_soon(seen.append, "soon")
    loop.call_later(0, seen.append, "now")
    loop.call_later(1, seen.append, "later")
    loop.run_ready()
    assert seen == ["soon", "now"]
    assert loop.time() == 0


def test_finish_cancels_what_is_left() -> None:
    loop = VirtualLoop()
    ended: list[str] = []

    async def background() -> None:
        try:
            await asyncio.sleep(LONG_S)
        finally:
            ended.append("background")

    async def main() -> object:
        task = asyncio.create_task(background())
        await asyncio.sleep(0)
        return task

    keep = loop.run(main())
    loop.finish()
    assert ended == ["background"]
    assert loop.is_closed()
    assert keep is not None
    loop.finish()  # twice is fine


def test_another_thread_can_call_in_while_the_loop_waits_for_it() -> None:
    loop = VirtualLoop(thread_patience_s=30)
    try:

        async def main() -> str:
            future = loop.create_future()
            thread = threading.Thread(
                target=loop.call_soon_threadsafe, args=(future.set_result, "from a thread")
            )
            thread.start()
            result = await future
            thread.join()
            return str(result)

        assert loop.run(main()) == "from a thread"
        assert loop.time() == 0
        assert loop.run(main()) == "from a thread"
    finally:
        loop.finish()


def test_without_patience_a_call_from_a_thread_before_the_step_is_seen(loop: VirtualLoop) -> None:
    seen: list[str] = []
    thread = threading.Thread(target=loop.call_soon_threadsafe, args=(seen.append, "thread"))
    thread.start()
    thread.join()
    loop.run_ready()
    assert seen == ["thread"]


def _history(seed: int | None) -> str:
    loop = VirtualLoop(seed)
    seen: list[str] = []
    for name in "abcdefgh":
        loop.call_later(1, seen.append, name)
    loop.call_later(1 - 1e-9, lambda: [loop.call_soon(seen.append, name) for name in "123"])
    loop.call_later(2, seen.append, ".")
    loop.advance(3)
    loop.finish()
    return "".join(seen)


def test_without_a_seed_timers_of_one_moment_run_as_they_were_armed() -> None:
    assert _history(None) == "123abcdefgh."


def test_a_seed_shuffles_what_asyncio_does_not_order_and_nothing_else() -> None:
    histories = {_history(seed) for seed in range(20)}
    assert len(histories) > 10
    for history in histories:
        assert sorted(history) == sorted("123abcdefgh.")
        assert history.endswith(".")
        assert [c for c in history if c in "123"] == list("123")


def test_one_seed_gives_one_history() -> None:
    assert _history(7) == _history(7)


def test_timeouts_work(loop: VirtualLoop) -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.sleep(31)
        return loop.time()

    assert loop.run(main()) == 30


def test_an_exception_leaves_run(loop: VirtualLoop) -> None:
    async def main() -> None:
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        loop.run(main())


def test_the_clock_follows_the_loop(loop: VirtualLoop) -> None:
    clock = VirtualClock(loop)
    assert clock.now_ms() == EPOCH_MS
    loop.advance(1.5)
    assert clock.now_ms() == EPOCH_MS + 1500
    assert VirtualClock(loop, 0).now_ms() == 1500


def test_reprs_say_what_a_failing_test_needs(loop: VirtualLoop) -> None:
    loop.call_later(4, print)
    loop.advance(2)
    assert "time=2 ready=0 timers=1" in repr(loop)
    seeded = VirtualLoop(5)
    assert "seed=5" in repr(seeded)
    seeded.finish()
    assert repr(VirtualClock(loop, 0)) == "<VirtualClock 2000>"
