"""Arguments of the storage API, checked and converted as workerd does.

Source: workerd src/workerd/api/actor-state.c++; texts confirmed by running it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from emulator.js.convert import get_option, to_boolean, to_number, to_string
from emulator.js.date import JsDate
from emulator.js.errors import type_error
from emulator.js.object import JsObject
from emulator.js.values import MISSING, JsBigInt, JsValue, null
from emulator.js.webidl import wrong_parameter

PUT_UNDEFINED: Final = "put() called with undefined value."
PUT_ARGUMENTS: Final = (
    "put() may only be called with a single key-value pair and optional options as "
    "put(key, value, options) or with multiple key-value pairs and optional options as "
    "put(entries, options)"
)
START_AND_AFTER: Final = "list() cannot be called with both start and startAfter values."
INVALID_DATE: Final = "The value cannot be converted because it is not a valid Date."
ALARM_TOO_EARLY: Final = "setAlarm() cannot be called with an alarm time <= 0"
ALARM_TOO_LATE: Final = "This API doesn't support dates after 2189."
ALARM_BEFORE_ALL: Final = "This API doesn't support dates before 1687."
ALARM_LIMIT_MS: Final = (2**63 - 1) // 10**6  # of 64 bits of nanoseconds, later than the text says
BAD_LIMIT: Final = "List limit must be positive."
OUT_OF_RANGE: Final = "Value out of range. Must be between -2147483648 and 2147483647 (inclusive)."


def missing_parameter(interface: str, method: str, kind: str) -> Exception:
    """The TypeError for a required first argument that is not there."""
    return type_error(
        f"Failed to execute '{method}' on '{interface}': parameter 1 is not of type '{kind}'."
    )


def alarm_time(interface: str, time: JsValue) -> int:
    """The argument of `setAlarm` in whole milliseconds."""
    if isinstance(time, JsDate):
        time_ms: float = time.time_ms
    elif isinstance(time, int | float) and not isinstance(time, bool | JsBigInt):
        time_ms = time
    else:
        raise missing_parameter(interface, "setAlarm", "date")
    if not math.isfinite(time_ms):
        raise type_error(INVALID_DATE)
    if time_ms > ALARM_LIMIT_MS:
        raise type_error(ALARM_TOO_LATE)
    if time_ms < -ALARM_LIMIT_MS:
        raise type_error(ALARM_BEFORE_ALL)
    if int(time_ms) <= 0:
        raise type_error(ALARM_TOO_EARLY)
    return int(time_ms)


def check_options(options: JsValue, interface: str, method: str, index: int, kind: str) -> None:
    """Refuses options that are no object."""
    if not (
        options is None or options is MISSING or options is null or isinstance(options, JsObject)
    ):
        raise wrong_parameter(interface, method, index, kind)


def check_alarm_options(options: JsValue, interface: str, method: str, index: int) -> None:
    """Refuses options of the alarm's methods that are no object."""
    kind = "GetAlarmOptions" if method == "getAlarm" else "SetAlarmOptions"
    check_options(options, interface, method, index, kind)


@dataclass(frozen=True, slots=True)
class ListRange:
    """A compiled range of keys: `start` inclusive, `end` exclusive, None for open."""

    start: str | None
    end: str | None
    reverse: bool
    limit: int | None
    empty: bool = False


def confirmed(options: JsValue) -> bool:
    """Whether a write holds back output: unless `allowUnconfirmed` is set."""
    return not to_boolean(get_option(options, "allowUnconfirmed"))


def list_range(options: JsValue) -> ListRange:
    """Compiles the options of `list()`."""
    start = _text(options, "start")
    start_after = _text(options, "startAfter")
    if start is not None and start_after is not None:
        raise type_error(START_AND_AFTER)
    reverse = to_boolean(get_option(options, "reverse"))
    limit = _limit(get_option(options, "limit"))
    low = start or ""
    if start_after is not None:
        low = start_after + "\0"
    bounds = _bounds(low, _text(options, "end"), _text(options, "prefix") or "")
    if bounds is None:
        return ListRange(None, None, reverse, limit, empty=True)
    return ListRange(bounds[0] or None, bounds[1], reverse, limit)


def _bounds(low: str, end: str | None, prefix: str) -> tuple[str, str | None] | None:
    if prefix:
        if low < prefix:
            low = prefix
        elif not low.startswith(prefix):
            return None
        if end is not None and end <= prefix:
            return None
        if end is None or not end.startswith(prefix):
            after = _successor(prefix)
            end = after if end is None or after is None or after < end else end
    if end is not None and end <= low:
        return None
    return low, end


def _successor(prefix: str) -> str | None:
    """The first string after all that begin with the prefix, in code point order."""
    for index in range(len(prefix) - 1, -1, -1):
        point = ord(prefix[index])
        if point < 0x10FFFF:
            return prefix[:index] + chr(point + 1)
    return None


def _text(options: JsValue, name: str) -> str | None:
    value = get_option(options, name)
    return None if value is None else to_string(value)


def _limit(value: JsValue) -> int | None:
    if value is None or value is MISSING:
        return None
    number = to_number(value)
    limit = int(number) if math.isfinite(number) else 0
    if not -(2**31) <= limit < 2**31:
        raise type_error(OUT_OF_RANGE)
    if limit <= 0:
        raise type_error(BAD_LIMIT)
    return limit
