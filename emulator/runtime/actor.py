"""Actor: one live instance of a Durable Object, its gates, its storage and its I/O context.

Theory of operation. The container (emulator.runtime.actor_namespace) makes an Actor when an event
needs one. The first turn constructs the guest's instance; events wait behind it at the input gate.
What leaves (a reply, an error, an outgoing call) first passes the output gate. When something
breaks the instance, everybody who waits gets the same error, and the container forgets it.

Does not know: who calls, how ids are made, what classes exist.
Source: workerd src/workerd/io/worker.h (`Worker::Actor`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import Any, Final, Generic, TypeVar

from emulator.ffi.jobs import ContextEnded
from emulator.js.array import JsArray
from emulator.js.errors import JsError, error_value
from emulator.js.object import JsObject
from emulator.js.promise import Promise, as_promise
from emulator.js.values import JsValue
from emulator.runtime.actor_alarm import ActorAlarm
from emulator.runtime.actor_ids import ActorId
from emulator.runtime.actor_storage import StorageFactory
from emulator.runtime.alarm_scheduler import AlarmHooks
from emulator.runtime.durable_object_state import DurableObjectState
from emulator.runtime.errors import (
    SECTION_DEPTH,
    SECTION_TIMEOUT,
    ActorAborted,
    GuestError,
    guest_error,
    guest_error_from_value,
    platform_error,
)
from emulator.runtime.gates import (
    CriticalSection,
    InputGate,
    OutputGate,
    SectionTooDeep,
    Waiter,
)
from emulator.runtime.guest_class import GuestClass, RpcRefusal
from emulator.runtime.hibernation import HibernationManager
from emulator.runtime.http import HttpRequest, HttpResponse
from emulator.runtime.io_context import IoContext, drop
from emulator.runtime.rpc_values import pack, unpack
from emulator.runtime.services import Services
from emulator.runtime.web import guest_response, incoming_request
from emulator.runtime.worker_interface import RpcCall, RpcPayload

T = TypeVar("T")

SECTION_TIMEOUT_S: Final = 30.0
FLUSH_FAILED: Final = (
    "Internal error in Durable Object storage write caused object to be reset; reference = {}"
)


class ActorContext(IoContext):
    """An I/O context whose outgoing work waits for the actor's output gate."""

    sends_at_once = False

    def __init__(self, services: Services, actor: Actor, gate: InputGate) -> None:
        super().__init__(services, gate=gate, on_turn_end=actor.end_turn)
        self.actor = actor
        self._held: list[Callable[[], None]] = []
        self._free = 0

    def outgoing(self, work: Awaitable[T]) -> Awaitable[T]:
        return _Outgoing(self.actor, work)

    def keep_alive(self) -> Callable[[], None]:
        return self.actor.activity()

    async def pass_output_gate(self) -> None:
        await self.actor.pass_output_gate()

    def as_received(self, error: GuestError) -> GuestError:
        # The name of the object that threw is replaced at once, not only when the error goes on.
        named = "durableObjectId" in error.properties
        return error.of_object(self.actor.id.hex) if named else error

    def when_durable(self, job: Callable[[], None]) -> None:
        # What a turn writes becomes a batch at its end, and closes the gate only then.
        self._held.append(job)
        if not self.actor.storage.holds_output:
            self._free = len(self._held)

    def let_out_free(self) -> None:
        """Lets go of what the turn sent before it wrote: its own commit does not hold that."""
        if self._free:
            free, self._held = self._held[: self._free], self._held[self._free :]
            self._let_out(free)

    def let_out(self) -> None:
        """Ends a turn for what it sends: from here on only the output gate holds it."""
        if self._held:
            held, self._held = self._held, []
            self._let_out(held)

    def _let_out(self, held: list[Callable[[], None]]) -> None:
        self._free = 0
        for job in held:
            self.actor.output_gate.wait(partial(_unless_broken, job))


