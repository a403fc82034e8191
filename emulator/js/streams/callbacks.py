"""What guests hand to stream constructors: callbacks, high water marks, size functions.

Guarantees: a callback may be sync or async; whatever it returns or throws arrives as one Promise.
An absent callback is None, and costs nothing when "called".
Source: Streams standard, sections 4.2, 5.2, 7.4; texts of workerd.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from emulator.js.convert import get_option, to_number
from emulator.js.errors import error_value, type_error
from emulator.js.object import JsObject
from emulator.js.promise import Promise, as_promise, rejected
from emulator.js.values import JsValue, null
from emulator.js.webidl import wrong_constructor_parameter, wrong_field

NOT_AN_INTEGER = "The value cannot be converted because it is not an integer."
NEGATIVE = (
    "The value cannot be converted because it is negative and this API expects a positive bigint."
)

Outcome = Promise | None
"""What an algorithm gives: a Promise, or None when it is already done."""


class Callback:
    """One callback of an options object, called with that object as `this`."""

    __slots__ = ("_function", "_this")

    def __init__(self, function: JsObject, this: JsValue) -> None:
        self._function = function
        self._this = this

    def __call__(self, *args: JsValue) -> Promise:
        try:
            return as_promise(self._function.js_call(self._this, args))
        except Exception as exception:  # noqa: BLE001 - a throwing callback is a rejection
            return rejected(error_value(exception))


def callback(options: JsValue, name: str, dictionary: str) -> Callback | None:
    """The callback with that name, or None; throws if it is there and not a function."""
    function = get_option(options, name)
    if function is None:
        return None
    if not getattr(function, "js_callable", False):
        raise wrong_field(dictionary, name, "function")
    return Callback(function, options)


def attempt(algorithm: Callable[..., Outcome], *args: Any) -> Outcome:
    """Runs an algorithm of ours, turning what it throws into a rejection."""
    try:
        return algorithm(*args)
    except Exception as exception:  # noqa: BLE001 - as for a guest's callback
        return rejected(error_value(exception))


def after(
    outcome: Outcome, done: Callable[[JsValue], None], failed: Callable[[JsValue], None]
) -> None:
    """Goes on at once if the algorithm is done, else when its Promise settles."""
    if outcome is None:
        done(None)
    else:
        outcome.subscribe(done, failed)


def check_options(value: JsValue, interface: str, index: int, expected: str) -> None:
    """Throws unless the argument is an object, null or absent."""
    if value is not None and value is not null and not isinstance(value, JsObject):
        raise wrong_constructor_parameter(interface, index, expected)


def to_size(value: JsValue) -> int:
    """A non-negative integer, truncated; throws as the runtime's own conversion does."""
    number = to_number(value)
    if not math.isfinite(number):
        raise type_error(NOT_AN_INTEGER)
    if number < 0:
        raise type_error(NEGATIVE)
    return int(number)


class Strategy:
    """A queuing strategy: how many chunks, or how much of them, a queue may hold."""

    __slots__ = ("_size", "high_water_mark")

    def __init__(self, high_water_mark: int, size: Callable[[JsValue], JsValue] | None) -> None:
        self.high_water_mark = high_water_mark
        self._size = size

    def size_of(self, chunk: JsValue) -> int:
        """A chunk's size; throws what the guest's function throws, or if it gives no size."""
        return 1 if self._size is None else to_size(self._size(chunk))


def strategy(options: JsValue, interface: str, index: int, default: int) -> Strategy:
    """A strategy from a guest's object."""
    check_options(options, interface, index, "StreamQueuingStrategy")
    mark = get_option(options, "highWaterMark")
    high_water_mark = default if mark is None else to_size(mark)
    function = get_option(options, "size")
    if function is None:
        return Strategy(high_water_mark, None)
    if not getattr(function, "js_callable", False):
        raise wrong_field("StreamQueuingStrategy", "size", "function")
    return Strategy(high_water_mark, lambda chunk: function.js_call(options, (chunk,)))
