"""Reply: settled once; awaiting a settled one does not suspend."""

from __future__ import annotations

import asyncio

import pytest

from emulator.runtime.reply import Reply
from emulator.testing.virtual_loop import VirtualLoop


def first_step(reply: Reply[int]) -> object:
    """Runs `await reply` without an event loop, as far as it goes."""

    async def wait() -> int:
        return await reply

    coroutine = wait()
    try:
        return coroutine.send(None)
    finally:
        coroutine.close()


def test_awaiting_a_settled_reply_needs_no_loop() -> None:
    reply: Reply[int] = Reply()
    reply.resolve(1)
    with pytest.raises(StopIteration) as stopped:
        first_step(reply)
    assert stopped.value.value == 1


def test_awaiting_a_failed_reply_raises_its_error() -> None:
    reply: Reply[int] = Reply()
    error = ValueError("boom")
    reply.fail(error)
    with pytest.raises(ValueError, match="boom") as caught:
        first_step(reply)
    assert caught.value is error


def test_the_first_outcome_stays() -> None:
    resolved: Reply[int] = Reply()
    resolved.resolve(1)
    resolved.resolve(2)
    resolved.fail(ValueError("late"))
    assert resolved.done
    with pytest.raises(StopIteration) as stopped:
        first_step(resolved)
    assert stopped.value.value == 1
    failed: Reply[int] = Reply()
    failed.fail(ValueError("first"))
    failed.resolve(1)
    failed.fail(ValueError("second"))
    with pytest.raises(ValueError, match="first"):
        first_step(failed)


def test_a_waiter_is_woken_by_either_outcome(virtual_loop: VirtualLoop) -> None:
    async def main(reply: Reply[int], settle: object) -> int:
        asyncio.get_running_loop().call_later(1, settle)  # type: ignore[arg-type]
        return await reply

    good: Reply[int] = Reply()
    assert virtual_loop.run(main(good, lambda: good.resolve(5))) == 5
    bad: Reply[int] = Reply()
    with pytest.raises(ValueError, match="boom"):
        virtual_loop.run(main(bad, lambda: bad.fail(ValueError("boom"))))


def test_a_reply_whose_waiter_went_away_can_still_be_settled(virtual_loop: VirtualLoop) -> None:
    reply: Reply[int] = Reply()

    async def wait() -> int:
        return await reply

    async def main() -> None:
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        reply.resolve(1)

    virtual_loop.run(main())
    assert reply.done


def test_none_is_a_value_like_any_other(virtual_loop: VirtualLoop) -> None:
    reply: Reply[None] = Reply()
    reply.resolve(None)

    async def main() -> None:
        assert await reply is None

    virtual_loop.run(main())


def test_the_repr_tells_the_outcome() -> None:
    pending: Reply[int] = Reply()
    done: Reply[int] = Reply()
    done.resolve(1)
    failed: Reply[int] = Reply()
    failed.fail(ValueError())
    assert [repr(reply) for reply in (pending, done, failed)] == [
        "<Reply pending>",
        "<Reply done>",
        "<Reply failed>",
    ]
