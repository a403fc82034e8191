"""`pyodide.webloop`: the asyncio face of an I/O context.

A WebLoop has no selector and never runs by itself. `call_soon` queues a job on the context's
JobQueue and the runtime runs turns; timers go to the context. Several WebLoop objects may be faces
of one context (`asyncio.run` inside a Worker makes a new one): they share its queue.

Source: Pyodide's `pyodide.webloop` (behaviour: run_until_complete and asyncio.run block by stack
switching, run_in_executor runs inline, is_running is always true).
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import math
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Protocol, TypeVar, cast

from emulator.ffi import semantics
from emulator.ffi.connections import Connections
from emulator.ffi.jobs import JobQueue
from emulator.ffi.stack import run_sync
from emulator.js import host

T = TypeVar("T")

_get_running_loop = asyncio._get_running_loop
_set_running_loop = asyncio._set_running_loop


class Driver(Protocol):
    """What a WebLoop needs from its I/O context."""

    jobs: JobQueue

    def set_timer(self, delay_ms: float, job: Callable[[], None], *, repeat: bool) -> int: ...
    def clear_timer(self, timer_id: int) -> None: ...
    def loop_time(self) -> float: ...
    def call_threadsafe(self, job: Callable[[], None]) -> None: ...
    def console(self, level: str, text: str) -> None: ...


class _Over:
    """The driver of a loop whose context is over: nothing happens any more."""

    jobs = JobQueue(lambda: None)

    def set_timer(self, delay_ms: float, job: Callable[[], None], *, repeat: bool) -> int:
        return 0

    def clear_timer(self, timer_id: int) -> None:
        """There are none."""

    def loop_time(self) -> float:
        return 0.0

    def call_threadsafe(self, job: Callable[[], None]) -> None:
        """A thread comes too late."""

    def console(self, level: str, text: str) -> None:
        """Nobody asked for it any more."""


_OVER = _Over()


class PyodideFuture(asyncio.Future[T]):
    """A future with the methods of a JavaScript promise."""

    def then(
        self,
        onfulfilled: Callable[[T], object] | None,
        onrejected: Callable[[BaseException], object] | None = None,
    ) -> PyodideFuture[Any]:
        """Like Promise.then: a future of what the handler returns, awaited if awaitable."""
        result: PyodideFuture[Any] = PyodideFuture(loop=self.get_loop())

        async def react(done: asyncio.Future[T]) -> None:
            try:
                outcome = await _outcome(done, onfulfilled, onrejected)
            except Exception as error:  # noqa: BLE001 - any failure becomes the result's
                if not result.done():
                    result.set_exception(error)
            else:
                if not result.done():
                    result.set_result(outcome)

        self.add_done_callback(lambda done: done.get_loop().create_task(react(done)))
        return result

    def catch(self, onrejected: Callable[[BaseException], object]) -> PyodideFuture[Any]:
        """Like Promise.catch."""
        return self.then(None, onrejected)

    def finally_(self, onfinally: Callable[[], object]) -> PyodideFuture[T]:
        """Like Promise.finally: runs the handler, then passes the outcome on."""

        async def run(passed: T) -> T:
            await _maybe_await(onfinally())
            return passed

        async def fail(error: BaseException) -> T:
            await _maybe_await(onfinally())
            raise error

        return self.then(run, fail)

    def syncify(self) -> T:
        """Blocks this stack until the future is done."""
        return run_sync(self)


async def _outcome(
    done: asyncio.Future[T],
    onfulfilled: Callable[[T], object] | None,
    onrejected: Callable[[BaseException], object] | None,
) -> object:
    error: BaseException | None = asyncio.CancelledError() if done.cancelled() else done.exception()
    if error is None:
        value = done.result()
        return value if onfulfilled is None else await _maybe_await(onfulfilled(value))
    if onrejected is None:
        raise error
    return await _maybe_await(onrejected(error))


async def _maybe_await(value: object) -> object:
    return await value if inspect.isawaitable(value) else value


class PyodideTask(asyncio.Task[T], PyodideFuture[T]):
    """A task with the methods of a JavaScript promise."""


class _Job(asyncio.Handle):
    """A handle that is its own job."""

    __slots__ = ()

    def __init__(
        self,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: WebLoop,
        context: contextvars.Context | None,
    ) -> None:
        # Not calling the base class: it would look up the debug mode for every handle.
        self._callback = callback
        self._args = args
        self._loop = loop
        self._context = contextvars.copy_context() if context is None else context
        self._cancelled = False
        self._repr = None
        self._source_traceback = None

    def __call__(self) -> None:
        if self._cancelled:
            return
        if _get_running_loop() is not self._loop:
            # Another face of the context is current; a callback finds the one it was given to.
            _set_running_loop(self._loop)
        try:
            self._context.run(self._callback, *self._args)
        except BaseException as error:  # noqa: BLE001 - a guest's SystemExit must not end us
            self._loop._job_failed(error, self)


class _TimerJob(asyncio.TimerHandle):
    """A handle for `call_later`; cancelling it cancels the context's timer."""

    __slots__ = ("_timer_id", "_web_loop")

    def __init__(self, when: float, job: _Job, loop: WebLoop) -> None:
        super().__init__(when, job, (), loop)
        self._web_loop = loop
        self._timer_id = 0

    def cancel(self) -> None:
        if not self._cancelled:
            self._web_loop._driver.clear_timer(self._timer_id)
        super().cancel()


