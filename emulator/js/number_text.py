"""Numbers to text and back: parseInt, parseFloat, toFixed, toPrecision, toExponential, radices.

Source: ECMA-262, 19.2 and 21.1.3. Error texts: V8.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final

from emulator.js.convert import normalize_number, number_to_string
from emulator.js.errors import range_error

# What JavaScript calls white space, beyond what `str.strip` drops.
WHITE_SPACE: Final = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_FLOAT: Final = re.compile(r"[+-]?(?:Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")


def parse_float(text: str) -> float:
    """`parseFloat(text)`."""
    match = _FLOAT.match(text.lstrip(WHITE_SPACE))
    if match is None:
        return math.nan
    return normalize_number(float(match.group().replace("Infinity", "inf")))


def parse_int(text: str, radix: int = 0) -> float:
    """`parseInt(text, radix)`."""
    text = text.strip(WHITE_SPACE)
    negative = text[:1] == "-"
    text = text[1:] if text[:1] in ("+", "-") else text
    if radix in (0, 16) and text[:2] in ("0x", "0X"):
        text, radix = text[2:], 16
    radix = radix or 10
    if not 2 <= radix <= 36:
        return math.nan
    allowed = _DIGITS[:radix]
    end = 0
    while end < len(text) and text[end].lower() in allowed and text[end].isascii():
        end += 1
    if not end:
        return math.nan
    number = _parse_digits(text[:end], radix)
    return -number if negative else number


def _parse_digits(digits: str, radix: int) -> float:
    if len(digits) > 1100:  # beyond the largest double in any radix
        digits = digits.lstrip("0") or "0"
        if len(digits) > 1100:
            return math.inf
    try:
        return normalize_number(float(int(digits, radix)))
    except OverflowError:
        return math.inf


def to_fixed(number: float, digits: int) -> str:
    """`number.toFixed(digits)`."""
    if not 0 <= digits <= 100:
        raise range_error("toFixed() digits argument must be between 0 and 100")
    if not math.isfinite(number) or abs(number) >= 1e21:
        return number_to_string(number)
    with localcontext() as context:
        context.prec = 400
        rounded = Decimal(number).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    text = f"{rounded:f}"
    return text.lstrip("-") if not rounded and number >= 0 else text


def to_exponential(number: float, digits: int | None) -> str:
    """`number.toExponential(digits)`."""
    if not math.isfinite(number):
        return number_to_string(number)
    if digits is None:
        mantissa, _, exponent = _shortest_exponential(number)
        return f"{mantissa}e{exponent:+d}"
    if not 0 <= digits <= 100:
        raise range_error("toExponential() argument must be between 0 and 100")
    return _exponential(number, digits)


def to_precision(number: float, digits: int) -> str:
    """`number.toPrecision(digits)`."""
    if not math.isfinite(number):
        return number_to_string(number)
    if not 1 <= digits <= 100:
        raise range_error("toPrecision() argument must be between 1 and 100")
    text = _exponential(number, digits - 1)
    exponent = int(text.partition("e")[2])
    if exponent < -6 or exponent >= digits:
        return text
    return to_fixed_exact(number, digits - 1 - exponent)


def to_fixed_exact(number: float, digits: int) -> str:
    """A decimal with that many fraction digits, rounded half up."""
    with localcontext() as context:
        context.prec = 400
        return f"{Decimal(number).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"


def _exponential(number: float, digits: int) -> str:
    with localcontext() as context:
        context.prec = digits + 1
        context.rounding = ROUND_HALF_UP
        value = +Decimal(number)
    exponent = value.adjusted() if value else 0
    figures = "".join(str(d) for d in value.as_tuple().digits).ljust(digits + 1, "0")
    figures = figures[: digits + 1]
    sign = "-" if number < 0 else ""
    fraction = f".{figures[1:]}" if digits else ""
    return f"{sign}{figures[0]}{fraction}e{exponent:+d}"


def _shortest_exponential(number: float) -> tuple[str, str, int]:
    value = Decimal(repr(float(number))).normalize()
    figures = "".join(str(d) for d in value.as_tuple().digits)
    sign = "-" if number < 0 else ""
    fraction = f".{figures[1:]}" if len(figures) > 1 else ""
    return f"{sign}{figures[0]}{fraction}", "e", value.adjusted() if value else 0


def to_radix(number: float, radix: int) -> str:
    """`number.toString(radix)`, also of a BigInt given as int."""
    if not 2 <= radix <= 36:
        raise range_error("toString() radix argument must be between 2 and 36")
    if radix == 10:
        return str(number) if isinstance(number, int) else number_to_string(number)
    if not math.isfinite(number):
        return number_to_string(number)
    sign = "-" if number < 0 else ""
    magnitude = abs(number)
    whole = int(magnitude)
    text = sign + (_integer_in_radix(whole, radix) or "0")
    fraction = magnitude - whole
    if not fraction:
        return text
    return f"{text}.{_fraction_in_radix(fraction, magnitude, radix)}"


def _integer_in_radix(value: int, radix: int) -> str:
    digits: list[str] = []
    while value:
        value, digit = divmod(value, radix)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def _fraction_in_radix(fraction: float, number: float, radix: int) -> str:
    """Digits until they tell the number apart from its neighbours, as V8 does."""
    delta = max(0.5 * (math.nextafter(number, math.inf) - number), math.ulp(0.0))
    digits: list[int] = []
    while True:
        fraction *= radix
        delta *= radix
        digit = int(fraction)
        digits.append(digit)
        fraction -= digit
        if (fraction > 0.5 or (fraction == 0.5 and digit & 1)) and fraction + delta > 1:
            digits[-1] += 1  # V8 carries further; a carry cannot leave the fraction here
            break
        if fraction < delta:
            break
    return "".join(_DIGITS[min(digit, radix - 1)] for digit in digits)
