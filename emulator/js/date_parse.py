"""What `Date.parse` understands: ISO 8601 as ECMAScript defines it, and the older forms.

The second parser accepts what programs really write: HTTP dates, `Date.prototype.toString`,
`Jan 2, 2020 3:04 PM`, `2020/1/2 03:04`, and the text of Python datetimes
(`2020-01-02 03:04:05.678901+00:00`). Without a zone, times are UTC, the Worker's time zone.

Source: ECMA-262, 21.4.1.32. Differs: V8's legacy parser accepts still more.
"""

from __future__ import annotations

import math
import re
from typing import Final

from emulator.js.calendar import MONTHS, WEEKDAYS, time_of

_ISO: Final = re.compile(
    r"(?P<year>\d{4}|[+-]\d{6})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?"
    r"(?:[Tt](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"(?P<zone>[Zz]|[+-]\d\d:?\d\d)?)?"
)
_PARENTHESES: Final = re.compile(r"\([^()]*\)?")
_CLOCK: Final = re.compile(
    r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.:](\d+))?)?(?:\s*([AaPp][Mm])(?![A-Za-z]))?"
)
_ZONE: Final = re.compile(
    r"(?:GMT|UTC|UT|Z)?\s*([+-])(\d{1,2}):?(\d\d)?$|(?:GMT|UTC|UT|Z)$", re.IGNORECASE
)
_NUMERIC_DATE: Final = re.compile(r"(\d+)\s*[-/.]\s*(\d+)(?:\s*[-/.]\s*(\d+))?")
_US_ZONES: Final = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_MONTH_NUMBERS: Final = {name.lower(): index for index, name in enumerate(MONTHS)}
_WEEKDAY_NAMES: Final = frozenset(name.lower() for name in WEEKDAYS)


def parse_date(text: str) -> float:
    """Milliseconds since the epoch, or NaN."""
    text = text.strip()
    match = _ISO.fullmatch(text)
    if match is not None:
        return _iso(match)
    return _legacy(text)


def _iso(match: re.Match[str]) -> float:
    if match["year"] == "-000000":
        return math.nan
    month, day = int(match["month"] or 1), int(match["day"] or 1)
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    ms = int((match["fraction"] or "0")[:3].ljust(3, "0"))
    midnight = hour == 24 and minute == second == ms == 0
    if not (1 <= month <= 12 and 1 <= day <= 31 and minute < 60 and second < 60):
        return math.nan
    if hour > 23 and not midnight:
        return math.nan
    time = time_of(int(match["year"]), month - 1, day, hour, minute, second, ms)
    zone = match["zone"]
    if zone is None or zone in "Zz":
        return time
    offset = int(zone[1:3]) * 60 + int(zone[-2:])
    return time + (offset if zone[0] == "-" else -offset) * 60_000


def _legacy(text: str) -> float:
    text = _PARENTHESES.sub(" ", text).strip()
    clock_ms, text = _take_clock(text)
    if clock_ms is None:
        return math.nan
    offset, text = _take_zone(text)
    date = _date(text)
    if date is None:
        return math.nan
    return time_of(*date) + clock_ms - offset * 60_000


def _take_clock(text: str) -> tuple[int | None, str]:
    match = _CLOCK.search(text)
    if match is None:
        return 0, text
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    ms = int((match[4] or "0")[:3].ljust(3, "0"))
    half = (match[5] or "").lower()
    if half and not 1 <= hour <= 12:
        return None, text
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second or ms)):
        return None, text
    # The zone follows the clock: keep it apart from a date that may stand before.
    before = text[: match.start()].rstrip().removesuffix("T").removesuffix("t")
    return ((hour * 60 + minute) * 60 + second) * 1000 + ms, f"{before} {text[match.end() :]}"


def _take_zone(text: str) -> tuple[int, str]:
    words = text.split()
    for index, word in enumerate(words):
        if word.upper() in _US_ZONES:
            return _US_ZONES[word.upper()] * 60, " ".join(words[:index] + words[index + 1 :])
        match = _ZONE.fullmatch(word)
        if match is None:
            continue
        rest = " ".join(words[:index] + words[index + 1 :])
        if not match[1]:
            return 0, rest
        digits = match[2] + (match[3] or "")
        hours, minutes = (
            (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
        )
        return (-1 if match[1] == "-" else 1) * (hours * 60 + minutes), rest
    return 0, text


def _date(text: str) -> tuple[int, int, int] | None:
    """(year, month from 0, day) of what is left without clock and zone."""
    match = _NUMERIC_DATE.match(text)
    if match is not None and not text[match.end() :].strip():
        return _numeric_date(match)
    month: int | None = None
    numbers: list[int] = []
    for word in re.findall(r"[A-Za-z]+|\d+|[^\sA-Za-z\d,./-]", text):
        prefix = word[:3].lower()
        if word.isdigit():
            numbers.append(int(word))
        elif prefix in _MONTH_NUMBERS and month is None:
            month = _MONTH_NUMBERS[prefix]
        elif prefix not in _WEEKDAY_NAMES:
            return None
    if month is None or not 1 <= len(numbers) <= 2:
        return None
    first, second = numbers if len(numbers) == 2 else (numbers[0], 2001)
    if len(numbers) == 1 and first > 31:
        first, second = 1, first
    day, year = (first, second) if first <= 31 else (second, first)
    return _checked(year, month + 1, day)


def _numeric_date(match: re.Match[str]) -> tuple[int, int, int] | None:
    a, b = int(match[1]), int(match[2])
    c = int(match[3]) if match[3] else None
    if len(match[1]) > 2 or a > 31:
        return _checked(a, b, 1 if c is None else c)
    return _checked(2001 if c is None else c, a, b)


def _checked(year: int, month: int, day: int) -> tuple[int, int, int] | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    if year < 50:
        year += 2000
    elif year < 100:
        year += 1900
    return year, month - 1, day
