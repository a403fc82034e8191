"""Timers and microtasks: `setTimeout` and its family, `queueMicrotask`, `scheduler`.

Guarantees: an exception of a callback is reported and stops nothing; a callback that returns a
promise is run to its end. At a Worker's top level only a timeout of 0 is allowed, and is a
microtask.
Source: workerd src/workerd/api/global-scope.c++.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from emulator.js import host
from emulator.js.convert import get_option, to_number
from emulator.js.define import async_method
from emulator.js.errors import JsThrow, error_value, throwable
from emulator.js.events import AbortSignal, run_to_end
from emulator.js.object import JsObject, NativeFunction
from emulator.js.promise import Promise
from emulator.js.values import MISSING, JsValue
from emulator.js.webidl import function_argument, wrong_field, wrong_parameter

SCOPE = "ServiceWorkerGlobalScope"
_LONGEST_MS = 2**31 - 1


def _delay(value: JsValue) -> float:
    number = to_number(value)
    return 0 if math.isnan(number) or number < 0 else min(number, _LONGEST_MS)


def _job(callback: JsValue, args: tuple[JsValue, ...]) -> Callable[[], None]:
    def run() -> None:
        try:
            run_to_end(callback.js_call(None, args))
        except Exception as exception:  # noqa: BLE001 - nobody else is there to hear of it
            host.current().report_error(error_value(exception))

    return run


def _set_timeout(
    this: JsValue, callback: JsValue = None, delay: JsValue = None, *args: JsValue
) -> int:
    del this
    job = _job(function_argument(callback, SCOPE, "setTimeout"), args)
    delay_ms = _delay(delay)
    current = host.current()
    try:
        current.check_io_allowed()
    except JsThrow:
        if delay_ms:
            raise
        current.queue_microtask(job)
        return 0
    return current.set_timer(delay_ms, job, repeat=False)


def _set_interval(
    this: JsValue, callback: JsValue = None, delay: JsValue = None, *args: JsValue
) -> int:
    del this
    job = _job(function_argument(callback, SCOPE, "setInterval"), args)
    host.current().check_io_allowed()
    return host.current().set_timer(_delay(delay), job, repeat=True)


def _clear(name: str) -> NativeFunction:
    def clear(this: JsValue, timer_id: JsValue = MISSING) -> None:
        del this
        if timer_id is MISSING:
            raise wrong_parameter(SCOPE, name, 1, "Number")
        if isinstance(timer_id, int | float) and timer_id == timer_id // 1:
            host.current().clear_timer(int(timer_id))

    return NativeFunction(name, clear)


def _queue_microtask(this: JsValue, callback: JsValue = None) -> None:
    del this
    host.current().queue_microtask(_job(function_argument(callback, SCOPE, "queueMicrotask"), ()))


FUNCTIONS = {
    "setTimeout": NativeFunction("setTimeout", _set_timeout),
    "setInterval": NativeFunction("setInterval", _set_interval),
    "clearTimeout": _clear("clearTimeout"),
    "clearInterval": _clear("clearInterval"),
    "queueMicrotask": NativeFunction("queueMicrotask", _queue_microtask),
}


class Scheduler(JsObject, name="Scheduler", constructible=False):
    """The `scheduler` global."""

    __slots__ = ()

    @async_method
    async def wait(self, delay: JsValue = MISSING, options: JsValue = None) -> None:
        if delay is MISSING:
            raise wrong_parameter("Scheduler", "wait", 1, "number")
        signal = get_option(options, "signal")
        if signal is not None and not isinstance(signal, AbortSignal):
            raise wrong_field("WaitOptions", "signal", "AbortSignal")
        if signal is not None and signal.aborted:
            raise throwable(signal.reason)
        current = host.current()
        current.check_io_allowed()
        done = Promise()
        timer_id = current.set_timer(_delay(delay), lambda: done.resolve_with(None), repeat=False)
        if signal is None:
            await done
            return
        stop = signal.on_abort(done.reject_with)
        try:
            await done
        finally:
            stop()
            current.clear_timer(timer_id)
