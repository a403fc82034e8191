"""The simulated Durable Object class: every operation a client may ask of an object.

It stands where the loader's Python classes stand (`GuestClass`), and uses the same JavaScript
objects, without a module to import. Every operation notes in the History what it does, in the
moment it does it. `alone` is around what the platform promises not to interleave: code between
awaits of storage, and critical sections.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from emulator.ffi.futures import promise_to_future
from emulator.js.array import JsArray
from emulator.js.collections import JsMap
from emulator.js.errors import error, error_value
from emulator.js.object import JsObject, NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise
from emulator.js.values import JsValue
from emulator.runtime.durable_object_namespace import DurableObjectNamespace
from emulator.runtime.http import HttpRequest
from emulator.runtime.io_context import current_context
from tests.simulation.checkers import COUNT, INCREMENT, MARK, Change, History, Mark

if TYPE_CHECKING:
    from emulator.runtime.actor_namespace import ActorNamespace
    from emulator.runtime.durable_object_state import DurableObjectState

REFUSED = "refused by the scenario"
ABORTED = "aborted by the scenario"


class SimulatedClass:
    """Implements GuestClass. `namespace` is set once there is one."""

    name = "Simulated"

    def __init__(self, history: History, process: int) -> None:
        self.history = history
        self.process = process
        self.namespace: ActorNamespace | None = None
        self.sent: dict[str, tuple[Change, ...]] = {}
        self._alarm_runs = itertools.count()

    def construct(self, context: JsObject) -> Instance:
        return Instance(self, context)  # type: ignore[arg-type]

    async def fetch(self, instance: Any, request: JsObject) -> JsValue:
        raise error("the simulated class has no fetch()")

    async def call(self, instance: Instance, method: str, arguments: list[JsValue]) -> JsValue:
        return await getattr(instance, method)(*arguments)

    async def event(self, instance: Instance, method: str, arguments: list[JsValue]) -> bool:
        assert method == "alarm"
        await instance.alarm(f"{self.process}alarm{next(self._alarm_runs)}", arguments[0])
        return True

    def handles(self, instance: Any, method: str) -> bool:
        return method == "alarm"

    def send(self, operation: str) -> str:
        """Notes what a message depends on; the token goes with the message."""
        token = f"{operation}#{len(self.sent)}"
        self.sent[token] = self.history.made_by(operation)
        return token

    def arrived(self, where: str, token: str) -> None:
        """A message came out."""
        self.history.output(f"{where} {token}", self.sent.pop(token, ()))


def invoke(target: JsObject, method: str, *arguments: JsValue) -> JsValue:
    """Calls a JavaScript method."""
    return target.js_get(method).js_call(target, arguments)


def function(body: Callable[..., Coroutine[Any, Any, Any]]) -> NativeFunction:
    """A JavaScript function that gives a promise of what a coroutine function returns."""

    def call(this: JsValue, *arguments: JsValue) -> Promise:
        promise = Promise()
        task = asyncio.get_running_loop().create_task(body(*arguments))

        def settle(done: asyncio.Future[Any]) -> None:
            exception = done.exception()
            if exception is None:
                promise.resolve_with(done.result())
            elif isinstance(exception, Exception):
                promise.reject_with(error_value(exception))

        task.add_done_callback(settle)
        return promise

    return NativeFunction("", call)


class Instance:
    """One live object."""

    def __init__(self, guest: SimulatedClass, state: DurableObjectState) -> None:
        self.guest = guest
        self.history = guest.history
        self.state = state
        self.storage: JsObject = state.storage
        name = state.id.actor_id.name
        assert name is not None
        self.name = name
        self.history.started(self.name, self)

    # -- steps ------------------------------------------------------------------------------------

    def ask(self, operation: str, target: JsObject, method: str, *arguments: JsValue) -> Any:
        """Calls an asynchronous method; a future."""
        self.history.touch(self.name, self, operation)
        return promise_to_future(invoke(target, method, *arguments))

    def put_mark(
        self, operation: str, kind: str = MARK, *, target: JsObject | None = None,
        confirmed: bool = True, suffix: str = "",
    ) -> tuple[Mark, Awaitable[None]]:  # fmt: skip
        """Puts the operation's mark: the change, and what to await."""
        key = f"{kind}{operation}{suffix}"
        options = () if confirmed else (PlainObject({"allowUnconfirmed": True}),)
        done = self.ask(operation, target or self.storage, "put", key, operation, *options)
        return self.history.wrote(self.name, operation, key, confirmed=confirmed), done

    async def add_one(self, operation: str, target: JsObject | None = None) -> Change:
        """Read, modify, write."""
        with self.history.alone(self, operation):
            where = target or self.storage
            count = await self.ask(operation, where, "get", COUNT) or 0
            change, done = self.put_mark(operation, INCREMENT, target=target)
            await self.ask(operation, where, "put", COUNT, count + 1)
            await done
            self.history.touch(self.name, self, operation)
        return change

    async def outside(self, operation: str, delay_ms: float) -> None:
        """Something that lets other events in."""
        self.history.touch(self.name, self, operation)
        await asyncio.sleep(delay_ms / 1000)
        self.history.touch(self.name, self, operation)

    async def fetch_outside(self, operation: str) -> None:
        context = current_context()
        request = HttpRequest("GET", f"http://outside.test/{self.guest.send(operation)}", [])
        await promise_to_future(
            context.external(
                context.outgoing(context.services.outbound.fetch(request)),
                lambda response: response.status,
            )
        )
        self.history.touch(self.name, self, operation)

    def call_other(self, operation: str, other: str, method: str, *arguments: JsValue) -> Any:
        """Calls a method of another object; a future."""
        assert self.guest.namespace is not None
        stub = invoke(DurableObjectNamespace(self.guest.namespace), "getByName", other)
        return self.ask(operation, stub, method, self.guest.send(operation), *arguments)

    # -- operations: increments that are never lost ------------------------------------------------

    async def increment(self, operation: str, delay_ms: float) -> None:
        await self.add_one(operation)

    async def increment_late(self, operation: str, delay_ms: float) -> None:
        await self.outside(operation, delay_ms)
        await self.add_one(operation)
        await self.outside(operation, delay_ms)

    async def increment_in_transaction(self, operation: str, delay_ms: float) -> None:
        async def body(transaction: JsObject) -> None:
            with self.history.alone(self, operation):
                await self.outside(operation, delay_ms)
                await self.add_one(operation, transaction)
                await self.outside(operation, delay_ms)

        await self.ask(operation, self.storage, "transaction", function(body))

    async def increment_in_section(self, operation: str, delay_ms: float) -> None:
        async def body() -> None:
            with self.history.alone(self, operation):
                await self.outside(operation, delay_ms)
                await self.add_one(operation)
                await self.fetch_outside(operation)

        await self.ask(operation, self.state, "blockConcurrencyWhile", function(body))

    async def increment_in_nested(self, operation: str, delay_ms: float) -> None:
        async def inner(transaction: JsObject) -> None:
            await self.outside(operation, delay_ms)
            await self.add_one(operation, transaction)

        async def outer() -> None:
            with self.history.alone(self, operation):
                await self.ask(operation, self.storage, "transaction", function(inner))
                await self.outside(operation, delay_ms)

        await self.ask(operation, self.state, "blockConcurrencyWhile", function(outer))

    # -- operations: other writes -----------------------------------------------------------------

    async def unawaited(self, operation: str, delay_ms: float) -> None:
        for number in range(3):
            self.put_mark(operation, suffix=f".{number}")

    async def unconfirmed(self, operation: str, delay_ms: float) -> None:
        self.put_mark(operation, confirmed=False)

    async def synced(self, operation: str, delay_ms: float) -> None:
        change, _ = self.put_mark(operation, confirmed=False)
        await self.ask(operation, self.storage, "sync")
        change.confirmed = True  # from here on its answer promises it
        self.history.output(f"sync of {operation}", (change,))

    async def scattered(self, operation: str, delay_ms: float) -> None:
        for number in range(3):
            self.put_mark(operation, suffix=f".{number}")
            await self.outside(operation, delay_ms)

    async def background(self, operation: str, delay_ms: float) -> None:
        async def later() -> None:
            await self.outside(f"{operation}.later", delay_ms)
            self.put_mark(f"{operation}.later")

        invoke(self.state, "waitUntil", function(later).js_call(None, ()))
        self.put_mark(operation)

    async def big(self, operation: str, delay_ms: float) -> None:
        _, done = self.put_mark(operation)
        await self.ask(operation, self.storage, "put", "big", "x" * 2000)
        await done

    # -- operations: deletions --------------------------------------------------------------------

    async def clear(self, operation: str, delay_ms: float) -> None:
        done = self.ask(operation, self.storage, "deleteAll")
        self.history.deleted(self.name, operation)
        await done

    async def forget(self, operation: str, delay_ms: float) -> None:
        with self.history.alone(self, operation):
            keys = [key for key in await self.entries(operation) if key.startswith(MARK)][:2]
            done = self.ask(operation, self.storage, "delete", JsArray(list(keys)))
            self.history.deleted(self.name, operation, keys)
            count = await done
        if count != len(keys):
            self.history.violate("delete counts", f"{operation}: {count} of {keys}")

    # -- operations: alarms -----------------------------------------------------------------------

    async def set_alarm(self, operation: str, delay_ms: float) -> None:
        time_ms = int(current_context().now_ms()) + 1 + 3 * delay_ms**5
        done = self.ask(operation, self.storage, "setAlarm", time_ms)
        self.history.set_alarm(self.name, operation, time_ms)
        self.put_mark(operation)
        await done

    async def delete_alarm(self, operation: str, delay_ms: float) -> None:
        done = self.ask(operation, self.storage, "deleteAlarm")
        self.history.set_alarm(self.name, operation, None)
        await done

    async def set_alarm_and_fail(self, operation: str, delay_ms: float) -> None:
        async def body(transaction: JsObject) -> None:
            with self.history.alone(self, operation):
                time_ms = int(current_context().now_ms()) + 1
                done = self.ask(operation, transaction, "setAlarm", time_ms)
                self.history.set_alarm(self.name, operation, time_ms).never = True
                await done
                raise error(REFUSED)

        await self.ask(operation, self.storage, "transaction", function(body))

    async def alarm(self, operation: str, info: JsObject) -> None:
        """The handler. Its first attempt fails at every third alarm."""
        time_ms, retry_count = info.js_get("scheduledTime"), info.js_get("retryCount")
        self.history.note(f"{operation} {self.name} {time_ms} retry {retry_count}")
        with self.history.in_alarm(self.name, self, time_ms, current_context().now_ms()):
            await self.outside(operation, 2)
            if retry_count == 0 and time_ms % 3 == 0:
                raise error(REFUSED)
            mark, done = self.put_mark(operation)
            await done
        self.history.alarm_ran(self.name, time_ms, mark)

    # -- operations that fail ---------------------------------------------------------------------

    async def fail(self, operation: str, delay_ms: float) -> None:
        self.put_mark(operation)
        raise error(REFUSED)

    async def fail_transaction(self, operation: str, delay_ms: float) -> None:
        async def body(transaction: JsObject) -> None:
            with self.history.alone(self, operation):
                change = await self.add_one(operation, transaction)
                await self.outside(operation, delay_ms)
                change.never = True
                raise error(REFUSED)

        await self.ask(operation, self.storage, "transaction", function(body))

    async def fail_section(self, operation: str, delay_ms: float) -> None:
        async def body() -> None:
            with self.history.alone(self, operation):
                await self.outside(operation, delay_ms)
                raise error(REFUSED)

        await self.ask(operation, self.state, "blockConcurrencyWhile", function(body))

    async def stuck_section(self, operation: str, delay_ms: float) -> None:
        async def body() -> None:
            with self.history.alone(self, operation):
                await self.outside(operation, 40_000)

        await self.ask(operation, self.state, "blockConcurrencyWhile", function(body))

    async def abort(self, operation: str, delay_ms: float) -> None:
        change, _ = self.put_mark(operation)
        change.never = True
        invoke(self.state, "abort", ABORTED)

    async def abort_late(self, operation: str, delay_ms: float) -> None:
        self.put_mark(operation)
        await self.outside(operation, delay_ms)
        invoke(self.state, "abort", ABORTED)

    # -- operations that reach out ----------------------------------------------------------------

    async def outbound(self, operation: str, delay_ms: float) -> None:
        self.put_mark(operation)
        await self.fetch_outside(operation)
        self.put_mark(operation, suffix=".after")

    async def transfer(self, operation: str, delay_ms: float, other: str) -> None:
        self.put_mark(operation)
        await self.call_other(operation, other, "receive", operation, delay_ms)
        self.put_mark(operation, suffix=".after")

    async def receive(self, token: str, operation: str, delay_ms: float) -> None:
        self.guest.arrived("call", token)
        await self.add_one(f"{operation}.there")
        await self.outside(f"{operation}.there", delay_ms)

    async def round_trip(self, operation: str, delay_ms: float, other: str) -> None:
        self.put_mark(operation)
        await self.call_other(operation, other, "call_back", operation, delay_ms, self.name)

    async def call_back(self, token: str, operation: str, delay_ms: float, home: str) -> None:
        self.guest.arrived("call", token)
        there = f"{operation}.there"
        self.put_mark(there)
        await self.call_other(there, home, "receive", f"{operation}.back", delay_ms)

    # -- reading ----------------------------------------------------------------------------------

    async def entries(self, operation: str) -> dict[str, Any]:
        listed = await promise_to_future(invoke(self.storage, "list"))
        found: JsMap = listed.js_value
        self.history.touch(self.name, self, operation)
        return {str(key): value for key, value in found.entries_list()}

    async def read(self, operation: str, delay_ms: float) -> None:
        with self.history.alone(self, operation):
            marks = self.history.shown(self.name, await self.entries(operation), operation)
        self.guest.sent[operation] = tuple(marks)

    async def read_elsewhere(self, operation: str, delay_ms: float, other: str) -> None:
        await self.call_other(operation, other, "read_for", operation)

    async def read_for(self, token: str, operation: str) -> None:
        self.guest.arrived("call", token)
        await self.read(operation, 0)
