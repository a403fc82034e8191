"""PyProxy: a Python object as JavaScript code sees it.

Every Python value that is not translated crosses as a PyProxy, and comes back as itself. Property
reads find, in this order, the proxy's own methods (`get`, `then`, `toString`, ...), the Python
object's attributes, and for a dict its string keys. Iteration, calls and awaiting work as far as
the Python object can do them; awaiting schedules it as a task of the running loop.

A proxy made only for a call is *borrowed*. Pyodide destroys it when the call ends; here a late
use works, and is reported once (see `diagnostics`), unless strict mode is on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Final

from emulator.ffi import diagnostics, generators
from emulator.ffi.jobs import ContextEnded, current_worker
from emulator.ffi.translate import TO_PYTHON, js_to_py, makers, py_to_js
from emulator.js.errors import JsThrow, error, error_value, type_error
from emulator.js.object import JsObject, NativeFunction
from emulator.js.promise import Promise
from emulator.js.values import MISSING, JsValue, PropertyKey

ADVICE: Final = "For more information about the cause of this error, use `pyodide.setDebug(true)`"
BORROWED: Final = (
    "This borrowed proxy was automatically destroyed at the end of a function call. "
    "Try using create_proxy or create_once_callable.\n" + ADVICE
)
BORROWED_OPTION: Final = (
    "This borrowed proxy was automatically destroyed. "
    "Try using create_proxy or create_once_callable.\n" + ADVICE
)
"""Of what was passed as a keyword."""
_BORROWED_TEXTS: Final = frozenset({BORROWED, BORROWED_OPTION})
DESTROYED: Final = "Object has already been destroyed\n" + ADVICE


class PyProxy(JsObject, name="PyProxy", constructible=False):
    """A Python object that JavaScript holds."""

    __slots__ = ("_promise", "dead_text", "python_value")
    js_dynamic = True
    # Read through instances only, so a property can stand in for the class variable.
    js_iterable: ClassVar[bool]
    js_async_iterable: ClassVar[bool]

    def __init__(self, value: Any) -> None:
        self._own = None
        self.python_value = value
        self.dead_text: str | None = None
        self._promise: Promise | None = None

    # -- lifetime -------------------------------------------------------------------------------

    def _check(self) -> None:
        """Called before any use once the proxy is dead."""
        assert self.dead_text is not None
        if self.dead_text in _BORROWED_TEXTS and not diagnostics.strict:
            diagnostics.warn_once("borrowed-proxy", f"{self.python_value!r}: {self.dead_text}")
            self.dead_text = None
            return
        raise error(self.dead_text)

    def destroy(self) -> None:
        """Later uses fail."""
        self.dead_text = DESTROYED
        self._promise = None

    # -- properties -----------------------------------------------------------------------------

    def js_get(self, key: PropertyKey) -> JsValue:
        if key == "constructor":
            return self.js_constructor
        if key == "destroy":
            return _DESTROY
        if self.dead_text is not None:
            self._check()
        if not isinstance(key, str):
            return self._get_inherited(key)
        value = self.python_value
        member = _MEMBERS.get(key)
        if member is not None and member.offered(value):
            return member.read(self)
        if isinstance(value, list | tuple) and (
            key in _ARRAY_MEMBERS or (key in _ARRAY_MUTATORS and isinstance(value, list))
        ):
            return _array_member(self, key)
        attribute = _python_attribute(value, key)
        if attribute is not MISSING:
            return py_to_js(attribute)
        if isinstance(value, dict) and key in value:
            return py_to_js(value[key])
        if isinstance(value, list | tuple) and key.isdecimal() and int(key) < len(value):
            return py_to_js(value[int(key)])
        return super().js_get(key)

    def js_get_own(self, key: PropertyKey) -> JsValue:
        value = self.python_value
        if isinstance(value, dict) and isinstance(key, str) and key in value:
            return py_to_js(value[key])
        return MISSING

    def js_set(self, key: PropertyKey, value: JsValue) -> None:
        if self.dead_text is not None:
            self._check()
        if isinstance(self.python_value, dict):
            self.python_value[key] = js_to_py(value)
        elif isinstance(key, str):
            setattr(self.python_value, key, js_to_py(value))

    def js_delete(self, key: PropertyKey) -> bool:
        if isinstance(self.python_value, dict):
            self.python_value.pop(key, None)
        elif isinstance(key, str):
            delattr(self.python_value, key)
        return True

    def js_own_keys(self) -> list[PropertyKey]:
        if isinstance(self.python_value, dict):
            keys = (key for key in self.python_value if isinstance(key, str | int))
            return [str(key) for key in keys if type(key) is not bool]
        return []

    def js_all_keys(self) -> list[str]:
        value = self.python_value
        names = [name for name, member in _MEMBERS.items() if member.offered(value)]
        names += [name for name in dir(value) if not name.startswith("_")]
        names += [key for key in self.js_own_keys() if isinstance(key, str)]
        return [*dict.fromkeys([*names, *super().js_all_keys()])]

    # -- behaviour ------------------------------------------------------------------------------

    def _is_iterable(self) -> bool:
        return hasattr(type(self.python_value), "__iter__")

    def _is_async_iterable(self) -> bool:
        return hasattr(type(self.python_value), "__aiter__")

    def js_iter(self) -> Iterator[JsValue]:
        if self.dead_text is not None:
            self._check()
        if not self._is_iterable():
            raise type_error(f"{self.js_to_string()} is not iterable")
        return map(py_to_js, self.python_value)

    def js_async_iter(self) -> JsObject:
        """The asynchronous iterator, as JavaScript drives it."""
        from emulator.ffi.iteration import PythonAsyncIterator  # noqa: PLC0415

        return PythonAsyncIterator(aiter(self.python_value))

    def js_to_string(self) -> str:
        if self.dead_text is not None:
            self._check()
        return str(self.python_value)

    def as_promise(self) -> Promise:
        """A promise of the awaitable; it is awaited once, however often this is called."""
        if self._promise is None:
            self._promise = awaitable_to_promise(self.python_value)
        return self._promise

    def __repr__(self) -> str:
        return f"<PyProxy of {self.python_value!r}>"


PyProxy.js_iterable = property(PyProxy._is_iterable)  # type: ignore[assignment]
PyProxy.js_async_iterable = property(PyProxy._is_async_iterable)  # type: ignore[assignment]


class CallablePyProxy(PyProxy):
    """A callable Python object: JavaScript's `typeof` says function."""

    __slots__ = ()
    js_callable = True

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> JsValue:
        if self.dead_text is not None:
            self._check()
        return call_python(self.python_value, args)

    def js_construct(self, args: tuple[JsValue, ...]) -> JsValue:
        return self.js_call(None, args)


