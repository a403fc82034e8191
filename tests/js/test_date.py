"""Tests of emulator/js/date.py, calendar.py and date_parse.py; expectations are V8's in UTC."""

from __future__ import annotations

import datetime
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.js.calendar import fields_of, time_of
from emulator.js.date import JsDate
from emulator.js.errors import JsThrow
from emulator.js.values import TO_PRIMITIVE, null
from tests.js.guest_values import call, new, static
from tests.support.js_host import FakeHost

NAN = math.nan

PARSED = [
    ("2020-01-02", 1577923200000),
    ("2020-01-02T03:04", 1577934240000),
    ("2020-01-02T03:04:05Z", 1577934245000),
    ("2020-01-02T03:04:05.678901+02:00", 1577927045678),
    ("2020-01-02 03:04:05.678901+00:00", 1577934245678),
    ("2020-01-02 03:04:05", 1577934245000),
    ("2020-01-02 03:04:05Z", 1577934245000),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ("Thu Jan 01 1970 00:00:00 GMT+0100 (CET)", -3600000),
    ("Jan 2, 2020 3:04 PM", 1577977440000),
    ("2020/1/2 03:04", 1577934240000),
    ("1/2/2020", 1577923200000),
    ("2 January 2020", 1577923200000),
    ("Mon, 25 Dec 1995 13:30:00 +0430", 819882000000),
    ("Mon, 25 Dec 1995 13:30:00 EST", 819916200000),
    ("1995-12-17T03:24:00-0700", 819195840000),
    ("2020", 1577836800000),
    ("2020-02-30", 1583020800000),
    ("2020-13-01", NAN),
    ("2020-01-02T24:00", 1578009600000),
    ("2020-01-02T25:00", NAN),
    ("garbage", NAN),
    ("", NAN),
    ("12:00", NAN),
    ("+275760-09-13", 8640000000000000),
    ("-000001-01-01T00:00:00Z", -62198755200000),
    ("-000000-01-01", NAN),
]


def same(left: Any, right: Any) -> bool:
    return bool(left == right) or (math.isnan(left) and math.isnan(right))


@pytest.mark.parametrize(("text", "time_ms"), PARSED)
def test_text_is_parsed_as_v8_does(text: str, time_ms: float) -> None:
    assert same(static(JsDate, "parse", text), time_ms)
    assert same(new(JsDate, text).time_ms, time_ms)


def test_constructors_take_numbers_dates_and_parts() -> None:
    assert new(JsDate, 1.9).time_ms == 1
    assert new(JsDate, JsDate(5)).time_ms == 5
    assert new(JsDate, 2020, 0, 2, 3, 4, 5, 6).time_ms == 1577934245006
    assert new(JsDate, 99, 0).js_to_string().startswith("Fri Jan 01 1999")
    assert new(JsDate, null).time_ms == 0
    assert math.isnan(new(JsDate, None).time_ms)
    assert math.isnan(new(JsDate, 8.64e15 + 1).time_ms)
    assert static(JsDate, "UTC", 1970, 0, 1) == 0
    assert math.isnan(static(JsDate, "UTC"))


def test_now_is_the_clock_of_the_host(js_host: FakeHost) -> None:
    js_host.time_ms = 1234.7
    assert static(JsDate, "now") == 1234
    assert new(JsDate).time_ms == 1234
    text = JsDate.js_constructor.js_call(None, ())
    assert text == "Thu Jan 01 1970 00:00:01 GMT+0000 (Coordinated Universal Time)"


def test_texts_of_a_date() -> None:
    date = JsDate(1577934245678)
    assert call(date, "toISOString") == "2020-01-02T03:04:05.678Z"
    assert call(date, "toJSON") == "2020-01-02T03:04:05.678Z"
    assert call(date, "toString") == (
        "Thu Jan 02 2020 03:04:05 GMT+0000 (Coordinated Universal Time)"
    )
    assert call(date, "toUTCString") == "Thu, 02 Jan 2020 03:04:05 GMT"
    assert call(date, "toDateString") == "Thu Jan 02 2020"
    assert call(date, "toTimeString") == "03:04:05 GMT+0000 (Coordinated Universal Time)"
    assert call(date, "toLocaleString") == "1/2/2020, 3:04:05 AM"
    assert call(JsDate(8.64e15), "toISOString") == "+275760-09-13T00:00:00.000Z"
    assert call(JsDate(-62198755200000), "toISOString") == "-000001-01-01T00:00:00.000Z"


def test_an_invalid_date_has_nan_and_its_texts() -> None:
    date = new(JsDate, "x")
    assert math.isnan(call(date, "getTime"))
    assert math.isnan(call(date, "getFullYear"))
    assert call(date, "toString") == call(date, "toUTCString") == "Invalid Date"
    assert call(date, "toJSON") is null
    with pytest.raises(JsThrow) as thrown:
        call(date, "toISOString")
    assert str(thrown.value) == "RangeError: Invalid time value"


def test_getters_are_in_utc() -> None:
    date = JsDate(1577934245678)
    names = ("FullYear", "Month", "Date", "Day", "Hours", "Minutes", "Seconds", "Milliseconds")
    local = [call(date, f"get{name}") for name in names]
    assert local == [2020, 0, 2, 4, 3, 4, 5, 678]
    assert local == [call(date, f"getUTC{name}") for name in names]
    assert call(date, "getTimezoneOffset") == 0
    assert call(date, "valueOf") == 1577934245678


def test_setters_carry_over_and_answer_the_time() -> None:
    date = JsDate(0)
    assert call(date, "setUTCFullYear", 2020, 1, 30) == 1583020800000
    assert call(date, "setHours", 25, 1, 2, 3) == 1583020800000 + 90062003
    assert call(date, "setMonth", 0) == date.time_ms
    assert call(date, "setDate", 0) == date.time_ms
    assert call(date, "getMonth") == 11
    assert call(date, "setTime", 5) == 5
    assert math.isnan(call(date, "setSeconds", "x"))
    assert call(date, "setFullYear", 1970) == 0


def test_conversion_prefers_text_unless_a_number_is_wanted() -> None:
    convert = JsDate(5).js_get(TO_PRIMITIVE)
    assert convert.js_call(JsDate(5), ("number",)) == 5
    assert convert.js_call(JsDate(5), ("default",)).startswith("Thu Jan 01")
    with pytest.raises(JsThrow, match="Invalid hint: x"):
        convert.js_call(JsDate(5), ("x",))


# Years below 100 mean 19xx or 20xx to V8 in this form.
@given(st.datetimes().filter(lambda moment: moment.year >= 100))
def test_the_calendar_agrees_with_python(moment: datetime.datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=datetime.UTC)
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    time_ms = (moment - epoch) // datetime.timedelta(milliseconds=1)
    at = fields_of(time_ms)
    assert (at.year, at.month + 1, at.day) == (moment.year, moment.month, moment.day)
    assert at.weekday == moment.isoweekday() % 7
    assert time_of(at.year, at.month, at.day, at.hour, at.minute, at.second, at.ms) == time_ms
    assert static(JsDate, "parse", str(moment)) == time_ms


@given(st.integers(-8640000000000000, 8640000000000000))
def test_every_time_survives_its_iso_text(time_ms: int) -> None:
    assert static(JsDate, "parse", JsDate(time_ms).iso_text()) == time_ms
