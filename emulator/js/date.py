"""`Date`. The time zone is always UTC, so local and UTC members are the same functions.

`time_ms` is milliseconds since the epoch as an int, or NaN for an invalid date. A Date that came
from `new Date()` or `Date.now()` reads the host's clock, which stands still between I/O.

Source: ECMA-262, 21.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from emulator.js import host
from emulator.js.calendar import MONTHS, WEEKDAYS, Fields, fields_of, time_of
from emulator.js.convert import to_number, to_primitive, to_string
from emulator.js.date_parse import parse_date
from emulator.js.define import method, static
from emulator.js.errors import range_error, type_error
from emulator.js.object import JsObject, Member, NativeFunction
from emulator.js.values import TO_PRIMITIVE, JsValue, null

if TYPE_CHECKING:
    from emulator.js.intl.date_format import Kind

INVALID_TIME = "Invalid time value"
INVALID_DATE = "Invalid Date"
MAX_TIME_MS: Final = 8.64e15


class JsDate(JsObject, name="Date"):
    """`Date`."""

    __slots__ = ("time_ms",)

    @classmethod
    def js_foreign_receiver(cls, method: str, this: JsValue) -> JsValue:
        raise type_error("this is not a Date object.")

    def __init__(self, ms: float) -> None:
        super().__init__()
        self.time_ms = time_clip(ms)

    @classmethod
    def js_new(cls, *args: JsValue) -> JsValue:
        if not args:
            return cls(math.floor(host.current().now_ms()))
        if len(args) > 1:
            return cls(_from_parts(args))
        value = args[0]
        if isinstance(value, JsDate):
            return cls(value.time_ms)
        if isinstance(value, JsObject):
            value = to_primitive(value)
        return cls(parse_date(value) if isinstance(value, str) else to_number(value))

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        return cls(math.floor(host.current().now_ms())).toString()

    @static
    def now(cls) -> JsValue:
        return math.floor(host.current().now_ms())

    @static
    def parse(cls, text: JsValue = None) -> JsValue:
        return time_clip(parse_date(to_string(text)))

    @static
    def UTC(cls, *args: JsValue) -> JsValue:
        return time_clip(_from_parts(args)) if args else math.nan

    # -- text ---------------------------------------------------------------------------------

    @property
    def fields(self) -> Fields | None:
        """The calendar fields; None for an invalid date."""
        return None if math.isnan(self.time_ms) else fields_of(int(self.time_ms))

    def iso_text(self) -> str:
        """`2020-01-02T03:04:05.678Z`; years beyond four digits get a sign and six."""
        at = self.fields
        if at is None:
            raise range_error(INVALID_TIME)
        if 0 <= at.year <= 9999:
            year = f"{at.year:04d}"
        else:
            year = f"{'-' if at.year < 0 else '+'}{abs(at.year):06d}"
        clock = f"{at.hour:02d}:{at.minute:02d}:{at.second:02d}.{at.ms:03d}"
        return f"{year}-{at.month + 1:02d}-{at.day:02d}T{clock}Z"

    def js_to_string(self) -> str:
        return self.toString()

    @method
    def toISOString(self) -> str:
        return self.iso_text()

    @method
    def toJSON(self, key: JsValue = None) -> JsValue:
        return null if math.isnan(self.time_ms) else self.iso_text()

    @method
    def toString(self) -> str:
        at = self.fields
        return INVALID_DATE if at is None else f"{_date_text(at)} {_zoned_time(at)}"

    @method
    def toDateString(self) -> str:
        at = self.fields
        return INVALID_DATE if at is None else _date_text(at)

    @method
    def toTimeString(self) -> str:
        at = self.fields
        return INVALID_DATE if at is None else _zoned_time(at)

    @method
    def toUTCString(self) -> str:
        at = self.fields
        if at is None:
            return INVALID_DATE
        day = f"{WEEKDAYS[at.weekday]}, {at.day:02d} {MONTHS[at.month]} {_year_text(at.year)}"
        return f"{day} {at.hour:02d}:{at.minute:02d}:{at.second:02d} GMT"

    @method
    def toLocaleDateString(self, locales: JsValue = None, options: JsValue = None) -> str:
        return self._in_words("date", "toLocaleDateString", locales, options)

    @method
    def toLocaleTimeString(self, locales: JsValue = None, options: JsValue = None) -> str:
        return self._in_words("time", "toLocaleTimeString", locales, options)

    @method
    def toLocaleString(self, locales: JsValue = None, options: JsValue = None) -> str:
        return self._in_words("any", "toLocaleString", locales, options)

    def _in_words(self, kind: Kind, member: str, locales: JsValue, options: JsValue) -> str:
        from emulator.js.intl.date_format import date_style, format_date  # noqa: PLC0415 - rare

        if self.fields is None:
            return INVALID_DATE
        caller = f"Date.prototype.{member}"
        style = date_style(locales, options, caller, required=kind, defaults=kind)
        return format_date(self.time_ms, style)

    # -- time value ---------------------------------------------------------------------------

    @method
    def getTime(self) -> JsValue:
        return self.time_ms

    @method
    def valueOf(self) -> JsValue:
        return self.time_ms

    @method
    def setTime(self, value: JsValue = None) -> JsValue:
        self.time_ms = time_clip(to_number(value))
        return self.time_ms

    @method
    def getTimezoneOffset(self) -> JsValue:
        return math.nan if math.isnan(self.time_ms) else 0

    @method
    def getYear(self) -> JsValue:
        at = self.fields
        return math.nan if at is None else at.year - 1900

    def __repr__(self) -> str:
        return f"<js Date {INVALID_DATE if math.isnan(self.time_ms) else self.iso_text()}>"


def time_clip(ms: float) -> float:
    """A valid time value: an int, or NaN when out of range."""
    if not math.isfinite(ms) or abs(ms) > MAX_TIME_MS:
        return math.nan
    return int(ms)


def _from_parts(args: tuple[JsValue, ...]) -> float:
    numbers = [to_number(arg) for arg in args[:7]]
    if not all(math.isfinite(number) for number in numbers):
        return math.nan
    parts = [int(number) for number in numbers]
    if 0 <= parts[0] <= 99:
        parts[0] += 1900
    defaults = [0, 0, 1, 0, 0, 0, 0]
    return time_of(*(parts + defaults[len(parts) :]))


def _year_text(year: int) -> str:
    return f"{'-' if year < 0 else ''}{abs(year):04d}"


def _date_text(at: Fields) -> str:
    return f"{WEEKDAYS[at.weekday]} {MONTHS[at.month]} {at.day:02d} {_year_text(at.year)}"


def _zoned_time(at: Fields) -> str:
    clock = f"{at.hour:02d}:{at.minute:02d}:{at.second:02d}"
    return f"{clock} GMT+0000 (Coordinated Universal Time)"


def _to_primitive(this: JsDate, hint: JsValue = None) -> JsValue:
    if hint not in ("string", "default", "number"):
        raise type_error(f"Invalid hint: {to_string(hint)}")
    return this.time_ms if hint == "number" else this.toString()


# Setters take these fields in order, from the named one on: setHours(h, m, s, ms).
_SETTERS: Final = {
    "FullYear": ("year", "month", "day"),
    "Month": ("month", "day"),
    "Date": ("day",),
    "Hours": ("hour", "minute", "second", "ms"),
    "Minutes": ("minute", "second", "ms"),
    "Seconds": ("second", "ms"),
    "Milliseconds": ("ms",),
}
_GETTERS: Final = {
    "FullYear": "year",
    "Month": "month",
    "Date": "day",
    "Day": "weekday",
    "Hours": "hour",
    "Minutes": "minute",
    "Seconds": "second",
    "Milliseconds": "ms",
}


def _getter(field: str) -> Callable[..., Any]:
    def get(this: JsDate) -> JsValue:
        at = this.fields
        return math.nan if at is None else getattr(at, field)

    return get


def _setter(names: tuple[str, ...]) -> Callable[..., Any]:
    def put(this: JsDate, *args: JsValue) -> JsValue:
        at = this.fields
        numbers = [to_number(arg) for arg in args[: len(names)]] or [math.nan]
        if at is None and names[0] == "year":
            at = fields_of(0)
        if at is None or not all(math.isfinite(number) for number in numbers):
            this.time_ms = math.nan
            return math.nan
        parts = {name: getattr(at, name) for name in Fields.SETTABLE}
        parts.update(zip(names, map(int, numbers), strict=False))
        this.time_ms = time_clip(time_of(*(parts[name] for name in Fields.SETTABLE)))
        return this.time_ms

    return put


def _add_members() -> None:
    made: dict[str, Callable[..., Any]] = {}
    for zone in ("", "UTC"):
        made |= {f"get{zone}{suffix}": _getter(field) for suffix, field in _GETTERS.items()}
        made |= {f"set{zone}{suffix}": _setter(fields) for suffix, fields in _SETTERS.items()}
    for name, function in made.items():
        JsDate.js_members[name] = Member(function=NativeFunction(name, function))
    JsDate.js_members[TO_PRIMITIVE] = Member(
        function=NativeFunction("[Symbol.toPrimitive]", _to_primitive)
    )


_add_members()
