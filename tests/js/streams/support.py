"""How stream tests are written: as JavaScript async functions, in Python.

`@javascript` turns `async def test_x()` into a test that runs it on a FakeHost; inside, `await`
takes Promises.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import Any

from emulator.js.buffers import ArrayBuffer, TypedArray
from emulator.js.buffers.data_view import DataView
from emulator.js.errors import describe, error_value
from emulator.js.host import slot
from emulator.js.object import JsObject, NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise, as_promise, resolved, spawn
from tests.js.guest_values import call, new
from tests.support.js_host import FakeHost, settle

__all__ = ["call", "javascript", "new", "obj", "outcome", "read", "seen", "tick", "unhandled"]


def javascript(scenario: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[FakeHost], None]:
    """Makes a test of an async function."""

    def test(js_host: FakeHost) -> None:
        settle(spawn(scenario()))

    test.__name__ = scenario.__name__
    test.__doc__ = scenario.__doc__
    return test


def function(python: Callable[..., Any]) -> NativeFunction:
    """A Python function as a guest's callback; an async one gives a Promise."""

    def run(this: Any, *args: Any) -> Any:
        result = python(*args)
        return spawn(result) if inspect.iscoroutine(result) else result

    return NativeFunction("callback", run)


def obj(**members: Any) -> PlainObject:
    """An options object; Python callables become functions."""
    return PlainObject(
        {
            name: function(value) if callable(value) and not isinstance(value, JsObject) else value
            for name, value in members.items()
        }
    )


async def outcome(action: Promise | Callable[[], Any]) -> Any:
    """What a promise or a call gives: its value, or the text of what it throws."""
    try:
        value = action() if not isinstance(action, Promise) else action
        return seen(await as_promise(value))
    except Exception as exception:
        return describe(error_value(exception))


def seen(value: Any) -> Any:
    """A value in a form that compares: bytes for buffers, (value, done) for read results."""
    if isinstance(value, TypedArray | DataView):
        return value.tobytes()
    if isinstance(value, ArrayBuffer):
        return bytes(value.data)
    if isinstance(value, PlainObject) and value.js_own_keys() == ["value", "done"]:
        return seen(value.js_get("value")), value.js_get("done")
    return value


async def read(reader: Any, *args: Any) -> Any:
    """One read of a reader, as (value, done)."""
    return seen(await call(reader, "read", *args))


def unhandled() -> list[str]:
    """Rejections that nobody has handled so far."""
    host = slot.host
    assert isinstance(host, FakeHost)
    tracked = [promise.value for promise in host.rejections if not promise.handled]
    return [describe(value) for value in (*host.reported, *tracked)]


async def tick(count: int = 50) -> None:
    """Lets microtasks run."""
    for _ in range(count):
        await resolved(None)
