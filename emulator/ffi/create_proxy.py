"""`create_proxy` and `create_once_callable`: Python objects that JavaScript may keep.

What they return is a handle on a PyProxy (Pyodide calls the pair a double proxy): JavaScript code
gets the PyProxy, Python code sees the object's attributes plus `destroy`, `unwrap`, `copy` and, for
buffers, `getBuffer`. Such a proxy is not unwrapped when it comes back to Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from emulator.ffi import capabilities
from emulator.ffi.proxy import exception_for, make_handle
from emulator.ffi.pyproxy import CallablePyProxy, PyProxy, alive, call_python, is_awaitable
from emulator.ffi.translate import TO_PYTHON, js_to_py, py_to_js
from emulator.js.errors import JsThrow, error
from emulator.js.object import NativeFunction
from emulator.js.values import JsValue, PropertyKey

ONCE_CALLED: Final = "OnceProxy can only be called once"
ONCE_DESTROYED: Final = "OnceProxy has already been destroyed"


class DoublePyProxy(PyProxy):
    """A PyProxy that lives until it is destroyed."""

    __slots__ = ()


class CallableDoublePyProxy(CallablePyProxy):
    """A callable one; it may be called with `this` as the first argument."""

    __slots__ = ("captures_this",)

    def __init__(self, value: Any, *, captures_this: bool = False) -> None:
        super().__init__(value)
        self.captures_this = captures_this

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> JsValue:
        if self.dead_text is not None:
            self._check()
        return call_python(self.python_value, (this, *args) if self.captures_this else args)


class OncePyProxy(CallablePyProxy):
    """A callable that destroys itself when it is called."""

    __slots__ = ("may_syncify",)

    def __init__(self, value: Any, *, may_syncify: bool = False) -> None:
        super().__init__(value)
        self.may_syncify = may_syncify

    def js_get(self, key: PropertyKey) -> JsValue:
        return _DESTROY_ONCE if key == "destroy" else super().js_get(key)

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> JsValue:
        if self.dead_text is not None:
            raise error(ONCE_CALLED)
        function, self.python_value = self.python_value, None
        self.dead_text = ONCE_CALLED
        if self.may_syncify:
            return py_to_js(function(*[js_to_py(argument) for argument in args]))
        return call_python(function, args)

    def js_to_string(self) -> str:
        return "function OnceProxy() { [native code] }"


def _destroy_once(this: Any) -> None:
    if this.dead_text is not None:
        raise error(ONCE_DESTROYED)
    this.python_value = None
    this.dead_text = ONCE_DESTROYED


_DESTROY_ONCE: Final = NativeFunction("destroy", _destroy_once)


def _flags(proxy: PyProxy) -> int:
    if isinstance(proxy, OncePyProxy):
        # To Pyodide it is a JavaScript function, not a proxy.
        return capabilities.CALLABLE
    value = proxy.python_value
    flags = capabilities.DOUBLE_PROXY
    if proxy.js_callable:
        flags |= capabilities.CALLABLE
    if is_awaitable(value):
        flags |= capabilities.AWAITABLE
    kind = type(value)
    for flag, name in _PROTOCOLS.items():
        if hasattr(kind, name):
            flags |= flag
    return flags


_PROTOCOLS: Final[Mapping[int, str]] = {
    capabilities.LENGTH: "__len__",
    capabilities.GET: "__getitem__",
    capabilities.SET: "__setitem__",
    capabilities.HAS: "__contains__",
    capabilities.ITERABLE: "__iter__",
    capabilities.ITERATOR_FLAG: "__next__",
    capabilities.ASYNC_ITERABLE: "__aiter__",
}


def handle_of(proxy: PyProxy, this: JsValue = None) -> Any:
    """The Python handle on a PyProxy."""
    return make_handle(proxy, _flags(proxy), this)


for _kind in (DoublePyProxy, CallableDoublePyProxy, OncePyProxy):
    TO_PYTHON[_kind] = handle_of


def create_proxy(obj: Any, /, *, capture_this: bool = False, roundtrip: bool = True) -> Any:
    """A proxy of an object that JavaScript may keep until `destroy()` is called.

    With `capture_this` a call passes JavaScript's `this` first. Without `roundtrip` the proxy is
    unwrapped when JavaScript gives it back to Python.
    """
    if not roundtrip:
        return handle_of(CallablePyProxy(obj) if callable(obj) else PyProxy(obj))
    if callable(obj):
        return handle_of(CallableDoublePyProxy(obj, captures_this=capture_this))
    return handle_of(DoublePyProxy(obj))


def create_once_callable(obj: Any, /, *, _may_syncify: bool = False) -> Any:
    """A proxy of a callable that JavaScript may call once."""
    return handle_of(OncePyProxy(obj, may_syncify=_may_syncify))


create_proxy.__module__ = create_once_callable.__module__ = "_pyodide_core"


def _alive(handle: Any) -> Any:
    """The Python object behind a handle."""
    return alive(handle.js_value)


class DoubleProxies:
    """What every such handle has; copied into handle types."""

    js_value: Any

    def unwrap(self) -> Any:
        """The Python object itself."""
        return _alive(self)

    def copy(self) -> Any:
        """Another proxy of the same object."""
        return create_proxy(_alive(self))

    def destroy(self) -> None:
        """Ends the proxy's life; later uses fail."""
        try:
            self.js_value.js_get("destroy").js_call(self.js_value, ())
        except JsThrow as thrown:
            failure = thrown.value
        else:
            return
        raise exception_for(failure)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc_info: object) -> None:
        DoubleProxies.destroy(self)

    def __len__(self) -> int:
        return len(_alive(self))

    def __getitem__(self, key: Any) -> Any:
        return _alive(self)[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        _alive(self)[key] = value

    def __delitem__(self, key: Any) -> None:
        del _alive(self)[key]

    def __contains__(self, item: Any) -> bool:
        return item in _alive(self)

    def __iter__(self) -> Iterator[Any]:
        return iter(_alive(self))

    def __next__(self) -> Any:
        return next(_alive(self))

    def __aiter__(self) -> Any:
        return aiter(_alive(self))


_CONDITIONAL: Final[Mapping[str, int]] = {
    "__len__": capabilities.LENGTH,
    "__getitem__": capabilities.GET,
    "__setitem__": capabilities.SET,
    "__delitem__": capabilities.SET,
    "__contains__": capabilities.HAS,
    "__iter__": capabilities.ITERABLE,
    "__next__": capabilities.ITERATOR_FLAG,
    "__aiter__": capabilities.ASYNC_ITERABLE,
}


def members(flags: int) -> Mapping[str, Any]:
    """The functions for a handle type with these capabilities."""
    if not flags & capabilities.DOUBLE_PROXY:
        return {}
    names = ["unwrap", "copy", "destroy", "__enter__", "__exit__"]
    names += [name for name, flag in _CONDITIONAL.items() if flags & flag]
    return {name: vars(DoubleProxies)[name] for name in names}
