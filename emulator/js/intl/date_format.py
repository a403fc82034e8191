"""`Intl.DateTimeFormat`, and the `toLocale...String` family of `Date`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from emulator.js import host
from emulator.js.array import JsArray
from emulator.js.convert import to_boolean, to_number
from emulator.js.define import method
from emulator.js.errors import not_supported, range_error, type_error
from emulator.js.intl.options import LOCALE, Options, check_locale
from emulator.js.intl.zones import Zone, zone_of
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import JsValue

INVALID_TIME = "Invalid time value"
INVALID_OPTION = "Invalid option : {name}"

Kind = Literal["date", "time", "any"]
Parts = list[tuple[str, str]]

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMBERS = ("numeric", "2-digit")
_NAMES = ("narrow", "short", "long")
_STYLES = ("full", "long", "medium", "short")
_DATE_FIELDS = {
    "weekday": _NAMES,
    "year": _NUMBERS,
    "month": (*_NUMBERS, *_NAMES),
    "day": _NUMBERS,
}
_TIME_FIELDS = {"hour": _NUMBERS, "minute": _NUMBERS, "second": _NUMBERS}
_DATE_STYLES = {
    "full": {"weekday": "long", "year": "numeric", "month": "long", "day": "numeric"},
    "long": {"year": "numeric", "month": "long", "day": "numeric"},
    "medium": {"year": "numeric", "month": "short", "day": "numeric"},
    "short": {"year": "2-digit", "month": "numeric", "day": "numeric"},
}
_NUMERIC_DATE = {"year": "numeric", "month": "numeric", "day": "numeric"}
_NUMERIC_TIME = {"hour": "numeric", "minute": "numeric", "second": "numeric"}


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How times are written: which fields, and each field how."""

    fields: dict[str, str]
    zone: Zone
    hour12: bool
    fraction_digits: int = 0
    styles: tuple[str | None, str | None] = (None, None)


def date_style(
    locales: JsValue, options: JsValue, caller: str, *, required: Kind, defaults: Kind
) -> DateStyle:
    """The style that the arguments ask for."""
    check_locale(locales)
    read = Options(options, caller)
    read.refuse("era", "dayPeriod", "calendar", "numberingSystem")
    hour12 = read.flag("hour12")
    cycle = read.choice("hourCycle", "h11", "h12", "h23", "h24")
    if cycle in ("h11", "h24"):
        raise not_supported(f"the hour cycle {cycle}")
    zone = zone_of(read.text("timeZone"))
    allowed = {**_DATE_FIELDS, **_TIME_FIELDS, "timeZoneName": ("short", "long")}
    fields = {name: read.choice(name, *values) for name, values in allowed.items()}
    chosen = {name: value for name, value in fields.items() if value is not None}
    digits = read.number("fractionalSecondDigits", 1, 3) or 0
    styles = read.choice("dateStyle", *_STYLES), read.choice("timeStyle", *_STYLES)
    if any(styles):
        _check_styles(styles, chosen, digits, required)
        chosen = _fields_of_styles(*styles)
    else:
        chosen = _with_defaults(chosen, digits, required, defaults)
    is_12 = cycle != "h23" if hour12 is None else to_boolean(hour12)
    return DateStyle(chosen, zone, is_12, digits, styles)


def _check_styles(
    styles: tuple[str | None, str | None], chosen: dict[str, str], digits: int, required: Kind
) -> None:
    if chosen or digits:
        raise type_error(INVALID_OPTION.format(name="option"))
    if required == "date" and styles[1] is not None:
        raise type_error(INVALID_OPTION.format(name="timeStyle"))
    if required == "time" and styles[0] is not None:
        raise type_error(INVALID_OPTION.format(name="dateStyle"))


def _fields_of_styles(date: str | None, time: str | None) -> dict[str, str]:
    fields = dict(_DATE_STYLES[date]) if date is not None else {}
    if time is not None:
        fields |= {"hour": "numeric", "minute": "numeric"}
        if time != "short":
            fields["second"] = "numeric"
        if time in ("full", "long"):
            fields["timeZoneName"] = "long" if time == "full" else "short"
    return fields


def _with_defaults(
    chosen: dict[str, str], digits: int, required: Kind, defaults: Kind
) -> dict[str, str]:
    has_date = any(name in chosen for name in _DATE_FIELDS)
    has_time = bool(digits) or any(name in chosen for name in _TIME_FIELDS)
    enough = {"date": has_date, "time": has_time, "any": has_date or has_time}[required]
    if enough:
        return chosen
    added = {"date": _NUMERIC_DATE, "time": _NUMERIC_TIME, "any": _NUMERIC_DATE | _NUMERIC_TIME}
    return {**chosen, **added[defaults]}


def format_date(time_ms: float, style: DateStyle) -> str:
    """The time as text."""
    return "".join(value for _, value in format_parts(time_ms, style))


def format_parts(time_ms: float, style: DateStyle) -> Parts:
    """The time as pieces: (type, text)."""
    if math.isnan(time_ms):
        raise range_error(INVALID_TIME)
    local = style.zone.local(time_ms)
    date, time = _date_parts(local, style.fields), _time_parts(local, style)
    if not date or not time:
        return date or time
    between = " at " if style.fields.get("month") == "long" else ", "
    return [*date, ("literal", between), *time]