# Guests print handles.
_Job.__name__ = _TimerJob.__name__ = "Handle"


class WebLoop(asyncio.AbstractEventLoop):
    """An event loop whose turns are run by the I/O context."""

    def __init__(self, driver: Driver | None = None) -> None:
        """Without a driver (guest code): another face of the running context, made current."""
        self._driver: Driver = driver if driver is not None else cast("Driver", host.current())
        self._jobs = self._driver.jobs
        self._exception_handler: Callable[[WebLoop, dict[str, Any]], object] | None = None
        self._task_factory: Callable[..., Any] | None = None
        self._debug = False
        if driver is None:
            _set_running_loop(self)

    def detach(self) -> None:
        """Lets go of a context that is over."""
        self._driver = _OVER

    # -- scheduling -----------------------------------------------------------------------------

    def call_soon(  # type: ignore[override]
        self,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        job = _Job(callback, args, self, context)
        self._jobs.add(job)
        return job

    def call_soon_threadsafe(  # type: ignore[override]
        self,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        job = _Job(callback, args, self, context)
        self._driver.call_threadsafe(job)
        return job

    def call_later(  # type: ignore[override]
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        if delay < 0:
            raise ValueError("Can't schedule in the past")
        return self._schedule(delay, self.time() + delay, callback, args, context)

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        return self._schedule(max(0.0, when - self.time()), when, callback, args, context)

    def _schedule(
        self,
        delay: float,
        when: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        context: contextvars.Context | None,
    ) -> asyncio.TimerHandle:
        job = _Job(callback, args, self, context)
        timer = _TimerJob(when, job, self)
        if delay == 0:
            self._jobs.add(lambda: None if timer.cancelled() else job())
        elif not math.isinf(delay):
            timer._timer_id = self._driver.set_timer(delay * 1000.0, job, repeat=False)
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Called by asyncio; `_TimerJob.cancel` has told the driver already."""

    def time(self) -> float:
        return self._driver.loop_time()

    # -- futures and tasks ------------------------------------------------------------------------

    def create_future(self) -> PyodideFuture[Any]:
        return PyodideFuture(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, T] | Generator[Any, Any, T],
        *,
        name: str | None = None,
        context: contextvars.Context | None = None,
        **kwargs: Any,
    ) -> asyncio.Task[T]:
        if self._task_factory is not None:
            task = self._task_factory(self, coro, context=context, **kwargs)
        else:
            task = PyodideTask(coro, loop=self, name=name, context=context, **kwargs)
        # A task that outlives its request simply stops; Cloudflare does not log it either.
        task._log_destroy_pending = False
        return cast("asyncio.Task[T]", task)

    def set_task_factory(self, factory: Callable[..., Any] | None) -> None:
        if factory is not None and not callable(factory):
            raise TypeError("task factory must be a callable or None")
        self._task_factory = factory

    def get_task_factory(self) -> Callable[..., Any] | None:
        return self._task_factory

    # -- running: a WebLoop is always running -----------------------------------------------------

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def close(self) -> None:
        """Does nothing, as in Pyodide."""

    def stop(self) -> None:
        """Does nothing, as in Pyodide."""

    def run_forever(self) -> None:
        """Does nothing, as in Pyodide."""

    def run_until_complete(self, future: Awaitable[T]) -> T:  # type: ignore[override]
        """Blocks this stack until the awaitable is done, while the context goes on."""
        return run_sync(future)

    async def shutdown_asyncgens(self) -> None:
        """Nothing to shut down."""

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """There is no executor."""

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Runs the function at once, on this thread: a Worker has no others."""
        future: PyodideFuture[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - handed to whoever awaits it
            future.set_exception(error)
        return future

    def set_default_executor(self, executor: Any) -> None:
        """Ignored: executors run inline."""

    # -- errors -----------------------------------------------------------------------------------

    def get_exception_handler(self) -> Callable[..., object] | None:
        return self._exception_handler

    def set_exception_handler(self, handler: Callable[..., object] | None) -> None:
        if handler is not None and not callable(handler):
            raise TypeError(f"A callable object or None is expected, got {handler!r}")
        self._exception_handler = handler

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Logs to the guest's console."""
        if self._jobs.closed:
            return
        lines = [context.get("message") or "Unhandled exception in event loop"]
        lines += [
            f"{key}: {context[key]!r}"
            for key in sorted(context)
            if key not in {"message", "exception", "source_traceback", "handle_traceback"}
        ]
        error = context.get("exception")
        text = "\n".join(lines)
        if error is not None:
            text += "\n" + "".join(traceback.format_exception(error))
        self._driver.console("error", text)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if self._exception_handler is None:
            self.default_exception_handler(context)
            return
        try:
            self._exception_handler(self, context)
        except Exception as error:  # noqa: BLE001 - a broken handler must not stop the turn
            self.default_exception_handler(
                {"message": "Unhandled error in exception handler", "exception": error}
            )

    def _job_failed(self, error: BaseException, job: _Job) -> None:
        self.call_exception_handler(
            {"message": f"Exception in callback {job._callback!r}", "exception": error}
        )

    def get_debug(self) -> bool:
        return self._debug

    def set_debug(self, enabled: bool) -> None:  # noqa: FBT001 - asyncio's signature
        """Remembered, and nothing more (by Pyodide 0.28 not even that)."""
        self._debug = enabled and semantics.current.loop_explains


def _unavailable(name: str, reason: str) -> Callable[..., Any]:
    def method(self: WebLoop, *args: Any, **kwargs: Any) -> Any:
        if not semantics.current.loop_explains:
            raise NotImplementedError
        raise NotImplementedError(
            f"{name}() is not available in browser environments due to {reason}."
        )

    async def coroutine(self: WebLoop, *args: Any, **kwargs: Any) -> Any:
        return method(self)

    made = coroutine if inspect.iscoroutinefunction(getattr(WebLoop, name)) else method
    made.__name__ = name
    return made


_SOCKETS = "restricted raw socket access"
_FILES = "lack of POSIX file descriptors"
_PROCESSES = "absence of OS process APIs"
_SIGNALS = "lack of POSIX signals"
_PIPES = "absence of OS pipes"
_UNIX = "absence of Unix domain sockets"
_COPIES = "missing OS file descriptors and zero-copy facilities"
for _name, _reason in {
    "add_reader": _FILES, "remove_reader": _FILES, "add_writer": _FILES, "remove_writer": _FILES,
    "connect_read_pipe": _PIPES, "connect_write_pipe": _PIPES, "sendfile": _COPIES,
    "create_server": _SOCKETS,
    "create_unix_connection": _UNIX, "create_unix_server": _UNIX,
    "create_datagram_endpoint": _SOCKETS, "connect_accepted_socket": _SOCKETS,
    "sock_recvfrom": _SOCKETS, "sock_recvfrom_into": _SOCKETS, "sock_sendto": _SOCKETS,
    "sock_accept": _SOCKETS, "sock_sendfile": _COPIES,
    "subprocess_exec": _PROCESSES, "subprocess_shell": _PROCESSES,
    "add_signal_handler": _SIGNALS, "remove_signal_handler": _SIGNALS,
}.items():  # fmt: skip
    setattr(WebLoop, _name, _unavailable(_name, _reason))

# Copied, as guests see what the class derives from.
for _name, _method in vars(Connections).items():
    if inspect.iscoroutinefunction(_method):
        setattr(WebLoop, _name, _method)


class WebLoopPolicy(asyncio.DefaultEventLoopPolicy):
    """`pyodide.webloop.WebLoopPolicy`: `get_event_loop` never fails inside a Worker."""

    def get_event_loop(self) -> asyncio.AbstractEventLoop:
        running = asyncio._get_running_loop()
        return running if running is not None else self.new_event_loop()

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return WebLoop()  # type: ignore[abstract]

    def set_event_loop(self, loop: Any) -> None:
        """Ignored: the running context's loop is always the current one."""


for _class in (PyodideFuture, PyodideTask, WebLoop, WebLoopPolicy):
    _class.__module__ = "pyodide.webloop"

__all__ = ["PyodideFuture", "PyodideTask", "WebLoop", "WebLoopPolicy"]
