"""IoContext: the place where guest code runs, one per actor instance or stateless event.

Theory of operation. Guest code runs only in *turns*. A turn takes the input gate's lock, makes this
context's loop the running one, drains the job queue, and lets go. Everything that comes from
outside (a timer, a reply, a piece of a body) is a job delivered at the gate of the critical section
in which it was started; awaiting something already there never ends a turn. Turns never nest: what
one context's turn starts in another is posted to the host's loop.

Guarantees: jobs of one context run in order of delivery; nothing runs after `close`.
Does not know: what the guest is, storage, HTTP.
Source: workerd src/workerd/io/io-context.h, worker.h (`Worker::Lock`).
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from emulator.ffi.jobs import JobQueue
from emulator.ffi.webloop import WebLoop
from emulator.js.errors import PythonError, describe, error, error_value, throwable
from emulator.js.host import Abortable, slot
from emulator.js.promise import Promise, as_promise
from emulator.js.values import JsValue
from emulator.runtime.errors import (
    HUNG,
    ActorAborted,
    GuestError,
    error_object,
    guest_error,
    platform_error,
)
from emulator.runtime.gates import InputGate, InputLock, Waiter
from emulator.runtime.reply import Reply
from emulator.runtime.services import Services

if TYPE_CHECKING:
    from emulator.js.events import AbortSignal
    from emulator.js.socket import Connection
    from emulator.runtime.web import IncomingBody

T = TypeVar("T")

GLOBAL_SCOPE: Final = (
    "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), "
    "setting a timeout, and generating random values are not allowed within global scope. To fix "
    "this error, perform this operation within a handler. "
    "https://developers.cloudflare.com/workers/runtime-apis/handlers/"
)

Job = Callable[[], None]


_ABANDONED: Final[deque[asyncio.Task[Any]]] = deque(maxlen=1024)


class _Turns:
    """Whether a turn is running, in any context of this thread."""

    active = False


class ContextEvents:
    """Where events for one guest object come in. Implements `emulator.js.host.EventPort`."""

    __slots__ = ("_context", "_gate", "_release")

    def __init__(self, context: IoContext, *, outlives_event: bool) -> None:
        self._context = context
        self._gate = context.current_gate
        self._release: Job | None = context.keep_alive() if outlives_event else _nothing
        context.outstanding += 1

    def deliver(self, job: Job) -> None:
        # Later, since who sends may be in the middle of anything.
        context = self._context
        context.services.post(partial(context.deliver, job, self._gate))

    def move_here(self) -> bool:
        gate = self._context.current_gate
        if gate is self._gate:
            return False
        self._gate = gate
        return True

    def end(self) -> None:
        release, self._release = self._release, None
        if release is not None:
            self._context.outstanding -= 1
            release()


def _nothing() -> None:
    """The release of what was not kept."""


def current_context() -> IoContext:
    """The I/O context whose turn this is."""
    return cast("IoContext", slot.host)


class IoContext:
    """See the module docstring. Implements `emulator.js.host.Host` and webloop's `Driver`."""

    sends_at_once = True

    def __init__(
        self,
        services: Services,
        *,
        gate: InputGate | None = None,
        on_turn_end: Job | None = None,
        detects_hangs: bool = False,
        global_scope: bool = False,
    ) -> None:
        self.services = services
        self.gate = gate if gate is not None else InputGate()
        self.current_gate: InputGate = self.gate
        self.jobs = JobQueue(self._work_arrived)
        self.loop = WebLoop(self)  # type: ignore[abstract]  # the rest is added to the class in a loop
        self.outstanding = 0
        self.closed = False
        self._on_turn_end = on_turn_end
        self._on_idle: Job | None = None
        self._detects_hangs = detects_hangs
        self._global_scope = global_scope
        self._timers: dict[int, asyncio.Handle] = {}
        self._next_timer_id = 1
        # Dictionaries, since what ends together ends in the order in which it began.
        self._host_tasks: dict[asyncio.Task[None], None] = {}
        self._replies: dict[Reply[Any], None] = {}
        self._failure: BaseException | None = None
        self._delivery_pending = False
        self._sockets: dict[Abortable, None] = {}
        self._bodies: weakref.WeakKeyDictionary[IncomingBody, None] | None = None
        self._rejections: list[Promise] = []

    # -- turns ------------------------------------------------------------------------------------

    def deliver(self, job: Job | None, gate: InputGate | None = None) -> None:
        """Runs a job as a turn of its own, once the gate lets it in."""
        if self.closed:
            return
        target = (gate if gate is not None else self.gate).current()
        if not _Turns.active:
            lock = target.try_lock()
            if lock is not None:
                self.run_turn(lock, job)
                return
        target.wait().on_ready(partial(self._admitted, job))

    def _admitted(self, job: Job | None, waiter: Waiter) -> None:
        # Without a lock the gate is broken: whoever waits for this job hears it from the actor.
        if waiter.lock is not None:
            self.services.post(partial(self.run_turn, waiter.lock, job))

    def run_turn(self, lock: InputLock, job: Job | None) -> None:
        """Runs one turn under a lock that the caller hands over."""
        if self.closed:
            lock.release()
            return
        if job is not None:
            self.jobs.push(job)
        self._drain(lock.gate)
        if self._ended():
            return
        if self._on_turn_end is not None:
            self._on_turn_end()
        lock.release()
        if not self.outstanding:
            self._check_idle()

    def _ended(self) -> bool:
        """Asks again after guest code ran, which may have ended the context."""
        return self.closed

    def _drain(self, gate: InputGate) -> None:
        previous_loop = asyncio._get_running_loop()
        previous_host, slot.host = slot.host, self
        asyncio._set_running_loop(self.loop)
        self.current_gate = gate
        self._delivery_pending = False
        _Turns.active = True
        try:
            self.jobs.drain()
            while self._rejections and not self.closed:
                self.jobs.push(self._report_rejections)
                self.jobs.drain()
        finally:
            _Turns.active = False
            slot.host = previous_host
            asyncio._set_running_loop(previous_loop)

    def _report_rejections(self) -> None:
        """The end of a turn: what nobody has handled by now is reported.

        A job of its own, since the text of a rejection may be made by guest code.
        """
        rejections, self._rejections = self._rejections, []
        for promise in rejections:
            if not promise.handled:
                self.report_error(promise.value)

    def _work_arrived(self) -> None:
        """A job came in outside of a turn, from code that knows no gate."""
        if not self._delivery_pending and not self.closed:
            self._delivery_pending = True
            self.services.post(partial(self.deliver, None))

    def _check_idle(self) -> None:
        if self.outstanding or self._delivery_pending or not self.jobs.idle or self.closed:
            return
        if self._detects_hangs and self._replies and not _other_threads():
            # What a thread that is over has sent is in the host's queue, in front of this.
            self.services.post(self._fail_if_hung)
        if self._on_idle is not None:
            self._on_idle()

    def _fail_if_hung(self) -> None:
        if not (self.outstanding or self._delivery_pending or self.closed) and self.jobs.idle:
            self.fail_replies(platform_error(HUNG))

    def when_idle(self, job: Job | None) -> None:
        """Calls back after each turn that leaves nothing to wait for."""
        self._on_idle = job

    # -- guest work that the host waits for -------------------------------------------------------

    def invoke(
        self, function: Callable[[], Coroutine[Any, Any, T]], gate: InputGate | None = None
    ) -> Reply[T]:
        """Runs a coroutine function as a guest task; its outcome is the reply."""
        reply: Reply[T] = Reply()
        self._replies[reply] = None
        self.deliver(lambda: self._start_task(function, reply), gate)
        return reply

    def _start_task(self, function: Callable[[], Coroutine[Any, Any, T]], reply: Reply[T]) -> None:
        self.loop.create_task(self._run_task(function, reply))

    async def _run_task(
        self, function: Callable[[], Coroutine[Any, Any, T]], reply: Reply[T]
    ) -> None:
        try:
            value = await function()
        except (GeneratorExit, ActorAborted):
            raise  # the context is gone; who waits has been told why
        except BaseException as exception:  # noqa: BLE001 - everything a guest raises is an answer
            self.finish(reply, exception)
        else:
            self._replies.pop(reply, None)
            reply.resolve(value)

    def finish(self, reply: Reply[Any], exception: BaseException) -> None:
        """Fails a reply with what guest code raised."""
        self._replies.pop(reply, None)
        reply.fail(guest_error(exception))

    def settle(
        self, function: Callable[[], JsValue], gate: InputGate | None = None
    ) -> Reply[JsValue]:
        """Runs a JavaScript-side function in a turn; the reply is what its promise settles to."""
        reply: Reply[JsValue] = Reply()
        if self._failure is not None:
            reply.fail(self._failure)
            return reply
        self._replies[reply] = None

        def resolved(value: JsValue) -> None:
            self._replies.pop(reply, None)
            reply.resolve(value)

        def job() -> None:
            try:
                promise = as_promise(function())
            except Exception as exception:  # noqa: BLE001 - a throw is the outcome
                self.finish(reply, exception)
                return
            promise.subscribe(resolved, lambda reason: self.finish(reply, _rejection(reason)))

        self.deliver(job, gate)
        return reply

    # -- outside work that the guest waits for ----------------------------------------------------

    def external(
        self,
        awaitable: Awaitable[T],
        convert: Callable[[T], JsValue] = lambda value: value,
        promise: Promise | None = None,
        on_arrival: Callable[[T | Exception], None] | None = None,
        signal: AbortSignal | None = None,
    ) -> Promise:
        """A promise for host work. `convert` makes the guest's value, inside the turn.

        `on_arrival` hears of the outcome first, and outside of any turn. `signal` cancels the work,
        and rejects the promise.
        """
        if promise is None:
            promise = Promise()
        gate = self.current_gate
        self.outstanding += 1
        task = self.services.loop.create_task(
            self._await_host(awaitable, convert, promise, gate, on_arrival)
        )
        self._host_tasks[task] = None
        task.add_done_callback(partial(self._host_task_over, awaitable))
        if signal is not None:
            stop = signal.on_abort(partial(self._abandon, promise, task))
            task.add_done_callback(lambda _: stop())
        return promise

    def _abandon(self, promise: Promise, task: asyncio.Task[None], reason: JsValue) -> None:
        """The guest wants no more of host work."""
        if promise.state == "pending":
            promise.reject_with(reason)
            if task.cancel():
                self.outstanding -= 1  # else its outcome waits at the gate

    def _host_task_over(self, awaitable: Awaitable[Any], task: asyncio.Task[None]) -> None:
        self._host_tasks.pop(task, None)
        if task.cancelled():
            drop(awaitable)  # if the context ended in the turn that made it, it never began

    async def _await_host(
        self,
        awaitable: Awaitable[T],
        convert: Callable[[T], JsValue],
        promise: Promise,
        gate: InputGate,
        on_arrival: Callable[[T | Exception], None] | None,
    ) -> None:
        try:
            value = await awaitable
        except Exception as exception:  # noqa: BLE001 - the guest gets it as a rejection
            if on_arrival is not None:
                on_arrival(exception)
            self._complete(promise, partial(self._reject, promise, exception), gate)
        else:
            if on_arrival is not None:
                on_arrival(value)
            self._complete(promise, partial(_resolve, promise, convert, value), gate)

    def work_on_host(
        self,
        work: Callable[[asyncio.AbstractEventLoop], Coroutine[Any, Any, None]],
        *,
        outgoing: bool,
    ) -> Promise:
        """As `emulator.js.host.Host` says."""
        job = work(self.services.loop)
        return self.external(self.outgoing(job) if outgoing else job)

    def _reject(self, promise: Promise, exception: Exception) -> None:
        if isinstance(exception, GuestError):
            exception = self.as_received(exception)
            enhanced = self.services.flags.get("enhanced_error_serialization", True)
            promise.reject_with(error_object(exception, enhanced=enhanced))
        else:
            promise.reject_with(error_value(exception))

    def as_received(self, error: GuestError) -> GuestError:
        """A callee's error as guests of this context see it."""
        return error

    def _complete(self, promise: Promise, settle: Job, gate: InputGate) -> None:
        def job() -> None:
            self.outstanding -= 1
            if promise.state == "pending":  # and not abandoned while it waited at the gate
                settle()

        self.deliver(job, gate)

    def wait_until(self, value: JsValue) -> None:
        """Keeps the context alive until the value, a promise or awaitable, settles."""
        release = self.keep_alive()

        def done(_: JsValue) -> None:
            release()

        def failed(reason: JsValue) -> None:
            self.report_error(reason)
            release()

        as_promise(value).subscribe(done, failed)

    # -- the end ----------------------------------------------------------------------------------

    def close_between_turns(self) -> None:
        """Closes at once, or after the turn that is running."""
        if _Turns.active:
            self.services.post(self.close)
        else:
            self.close()

    def close(self) -> None:
        """Nothing of this context runs any more. Replies stay as they are."""
        if self.closed:
            return
        self.closed = True
        self._on_idle = None
        for handle in self._timers.values():
            handle.cancel()
        self._timers.clear()
        for task in list(self._host_tasks):
            task.cancel()
        self.jobs.close()
        # A guest may keep the loop; and without this every context would be a cycle.
        self.loop.detach()
        for end in self._sockets:
            self.services.post(end.abort)
        self._sockets.clear()
        for body in list(self._bodies or ()):
            body.drop()
        self._bodies = None
        self._rejections.clear()

    def abandon_tasks(self) -> None:
        """Keeps what is suspended from being unwound, which would run guests' `finally` blocks.

        On Cloudflare nothing of a reset object runs any more. Python's collector closes suspended
        coroutines; so the latest of them are held where it does not find them.
        """
        _ABANDONED.extend(asyncio.all_tasks(self.loop))

    def fail_replies(self, failure: BaseException) -> None:
        """Tells everybody who waits for guest work of this context that it will not come."""
        self._failure = failure
        for reply in list(self._replies):
            reply.fail(failure)
        self._replies.clear()

    # -- services for guest code (js.host.Host, webloop.Driver) -----------------------------------

    def queue_microtask(self, job: Job) -> None:
        self.jobs.add_microtask(job)

    def set_timer(self, delay_ms: float, job: Job, *, repeat: bool) -> int:
        if self._global_scope and delay_ms > 0:
            self.check_io_allowed()
        timer_id = self._next_timer_id
        self._next_timer_id += 1
        self.outstanding += 1
        self._arm(timer_id, delay_ms, job, self.current_gate, repeat)
        return timer_id

    def _arm(self, timer_id: int, delay_ms: float, job: Job, gate: InputGate, repeat: bool) -> None:  # noqa: FBT001
        self._timers[timer_id] = self.services.loop.call_later(
            max(delay_ms, 0.0) / 1000.0, self._timer_due, timer_id, delay_ms, job, gate, repeat
        )

    def _timer_due(
        self,
        timer_id: int,
        delay_ms: float,
        job: Job,
        gate: InputGate,
        repeat: bool,  # noqa: FBT001
    ) -> None:
        def fire() -> None:
            if timer_id not in self._timers:
                return  # cleared while it waited at the gate
            if repeat:
                self._arm(timer_id, max(delay_ms, 1.0), job, gate, repeat)
            else:
                del self._timers[timer_id]
                self.outstanding -= 1
            job()

        self.deliver(fire, gate)

    def clear_timer(self, timer_id: int) -> None:
        handle = self._timers.pop(timer_id, None)
        if handle is not None:
            handle.cancel()
            self.outstanding -= 1

    def call_threadsafe(self, job: Job) -> None:
        self.services.loop.call_soon_threadsafe(self.deliver, job)

    def now_ms(self) -> float:
        return 0 if self._global_scope else self.services.clock.now_ms()

    def loop_time(self) -> float:
        return self.services.loop.time()

    def random_bytes(self, count: int) -> bytes:
        return self.services.entropy.random_bytes(count)

    def console(self, level: str, text: str) -> None:
        self.services.observer.console(level, text)  # type: ignore[arg-type]

    def report_error(self, value: JsValue) -> None:
        self.services.observer.uncaught_error(_uncaught_text(value))

    def track_rejection(self, promise: Promise) -> None:
        # Differs: before unhandled_rejection_after_microtask_checkpoint, workerd looks already one
        # microtask later, and so reports rejections that are handled after another `await`.
        self._rejections.append(promise)

    def check_io_allowed(self) -> None:
        if self._global_scope:
            raise error(GLOBAL_SCOPE)

    def fetch(self, request: Any) -> Promise:
        # Most requests of most Workers ask nobody.
        from emulator.runtime.abortable import send_request  # noqa: PLC0415
        from emulator.runtime.subrequests import fetch_outside  # noqa: PLC0415

        self.check_io_allowed()
        return send_request(self, request, partial(fetch_outside, self.services))

    def cache_match(self, cache: str | None, request: Any) -> Promise:
        from emulator.runtime import caching  # noqa: PLC0415 - few Workers have caches

        return caching.match(self, cache, request)

    def cache_put(self, cache: str | None, request: Any, response: Any) -> Promise:
        from emulator.runtime import caching  # noqa: PLC0415

        return caching.put(self, cache, request, response)

    def cache_delete(self, cache: str | None, request: Any) -> Promise:
        from emulator.runtime import caching  # noqa: PLC0415

        return caching.delete(self, cache, request)

    def connect_socket(self, hostname: str, port: int, *, secure: bool) -> Connection:
        """As `emulator.js.host.Host` says."""
        from emulator.runtime.sockets import HostConnection  # noqa: PLC0415 - few Workers use it

        return HostConnection(self, hostname, port, secure=secure)

    def flag(self, name: str) -> bool:
        return self.services.flags.get(name, False)

    def when_durable(self, job: Job) -> None:
        job()

    def expect_events(self, *, outlives_event: bool = True) -> ContextEvents:
        return ContextEvents(self, outlives_event=outlives_event)

    def own_socket(self, end: Abortable) -> None:
        self._sockets[end] = None

    def disown_socket(self, end: Abortable) -> None:
        self._sockets.pop(end, None)

    def own_body(self, body: IncomingBody) -> None:
        """The body is dropped when the context ends."""
        if self._bodies is None:
            self._bodies = weakref.WeakKeyDictionary()
        self._bodies[body] = None

    def keep_alive(self) -> Job:
        """Notes that the context is needed beyond its event; call the result when it no more is."""
        return lambda: None

    async def pass_output_gate(self) -> None:
        """Waits until what the guest has written is durable; a stateless context writes nothing."""

    def outgoing(self, work: Awaitable[T]) -> Awaitable[T]:
        """Host work that the outside can see; an actor's waits for its output gate first."""
        return work

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} {self.jobs!r} outstanding={self.outstanding} "
            f"replies={len(self._replies)}{' closed' if self.closed else ''}>"
        )


def _other_threads() -> bool:
    """Whether there are threads that may call back, which are the guest's (Cloudflare has none)."""
    return any(
        thread is not threading.main_thread()
        and not thread.name.startswith(("pyworkers", "asyncio_"))
        for thread in threading.enumerate()
    )


def drop(work: Awaitable[Any]) -> None:
    """Lets go of host work; what has not begun yet would be warned about otherwise."""
    close = getattr(work, "close", None)
    if close is not None:
        close()


def _resolve(promise: Promise, convert: Callable[[T], JsValue], value: T) -> None:
    try:
        promise.resolve_with(convert(value))
    except Exception as exception:  # noqa: BLE001 - a failed conversion is the guest's rejection
        promise.reject_with(error_value(exception))


def _rejection(reason: JsValue) -> BaseException:
    return throwable(reason)


def _uncaught_text(value: JsValue) -> str:
    if isinstance(value, PythonError):
        return value.message.rstrip("\n")
    return describe(value)
