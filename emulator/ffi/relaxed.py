"""`relaxed_call`: calling a function with no more arguments than it takes.

The runtime delivers most events this way, so what a plain function takes is read off its code
object, and remembered for everything else.
"""

from __future__ import annotations

import functools
import inspect
import types
import weakref
from collections.abc import Callable, Mapping
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_VARARGS: Final = inspect.CO_VARARGS
_signatures: weakref.WeakKeyDictionary[Any, inspect.Signature] = weakref.WeakKeyDictionary()


def relaxed_call(func: Callable[..., R], *args: Any, **kwargs: Any) -> R:
    """Calls a function, leaving out surplus positional and unknown keyword arguments."""
    plain = func.__func__ if isinstance(func, types.MethodType) else func
    if not kwargs and type(plain) is types.FunctionType and not hasattr(plain, "__wrapped__"):
        code = plain.__code__
        if code.co_flags & _VARARGS:
            return func(*args)
        limit = code.co_argcount - (plain is not func)
        return func(*args[:limit]) if len(args) > limit else _checked(func, args)
    return _by_signature(func, args, kwargs)


def _checked(func: Callable[..., R], args: tuple[Any, ...]) -> R:
    """A call with too few arguments fails with the signature's message, as in Pyodide."""
    plain: Any = func.__func__ if isinstance(func, types.MethodType) else func
    required = plain.__code__.co_argcount - len(plain.__defaults__ or ()) - (plain is not func)
    if len(args) < required:
        _signature(func).bind(*args)
    return func(*args)


def _signature(func: Callable[..., Any]) -> inspect.Signature:
    try:
        known = _signatures.get(func)
    except TypeError:  # unhashable, or not weakly referable
        return inspect.signature(func)
    if known is None:
        known = inspect.signature(func)
        try:
            _signatures[func] = known
        except TypeError:
            return known
    return known


def _by_signature(func: Callable[..., R], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> R:
    try:
        parameters = _signature(func).parameters.values()
    except (TypeError, ValueError):  # not callable, or a builtin that does not say
        return func(*args, **kwargs)
    kinds = inspect.Parameter
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if not any(p.kind is kinds.VAR_POSITIONAL for p in parameters):
        args = args[: len(positional)]
    if not any(p.kind is kinds.VAR_KEYWORD for p in parameters):
        known = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        kwargs = {name: value for name, value in kwargs.items() if name in known}
    bound = _signature(func).bind(*args, **kwargs)
    return func(*bound.args, **bound.kwargs)


def relaxed_wrap(func: Callable[P, R]) -> Callable[..., R]:
    """Decorator: every call is a relaxed call."""

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> R:
        return relaxed_call(func, *args, **kwargs)

    return wrapper


relaxed_call.__module__ = relaxed_wrap.__module__ = "pyodide.code"
