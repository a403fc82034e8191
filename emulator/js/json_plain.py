"""The fast half of JSON.stringify: trees that Python's C encoder writes exactly as V8 would.

`plain_text` gives None for everything else (other objects, `toJSON`, keys that need sorting,
numbers that the two languages print differently, cycles), and `emulator.js.json` takes over. No
guest code runs here, so giving up half-way has no effect.
"""

from __future__ import annotations

import json
from typing import Any, Final

from emulator.js.array import JsArray
from emulator.js.plain import PlainObject
from emulator.js.values import MAX_SAFE_INTEGER, JsValue, null

# Between these Python and JavaScript print fractions alike, without an exponent.
_MIN_FRACTION: Final = 1e-4
_MAX_FRACTION: Final = 1e16


class _NotPlain(Exception):
    """The value needs the complete algorithm."""


_encode: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
).encode


def plain_text(value: JsValue) -> str | None:
    """The value's JSON text, if it is plain."""
    try:
        return _encode(_tree(value))
    except (_NotPlain, RecursionError):
        return None


def _tree(value: JsValue) -> Any:
    kind = type(value)
    if kind is str or kind is bool:
        return value
    if kind is int:
        if -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
            return value
        raise _NotPlain
    if kind is PlainObject:
        return _object_tree(value._own)
    if kind is JsArray:
        return [None if item is None else _tree(item) for item in value.items]
    if kind is float:
        return _number(value)
    if value is null:
        return None
    raise _NotPlain


def _object_tree(own: Any) -> dict[str, Any]:
    if type(own) is not dict or "toJSON" in own:
        raise _NotPlain
    result: dict[str, Any] = {}
    for key, item in own.items():
        if type(key) is not str or key[:1].isdigit():
            raise _NotPlain
        if type(item) is str:
            result[key] = item
        elif item is not None:
            result[key] = _tree(item)
    return result


def _number(value: float) -> float:
    if value.is_integer() and abs(value) <= MAX_SAFE_INTEGER:
        return int(value)
    if _MIN_FRACTION <= abs(value) < _MAX_FRACTION:
        return value
    raise _NotPlain
