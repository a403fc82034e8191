"""The Gregorian calendar over all of Date's range, which Python's datetime does not cover.

Months count from 0 and weekdays from Sunday, as in JavaScript. Pure arithmetic on ints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

MS_PER_DAY: Final = 86_400_000
MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
WEEKDAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


@dataclass(frozen=True, slots=True)
class Fields:
    """A moment taken apart."""

    SETTABLE: ClassVar = ("year", "month", "day", "hour", "minute", "second", "ms")

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    ms: int
    weekday: int


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01; month counts from 0 and may be out of range, like day."""
    year += month // 12
    month = month % 12 + 1
    # Years that begin in March put the leap day at the end.
    if month <= 2:
        year -= 1
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468 + day - 1


def civil_from_days(days: int) -> tuple[int, int, int]:
    """(year, month from 0, day) of a day number."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = (shifted + 2) % 12
    year = year_of_era + era * 400 + (month <= 1)
    return year, month, day


def time_of(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, ms: int = 0
) -> int:
    """Milliseconds since the epoch; fields may be out of range and carry over."""
    clock = ((hour * 60 + minute) * 60 + second) * 1000 + ms
    return days_from_civil(year, month, day) * MS_PER_DAY + clock


def fields_of(time_ms: int) -> Fields:
    """The fields of a time value."""
    days, rest = divmod(time_ms, MS_PER_DAY)
    year, month, day = civil_from_days(days)
    seconds, ms = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return Fields(year, month, day, hour, minute, second, ms, (days + 4) % 7)