def call_python(function: Callable[..., Any], args: tuple[JsValue, ...]) -> JsValue:
    """Calls back into Python; meanwhile the stack must not be switched, as JavaScript is on it."""
    worker = current_worker()
    if worker is None:
        return py_to_js(function(*[js_to_py(argument) for argument in args]))
    worker.synchronous_frames += 1
    try:
        return py_to_js(function(*[js_to_py(argument) for argument in args]))
    except StopIteration as exception:
        # It would end a generator of ours on its way.
        raise JsThrow(error_value(exception)) from exception
    except (Exception, ContextEnded):
        raise
    except BaseException as exception:
        # To JavaScript all of Python's exceptions are errors that can be caught.
        raise JsThrow(error_value(exception)) from exception
    finally:
        worker.synchronous_frames -= 1


def wrap_python(value: Any) -> PyProxy:
    """The proxy of a Python object."""
    return CallablePyProxy(value) if callable(value) else PyProxy(value)


makers.wrap_python = wrap_python


def _unwrap(proxy: PyProxy, this: JsValue) -> Any:
    return proxy.python_value if proxy.dead_text is None else alive(proxy)


def alive(proxy: PyProxy) -> Any:
    """The Python object behind a proxy, for Python code; raises if the proxy is dead."""
    from emulator.ffi.proxy import exception_for  # noqa: PLC0415 - handles know proxies

    if proxy.dead_text is None:
        return proxy.python_value
    try:
        proxy._check()
    except JsThrow as thrown:
        failure = thrown.value
    else:
        return proxy.python_value
    raise exception_for(failure)


