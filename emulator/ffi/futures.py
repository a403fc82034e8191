"""Promises as Python futures, and the promise members of handles.

A call that returns a Promise gives Python a future of the running loop at once (a PyodideFuture on
a WebLoop). A rejection is raised as JsException; when the reason is a Python exception that went
through JavaScript, it is a JsException named PythonError, as in Pyodide.
Without a running loop the promise itself is handed out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from emulator.ffi import capabilities
from emulator.ffi.containers import public
from emulator.ffi.pyproxy import Borrowed, end_borrowing
from emulator.ffi.translate import js_to_py, py_to_js
from emulator.js.errors import JsThrow
from emulator.js.promise import Promise, as_promise

if TYPE_CHECKING:
    from emulator.js.values import JsValue


def promise_to_future(promise: Promise, borrowed: Borrowed | None = None) -> Any:
    """A future of the running loop that settles as the promise does."""
    loop = asyncio._get_running_loop()
    if loop is None:
        return js_to_py(promise)
    future = loop.create_future()
    promise.subscribe(partial(_fulfill, future, borrowed), partial(_reject, future, borrowed))
    return future


def _fulfill(future: asyncio.Future[Any], borrowed: Borrowed | None, value: JsValue) -> None:
    if not future.done():
        future.set_result(js_to_py(value))
    if borrowed is not None:
        end_borrowing(borrowed)


def _reject(future: asyncio.Future[Any], borrowed: Borrowed | None, reason: JsValue) -> None:
    if borrowed is not None:
        end_borrowing(borrowed)
    if not future.done():
        future.set_exception(rejection(reason))


def rejection(reason: JsValue) -> BaseException:
    """What `await` raises for a rejected promise."""
    from emulator.ffi.exception import js_exception  # noqa: PLC0415 - it is built on handles

    failure: BaseException = js_exception(reason)
    return failure


class Awaitables:
    """What a handle of a thenable has; copied into handle types."""

    js_value: Any

    def __await__(self) -> Generator[Any, Any, Any]:
        loop = asyncio.get_running_loop()
        del loop  # only its absence matters: RuntimeError names it better than we could
        result: Generator[Any, Any, Any] = promise_to_future(as_promise(self.js_value)).__await__()
        return result

    def then(self, onfulfilled: Any = None, onrejected: Any = None) -> Any:
        """`Promise.then`; gives a promise."""
        return _chain(self.js_value, "then", onfulfilled, onrejected)

    def catch(self, onrejected: Any) -> Any:
        """`Promise.catch`."""
        return _chain(self.js_value, "catch", onrejected)

    def finally_(self, onfinally: Any) -> Any:
        """`Promise.finally`."""
        return _chain(self.js_value, "finally", onfinally)


def _chain(target: Any, name: str, *handlers: Any) -> Any:
    """Handlers passed here live as long as the promise, so none of them is borrowed."""
    from emulator.ffi.proxy import exception_for  # noqa: PLC0415 - handles know futures

    arguments = tuple(py_to_js(handler) for handler in handlers)
    try:
        return js_to_py(target.js_get(name).js_call(target, arguments))
    except JsThrow as thrown:
        failure = thrown.value
    raise exception_for(failure)


def members(flags: int) -> Mapping[str, Any]:
    """The functions for a handle type with these capabilities."""
    if not flags & capabilities.AWAITABLE:
        return {}
    return public(Awaitables)