class _Outgoing(Generic[T]):
    """Host work that begins when the output gate lets it out."""

    __slots__ = ("_actor", "_work")

    def __init__(self, actor: Actor, work: Awaitable[T]) -> None:
        self._actor = actor
        self._work = work

    def __await__(self) -> Generator[Any, Any, T]:
        try:
            yield from self._actor.pass_output_gate().__await__()
        except BaseException:
            self.close()  # it was never started: nothing of it has left
            raise
        return (yield from self._work.__await__())

    def close(self) -> None:
        """The work will not begin."""
        drop(self._work)


class Actor:
    """See the module docstring."""

    def __init__(
        self,
        services: Services,
        new_storage: StorageFactory,
        guest_class: GuestClass,
        actor_id: ActorId,
        on_reset: Callable[[GuestError], None],
        hibernation: HibernationManager,
        alarm_hooks: AlarmHooks,
    ) -> None:
        self.id = actor_id
        self.services = services
        self.hibernation = hibernation
        self.broken: GuestError | None = None
        self.active = 0
        self.last_busy_s = services.loop.time()
        self._guest_class = guest_class
        self._on_reset = on_reset
        self._instance: Any = None
        self._construction_error: BaseException | None = None
        self.output_gate = OutputGate(on_broken=self._commit_failed)
        self.storage = new_storage(actor_id.hex, self.output_gate, self._commit_failed)
        self.storage.alarm_hooks = alarm_hooks
        self.alarm = ActorAlarm(self)
        self.context = ActorContext(services, self, InputGate())
        self.state = DurableObjectState(self)
        # The first look into the storage, which may break the actor.
        alarm_hooks.found(self.storage.alarm())
        services.observer.actor_started(guest_class.name, actor_id.hex)
        self.context.deliver(self._construct)

    def _construct(self) -> None:
        # As on Cloudflare, a Python constructor that raises does not reset the object: the error is
        # what every call gets until the instance is evicted.
        try:
            self._instance = self._guest_class.construct(self.state)
        except ContextEnded:
            raise
        except BaseException as exception:  # noqa: BLE001 - the guest's error is what callers get
            self._construction_error = exception

    # -- events -----------------------------------------------------------------------------------

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        """Delivers a request to the instance."""

        async def handle() -> HttpResponse:
            instance = self._ready_instance()
            guest_request = incoming_request(self.context, request)
            answer = await self._guest_class.fetch(instance, guest_request)
            return guest_response(self.context, answer, request)

        try:
            return await self._event(handle)
        except GuestError as error:
            # To callers of fetch, not of methods, what broke the actor is an error of remote code.
            if error is self.broken:
                raise error.flagged(remote=True) from error.exception
            raise

    async def call(self, call: RpcCall) -> RpcPayload:
        """Delivers a method call to the instance."""
        thrown_by_guest = True

        async def handle() -> RpcPayload:
            nonlocal thrown_by_guest
            instance = self._ready_instance()
            arguments = unpack(self.context, call.arguments)
            assert isinstance(arguments, JsArray)
            result = await self._guest_class.call(instance, call.method, arguments.items)
            thrown_by_guest = False
            return pack(self.context, result)

        try:
            return await self._event(handle)
        except GuestError as error:
            refused = isinstance(error.exception, RpcRefusal)
            if error is self.broken or refused or not thrown_by_guest:
                raise
            raise error.of_object(self.id.hex) from error.exception

    async def event(
        self, method: str, arguments: Callable[[], list[JsValue]], begin: Callable[[], None]
    ) -> bool:
        """Delivers one of the platform's events; whether the class has a handler for it.

        `begin` and `arguments` are called in the turn, before the handler.
        """

        async def handle() -> bool:
            begin()
            return await self._guest_class.event(self._ready_instance(), method, arguments())

        return await self._event(handle)

    async def alarm_event(self, handle: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Delivers the alarm; `handle` is guest work, which calls `call_alarm_handler`."""
        return await self._event(handle)

    async def call_alarm_handler(self, info: JsObject) -> bool:
        """Runs the handler; whether there is one."""
        return await self._guest_class.event(self._ready_instance(), "alarm", [info])

    async def in_turn(self, job: Callable[[], None]) -> None:
        """Does something to the storage in a turn of its own, and waits until it is durable."""

        async def handle() -> None:
            job()

        await self._event(handle)

    @property
    def has_alarm_handler(self) -> bool:
        """Whether the guest may set alarms; during construction that is not known, and allowed."""
        return self._instance is None or self._guest_class.handles(self._instance, "alarm")

    def _ready_instance(self) -> Any:
        if self._construction_error is not None:
            raise self._construction_error
        return self._instance

    async def _event(self, handle: Callable[[], Coroutine[Any, Any, T]]) -> T:
        self._check_alive()
        end = self.activity()
        reply = self.context.invoke(handle)
        try:
            try:
                result = await reply
            except GuestError as error:
                await self.pass_output_gate()
                self._check_alive()
                raise error.flagged(remote=True) from error.exception
            await self.pass_output_gate()
        finally:
            end()
        return result

    def _check_alive(self) -> None:
        if self.broken is not None:
            raise self.broken

    def check_guest_alive(self) -> None:
        """Unwinds guest code that goes on after its instance broke."""
        if self.broken is not None:
            raise ActorAborted(str(self.broken))

    def activity(self) -> Callable[[], None]:
        """Notes that something needs the instance; call the result once when it no longer does."""
        self.active += 1
        ended = False

        def end() -> None:
            nonlocal ended
            if not ended:
                ended = True
                self.active -= 1
                self.last_busy_s = self.services.loop.time()

        return end

    @property
    def idle(self) -> bool:
        """Nothing needs the instance in memory."""
        return not self.active and not self.context.outstanding

    def end_turn(self) -> None:
        """Commits what the turn wrote."""
        if self.broken is None:
            self.last_busy_s = self.services.loop.time()
            self.context.let_out_free()
            self.storage.commit_implicit()
            self.context.let_out()

    async def pass_output_gate(self) -> None:
        """Waits until everything written so far is durable; raises what broke the actor."""
        if self.output_gate.open:
            return
        opened: asyncio.Future[None] = self.services.loop.create_future()

        def done(error: BaseException | None) -> None:
            if opened.done():
                return
            if error is None:
                opened.set_result(None)
            else:
                opened.set_exception(self.broken or guest_error(error))

        self.output_gate.wait(done)
        await opened

    def when_durable(self) -> Promise:
        """`storage.sync()`: never settles if the writes fail, since the object is reset first."""
        durable: asyncio.Future[None] = self.services.loop.create_future()

        def done(error: BaseException | None) -> None:
            if error is None and not durable.done():
                durable.set_result(None)

        # After this turn: what the guest still writes in it is covered too.
        self.services.post(lambda: self.storage.when_durable(done))
        return self.context.external(durable, lambda _: None)

    # -- critical sections ------------------------------------------------------------------------

    def run_section(
        self,
        callback: Callable[[], JsValue],
        *,
        on_done: Callable[[JsValue], JsValue] | None = None,
        on_failed: Callable[[JsValue], JsValue] | None = None,
    ) -> Promise:
        """Runs a callback as a critical section; the promise settles in a turn that owns the
        parent's lock.

        Without `on_failed` a failure resets the actor (blockConcurrencyWhile); with it, it is
        called and the promise rejects (transaction). `on_done` may return a promise to wait for.
        """
        promise = Promise()
        try:
            section = CriticalSection(self.context.current_gate)
        except SectionTooDeep:
            promise.reject_with(JsError(SECTION_DEPTH))
            return promise
        self.context.outstanding += 1
        section.start().on_ready(
            partial(self._section_entered, section, promise, callback, on_done, on_failed)
        )
        return promise

    def _section_entered(
        self,
        section: CriticalSection,
        promise: Promise,
        callback: Callable[[], JsValue],
        on_done: Callable[[JsValue], JsValue] | None,
        on_failed: Callable[[JsValue], JsValue] | None,
        waiter: Waiter,
    ) -> None:
        if waiter.lock is None:
            return  # the actor is being reset
        timer = self.services.loop.call_later(SECTION_TIMEOUT_S, self._section_timed_out, section)

        def finish(settle: Callable[[], None]) -> None:
            timer.cancel()
            self.services.post(partial(self._section_over, section, settle))

        def succeeded(value: JsValue) -> None:
            finish(lambda: promise.resolve_with(value))

        def failed(reason: JsValue) -> None:
            if on_failed is None:
                timer.cancel()
                self.reset(guest_error_from_value(reason).flagged(durableObjectReset=True), section)
            else:
                finish(lambda: promise.reject_with(reason))

        def run() -> None:
            try:
                outcome = as_promise(callback())
            except Exception as exception:  # noqa: BLE001 - a throw fails the section
                outcome = Promise()
                outcome.reject_with(error_value(exception))
            if on_done is not None:
                outcome = _then(outcome, on_done)
            if on_failed is not None:
                outcome = _catch(outcome, on_failed)
            outcome.subscribe(succeeded, failed)

        self.services.post(partial(self.context.run_turn, waiter.lock, run))

    def _section_over(self, section: CriticalSection, settle: Callable[[], None]) -> None:
        if self.broken is not None:
            return
        self.context.outstanding -= 1
        self.context.run_turn(section.succeed(), settle)

    def _section_timed_out(self, section: CriticalSection) -> None:
        error = platform_error(SECTION_TIMEOUT, overloaded=True, durableObjectReset=True)
        self.reset(error, section)

    # -- the end ----------------------------------------------------------------------------------

    def evict(self) -> None:
        """Takes an idle instance out of memory."""
        assert self.idle, "only an idle actor is evicted"
        self.context.close()
        self.hibernation.hibernate()
        self.storage.discard()
        self.services.observer.actor_evicted(self._guest_class.name, self.id.hex)

    def reset(self, error: GuestError, section: CriticalSection | None = None) -> None:
        """Breaks the actor: uncommitted writes are lost, all who wait get the error."""
        if self.broken is None:
            self.services.observer.actor_reset(self._guest_class.name, self.id.hex, str(error))
            self.shut_down(error, section)

    def shut_down(self, error: GuestError, section: CriticalSection | None = None) -> None:
        """Ends the actor where that is nobody's fault; see `reset` for what follows."""
        assert self.broken is None, "an actor ends once"
        self.broken = error
        self.storage.discard()
        self.context.abandon_tasks()
        self.context.close()
        self.context.fail_replies(error)
        self.output_gate.break_with(error)
        if section is not None:
            section.fail(error)
        self.context.gate.break_with(error)
        self._on_reset(error)

    def _commit_failed(self, error: BaseException) -> None:
        if self.broken is None:
            failure = error if isinstance(error, GuestError) else self._flush_failure(error)
            self.reset(failure)

    def _flush_failure(self, error: BaseException) -> GuestError:
        reference = self.services.entropy.random_bytes(12).hex()
        message = FLUSH_FAILED.format(reference)
        self.services.observer.uncaught_error(f"{message}\n  caused by: {error}")
        return platform_error(message, durableObjectReset=True)

    def __repr__(self) -> str:
        return f"<Actor {self._guest_class.name} {self.id.hex[:8]} active={self.active}>"


def _unless_broken(job: Callable[[], None], error: BaseException | None) -> None:
    if error is None:
        job()


def _then(promise: Promise, then: Callable[[JsValue], JsValue]) -> Promise:
    """`promise.then(then)` for a function of ours."""
    result = Promise()

    def run(value: JsValue) -> None:
        try:
            result.resolve_with(then(value))
        except Exception as exception:  # noqa: BLE001 - a throw is the rejection
            result.reject_with(error_value(exception))

    promise.subscribe(run, result.reject_with)
    return result


def _catch(promise: Promise, catch: Callable[[JsValue], JsValue]) -> Promise:
    """Calls `catch` on failure, and rejects with what it returns."""
    result = Promise()
    promise.subscribe(result.resolve_with, lambda reason: result.reject_with(catch(reason)))
    return result
