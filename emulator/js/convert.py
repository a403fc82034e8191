"""Conversions that JavaScript and WebIDL perform on arguments: strings, numbers, sequences.

Each function takes any JavaScript value and returns a Python one, or throws what V8 would.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from emulator.js.errors import type_error
from emulator.js.object import JsObject
from emulator.js.values import MISSING, TO_PRIMITIVE, JsBigInt, JsSymbol, JsValue, PropertyKey, null

_DIGITS_LIMIT = 1e21  # from here on JavaScript prints numbers in exponent notation


def to_string(value: JsValue) -> str:
    """`String(value)`."""
    if isinstance(value, str):
        return value
    if value is None:
        return "undefined"
    if value is null:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(int(value)) if isinstance(value, JsBigInt) else number_to_string(value)
    if isinstance(value, float):
        return number_to_string(value)
    if isinstance(value, JsSymbol):
        raise type_error("Cannot convert a Symbol value to a string")
    return to_string(to_primitive(value, "string"))


def number_to_string(value: float) -> str:
    """A number as JavaScript prints it: `1`, `0.1`, `1e+21`, `NaN`, `-Infinity`."""
    if isinstance(value, int) and abs(value) < 10**21:
        return str(value)
    number = float(value)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number) and abs(number) < _DIGITS_LIMIT:
        return str(int(number))
    return _shortest(number)


def _shortest(number: float) -> str:
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len((whole + fraction).lstrip("0"))
    point = len(whole) + int(exponent or 0) - leading
    digits = digits.rstrip("0") or "0"
    sign = "-" if number < 0 else ""
    if 0 < point <= 21:
        text = digits[:point].ljust(point, "0") + ("." + digits[point:] if digits[point:] else "")
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        power = point - 1
        text = digits[0] + ("." + digits[1:] if digits[1:] else "")
        text += f"e{'+' if power >= 0 else '-'}{abs(power)}"
    return sign + text


def to_primitive(value: JsObject, hint: str = "default") -> JsValue:
    """An object's primitive value, by its own `toString`/`valueOf`."""
    convert = value.js_get(TO_PRIMITIVE)
    if convert is not MISSING and getattr(convert, "js_callable", False):
        return convert.js_call(value, (hint,))
    order = ("toString", "valueOf") if hint == "string" else ("valueOf", "toString")
    for name in order:
        function = value.js_get(name)
        if getattr(function, "js_callable", False):
            result = function.js_call(value, ())
            if not isinstance(result, JsObject):
                return result
    raise type_error("Cannot convert object to primitive value")


def to_number(value: JsValue) -> float:
    """`Number(value)`: an int where the number is integral, else a float."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, JsBigInt):
        raise type_error("Cannot convert a BigInt value to a number")
    if isinstance(value, int | float):
        return normalize_number(value)
    if value is None:
        return math.nan
    if value is null:
        return 0
    if isinstance(value, str):
        return _parse_number(value)
    if isinstance(value, JsSymbol):
        raise type_error("Cannot convert a Symbol value to a number")
    return to_number(to_primitive(value, "number"))


def normalize_number(value: float) -> float:
    """The canonical Python value of a JavaScript number: an int if integral and safe."""
    if type(value) is float and value.is_integer() and abs(value) <= 2**53 - 1:
        return int(value)
    return value


def _parse_number(text: str) -> float:
    text = text.strip()
    if not text:
        return 0
    prefix = text[:2].lower()
    try:
        if prefix in ("0x", "0o", "0b"):
            return normalize_number(float(int(text, 0)))
        if text in ("Infinity", "+Infinity", "-Infinity"):
            return float(text.replace("Infinity", "inf"))
        if "_" in text or text.lower().lstrip("+-") in ("inf", "infinity", "nan"):
            return math.nan
        return normalize_number(float(text))
    except ValueError:
        return math.nan


def to_boolean(value: JsValue) -> bool:
    """`Boolean(value)`: objects are always true."""
    if isinstance(value, JsObject):
        return True
    if isinstance(value, float) and math.isnan(value):
        return False
    return bool(value)


def to_integer(value: JsValue, default: int = 0) -> int:
    """Truncates towards zero; NaN and undefined give the default; infinities saturate."""
    number = to_number(value) if value is not None else math.nan
    if isinstance(number, float):
        if math.isnan(number):
            return default
        if math.isinf(number):
            return 2**63 if number > 0 else -(2**63)
    return int(number)


def to_property_key(value: JsValue) -> PropertyKey:
    """The key that `object[value]` uses."""
    return value if isinstance(value, JsSymbol) else to_string(value)


def iterate(value: JsValue) -> Iterator[JsValue]:
    """`for (x of value)`; strings iterate by code point."""
    if isinstance(value, str):
        return iter(value)
    if isinstance(value, JsObject):
        return value.js_iter()
    raise type_error(f"{_describe(value)} is not iterable")


def is_iterable(value: JsValue) -> bool:
    """Whether the value is an object with Symbol.iterator."""
    from emulator.js.values import ITERATOR  # noqa: PLC0415

    return isinstance(value, JsObject) and (value.js_iterable or value.js_has(ITERATOR))


def get_option(options: JsValue, name: str) -> JsValue:
    """A dictionary member; None for absent or undefined, and for absent dictionaries."""
    if not isinstance(options, JsObject):
        return None
    value = options.js_get(name)
    return None if value is MISSING else value


def call_function(function: JsValue, *args: JsValue, this: JsValue = None) -> JsValue:
    """Calls a JavaScript function value."""
    if not getattr(function, "js_callable", False):
        raise type_error(f"{_describe(function)} is not a function")
    return function.js_call(this, args)


def _describe(value: JsValue) -> str:
    return "undefined" if value is None else to_string(value)