TO_PYTHON[PyProxy] = TO_PYTHON[CallablePyProxy] = _unwrap

Borrowed = list[tuple[PyProxy, str]]
"""Proxies made for one call, and what their later uses say."""


def end_borrowing(proxies: Borrowed) -> None:
    """The call for which these were made is over."""
    for proxy, text in proxies:
        if proxy.dead_text is None:
            proxy.dead_text = text


def awaitable_to_promise(awaitable: Any) -> Promise:
    """Schedules an awaitable as a task of the running loop; a promise of its outcome."""
    promise = Promise()
    future = asyncio.ensure_future(awaitable)

    def settle(done: asyncio.Future[Any]) -> None:
        if done.cancelled():
            promise.reject_with(error_value(asyncio.CancelledError()))
            return
        failure = done.exception()
        if failure is not None:
            promise.reject_with(error_value(failure))
        else:
            promise.resolve_with(py_to_js(done.result()))

    future.add_done_callback(settle)
    return promise


# -- members --------------------------------------------------------------------------------------


class _Member:
    """A property of proxies whose Python object can do something."""

    __slots__ = ("offered", "read")

    def __init__(self, offered: Callable[[Any], bool], read: Callable[[PyProxy], JsValue]) -> None:
        self.offered = offered
        self.read = read


def _method(name: str, offered: Callable[[Any], bool], function: Callable[..., JsValue]) -> _Member:
    shared = NativeFunction(name, function)
    return _Member(offered, lambda proxy: shared)


def _has(*names: str) -> Callable[[Any], bool]:
    return lambda value: all(hasattr(type(value), name) for name in names)


def _always(value: Any) -> bool:
    return True


def is_awaitable(value: Any) -> bool:
    """Whether JavaScript may await it."""
    return hasattr(type(value), "__await__")


def is_buffer(value: Any) -> bool:
    """Whether it supports the buffer protocol."""
    try:
        memoryview(value).release()
    except TypeError:
        return False
    return True


def _get_item(this: Any, key: JsValue = None) -> JsValue:
    try:
        return py_to_js(this.python_value[js_to_py(key)])
    except (KeyError, IndexError):
        return None


def _set_item(this: Any, key: JsValue = None, value: JsValue = None) -> None:
    this.python_value[js_to_py(key)] = js_to_py(value)


def _delete_item(this: Any, key: JsValue = None) -> None:
    del this.python_value[js_to_py(key)]


def _to_js(this: Any, options: JsValue = None) -> JsValue:
    from emulator.ffi.to_js import convert  # noqa: PLC0415 - it is built on this module

    depth = options.js_get("depth") if isinstance(options, JsObject) else MISSING
    return convert(this.python_value, depth=depth if isinstance(depth, int) else -1)


def _to_json(this: Any) -> JsValue:
    from emulator.ffi.to_js import convert  # noqa: PLC0415

    value = this.python_value
    if not isinstance(value, dict | list | tuple):
        value = list(value)
    return convert(value, depth=1, dict_as_object=True)


def _get_buffer(this: Any, kind: JsValue = None) -> JsValue:
    from emulator.ffi.binary import PyBuffer  # noqa: PLC0415

    return PyBuffer(this.python_value, kind if isinstance(kind, str) else None)


def _destroy(this: Any) -> None:
    this.destroy()


def _then(this: Any, on_fulfilled: JsValue = None, on_rejected: JsValue = None) -> JsValue:
    return this.as_promise().then(on_fulfilled, on_rejected)


