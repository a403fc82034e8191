"""Attribute reads of handles: the hottest path of the FFI.

Reads are closures over a handle type's own slot, installed when the type is made. From Python 3.12
on, `__getattr__` is cheap, since a failed look-up on the type makes no exception object; before, a
`__getattribute__` that knows the type's names avoids the failed look-up.
"""

from __future__ import annotations

import keyword
import sys
from collections.abc import Callable
from typing import Any

from emulator.ffi.translate import SCALARS, TO_PYTHON, js_to_py
from emulator.js.errors import JsThrow
from emulator.js.values import MISSING


def python_name(name: str) -> str:
    """The JavaScript name behind a Python attribute name: `from_` is `from`."""
    stripped = name.rstrip("_")
    return name[:-1] if stripped != name and keyword.iskeyword(stripped) else name


def _raise(failure: Any) -> None:
    from emulator.ffi.exception import exception_for  # noqa: PLC0415 - exceptions are handles

    raise exception_for(failure)


def reader(kind: Any, own_names: frozenset[str] = frozenset()) -> Callable[[Any, str], Any]:
    """An attribute read for a type with a `js_value` slot; `own_names` are left to Python."""
    get_object = kind.js_value.__get__
    read_python = object.__getattribute__

    def read(self: Any, name: str) -> Any:
        if name in own_names:
            return read_python(self, name)
        js = get_object(self)
        try:
            value = js.js_get(python_name(name) if name[-1:] == "_" else name)
        except JsThrow as thrown:
            failure = thrown.value
        else:
            found = type(value)
            if found in SCALARS:
                return value
            if value is MISSING:
                raise AttributeError(name)
            convert = TO_PYTHON.get(found)
            return js_to_py(value, js) if convert is None else convert(value, js)
        return _raise(failure)

    return read


def _without_keys(read: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """`keys` is hidden on arrays, so that `dict(array)` takes the array for pairs."""

    def read_other(self: Any, name: str) -> Any:
        if name == "keys":
            raise AttributeError(name)
        return read(self, name)

    return read_other


def install_reads(kind: Any, *, hide_keys: bool) -> None:
    """Gives a handle type its attribute reads."""
    if sys.version_info >= (3, 12):
        read = reader(kind)
        kind.__getattr__ = _without_keys(read) if hide_keys else read
    else:
        read = reader(kind, frozenset(dir(kind)) | {"__dict__"})
        kind.__getattribute__ = _without_keys(read) if hide_keys else read
