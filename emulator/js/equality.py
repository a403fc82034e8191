"""JavaScript's equalities on the Python values that represent JavaScript's.

Python alone would be wrong: there `True == 1`, `1n == 1`, and NaN is found by identity.
"""

from __future__ import annotations

import math
from typing import Any

from emulator.js.object import JsObject
from emulator.js.values import JsBigInt, JsValue

_NAN = object()
_TRUE = object()
_FALSE = object()


def key_of(value: JsValue) -> Any:
    """A hashable Python key, equal exactly for values that are SameValueZero-equal."""
    kind = type(value)
    if kind is str or kind is int:
        return value
    if kind is bool:
        return _TRUE if value else _FALSE
    if kind is float:
        return _NAN if math.isnan(value) else value
    if kind is JsBigInt:
        return (JsBigInt, int(value))
    return value


def same_value_zero(left: JsValue, right: JsValue) -> bool:
    """Equality of Map keys and `includes`: as `===`, but NaN equals NaN."""
    if left is right:
        return True
    if isinstance(left, JsObject) or isinstance(right, JsObject):
        return False
    return bool(key_of(left) == key_of(right))


def strict_equals(left: JsValue, right: JsValue) -> bool:
    """`left === right`."""
    if type(left) is float and math.isnan(left):
        return False
    return same_value_zero(left, right)


def same_value(left: JsValue, right: JsValue) -> bool:
    """`Object.is(left, right)`: as SameValueZero, but 0 is not -0."""
    if not same_value_zero(left, right):
        return False
    if left == 0 and right == 0 and not isinstance(left, bool | JsBigInt | JsObject):
        return math.copysign(1, left) == math.copysign(1, right)
    return True
