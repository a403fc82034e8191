"""Which Python protocols a JavaScript object offers, as bit flags.

The flags decide the Python type of an object's handle, and `isinstance(x, pyodide.ffi.JsMap)` and
its like. They are duck-typed, as in Pyodide: an object with `get`, a numeric `size` and an
iterator *is* a map. For ordinary classes they follow from the class alone and are cached; for
objects with a shape of their own, the own properties are looked at.

Source: the flag rules of Pyodide's JsProxy.
"""

from __future__ import annotations

from typing import Final

from emulator.js.array import JsArray
from emulator.js.errors import JsError
from emulator.js.object import JsIterator, JsObject
from emulator.js.values import ASYNC_ITERATOR, ITERATOR, MISSING, JsValue, PropertyKey

CALLABLE: Final = 1 << 0
ITERABLE: Final = 1 << 1
ITERATOR_FLAG: Final = 1 << 2
ASYNC_ITERABLE: Final = 1 << 3
ASYNC_ITERATOR_FLAG: Final = 1 << 4
LENGTH: Final = 1 << 5
GET: Final = 1 << 6
SET: Final = 1 << 7
HAS: Final = 1 << 8
INCLUDES: Final = 1 << 9
AWAITABLE: Final = 1 << 10
BUFFER: Final = 1 << 11
TYPED_ARRAY: Final = 1 << 12
ARRAY: Final = 1 << 13
MAP: Final = 1 << 14
MUTABLE_MAP: Final = 1 << 15
GENERATOR: Final = 1 << 16
ASYNC_GENERATOR: Final = 1 << 17
ERROR: Final = 1 << 18
DOUBLE_PROXY: Final = 1 << 19
RESPONSE: Final = 1 << 21
JSON_VIEW: Final = 1 << 23
OBJECT_MAP: Final = 1 << 24
DOM_ELEMENT: Final = 1 << 25
MODULE: Final = 1 << 26

# Own properties with these names can add a protocol to an object.
_TELLING: Final[frozenset[PropertyKey]] = frozenset(
    {
        "next", "send", "throw", "return", "then", "get", "set", "has", "includes", "length",
        "size", ITERATOR, ASYNC_ITERATOR,
    }
)  # fmt: skip

TYPED_ARRAY_NAMES: Final = frozenset(
    {
        "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array",
        "Uint32Array", "Float16Array", "Float32Array", "Float64Array", "BigInt64Array",
        "BigUint64Array",
    }
)  # fmt: skip

_class_flags: dict[type[JsObject], int] = {}


def class_flags(cls: type[JsObject]) -> int:
    """The flags that every instance of a class has."""
    flags = _class_flags.get(cls)
    if flags is None:
        flags = _class_flags[cls] = _flags(cls, None)
    return flags


def object_flags(value: JsObject) -> int:
    """The flags of one object, with what its own properties add."""
    own = value._own
    if not own or _TELLING.isdisjoint(own):
        return class_flags(type(value))
    return _flags(type(value), value)


def _flags(cls: type[JsObject], value: JsObject | None) -> int:
    flags = _nature(cls)
    if _is_callable(cls, value, "get"):
        flags |= GET
    if _is_callable(cls, value, "set"):
        flags |= SET
    if _is_callable(cls, value, "has"):
        flags |= HAS
    if _is_callable(cls, value, "includes"):
        flags |= INCLUDES
    if _is_callable(cls, value, "then"):
        flags |= AWAITABLE
    if not flags & CALLABLE and (_is_there(cls, value, "length") or _is_number(cls, value, "size")):
        flags |= LENGTH
    if flags & (ARRAY | TYPED_ARRAY):
        return flags | LENGTH | ITERABLE
    flags |= _iteration(cls, value)
    if flags & GET and flags & LENGTH and flags & ITERABLE:
        flags |= MAP | (MUTABLE_MAP if flags & SET else 0)
    return flags


def _nature(cls: type[JsObject]) -> int:
    """Flags that depend on what the object is, not on what it looks like."""
    flags = CALLABLE if cls.js_callable else 0
    if issubclass(cls, JsArray):
        flags |= ARRAY
    elif issubclass(cls, JsError):
        flags |= ERROR
    elif cls.js_class_name == "Response":
        flags |= RESPONSE
    elif cls.js_class_name == "String":
        flags |= LENGTH
    elif cls.js_class_name in TYPED_ARRAY_NAMES:
        flags |= BUFFER | TYPED_ARRAY
    elif cls.js_class_name in ("ArrayBuffer", "SharedArrayBuffer", "DataView"):
        flags |= BUFFER
    return flags


def _iteration(cls: type[JsObject], value: JsObject | None) -> int:
    iterable = cls.js_iterable or _is_callable(cls, value, ITERATOR)
    async_iterable = cls.js_async_iterable or _is_callable(cls, value, ASYNC_ITERATOR)
    flags = (ITERABLE if iterable else 0) | (ASYNC_ITERABLE if async_iterable else 0)
    if _is_callable(cls, value, "next") or issubclass(cls, JsIterator):
        # An object with only `next` may be either kind of iterator.
        flags |= ITERATOR_FLAG if iterable or not async_iterable else 0
        flags |= ASYNC_ITERATOR_FLAG if async_iterable or not iterable else 0
    if _is_callable(cls, value, "throw") and _is_callable(cls, value, "return"):
        flags |= GENERATOR if flags & ITERATOR_FLAG and iterable else 0
        flags |= ASYNC_GENERATOR if flags & ASYNC_ITERATOR_FLAG and async_iterable else 0
    return flags


def _own_value(value: JsObject | None, key: PropertyKey) -> JsValue:
    if value is None or not value._own or key not in value._own:
        return MISSING
    try:
        return value.js_get(key)
    except Exception:  # noqa: BLE001 - a throwing getter offers no protocol
        return None


def _is_callable(cls: type[JsObject], value: JsObject | None, key: PropertyKey) -> bool:
    own = _own_value(value, key)
    if own is not MISSING:
        return bool(getattr(own, "js_callable", False))
    member = cls.js_members.get(key)
    return member is not None and not member.is_accessor


def _is_there(cls: type[JsObject], value: JsObject | None, key: PropertyKey) -> bool:
    return _own_value(value, key) is not MISSING or _is_number(cls, value, key)


def _is_number(cls: type[JsObject], value: JsObject | None, key: PropertyKey) -> bool:
    own = _own_value(value, key)
    if own is not MISSING:
        return isinstance(own, int | float) and not isinstance(own, bool)
    member = cls.js_members.get(key)
    return member is not None and member.is_accessor
