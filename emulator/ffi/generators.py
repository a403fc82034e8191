"""Python generators and iterators as JavaScript drives them: `next`, `return` and `throw`.

Each takes the proxy as `this`, and gives `{done, value}`, or a promise of it for asynchronous ones.
Knows proxies only by their `python_value`.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from emulator.ffi.translate import js_to_py, py_to_js
from emulator.js.errors import JsError, throwable
from emulator.js.plain import PlainObject
from emulator.js.values import JsValue


def resume(this: Any, value: JsValue = None) -> JsValue:
    """`next(value)`."""
    source = this.python_value
    if hasattr(type(source), "__anext__"):
        send = getattr(source, "asend", None)
        sent = js_to_py(value)
        return _later(lambda: anext(source) if send is None or sent is None else send(sent))
    if value is None or not hasattr(source, "send"):
        return _now(lambda: next(source))
    return _now(lambda: source.send(js_to_py(value)))


def finish(this: Any, value: JsValue = None) -> JsValue:
    """`return(value)`."""
    source = this.python_value
    if inspect.isasyncgen(source):
        return _later(lambda: source.athrow(GeneratorExit), at_exit=value)
    return _now(lambda: source.throw(GeneratorExit), at_exit=value)


def throw(this: Any, error: JsValue = None) -> JsValue:
    """`throw(error)`."""
    source = this.python_value
    failure = _exception(error)
    if inspect.isasyncgen(source):
        return _later(lambda: source.athrow(failure))
    return _now(lambda: source.throw(failure))


def _exception(error: JsValue) -> BaseException:
    from emulator.ffi.exception import exception_for  # noqa: PLC0415 - it is built on proxies

    return exception_for(error) if isinstance(error, JsError) else throwable(error)


def _result(value: Any, *, done: bool) -> PlainObject:
    return PlainObject({"done": done, "value": py_to_js(value)})


def _now(step: Callable[[], Any], at_exit: JsValue = None) -> JsValue:
    try:
        return _result(step(), done=False)
    except StopIteration as stop:
        return _result(stop.value, done=True)
    except GeneratorExit:
        return PlainObject({"done": True, "value": at_exit})


def _later(step: Callable[[], Awaitable[Any]], at_exit: JsValue = None) -> JsValue:
    from emulator.ffi.pyproxy import awaitable_to_promise  # noqa: PLC0415 - built on this module

    async def run() -> Any:
        try:
            value = await step()
        except StopAsyncIteration:
            return js_to_py(_result(None, done=True))
        except GeneratorExit:
            return js_to_py(PlainObject({"done": True, "value": at_exit}))
        return js_to_py(_result(value, done=False))

    return awaitable_to_promise(run())
