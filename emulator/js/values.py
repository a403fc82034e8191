"""JavaScript values as this package represents them.

    undefined   None
    null        `null`, the only instance of JsNull (the guest knows it as `pyodide.ffi.jsnull`)
    boolean     bool
    number      int (a safe integer) or float; an integral float and the int are one number
    bigint      JsBigInt, an int subclass
    string      str
    symbol      JsSymbol
    object      JsObject (emulator.js.object)

Choosing None for undefined and Python's own scalars means that almost every value crosses the
boundary to Python code unchanged.
"""

from __future__ import annotations

from typing import Any, Final, Self

# A JavaScript value; the union cannot be expressed usefully because JsObject members are dynamic.
JsValue = Any


class JsNull:
    """The type of `null`. Falsy, a singleton, and never equal to None."""

    __slots__ = ()
    _instance: Self | None = None

    def __new__(cls) -> Self:
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    @property
    def typeof(self) -> str:
        """What JavaScript's `typeof null` gives."""
        return "object"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "jsnull"

    def __reduce__(self) -> tuple[type[JsNull], tuple[()]]:
        return (JsNull, ())


null: Final = JsNull()


class JsBigInt(int):
    """A JavaScript BigInt, which Python code sees as an int; most operators give another one."""

    __slots__ = ()


def _keeping(name: str) -> Any:
    operation = getattr(int, name)

    def operate(self: JsBigInt, *operands: Any) -> Any:
        result = operation(self, *operands)
        return JsBigInt(result) if type(result) is int else result

    operate.__name__ = name
    operate.__qualname__ = f"JsBigInt.{name}"
    return operate


# Multiplication and the reflected operators are not among them in Pyodide either.
for _name in (
    "__add__", "__sub__", "__floordiv__", "__mod__", "__pow__", "__neg__", "__pos__", "__abs__",
    "__invert__", "__lshift__", "__rshift__", "__and__", "__or__", "__xor__",
):  # fmt: skip
    setattr(JsBigInt, _name, _keeping(_name))


class JsSymbol:
    """A JavaScript symbol; well-known ones are module constants."""

    __slots__ = ("description",)

    def __init__(self, description: str) -> None:
        self.description = description

    @property
    def typeof(self) -> str:
        """What JavaScript's `typeof` gives."""
        return "symbol"

    def __repr__(self) -> str:
        return f"Symbol({self.description})"


ITERATOR: Final = JsSymbol("Symbol.iterator")
ASYNC_ITERATOR: Final = JsSymbol("Symbol.asyncIterator")
TO_STRING_TAG: Final = JsSymbol("Symbol.toStringTag")
TO_PRIMITIVE: Final = JsSymbol("Symbol.toPrimitive")
DISPOSE: Final = JsSymbol("Symbol.dispose")
ASYNC_DISPOSE: Final = JsSymbol("Symbol.asyncDispose")

WELL_KNOWN_SYMBOLS: Final = {
    "iterator": ITERATOR,
    "asyncIterator": ASYNC_ITERATOR,
    "toStringTag": TO_STRING_TAG,
    "toPrimitive": TO_PRIMITIVE,
    "dispose": DISPOSE,
    "asyncDispose": ASYNC_DISPOSE,
}

PropertyKey = str | JsSymbol

MAX_SAFE_INTEGER: Final = 2**53 - 1


class _Missing:
    """What a property read gives when there is no such property (undefined is a value)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()


def typeof(value: JsValue) -> str:
    """JavaScript's `typeof` operator."""
    if value is None:
        return "undefined"
    kind = type(value)
    if kind is str or isinstance(value, str):
        return "string"
    if kind is bool:
        return "boolean"
    if kind is JsBigInt:
        return "bigint"
    if kind is int or kind is float:
        return "number"
    if kind is JsSymbol:
        return "symbol"
    if getattr(value, "js_callable", False):
        return "function"
    return "object"
