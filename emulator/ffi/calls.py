"""Calling JavaScript functions from Python: arguments, results, borrowed proxies.

Keyword arguments become one trailing options object. A call that returns a Promise gives a
PyodideFuture. A Python object that was translated only for the call is *borrowed*: JavaScript that
keeps it and uses it after the call (or after the returned Promise has settled) would fail in
Pyodide; `pyproxy` reports such uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from emulator.ffi import capabilities
from emulator.ffi.containers import public
from emulator.ffi.futures import promise_to_future
from emulator.ffi.proxy import JsProxy, exception_for, make_handle
from emulator.ffi.pyproxy import (
    BORROWED,
    BORROWED_OPTION,
    Borrowed,
    CallablePyProxy,
    PyProxy,
    end_borrowing,
)
from emulator.ffi.translate import SCALARS, js_to_py, options_object, py_to_js
from emulator.js.errors import JsThrow
from emulator.js.promise import Promise
from emulator.js.values import JsValue

_BORROWABLE: Final = frozenset({PyProxy, CallablePyProxy})
# An int may be a BigInt to JavaScript, so it takes the long way.
_PLAIN: Final = SCALARS - {int}


def translate_arguments(
    args: tuple[Any, ...], keywords: dict[str, Any]
) -> tuple[tuple[JsValue, ...], Borrowed | None]:
    """The JavaScript arguments of a call, and the borrowed proxies among them."""
    borrowed: Borrowed | None = None
    translated = []
    for argument in args:
        if type(argument) in _PLAIN:
            translated.append(argument)
            continue
        value = py_to_js(argument)
        translated.append(value)
        if type(value) in _BORROWABLE and not isinstance(argument, JsProxy):
            if borrowed is None:
                borrowed = []
            borrowed.append((value, BORROWED))
    if keywords:
        options = options_object(keywords)
        translated.append(options)
        assert options._own is not None
        kept = [
            (value, BORROWED_OPTION)
            for name, value in options._own.items()
            if type(value) in _BORROWABLE and not isinstance(keywords[str(name)], JsProxy)
        ]
        if kept:
            borrowed = [*(borrowed or ()), *kept]
    return tuple(translated), borrowed


def call_of(kind: Any) -> Callable[..., Any]:
    """A `__call__` for a handle type of functions."""
    get_function = kind.js_value.__get__
    get_this = kind._js_this.__get__

    def call(self: Any, *args: Any, **keywords: Any) -> Any:
        if not keywords and _PLAIN.issuperset(map(type, args)):
            arguments, borrowed = args, None
        else:
            arguments, borrowed = translate_arguments(args, keywords)
        try:
            result = get_function(self).js_call(get_this(self), arguments)
        except JsThrow as thrown:
            failure = thrown.value
        else:
            scalar = type(result) in SCALARS
            if not scalar and isinstance(result, Promise):
                return promise_to_future(result, borrowed)
            value = result if scalar else js_to_py(result)
            if borrowed is not None:
                end_borrowing(borrowed)
            return value
        raise exception_for(failure)

    return call


class Callables:
    """What a handle of a function has; copied into handle types."""

    js_value: Any

    def new(self, *args: Any, **keywords: Any) -> Any:
        """JavaScript's `new f(...)`."""
        arguments, borrowed = translate_arguments(args, keywords)
        try:
            result = self.js_value.js_construct(arguments)
        except JsThrow as thrown:
            failure = thrown.value
        else:
            value = js_to_py(result)
            if borrowed is not None:
                end_borrowing(borrowed)
            return value
        raise exception_for(failure)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """As a class attribute a JavaScript function is a method, with the instance as `this`."""
        if instance is None:
            return self
        flags = type(self)._js_type_flags  # type: ignore[attr-defined]
        return make_handle(self.js_value, flags, py_to_js(instance))


def members(flags: int) -> Mapping[str, Any]:
    """The functions for a handle type with these capabilities."""
    if not flags & capabilities.CALLABLE:
        return {}
    return public(Callables)
