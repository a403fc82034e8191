"""`Math`. Random numbers come from the host, so that a simulation can repeat them.

Source: ECMA-262, 21.3.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Final

from emulator.js import host
from emulator.js.convert import iterate, normalize_number, to_number
from emulator.js.define import method
from emulator.js.object import JsObject, Member, NativeFunction
from emulator.js.values import JsValue, PropertyKey

_CONSTANTS: Final = {
    "E": math.e,
    "LN10": math.log(10),
    "LN2": math.log(2),
    "LOG10E": 1 / math.log(10),
    "LOG2E": 1 / math.log(2),
    "PI": math.pi,
    "SQRT1_2": math.sqrt(0.5),
    "SQRT2": math.sqrt(2),
}


class JsMath(JsObject, name="Math", constructible=False):
    """The `Math` namespace object."""

    __slots__ = ()

    def js_get(self, key: PropertyKey) -> JsValue:
        if isinstance(key, str) and key in _CONSTANTS:
            return _CONSTANTS[key]
        return super().js_get(key)

    @method
    def random(self) -> float:
        bits = int.from_bytes(host.current().random_bytes(8), "big") >> 11
        return bits / 2**53

    @method
    def max(self, *values: JsValue) -> JsValue:
        numbers = [to_number(value) for value in values]
        if any(map(math.isnan, numbers)):
            return math.nan
        return max(numbers, key=_zero_key, default=-math.inf)

    @method
    def min(self, *values: JsValue) -> JsValue:
        numbers = [to_number(value) for value in values]
        if any(map(math.isnan, numbers)):
            return math.nan
        return min(numbers, key=_zero_key, default=math.inf)

    @method
    def hypot(self, *values: JsValue) -> JsValue:
        return normalize_number(math.hypot(*(to_number(value) for value in values)))

    @method
    def pow(self, base: JsValue = None, exponent: JsValue = None) -> JsValue:
        return normalize_number(power(float(to_number(base)), float(to_number(exponent))))

    @method
    def atan2(self, y: JsValue = None, x: JsValue = None) -> JsValue:
        return normalize_number(math.atan2(to_number(y), to_number(x)))

    @method
    def imul(self, a: JsValue = None, b: JsValue = None) -> int:
        product = (to_int32(to_number(a)) * to_int32(to_number(b))) & 0xFFFFFFFF
        return product - 2**32 if product >= 2**31 else product

    @method
    def clz32(self, value: JsValue = None) -> int:
        return 32 - (to_int32(to_number(value)) & 0xFFFFFFFF).bit_length()

    @method
    def sumPrecise(self, items: JsValue = None) -> JsValue:
        return normalize_number(math.fsum(to_number(item) for item in iterate(items)))


def power(base: float, exponent: float) -> float:
    """`base ** exponent` with JavaScript's special cases."""
    if math.isnan(exponent) or (abs(base) == 1 and math.isinf(exponent)):
        return math.nan
    try:
        return math.pow(base, exponent)
    except OverflowError:
        odd = exponent % 2 == 1
        return -math.inf if base < 0 and odd else math.inf
    except ValueError:
        if base == 0:
            odd = exponent % 2 == 1
            return math.copysign(math.inf, base) if odd else math.inf
        return math.nan


def to_int32(number: float) -> int:
    """ToInt32."""
    if not math.isfinite(number):
        return 0
    value = int(number) & 0xFFFFFFFF
    return value - 2**32 if value >= 2**31 else value


def _zero_key(number: float) -> tuple[float, float]:
    return number, math.copysign(1, number)


def _round(number: float) -> float:
    whole = math.floor(number)
    return whole + 1 if number - whole >= 0.5 else whole


def _fround(number: float) -> float:
    try:
        value: float = struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        return math.copysign(math.inf, number)
    return value


def _cbrt(number: float) -> float:
    root = math.cbrt(number)
    # Some C libraries miss exact cubes by one unit in the last place.
    nearest = round(root) if math.isfinite(root) else root
    return nearest if nearest**3 == number else root


def _log(number: float) -> float:
    return -math.inf if number == 0 else math.log(number)


_UNARY: Final[dict[str, Callable[[float], float]]] = {
    "abs": abs, "acos": math.acos, "acosh": math.acosh, "asin": math.asin, "asinh": math.asinh,
    "atan": math.atan, "cbrt": _cbrt, "ceil": math.ceil, "cos": math.cos, "cosh": math.cosh,
    "exp": math.exp, "expm1": math.expm1, "floor": math.floor, "fround": _fround, "log": _log,
    "log10": lambda x: -math.inf if x == 0 else math.log10(x),
    "log1p": lambda x: -math.inf if x == -1 else math.log1p(x),
    "log2": lambda x: -math.inf if x == 0 else math.log2(x),
    "atanh": lambda x: math.copysign(math.inf, x) if abs(x) == 1 else math.atanh(x),
    "round": _round, "sign": lambda x: (x > 0) - (x < 0), "sin": math.sin, "sinh": math.sinh,
    "sqrt": math.sqrt, "tan": math.tan, "tanh": math.tanh, "trunc": math.trunc,
}  # fmt: skip
# Results of the exponential family overflow to infinity with the sign of the argument.
_ODD: Final = frozenset({"sinh"})
_KEEPS_INFINITY: Final = frozenset({"ceil", "floor", "round", "trunc"})


def _unary(name: str, function: Callable[[float], float]) -> Callable[..., JsValue]:
    def call(this: JsValue, value: JsValue = None) -> JsValue:
        number = to_number(value)
        if math.isnan(number) or (math.isinf(number) and name in _KEEPS_INFINITY):
            return number
        try:
            return normalize_number(function(number))
        except OverflowError:
            return math.copysign(math.inf, number) if name in _ODD else math.inf
        except ValueError:
            return math.nan

    return call


for _name, _function in _UNARY.items():
    JsMath.js_members[_name] = Member(function=NativeFunction(_name, _unary(_name, _function)))
