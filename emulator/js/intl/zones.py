"""Time zones by the names that JavaScript knows, and what American English calls them."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from emulator.js.errors import not_supported, range_error

INVALID_ZONE = "Invalid time zone specified: {name}"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_UTC_NAMES = frozenset({"utc", "etc/utc", "gmt", "etc/gmt", "zulu", "etc/zulu", "uct", "etc/uct"})
_AMERICAN = {
    "EST": "Eastern Standard Time", "EDT": "Eastern Daylight Time",
    "CST": "Central Standard Time", "CDT": "Central Daylight Time",
    "MST": "Mountain Standard Time", "MDT": "Mountain Daylight Time",
    "PST": "Pacific Standard Time", "PDT": "Pacific Daylight Time",
    "AKST": "Alaska Standard Time", "AKDT": "Alaska Daylight Time",
    "HST": "Hawaii-Aleutian Standard Time",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone."""

    name: str
    info: tzinfo

    def local(self, time_ms: float) -> datetime:
        """The time there, in whole milliseconds. Years that Python lacks are refused."""
        try:
            return (_EPOCH + timedelta(milliseconds=int(time_ms))).astimezone(self.info)
        except OverflowError:
            raise not_supported("texts of years outside of 1 to 9999") from None

    def short_name(self, local: datetime) -> str:
        """`UTC`, `EDT`, `GMT+5:30`."""
        if self.name == "UTC":
            return "UTC"
        name = local.tzname() or ""
        if name in _AMERICAN and self.name.startswith(("America/", "US/", "Pacific/Honolulu")):
            return name
        offset = local.utcoffset() or timedelta()
        minutes = abs(int(offset.total_seconds())) // 60
        if not minutes:
            return "GMT"
        sign = "-" if offset < timedelta() else "+"
        rest = f":{minutes % 60:02}" if minutes % 60 else ""
        return f"GMT{sign}{minutes // 60}{rest}"

    def long_name(self, local: datetime) -> str:
        """`Coordinated Universal Time`, `Eastern Daylight Time`."""
        if self.name == "UTC":
            return "Coordinated Universal Time"
        name = _AMERICAN.get(self.short_name(local))
        if name is None:
            raise not_supported(f"the long name of the time zone {self.name}")
        return name


UTC_ZONE = Zone("UTC", UTC)


def zone_of(name: str | None) -> Zone:
    """A zone by its name, in whatever case; UTC if there is none."""
    if name is None or name.lower() in _UTC_NAMES:
        return UTC_ZONE
    offset = _OFFSET.fullmatch(name)
    if offset is not None:
        sign = -1 if offset[1] == "-" else 1
        delta = sign * timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return Zone(f"{offset[1]}{offset[2]}:{offset[3]}", timezone(delta))
    for known in zoneinfo.available_timezones():
        if known.lower() == name.lower():
            return Zone(known, zoneinfo.ZoneInfo(known))
    raise range_error(INVALID_ZONE.format(name=name))
