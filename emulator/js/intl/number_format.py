"""`Intl.NumberFormat` and `Number.prototype.toLocaleString`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from emulator.js.convert import to_boolean, to_number
from emulator.js.define import method
from emulator.js.errors import range_error, type_error
from emulator.js.intl.options import LOCALE, OUT_OF_RANGE, Options, check_locale
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import JsBigInt, JsValue

NO_CURRENCY = "Currency code is required with currency style."
INVALID_CURRENCY = "Invalid currency code : {code}"

_CURRENCY = re.compile(r"[A-Za-z]{3}")
_SYMBOLS = {
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "CNY": "CN¥", "KRW": "₩",
    "CAD": "CA$", "AUD": "A$", "MXN": "MX$", "BRL": "R$", "NZD": "NZ$", "HKD": "HK$",
    "ILS": "₪", "VND": "₫", "TWD": "NT$", "XCD": "EC$", "PHP": "₱",
}  # fmt: skip
_NO_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
     "XAF", "XOF", "XPF"}
)  # fmt: skip
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_NO_BREAK_SPACE = "\xa0"
# Enough for every digit of a double.
_EXACT = Context(prec=1100, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How numbers are written."""

    style: str = "decimal"
    currency: str = ""
    least_integer: int = 1
    least_fraction: int = 0
    most_fraction: int = 3
    significant: tuple[int, int] | None = None
    grouping: bool = True
    sign: str = "auto"


def number_style(locales: JsValue, options: JsValue, caller: str) -> NumberStyle:
    """The style that the arguments ask for."""
    check_locale(locales)
    read = Options(options, caller)
    read.refuse("unit", "notation", "currencyDisplay", "currencySign", "compactDisplay",
                "numberingSystem", "roundingMode", "roundingPriority", "roundingIncrement",
                "trailingZeroDisplay")  # fmt: skip
    style = read.choice("style", "decimal", "percent", "currency", "unit") or "decimal"
    currency = (read.text("currency") or "").upper()
    if currency and not _CURRENCY.fullmatch(currency):
        raise range_error(INVALID_CURRENCY.format(code=currency))
    if style == "currency" and not currency:
        raise type_error(NO_CURRENCY)
    least, most = _fraction_digits(read, style, currency)
    grouping = read.flag("useGrouping")
    return NumberStyle(
        style=style,
        currency=currency if style == "currency" else "",
        least_integer=read.number("minimumIntegerDigits", 1, 21) or 1,
        least_fraction=least,
        most_fraction=most,
        significant=_significant_digits(read),
        grouping=True if grouping is None else to_boolean(grouping) and grouping != "false",
        sign=read.choice("signDisplay", "auto", "always", "never", "exceptZero", "negative")
        or "auto",
    )


def _fraction_digits(read: Options, style: str, currency: str) -> tuple[int, int]:
    if style == "currency":
        digits = 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
        least, most = digits, digits
    else:
        least, most = 0, 0 if style == "percent" else 3
    wanted_least = read.number("minimumFractionDigits", 0, 100)
    wanted_most = read.number("maximumFractionDigits", 0, 100)
    if wanted_least is None and wanted_most is None:
        return least, most
    if wanted_least is None:
        assert wanted_most is not None
        return min(least, wanted_most), wanted_most
    if wanted_most is None:
        return wanted_least, max(most, wanted_least)
    if wanted_least > wanted_most:
        raise range_error(OUT_OF_RANGE.format(name="maximumFractionDigits"))
    return wanted_least, wanted_most


def _significant_digits(read: Options) -> tuple[int, int] | None:
    least = read.number("minimumSignificantDigits", 1, 21)
    most = read.number("maximumSignificantDigits", least or 1, 21)
    return None if least is None and most is None else (least or 1, most or 21)


def format_number(value: JsValue, style: NumberStyle) -> str:
    """The number as text."""
    number = value if isinstance(value, JsBigInt) else to_number(value)
    negative = math.copysign(1, number) < 0 if isinstance(number, float) else number < 0
    if isinstance(number, float) and math.isnan(number):
        text, negative, is_zero = "NaN", False, False
    elif isinstance(number, float) and math.isinf(number):
        text, is_zero = "∞", False
    else:
        text, is_zero = _digits(abs(number), style)
    if style.style == "percent":
        text += "%"
    elif style.currency:
        symbol = _SYMBOLS.get(style.currency, style.currency + _NO_BREAK_SPACE)
        text = symbol + text
    return _sign(style.sign, negative=negative, is_zero=is_zero) + text


def _sign(display: str, *, negative: bool, is_zero: bool) -> str:
    if display == "never" or (is_zero and display in ("exceptZero", "negative")):
        return ""
    if negative:
        return "-"
    return "+" if display in ("always", "exceptZero") else ""


def _digits(number: float, style: NumberStyle) -> tuple[str, bool]:
    # The shortest decimal that is the number, as V8 rounds it.
    decimal = Decimal(int(number)) if isinstance(number, int) else Decimal(repr(number))
    if style.style == "percent":
        decimal *= 100
    least = style.least_fraction
    if style.significant is None:
        rounded = _EXACT.quantize(decimal, Decimal(1).scaleb(-style.most_fraction))
    else:
        fewest, most = style.significant
        rounded = Context(prec=most, rounding=ROUND_HALF_UP).plus(decimal)
        least = max(fewest - 1 - rounded.adjusted(), 0) if rounded else fewest - 1
    whole, _, fraction = format(rounded, "f").partition(".")
    fraction = fraction.rstrip("0").ljust(least, "0")
    whole = whole.rjust(style.least_integer, "0")
    if style.grouping:
        head = len(whole) % 3
        groups = [whole[index : index + 3] for index in range(head, len(whole), 3)]
        whole = ",".join([whole[:head], *groups] if head else groups)
    return (f"{whole}.{fraction}" if fraction else whole), not rounded


class NumberFormat(JsObject, name="NumberFormat", tag="Intl.NumberFormat"):
    """`Intl.NumberFormat`."""

    __slots__ = ("_style",)

    def __init__(self, style: NumberStyle) -> None:
        super().__init__()
        self._style = style

    @classmethod
    def js_new(cls, locales: JsValue = None, options: JsValue = None) -> JsValue:
        return cls(number_style(locales, options, "Intl.NumberFormat"))

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        return cls.js_new(*args[:2])

    @method
    def format(self, value: JsValue = None) -> str:
        return format_number(value, self._style)

    @method
    def resolvedOptions(self) -> PlainObject:
        style = self._style
        members: dict[str, JsValue] = {
            "locale": LOCALE, "numberingSystem": "latn", "style": style.style,
        }  # fmt: skip
        if style.currency:
            members |= {
                "currency": style.currency, "currencyDisplay": "symbol",
                "currencySign": "standard",
            }  # fmt: skip
        members["minimumIntegerDigits"] = style.least_integer
        if style.significant is None:
            members["minimumFractionDigits"] = style.least_fraction
            members["maximumFractionDigits"] = style.most_fraction
        else:
            members["minimumSignificantDigits"] = style.significant[0]
            members["maximumSignificantDigits"] = style.significant[1]
        members |= {
            "useGrouping": "auto" if style.grouping else False, "notation": "standard",
            "signDisplay": style.sign, "roundingIncrement": 1, "roundingMode": "halfExpand",
            "roundingPriority": "auto", "trailingZeroDisplay": "auto",
        }  # fmt: skip
        return PlainObject(members)