def _date_parts(local: datetime, fields: dict[str, str]) -> Parts:
    values: dict[str, str] = {}
    if "weekday" in fields:
        values["weekday"] = _name(_WEEKDAYS[local.weekday()], fields["weekday"])
    if "year" in fields:
        year = local.year
        values["year"] = f"{year % 100:02}" if fields["year"] == "2-digit" else str(year)
    if "day" in fields:
        values["day"] = _number(local.day, fields["day"])
    month = fields.get("month")
    if month is None:
        return _without_month(values)
    if month in _NUMBERS:
        values["month"] = _number(local.month, month)
        names = [name for name in ("month", "day", "year") if name in values]
        parts = _joined(values, names, "/")
    else:
        values["month"] = _name(_MONTHS[local.month - 1], month)
        parts = _joined(values, [name for name in ("month", "day") if name in values], " ")
        if "year" in values:
            between = ", " if "day" in values else " "
            parts += [("literal", between), ("year", values["year"])]
    if "weekday" in values:
        parts = [("weekday", values["weekday"]), ("literal", ", "), *parts]
    return parts


def _without_month(values: dict[str, str]) -> Parts:
    if len(values) <= 1:
        return list(values.items())
    if values.keys() == {"weekday", "day"}:
        return _joined(values, ["day", "weekday"], " ")
    raise not_supported(f"dates of {' and '.join(values)} alone")


def _joined(values: dict[str, str], names: Sequence[str], between: str) -> Parts:
    parts: Parts = []
    for name in names:
        if parts:
            parts.append(("literal", between))
        parts.append((name, values[name]))
    return parts


def _name(name: str, how: str) -> str:
    return {"long": name, "short": name[:3], "narrow": name[:1]}[how]


def _number(number: int, how: str) -> str:
    return f"{number:02}" if how == "2-digit" else str(number)


def _time_parts(local: datetime, style: DateStyle) -> Parts:
    fields = style.fields
    names = [name for name in _TIME_FIELDS if name in fields]
    values: dict[str, str] = {}
    if "hour" in fields:
        hour = (local.hour + 11) % 12 + 1 if style.hour12 else local.hour
        values["hour"] = _number(hour, fields["hour"] if style.hour12 else "2-digit")
    for name, number in (("minute", local.minute), ("second", local.second)):
        # Alone they are never padded, with others always.
        values[name] = _number(number, "2-digit" if len(names) > 1 else "numeric")
    parts = _joined(values, names, ":")
    if style.fraction_digits:
        if names[-1:] != ["second"]:
            raise not_supported("fractions of seconds without seconds")
        fraction = f"{local.microsecond // 1000:03}"[: style.fraction_digits]
        parts += [("literal", "."), ("fractionalSecond", fraction)]
    if "hour" in fields and style.hour12:
        parts += [("literal", " "), ("dayPeriod", "AM" if local.hour < 12 else "PM")]
    if "timeZoneName" in fields:
        is_long = fields["timeZoneName"] == "long"
        name = style.zone.long_name(local) if is_long else style.zone.short_name(local)
        parts += [*([("literal", " ")] if parts else []), ("timeZoneName", name)]
    return parts


class DateTimeFormat(JsObject, name="DateTimeFormat", tag="Intl.DateTimeFormat"):
    """`Intl.DateTimeFormat`."""

    __slots__ = ("_style",)

    def __init__(self, style: DateStyle) -> None:
        super().__init__()
        self._style = style

    @classmethod
    def js_new(cls, locales: JsValue = None, options: JsValue = None) -> JsValue:
        caller = "Intl.DateTimeFormat"
        return cls(date_style(locales, options, caller, required="any", defaults="date"))

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        return cls.js_new(*args[:2])

    @method
    def format(self, date: JsValue = None) -> str:
        return format_date(_time_of(date), self._style)

    @method
    def formatToParts(self, date: JsValue = None) -> JsArray:
        parts = format_parts(_time_of(date), self._style)
        return JsArray([PlainObject({"type": kind, "value": value}) for kind, value in parts])

    @method
    def resolvedOptions(self) -> PlainObject:
        style = self._style
        members: dict[str, JsValue] = {
            "locale": LOCALE, "calendar": "gregory", "numberingSystem": "latn",
            "timeZone": style.zone.name,
        }  # fmt: skip
        if "hour" in style.fields:
            members |= {"hourCycle": "h12" if style.hour12 else "h23", "hour12": style.hour12}
        if any(style.styles):
            names = ("dateStyle", "timeStyle")
            pairs = zip(names, style.styles, strict=True)
            members |= {name: value for name, value in pairs if value is not None}
        else:
            members |= self._resolved_fields()
        return PlainObject(members)

    def _resolved_fields(self) -> dict[str, JsValue]:
        fields: dict[str, JsValue] = {
            name: self._style.fields[name]
            for name in (*_DATE_FIELDS, *_TIME_FIELDS)
            if name in self._style.fields
        }
        if sum(name in fields for name in _TIME_FIELDS) > 1:
            fields |= {name: "2-digit" for name in ("minute", "second") if name in fields}
        if self._style.fraction_digits:
            fields["fractionalSecondDigits"] = self._style.fraction_digits
        if "timeZoneName" in self._style.fields:
            fields["timeZoneName"] = self._style.fields["timeZoneName"]
        return fields


def _time_of(date: JsValue) -> float:
    return host.current().now_ms() if date is None else to_number(date)
