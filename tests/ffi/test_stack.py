"""run_sync: the Python stack waits, everything else goes on, and asyncio's books stay right."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Awaitable
from typing import Any

import pytest

from emulator.ffi.jobs import NO_STACK_SWITCH
from emulator.ffi.stack import can_run_sync, run_sync, synchronous_callback
from tests.ffi.guest_loop import GuestLoop
from tests.support.js_host import StillPendingError


async def later(value: Any, seconds: float = 1.0) -> Any:
    await asyncio.sleep(seconds)
    return value


def test_the_result_comes_back(guest: GuestLoop) -> None:
    assert guest.call(lambda: run_sync(later(5))) == 5
    assert guest.call(lambda: run_sync(later(6, 0))) == 6


def test_an_exception_comes_back(guest: GuestLoop) -> None:
    async def fail() -> None:
        await asyncio.sleep(1)
        raise ValueError("boom")

    def main() -> str:
        try:
            run_sync(fail())
        except ValueError as error:
            return str(error)
        return "nothing"

    assert guest.call(main) == "boom"


def test_a_cancelled_future_raises_cancelled_error(guest: GuestLoop) -> None:
    async def main() -> str:
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(1, future.cancel)
        try:
            run_sync(future)
        except asyncio.CancelledError:
            return "cancelled"
        return "nothing"

    assert guest.run(main()) == "cancelled"


@pytest.mark.parametrize("value", [None, 5, "text", later])
def test_only_awaitables_can_be_waited_for(guest: GuestLoop, value: Any) -> None:
    with pytest.raises(TypeError, match=f"object {type(value).__name__} is not awaitable"):
        guest.call(lambda: run_sync(value))


def test_all_kinds_of_awaitables_can_be_waited_for(guest: GuestLoop) -> None:
    class Custom:
        def __await__(self):
            return later("custom").__await__()

    async def main() -> list[Any]:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.call_later(1, future.set_result, "future")
        kinds: list[Awaitable[Any]] = [
            Custom(), future, loop.create_task(later("task")), later("coroutine"),
        ]  # fmt: skip
        return [run_sync(kind) for kind in kinds]

    assert guest.run(main()) == ["custom", "future", "task", "coroutine"]


def test_a_done_future_does_not_give_up_the_stack(guest: GuestLoop) -> None:
    order: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(order.append, "other")
        future = loop.create_future()
        future.set_result(1)
        run_sync(future)
        order.append("main")

    guest.run(main())
    assert order[0] == "main"


def test_other_tasks_go_on_while_a_stack_waits(guest: GuestLoop) -> None:
    order: list[str] = []

    async def blocking() -> None:
        order.append("blocks")
        run_sync(later(None, 5))
        order.append("unblocks")

    async def other() -> None:
        for number in range(3):
            order.append(f"other {number}")
            await asyncio.sleep(1)

    async def main() -> None:
        await asyncio.gather(blocking(), other())

    guest.run(main())
    assert order == ["blocks", "other 0", "other 1", "other 2", "unblocks"]


def test_stacks_wait_inside_stacks(guest: GuestLoop) -> None:
    def nested(depth: int) -> int:
        if not depth:
            return 0

        async def inner() -> int:
            await asyncio.sleep(0.1)
            return nested(depth - 1) + 1

        return run_sync(inner())

    assert guest.call(lambda: nested(20)) == 20


def test_parallel_stacks_go_on_in_the_order_of_their_futures(guest: GuestLoop) -> None:
    order: list[int] = []

    async def blocking(number: int) -> None:
        run_sync(later(None, 10 - number))
        order.append(number)

    async def main() -> None:
        await asyncio.gather(*(blocking(number) for number in range(10)))

    guest.run(main())
    assert order == list(range(9, -1, -1))


def test_a_stack_may_end_before_the_one_that_waited_earlier(guest: GuestLoop) -> None:
    """The waits do not nest as calls would: the first to begin ends last, and the other way."""
    order: list[str] = []

    async def blocking(name: str, *delays: float) -> None:
        for delay in delays:
            run_sync(later(None, delay))
            order.append(name)

    async def main() -> None:
        await asyncio.gather(blocking("a", 1, 3), blocking("b", 2, 1), blocking("c", 5))

    guest.run(main())
    assert order == ["a", "b", "b", "a", "c"]


def test_the_current_task_is_right_before_during_and_after(guest: GuestLoop) -> None:
    async def blocking() -> bool:
        me = asyncio.current_task()
        run_sync(later(None, 1))
        return asyncio.current_task() is me

    async def watching() -> list[bool]:
        me = asyncio.current_task()
        seen = []
        for _ in range(4):
            await asyncio.sleep(0.4)
            seen.append(asyncio.current_task() is me)
        return seen

    async def main() -> list[Any]:
        return await asyncio.gather(blocking(), watching(), blocking())

    assert guest.run(main()) == [True, [True] * 4, True]
    assert guest.call(lambda: asyncio.current_task() is not None)


def test_the_running_loop_is_right_after_waiting(guest: GuestLoop) -> None:
    def main() -> bool:
        run_sync(later(None))
        return asyncio.get_running_loop() is guest.loop

    assert guest.call(main)
    assert asyncio._get_running_loop() is None


variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


def test_context_variables_belong_to_their_task(guest: GuestLoop) -> None:
    async def blocking(name: str, delay: float) -> list[str]:
        variable.set(name)
        run_sync(later(None, delay))
        seen = [variable.get()]
        variable.set(name * 2)
        run_sync(later(None, delay))
        return [*seen, variable.get()]

    async def main() -> list[Any]:
        variable.set("main")
        found = await asyncio.gather(blocking("a", 2), blocking("b", 1))
        return [*found, variable.get()]

    assert guest.run(main()) == [["a", "aa"], ["b", "bb"], "main"]


def test_an_awaited_coroutine_sees_the_variables_of_the_stack_that_waits(guest: GuestLoop) -> None:
    async def read() -> str:
        await asyncio.sleep(0)
        return variable.get()

    async def main() -> str:
        variable.set("outer")
        return run_sync(read())

    assert guest.run(main()) == "outer"


def test_the_exception_that_is_being_handled_belongs_to_its_stack(guest: GuestLoop) -> None:
    async def blocking(name: str, delay: float) -> bool:
        try:
            {}[name]
        except KeyError as error:
            run_sync(later(None, delay))
            return sys.exc_info()[1] is error

    async def main() -> list[bool]:
        return await asyncio.gather(blocking("a", 2), blocking("b", 1), blocking("c", 3))

    assert guest.run(main()) == [True, True, True]


def test_a_task_that_waits_synchronously_cannot_be_cancelled_until_it_is_back(
    guest: GuestLoop,
) -> None:
    async def blocking() -> str:
        run_sync(later(None, 5))
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            return "cancelled afterwards"
        return "not cancelled"

    async def main() -> str:
        task = asyncio.create_task(blocking())
        await asyncio.sleep(1)
        task.cancel()
        return await task

    assert guest.run(main()) == "cancelled afterwards"


def test_a_stack_that_waits_forever_hangs_only_itself(guest: GuestLoop) -> None:
    async def main() -> None:
        run_sync(asyncio.get_running_loop().create_future())

    with pytest.raises(StillPendingError):
        guest.run(main())
    assert guest.call(lambda: run_sync(later(1))) == 1


def test_a_parked_stack_of_a_closed_context_never_goes_on() -> None:
    guest = GuestLoop()
    order: list[str] = []

    async def main() -> None:
        try:
            run_sync(later(None, 1))
        finally:
            order.append("went on")

    guest.jobs.add(lambda: guest.loop.create_task(main()))
    guest.turn()
    guest.jobs.close()
    guest.fire_next_timer()
    guest.turn()
    assert order == []


def test_where_stacks_can_be_switched(guest: GuestLoop) -> None:
    assert not can_run_sync()
    assert guest.call(can_run_sync)

    def in_callback() -> list[bool]:
        with synchronous_callback():
            inside = can_run_sync()
            with synchronous_callback():
                deeper = can_run_sync()
            still = can_run_sync()
        return [inside, deeper, still, can_run_sync()]

    assert guest.call(in_callback) == [False, False, False, True]
    with synchronous_callback():
        assert not can_run_sync()


def test_where_stacks_cannot_be_switched_run_sync_says_so(guest: GuestLoop) -> None:
    def main() -> str:
        coroutine = later(1)
        try:
            with synchronous_callback():
                run_sync(coroutine)
        except RuntimeError as error:
            return str(error)
        finally:
            coroutine.close()
        return "nothing"

    assert guest.call(main) == NO_STACK_SWITCH
    coroutine = later(1)
    with pytest.raises(RuntimeError, match="Cannot stack switch"):
        run_sync(coroutine)
    coroutine.close()
