"""Iteration protocols on handles, synchronous and asynchronous.

An object's Python iterator runs its JavaScript iterator and translates what it yields; a throw
inside becomes the exception it carries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.ffi import capabilities
from emulator.ffi.containers import public
from emulator.ffi.futures import promise_to_future
from emulator.ffi.proxy import call_js, exception_for, get_js
from emulator.ffi.pyproxy import awaitable_to_promise
from emulator.ffi.translate import js_to_py, py_to_js
from emulator.js.errors import JsThrow, error_value
from emulator.js.object import JsIterator, JsObject, NativeFunction
from emulator.js.plain import iterator_result
from emulator.js.promise import as_promise
from emulator.js.values import ASYNC_ITERATOR, MISSING, JsValue


def iterate(js: JsObject) -> Iterator[Any]:
    """The values that iterating over the object gives."""
    try:
        for value in js.js_iter():
            yield js_to_py(value)
    except JsThrow as thrown:
        failure = thrown.value
    else:
        return
    raise exception_for(failure)


class Iterable:
    """`Symbol.iterator`."""

    js_value: Any

    def __iter__(self) -> Iterator[Any]:
        return iterate(self.js_value)


class Iterating:
    """An object with `next`."""

    js_value: Any

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        js = self.js_value
        if isinstance(js, JsIterator):
            return _step_native(js)
        return _iteration_value(call_js(get_js(js, "next"), js), StopIteration)

    def send(self, value: Any) -> Any:
        """Resumes with a value."""
        js = self.js_value
        return _iteration_value(call_js(get_js(js, "next"), js, py_to_js(value)), StopIteration)


def _step_native(js: JsIterator) -> Any:
    try:
        for value in js.js_iter():
            return js_to_py(value)
    except JsThrow as thrown:
        failure = thrown.value
    else:
        raise StopIteration
    raise exception_for(failure)


def _iteration_value(result: JsValue, stop: type[Exception]) -> Any:
    done = get_js(result, "done")
    value = get_js(result, "value")
    python_value = None if value is MISSING else js_to_py(value)
    if done is MISSING or not done:
        return python_value
    if stop is StopIteration and python_value is not None:
        raise StopIteration(python_value)
    raise stop


class Generating:
    """A generator: also `throw` and `close`."""

    js_value: Any

    def throw(self, error: Any, value: Any = None, traceback: Any = None) -> Any:
        """Resumes with an exception."""
        js = self.js_value
        if isinstance(error, type):
            error = error() if value is None else error(value)
        return _iteration_value(call_js(get_js(js, "throw"), js, error_value(error)), StopIteration)

    def close(self) -> None:
        """Ends the generator."""
        js = self.js_value
        call_js(get_js(js, "return"), js)


class AsyncIterable:
    """`Symbol.asyncIterator`."""

    js_value: Any

    def __aiter__(self) -> Any:
        js = self.js_value
        factory = get_js(js, ASYNC_ITERATOR)
        if factory is MISSING:
            try:
                iterator = js.js_async_iter()
            except JsThrow as thrown:
                failure = thrown.value
            else:
                return AsyncIteration(iterator)
            raise exception_for(failure)
        return AsyncIteration(call_js(factory, js))


class AsyncIteration:
    """Drives an object whose `next()` gives promises of `{value, done}`."""

    __slots__ = ("_iterator",)

    def __init__(self, iterator: JsValue) -> None:
        self._iterator = iterator

    def __aiter__(self) -> AsyncIteration:
        return self

    async def __anext__(self) -> Any:
        return await _next(self._iterator, ())

    async def aclose(self) -> None:
        """Ends the iteration early."""
        finish = get_js(self._iterator, "return")
        if finish is not MISSING:
            await promise_to_future(as_promise(call_js(finish, self._iterator)))


async def _next(iterator: JsValue, args: tuple[JsValue, ...]) -> Any:
    promise = as_promise(call_js(get_js(iterator, "next"), iterator, *args))
    result = await promise_to_future(promise)
    return _iteration_value(py_to_js(result), StopAsyncIteration)


class AsyncIterating:
    """An object whose `next` gives promises."""

    js_value: Any

    def __aiter__(self) -> Any:
        return self

    def __anext__(self) -> Any:
        return _next(self.js_value, ())


class AsyncGenerating:
    """An asynchronous generator: also `asend`, `athrow` and `aclose`."""

    js_value: Any

    def asend(self, value: Any) -> Any:
        """Resumes with a value."""
        return _next(self.js_value, (py_to_js(value),))

    async def athrow(self, error: Any) -> Any:
        """Resumes with an exception."""
        js = self.js_value
        error = error() if isinstance(error, type) else error
        promise = as_promise(call_js(get_js(js, "throw"), js, error_value(error)))
        result = await promise_to_future(promise)
        return _iteration_value(py_to_js(result), StopAsyncIteration)

    async def aclose(self) -> None:
        """Ends the generator."""
        js = self.js_value
        await promise_to_future(as_promise(call_js(get_js(js, "return"), js)))


class PythonAsyncIterator(JsObject, name="AsyncGenerator", constructible=False):
    """A Python asynchronous iterator as JavaScript drives it."""

    __slots__ = ("_source",)
    js_async_iterable = True

    def __init__(self, source: Any) -> None:
        super().__init__()
        self._source = source

    def js_async_iter(self) -> JsObject:
        """An asynchronous iterator iterates over itself."""
        return self

    def js_get(self, key: Any) -> JsValue:
        return _PYTHON_NEXT if key == "next" else super().js_get(key)


def _python_next(this: Any) -> JsValue:
    async def step() -> Any:
        try:
            value = await anext(this._source)
        except StopAsyncIteration:
            return js_to_py(iterator_result(None, done=True))
        return js_to_py(iterator_result(py_to_js(value), done=False))

    return awaitable_to_promise(step())


def members(flags: int) -> Mapping[str, Any]:
    """The functions for a handle type with these capabilities."""
    namespace: dict[str, Any] = {}
    for flag, template in (
        (capabilities.ITERABLE, Iterable),
        (capabilities.ITERATOR_FLAG, Iterating),
        (capabilities.GENERATOR, Generating),
        (capabilities.ASYNC_ITERABLE, AsyncIterable),
        (capabilities.ASYNC_ITERATOR_FLAG, AsyncIterating),
        (capabilities.ASYNC_GENERATOR, AsyncGenerating),
    ):
        if flags & flag:
            namespace |= public(template)
    return namespace


_PYTHON_NEXT = NativeFunction("next", _python_next)
