"""`Number`, `String`, `Boolean`, `BigInt` and `Symbol`: conversion functions and boxed values.

Guest Python code holds primitives as Python scalars, so their methods are only reachable through
boxed objects (`Number.new(1.5).toFixed(1)`), which are rare. Calling the constructor without `new`
converts, which is common.

Source: ECMA-262, 20.3, 20.4, 21.1, 21.2, 22.1. Error texts: V8.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeGuard

from emulator.js.convert import (
    normalize_number,
    to_boolean,
    to_integer,
    to_number,
    to_primitive,
    to_string,
)
from emulator.js.define import method, static
from emulator.js.errors import range_error, syntax_error, type_error
from emulator.js.number_text import (
    parse_float,
    parse_int,
    to_exponential,
    to_fixed,
    to_precision,
    to_radix,
)
from emulator.js.object import JsObject
from emulator.js.text import value_text
from emulator.js.values import (
    MAX_SAFE_INTEGER,
    MISSING,
    WELL_KNOWN_SYMBOLS,
    JsBigInt,
    JsSymbol,
    JsValue,
    PropertyKey,
    null,
)


class BoxedPrimitive(JsObject):
    """An object that wraps a primitive value."""

    __slots__ = ("primitive",)

    def __init__(self, primitive: JsValue) -> None:
        super().__init__()
        self.primitive = primitive

    @method
    def valueOf(self) -> JsValue:
        return self.primitive

    @method
    def toString(self) -> str:
        return self.js_to_string()

    def js_to_string(self) -> str:
        return to_string(self.primitive)


class JsBoolean(BoxedPrimitive, name="Boolean"):
    """`Boolean`."""

    __slots__ = ()

    @classmethod
    def js_new(cls, value: JsValue = None) -> JsValue:
        return cls(to_boolean(value))

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        return to_boolean(args[0]) if args else False


class JsNumber(BoxedPrimitive, name="Number"):
    """`Number`."""

    __slots__ = ()

    @classmethod
    def js_new(cls, *args: JsValue) -> JsValue:
        return cls(cls.js_call_constructor(*args))

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        if not args:
            return 0
        value = to_primitive(args[0], "number") if isinstance(args[0], JsObject) else args[0]
        if isinstance(value, JsBigInt):
            return big_to_number(value)
        return to_number(value)

    @static
    def isInteger(cls, value: JsValue = None) -> bool:
        return _is_number(value) and float(value).is_integer()

    @static
    def isSafeInteger(cls, value: JsValue = None) -> bool:
        return cls.isInteger(value) and abs(value) <= MAX_SAFE_INTEGER

    @static
    def isFinite(cls, value: JsValue = None) -> bool:
        return _is_number(value) and math.isfinite(value)

    @static
    def isNaN(cls, value: JsValue = None) -> bool:
        return _is_number(value) and math.isnan(value)

    @static
    def parseFloat(cls, value: JsValue = None) -> JsValue:
        return parse_float(to_string(value))

    @static
    def parseInt(cls, value: JsValue = None, radix: JsValue = None) -> JsValue:
        return parse_int(to_string(value), to_integer(radix))

    @method
    def toFixed(self, digits: JsValue = None) -> str:
        return to_fixed(self.primitive, to_integer(digits))

    @method
    def toPrecision(self, digits: JsValue = None) -> str:
        if digits is None:
            return to_string(self.primitive)
        return to_precision(self.primitive, to_integer(digits))

    @method
    def toExponential(self, digits: JsValue = None) -> str:
        return to_exponential(self.primitive, None if digits is None else to_integer(digits))

    @method
    def toString(self, radix: JsValue = None) -> str:
        return to_radix(self.primitive, 10 if radix is None else to_integer(radix))

    @method
    def toLocaleString(self, locales: JsValue = None, options: JsValue = None) -> str:
        from emulator.js.intl.number_format import format_number, number_style  # noqa: PLC0415

        style = number_style(locales, options, "Number.prototype.toLocaleString")
        return format_number(self.primitive, style)


JsNumber.js_statics.update(
    {
        "MAX_SAFE_INTEGER": MAX_SAFE_INTEGER,
        "MIN_SAFE_INTEGER": -MAX_SAFE_INTEGER,
        "MAX_VALUE": 1.7976931348623157e308,
        "MIN_VALUE": 5e-324,
        "EPSILON": 2.0**-52,
        "POSITIVE_INFINITY": math.inf,
        "NEGATIVE_INFINITY": -math.inf,
        "NaN": math.nan,
    }
)


class JsString(BoxedPrimitive, name="String"):
    """`String`. Boxed strings have `length` and code points; use Python's str for the rest."""

    __slots__ = ()
    js_iterable = True

    def js_iter(self) -> Iterator[JsValue]:
        return iter(self.primitive)

    def js_get(self, key: PropertyKey) -> JsValue:
        if key == "length":
            return len(self.primitive.encode("utf-16-le", "surrogatepass")) // 2
        if isinstance(key, str) and key.isdigit() and int(key) < len(self.primitive):
            return self.primitive[int(key)]
        return super().js_get(key)

    def js_own_keys(self) -> list[PropertyKey]:
        return [*(str(index) for index in range(len(self.primitive))), *super().js_own_keys()]

    @classmethod
    def js_new(cls, *args: JsValue) -> JsValue:
        return cls(to_string(args[0]) if args else "")

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        if not args:
            return ""
        return repr(args[0]) if isinstance(args[0], JsSymbol) else to_string(args[0])

    @static
    def fromCharCode(cls, *codes: JsValue) -> str:
        units = b"".join((to_integer(code) & 0xFFFF).to_bytes(2, "little") for code in codes)
        return units.decode("utf-16-le", "surrogatepass")

    @static
    def fromCodePoint(cls, *codes: JsValue) -> str:
        for code in codes:
            number = to_number(code)
            if not 0 <= number <= 0x10FFFF or int(number) != number:
                raise range_error(f"Invalid code point {to_string(code)}")
        return "".join(chr(int(to_number(code))) for code in codes)

    @static
    def raw(cls, template: JsValue = None, *substitutions: JsValue) -> str:
        if not isinstance(template, JsObject):
            raise type_error("Cannot convert undefined or null to object")
        pieces = template.js_get("raw")
        if not isinstance(pieces, JsObject):
            raise type_error("Cannot convert undefined or null to object")
        size = pieces.js_get("length")
        count = 0 if size is MISSING else to_integer(size)
        parts: list[str] = []
        for index in range(count):
            parts.append(to_string(pieces.js_get(str(index))))
            if index < count - 1 and index < len(substitutions):
                parts.append(to_string(substitutions[index]))
        return "".join(parts)