def _catch(this: Any, on_rejected: JsValue = None) -> JsValue:
    return this.as_promise().catch(on_rejected)


def _finally(this: Any, on_finally: JsValue = None) -> JsValue:
    return this.as_promise().finally_(on_finally)


def _call(this: Any, this_argument: JsValue = None, *args: JsValue) -> JsValue:
    return this.js_call(this_argument, args)


def _apply(this: Any, this_argument: JsValue = None, args: JsValue = None) -> JsValue:
    items = tuple(args.js_iter()) if isinstance(args, JsObject) else ()
    return this.js_call(this_argument, items)


def _bind(this: Any, this_argument: JsValue = None, *first: JsValue) -> JsValue:
    return NativeFunction("bound", lambda _, *rest: this.js_call(this_argument, (*first, *rest)))


def _is_iterator(value: Any) -> bool:
    return hasattr(type(value), "__next__") or hasattr(type(value), "__anext__")


def _is_generator(value: Any) -> bool:
    return hasattr(type(value), "throw") and hasattr(type(value), "close") and _is_iterator(value)


def _is_json_container(value: Any) -> bool:
    return isinstance(value, dict | list | tuple | range) or is_buffer(value)


_MEMBERS: Final[Mapping[str, _Member]] = {
    "type": _Member(_always, lambda proxy: type(proxy.python_value).__name__),
    "toString": _method("toString", _always, lambda this: this.js_to_string()),
    "destroy": _method("destroy", _always, _destroy),
    "copy": _method("copy", _always, lambda this: type(this)(this.python_value)),
    "toJs": _method("toJs", _always, _to_js),
    "toJSON": _method("toJSON", _is_json_container, _to_json),
    "length": _Member(_has("__len__"), lambda proxy: len(proxy.python_value)),
    "get": _method("get", _has("__getitem__"), _get_item),
    "set": _method("set", _has("__setitem__"), _set_item),
    "delete": _method("delete", _has("__delitem__"), _delete_item),
    "has": _method(
        "has", _has("__contains__"), lambda this, key=None: js_to_py(key) in this.python_value
    ),
    "then": _method("then", is_awaitable, _then),
    "catch": _method("catch", is_awaitable, _catch),
    "finally": _method("finally", is_awaitable, _finally),
    "next": _method("next", _is_iterator, generators.resume),
    "return": _method("return", _is_generator, generators.finish),
    "throw": _method("throw", _is_generator, generators.throw),
    "getBuffer": _method("getBuffer", is_buffer, _get_buffer),
    "call": _method("call", callable, _call),
    "apply": _method("apply", callable, _apply),
    "bind": _method("bind", callable, _bind),
}
_DESTROY: Final = _MEMBERS["destroy"].read(PyProxy(None))

_ARRAY_MUTATORS: Final = frozenset(
    {"copyWithin", "fill", "pop", "push", "reverse", "shift", "sort", "splice", "unshift"}
)
# Array methods that do not change the array, for lists and tuples held by JavaScript.
_ARRAY_MEMBERS: Final = frozenset(
    {
        "at", "concat", "entries", "every", "filter", "find", "findIndex", "findLast",
        "findLastIndex", "flat", "flatMap", "forEach", "includes", "indexOf", "join", "keys",
        "lastIndexOf", "map", "reduce", "reduceRight", "slice", "some", "values",
    }
)  # fmt: skip


def _array_member(proxy: PyProxy, key: str) -> JsValue:
    from emulator.js.array import JsArray  # noqa: PLC0415 - rare

    def call(this: JsValue, *args: JsValue) -> JsValue:
        value = proxy.python_value
        array = JsArray([py_to_js(item) for item in value])
        result = array.js_get(key).js_call(array, args)
        if key in _ARRAY_MUTATORS:
            value[:] = map(js_to_py, array.items)
        return proxy if result is array else result

    return NativeFunction(key, call)


def _python_attribute(value: Any, key: str) -> Any:
    try:
        return getattr(value, key)
    except AttributeError:
        return MISSING
