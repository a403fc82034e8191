"""Decorators that declare which Python attributes of a JsObject subclass are JavaScript members.

    class Headers(JsObject, name="Headers"):
        @method
        def get(self, name=None): ...
        @async_method
        async def text(self): ...
        @getter
        def bodyUsed(self): ...
        @bodyUsed.setter
        def bodyUsed(self, value): ...
        @static
        def json(cls, data=None, init=None): ...

The Python name is the JavaScript name; where that is a Python keyword or builtin slot, write a
trailing underscore (`from_`, `catch_`), which is stripped. A member stays an ordinary Python
method or property for the emulator's own code. Every parameter must have a default, since
JavaScript callers may pass too few arguments; surplus arguments are dropped before the call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

Kind = Literal["method", "async_method", "static", "async_static"]
_F = TypeVar("_F", bound=Callable[..., Any])


def method(function: _F) -> _F:
    """A prototype method."""
    function.__js_kind__ = "method"  # type: ignore[attr-defined]
    return function


def async_method(function: _F) -> _F:
    """A prototype method of which JavaScript gets a Promise.

    A coroutine function runs synchronously up to its first await, as a JavaScript async function
    does, and may await only Promises. What awaits nothing can be a plain function, which is faster.
    The emulator's own code may call it directly.
    """
    function.__js_kind__ = "async_method"  # type: ignore[attr-defined]
    return function


# Type checkers know what the builtin decorators mean, and not that ours build on them.
if TYPE_CHECKING:
    static = classmethod
    async_static = classmethod
    getter = property
else:

    def static(function: Callable[..., Any]) -> Any:
        """A method of the constructor; receives the Python class first."""
        function.__js_kind__ = "static"  # type: ignore[attr-defined]
        return classmethod(function)

    def async_static(function: Callable[..., Any]) -> Any:
        """A static method written as a coroutine function."""
        function.__js_kind__ = "async_static"  # type: ignore[attr-defined]
        return classmethod(function)

    class getter(property):  # noqa: N801 - used as a decorator, like `property`
        """An accessor property on the prototype; read-only unless it has a setter."""

        def setter(self, fset: Callable[[Any, Any], None]) -> Self:
            return type(self)(self.fget, fset, self.fdel)


def js_name(python_name: str) -> str:
    """`from_` -> `from`; other names unchanged."""
    return python_name.removesuffix("_")


def positional_limit(function: Callable[..., Any], skip: int) -> int:
    """How many arguments a call may pass after the first `skip`; -1 means any number."""
    if type(function) is FunctionType and not hasattr(function, "__wrapped__"):
        # Nearly all are, and a signature takes 20 times as long to make as this.
        code = function.__code__
        return -1 if code.co_flags & inspect.CO_VARARGS else code.co_argcount - skip
    count = -skip
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            return -1
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            count += 1
    return count
