"""`run_sync` and `can_run_sync`: blocking the Python stack without blocking the event loop.

Source: Pyodide's `pyodide.ffi.run_sync`, built there on JavaScript promise integration and here on
greenlets (see `emulator.ffi.jobs`).
"""

from __future__ import annotations

import asyncio
import asyncio.tasks
import contextlib
import contextvars
import inspect
import sys
from collections.abc import Awaitable, Iterator
from typing import Any, TypeVar

from emulator.ffi.jobs import current_worker, switchable_worker

T = TypeVar("T")


def can_run_sync() -> bool:
    """Whether `run_sync` may be called here."""
    worker = current_worker()
    return worker is not None and not worker.synchronous_frames


@contextlib.contextmanager
def synchronous_callback() -> Iterator[None]:
    """Marks a JavaScript-to-Python callback that JavaScript expects to return at once."""
    worker = current_worker()
    if worker is None:
        yield
        return
    worker.synchronous_frames += 1
    try:
        yield
    finally:
        worker.synchronous_frames -= 1


def run_sync(awaitable: Awaitable[T]) -> T:
    """Waits for an awaitable on this Python stack while the event loop goes on.

    Raises:
        TypeError: the argument is not awaitable.
        RuntimeError: the stack cannot be switched here (Pyodide's text).
    """
    if not inspect.isawaitable(awaitable):
        raise TypeError(f"object {type(awaitable).__name__} is not awaitable")
    worker = switchable_worker()
    loop = asyncio.get_running_loop()
    future = asyncio.ensure_future(awaitable, loop=loop)
    if not future.done():
        queue = worker.queue
        assert queue is not None
        # A fresh context: the stack's own context stays entered while it is parked.
        future.add_done_callback(
            lambda _: queue.make_resumable(worker), context=contextvars.Context()
        )
        with _task_suspended(loop):
            worker.park()
        asyncio._set_running_loop(loop)
    return future.result()


@contextlib.contextmanager
def _task_suspended(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Takes the current task off asyncio's books, so that other tasks can run meanwhile."""
    task = asyncio.current_task(loop)
    if task is None:
        yield
        return
    _leave(loop, task)
    try:
        yield
    finally:
        _enter(loop, task)


if sys.version_info >= (3, 12):

    def _leave(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> None:
        asyncio.tasks._swap_current_task(loop, None)  # type: ignore[attr-defined]

    def _enter(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> None:
        asyncio.tasks._swap_current_task(loop, task)  # type: ignore[attr-defined]

else:

    def _leave(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> None:
        asyncio.tasks._leave_task(loop, task)

    def _enter(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> None:
        asyncio.tasks._enter_task(loop, task)


run_sync.__module__ = can_run_sync.__module__ = "_pyodide_core"
