"""Promises, and `spawn`, which runs a coroutine the way JavaScript runs an async function.

Theory of operation: a Promise settles once and runs its reactions as microtasks of the current
host. `spawn(coroutine)` starts the coroutine at once, on the caller's stack; each `await promise`
inside hands the promise to the driver, which resumes the coroutine from a microtask. No event loop
is involved, so built-in async code behaves the same in every kind of turn.

A promise that is rejected while nobody handles it is given to the host, which reports it if that
is still so once everything has run dry.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any, Literal

from emulator.errors import InternalError
from emulator.js.define import method, static
from emulator.js.errors import (
    JsAggregateError,
    JsError,
    JsThrow,
    error_value,
    throwable,
    type_error,
)
from emulator.js.host import slot
from emulator.js.object import JsObject, NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsValue

State = Literal["pending", "fulfilled", "rejected"]
Reaction = Callable[[JsValue], None]


class Promise(JsObject, name="Promise"):
    """`Promise`. Internal code uses `resolve_with`, `reject_with` and `subscribe`."""

    __slots__ = ("_reactions", "_resolved", "handled", "state", "value")

    def __init__(self) -> None:
        super().__init__()
        self.state: State = "pending"
        self.value: JsValue = None
        self.handled = False
        self._resolved = False
        self._reactions: list[tuple[Reaction, Reaction]] | None = None

    # -- settling -----------------------------------------------------------------------------

    def resolve_with(self, value: JsValue) -> None:
        """Resolves: a thenable is followed, anything else fulfills. Later calls do nothing."""
        if self._resolved:
            return
        self._resolved = True
        if value is self:
            self._settle(
                "rejected", type_error("Chaining cycle detected for promise #<Promise>").value
            )
        elif isinstance(value, Promise):
            value.subscribe(self._fulfill, self._reject)
        elif isinstance(value, JsObject):
            self._follow(value)
        else:
            self._settle("fulfilled", value)

    def reject_with(self, reason: JsValue) -> None:
        """Rejects with a JavaScript value. Later calls do nothing."""
        if not self._resolved:
            self._resolved = True
            self._settle("rejected", reason)

    def _fulfill(self, value: JsValue) -> None:
        self._settle("fulfilled", value)

    def _reject(self, reason: JsValue) -> None:
        self._settle("rejected", reason)

    def _follow(self, value: JsObject) -> None:
        try:
            then = value.js_get("then")
        except Exception as exception:  # noqa: BLE001 - any throw of a getter rejects
            self._settle("rejected", error_value(exception))
            return
        if then is MISSING or not getattr(then, "js_callable", False):
            self._settle("fulfilled", value)
            return
        slot.host.queue_microtask(lambda: self._call_then(value, then))

    def _call_then(self, thenable: JsObject, then: JsObject) -> None:
        inner = Promise()
        inner.subscribe(self._fulfill, self._reject)
        try:
            then.js_call(thenable, resolving_functions(inner))
        except Exception as exception:  # noqa: BLE001 - a throwing then rejects
            inner.reject_with(error_value(exception))

    def _settle(self, state: State, value: JsValue) -> None:
        self.state = state
        self.value = value
        if state == "rejected" and not self.handled:
            slot.host.track_rejection(self)
        if self._reactions is not None:
            queue = slot.host.queue_microtask
            for on_fulfilled, on_rejected in self._reactions:
                queue(partial(on_fulfilled if state == "fulfilled" else on_rejected, value))
            self._reactions = None

    def subscribe(self, on_fulfilled: Reaction, on_rejected: Reaction) -> None:
        """Runs exactly one of the two as a microtask once settled. Marks rejections handled."""
        self.handled = True
        if self.state == "fulfilled":
            slot.host.queue_microtask(partial(on_fulfilled, self.value))
        elif self.state == "rejected":
            slot.host.queue_microtask(partial(on_rejected, self.value))
        elif self._reactions is None:
            self._reactions = [(on_fulfilled, on_rejected)]
        else:
            self._reactions.append((on_fulfilled, on_rejected))

    def __await__(self) -> Generator[Promise, JsValue, JsValue]:
        """Awaits inside a coroutine run by `spawn`."""
        return (yield self)

    # -- JavaScript members -------------------------------------------------------------------

    @method
    def then(self, on_fulfilled: JsValue = None, on_rejected: JsValue = None) -> Promise:
        result = Promise()
        self.subscribe(
            _handler(result, on_fulfilled, result.resolve_with),
            _handler(result, on_rejected, result.reject_with),
        )
        return result

    @method
    def catch(self, on_rejected: JsValue = None) -> Promise:
        return self.then(None, on_rejected)

    @method
    def finally_(self, on_finally: JsValue = None) -> Promise:
        if not getattr(on_finally, "js_callable", False):
            return self.then(on_finally, on_finally)

        async def run(value: JsValue, rejected: bool) -> JsValue:  # noqa: FBT001 - two callers below
            await as_promise(on_finally.js_call(None, ()))
            if rejected:
                raise throwable(value)
            return value

        return self.then(
            NativeFunction("", lambda this, value=None: spawn(run(value, rejected=False))),
            NativeFunction("", lambda this, value=None: spawn(run(value, rejected=True))),
        )

    @classmethod
    def js_new(cls, executor: JsValue = None) -> JsValue:
        if not getattr(executor, "js_callable", False):
            from emulator.js.text import value_text  # noqa: PLC0415 - built on this module

            raise type_error(f"Promise resolver {value_text(executor)} is not a function")
        promise = cls()
        try:
            executor.js_call(None, resolving_functions(promise))
        except Exception as exception:  # noqa: BLE001 - a throwing executor rejects
            promise.reject_with(error_value(exception))
        return promise

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        del args
        raise type_error("Promise constructor cannot be invoked without 'new'")

    @static
    def try_(cls, function: JsValue = None, *args: JsValue) -> JsValue:
        from emulator.js.text import require_function  # noqa: PLC0415 - built on this module

        promise = Promise()
        try:
            promise.resolve_with(require_function(function).js_call(None, args))
        except Exception as exception:  # noqa: BLE001 - a throwing function rejects
            promise.reject_with(error_value(exception))
        return promise

    @static
    def resolve(cls, value: JsValue = None) -> JsValue:
        return as_promise(value)

    @static
    def reject(cls, reason: JsValue = None) -> JsValue:
        return rejected(reason)

    @static
    def withResolvers(cls) -> JsValue:
        promise = Promise()
        resolve, reject = resolving_functions(promise)
        return PlainObject({"promise": promise, "resolve": resolve, "reject": reject})

    @static
    def all(cls, values: JsValue = None) -> JsValue:
        return spawn(_all(values))

    @static
    def allSettled(cls, values: JsValue = None) -> JsValue:
        return spawn(_all_settled(values))

    @static
    def race(cls, values: JsValue = None) -> JsValue:
        result = Promise()
        for promise in _promises(values):
            promise.subscribe(result.resolve_with, result.reject_with)
        return result

    @static
    def any(cls, values: JsValue = None) -> JsValue:
        return _any(values)

    def __repr__(self) -> str:
        return f"<Promise {self.state}>"


def _handler(result: Promise, callback: JsValue, default: Reaction) -> Reaction:
    if not getattr(callback, "js_callable", False):
        return default

    def run(value: JsValue) -> None:
        try:
            outcome = callback.js_call(None, (value,))
        except Exception as exception:  # noqa: BLE001 - a throwing reaction rejects
            result.reject_with(error_value(exception))
        else:
            result.resolve_with(outcome)

    return run


def resolving_functions(promise: Promise) -> tuple[NativeFunction, NativeFunction]:
    """The `(resolve, reject)` pair that an executor receives."""
    return (
        NativeFunction("", lambda this, value=None: promise.resolve_with(value)),
        NativeFunction("", lambda this, reason=None: promise.reject_with(reason)),
    )


def as_promise(value: JsValue) -> Promise:
    """`Promise.resolve(value)`."""
    return value if isinstance(value, Promise) else resolved(value)


def resolved(value: JsValue = None) -> Promise:
    """A promise resolved with a value."""
    promise = Promise()
    promise.resolve_with(value)
    return promise


def rejected(reason: JsValue) -> Promise:
    """A promise rejected with a JavaScript value."""
    promise = Promise()
    promise.reject_with(reason)
    return promise


def outcome(function: Callable[..., JsValue], *args: Any) -> Promise:
    """Calls a function as a JavaScript async function that awaits nothing."""
    result = Promise()
    try:
        result.resolve_with(function(*args))
    except Exception as exception:  # noqa: BLE001 - the function's exception is the rejection
        result.reject_with(error_value(exception))
    return result


def spawn(coroutine: Coroutine[Promise, JsValue, JsValue]) -> Promise:
    """Runs a coroutine as a JavaScript async function; see the module docstring."""
    result = Promise()
    try:
        awaited = coroutine.send(None)
    except StopIteration as stop:
        result.resolve_with(stop.value)
    except Exception as exception:  # noqa: BLE001 - the function's exception is the rejection
        result.reject_with(error_value(exception))
    else:
        _Suspended(coroutine, result).wait_for(awaited)
    return result


class _Suspended:
    """A coroutine of `spawn` that awaits a promise."""

    __slots__ = ("_coroutine", "_result")

    def __init__(self, coroutine: Coroutine[Promise, JsValue, JsValue], result: Promise) -> None:
        self._coroutine = coroutine
        self._result = result

    def wait_for(self, awaited: Promise) -> None:
        if not isinstance(awaited, Promise):
            raise InternalError(f"a built-in async function awaited {awaited!r}")
        awaited.subscribe(self._resume, self._fail)

    def _resume(self, value: JsValue) -> None:
        self._step(self._coroutine.send, value)

    def _fail(self, reason: JsValue) -> None:
        self._step(self._coroutine.throw, throwable(reason))

    def _step(self, advance: Callable[[Any], Promise], argument: JsValue) -> None:
        try:
            awaited = advance(argument)
        except StopIteration as stop:
            self._result.resolve_with(stop.value)
        except Exception as exception:  # noqa: BLE001 - the function's exception is the rejection
            self._result.reject_with(error_value(exception))
        else:
            self.wait_for(awaited)


def _promises(values: JsValue) -> list[Promise]:
    from emulator.js.collections import iterate_argument  # noqa: PLC0415 - built on this module

    return [as_promise(value) for value in iterate_argument(values)]


async def _all(values: JsValue) -> JsValue:
    from emulator.js.array import JsArray  # noqa: PLC0415

    promises = _promises(values)
    results: list[JsValue] = [None] * len(promises)
    done = Promise()
    left = len(promises)
    if not left:
        return JsArray([])

    def fulfilled(index: int, value: JsValue) -> None:
        nonlocal left
        results[index] = value
        left -= 1
        if not left:
            done.resolve_with(None)

    for index, promise in enumerate(promises):
        promise.subscribe(partial(fulfilled, index), done.reject_with)
    await done
    return JsArray(results)


async def _all_settled(values: JsValue) -> JsValue:
    from emulator.js.array import JsArray  # noqa: PLC0415

    outcomes: list[JsValue] = []
    for promise in _promises(values):
        promise.handled = True
        try:
            outcomes.append(PlainObject({"status": "fulfilled", "value": await promise}))
        except Exception as exception:  # noqa: BLE001 - any rejection is an outcome here
            outcomes.append(PlainObject({"status": "rejected", "reason": error_value(exception)}))
    return JsArray(outcomes)


def _any(values: JsValue) -> Promise:
    from emulator.js.array import JsArray  # noqa: PLC0415

    promises = _promises(values)
    result = Promise()
    reasons: list[JsValue] = [None] * len(promises)
    left = len(promises)

    def give_up() -> None:
        failure = JsAggregateError("All promises were rejected")
        failure.js_set("errors", JsArray(reasons))
        result.reject_with(failure)

    def failed(index: int, reason: JsValue) -> None:
        nonlocal left
        reasons[index] = reason
        left -= 1
        if not left:
            give_up()

    if not promises:
        give_up()
    for index, promise in enumerate(promises):
        promise.subscribe(result.resolve_with, partial(failed, index))
    return result


__all__ = ["JsError", "JsThrow", "Promise", "as_promise", "rejected", "resolved", "spawn"]
