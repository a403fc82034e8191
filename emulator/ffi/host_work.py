"""Work on the host's loop that guest code waits for, with its outcome as it is.

`on_host` is for coroutines, `wait_for_host` for code that blocks: it parks the stack. Guest code
that gives up waiting (a timeout, a cancelled task) cancels the work.

Guarantees: what the work returns or raises reaches the guest as the same object; `outgoing` work
begins once everything written so far is on disk. Does not know: what the work is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from emulator.ffi.futures import promise_to_future
from emulator.ffi.proxy import exception_for
from emulator.ffi.stack import run_sync
from emulator.js import host
from emulator.js.errors import JsThrow

T = TypeVar("T")
Work = Callable[[asyncio.AbstractEventLoop], Awaitable[T]]


class _HostWork(Generic[T]):
    """One piece of work, and its outcome."""

    __slots__ = ("_failure", "_given_up", "_result", "_task", "_work")

    def __init__(self, work: Work[T]) -> None:
        self._work = work
        self._result: T | None = None
        self._failure: Exception | None = None
        self._task: asyncio.Task[Any] | None = None
        self._given_up = False

    def start(self, *, outgoing: bool) -> Any:
        """A future of the running loop that is done when the work is."""
        return promise_to_future(host.current().work_on_host(self._run, outgoing=outgoing))

    async def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._is_given_up():
            return
        self._task = asyncio.current_task()
        try:
            self._result = await self._work(loop)
        except asyncio.CancelledError:
            # Else the context is over, which cancels all its work.
            if not self._is_given_up():
                raise
            assert self._task is not None
            self._task.uncancel()
        except Exception as error:  # noqa: BLE001 - raised where the guest waits
            self._failure = error
        finally:
            self._task = None

    def _is_given_up(self) -> bool:
        return self._given_up

    def give_up(self) -> None:
        """Nobody waits any more."""
        self._given_up = True
        if self._task is not None:
            self._task.cancel()

    def outcome(self) -> T:
        """What the work gave; raises what it raised."""
        if self._failure is not None:
            raise self._failure
        return self._result  # type: ignore[return-value]


async def on_host(work: Work[T], *, outgoing: bool = False) -> T:
    """Waits for work on the host's loop; gives or raises its outcome."""
    job = _HostWork(work)
    future = job.start(outgoing=outgoing)
    try:
        await future
    except BaseException:
        job.give_up()
        raise
    return job.outcome()


def wait_for_host(work: Work[T], *, outgoing: bool = False) -> T:
    """Parks this stack until work on the host's loop is done; gives or raises its outcome."""
    job = _HostWork(work)
    run_sync(job.start(outgoing=outgoing))
    return job.outcome()


def check_io_allowed() -> None:
    """Raises for Python code what `Host.check_io_allowed` throws."""
    try:
        host.current().check_io_allowed()
    except JsThrow as thrown:
        failure = thrown.value
    else:
        return
    raise exception_for(failure)