class BoxedBigInt(BoxedPrimitive, name="BigInt"):
    """`BigInt`."""

    __slots__ = ()

    @classmethod
    def js_new(cls, *args: JsValue) -> JsValue:
        raise type_error("BigInt is not a constructor")

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        value = args[0] if args else None
        if isinstance(value, JsObject):
            value = to_primitive(value, "number")
        if _is_number(value):
            if not math.isfinite(value) or int(value) != value:
                text = to_string(value)
                raise range_error(
                    f"The number {text} cannot be converted to a BigInt because it is not an "
                    "integer"
                )
            return JsBigInt(int(value))
        return to_bigint(value)

    @static
    def asIntN(cls, bits: JsValue = None, value: JsValue = None) -> JsValue:
        width = to_integer(bits)
        number = to_bigint(value) & ((1 << width) - 1)
        return JsBigInt(number - (1 << width) if width and number >> (width - 1) else number)

    @static
    def asUintN(cls, bits: JsValue = None, value: JsValue = None) -> JsValue:
        return JsBigInt(to_bigint(value) & ((1 << to_integer(bits)) - 1))

    @method
    def toString(self, radix: JsValue = None) -> str:
        return to_radix(int(self.primitive), 10 if radix is None else to_integer(radix))


class BoxedSymbol(BoxedPrimitive, name="Symbol"):
    """`Symbol`: a function that makes symbols; well-known ones are its properties."""

    __slots__ = ()

    @classmethod
    def js_new(cls, *args: JsValue) -> JsValue:
        raise type_error("Symbol is not a constructor")

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        return JsSymbol("" if not args or args[0] is None else to_string(args[0]))

    @static
    def for_(cls, key: JsValue = None) -> JsValue:
        name = to_string(key)
        if name not in _registry:
            _registry[name] = JsSymbol(name)
        return _registry[name]

    @static
    def keyFor(cls, symbol: JsValue = None) -> JsValue:
        if not isinstance(symbol, JsSymbol):
            raise type_error(f"{value_text(symbol)} is not a symbol")
        known = _registry.get(symbol.description)
        return symbol.description if known is symbol else None

    def js_to_string(self) -> str:
        return repr(self.primitive)


BoxedSymbol.js_statics.update(WELL_KNOWN_SYMBOLS)
_registry: dict[str, JsSymbol] = {}


def box(value: JsValue) -> JsObject:
    """`Object(value)`: the object itself, or a boxed primitive."""
    if isinstance(value, JsObject):
        return value
    if isinstance(value, str):
        return JsString(value)
    if isinstance(value, bool):
        return JsBoolean(value)
    if isinstance(value, JsBigInt):
        return BoxedBigInt(value)
    if isinstance(value, JsSymbol):
        return BoxedSymbol(value)
    if value is None or value is null:
        raise type_error("Cannot convert undefined or null to object")
    return JsNumber(value)


def to_bigint(value: JsValue) -> JsBigInt:
    """ToBigInt: numbers are refused, strings are parsed."""
    if isinstance(value, JsObject):
        value = to_primitive(value, "number")
    if isinstance(value, JsBigInt):
        return value
    if isinstance(value, bool):
        return JsBigInt(value)
    if isinstance(value, str):
        return _parse_bigint(value)
    raise type_error(f"Cannot convert {value_text(value)} to a BigInt")


def _parse_bigint(text: str) -> JsBigInt:
    digits = text.strip()
    try:
        if "_" in digits:
            raise ValueError  # noqa: TRY301 - Python's separators are not JavaScript's
        based = digits[:2].lower() in ("0x", "0o", "0b")
        return JsBigInt(int(digits or "0", 0 if based else 10))
    except ValueError:
        raise syntax_error(f"Cannot convert {text} to a BigInt") from None


def big_to_number(value: int) -> float:
    """`Number(bigint)`: rounds, or overflows to infinity."""
    try:
        return normalize_number(float(int(value)))
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _is_number(value: JsValue) -> TypeGuard[float]:
    return type(value) in (int, float)
