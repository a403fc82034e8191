"""`pyodide.ffi.wrappers`: timers and event listeners that take plain Python functions.

They keep the function's proxy alive for as long as JavaScript may call it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.ffi import guest
from emulator.ffi.create_proxy import create_once_callable, create_proxy

_listeners: dict[tuple[int, str, Callable[..., Any]], Any] = {}
_timeouts: dict[int, Any] = {}
_intervals: dict[int, Any] = {}


def add_event_listener(elt: Any, event: str, listener: Callable[[Any], None]) -> None:
    """`elt.addEventListener(event, listener)`."""
    proxy = create_proxy(listener)
    _listeners[elt.js_id, event, listener] = proxy
    elt.addEventListener(event, proxy)


def remove_event_listener(elt: Any, event: str, listener: Callable[[Any], None]) -> None:
    """Takes back what `add_event_listener` did."""
    proxy = _listeners.pop((elt.js_id, event, listener))
    elt.removeEventListener(event, proxy)
    proxy.destroy()


def set_timeout(callback: Callable[[], None], timeout: int) -> int:
    """`setTimeout`; gives the timer's id."""
    timer_id = 0

    def run() -> None:
        _timeouts.pop(timer_id, None)
        callback()

    proxy = create_once_callable(run)
    timer_id = int(guest.js().setTimeout(proxy, timeout))
    _timeouts[timer_id] = proxy
    return timer_id


def clear_timeout(timeout_retval: int) -> None:
    """`clearTimeout`."""
    guest.js().clearTimeout(timeout_retval)
    proxy = _timeouts.pop(timeout_retval, None)
    if proxy is not None:
        proxy.destroy()


def set_interval(callback: Callable[[], None], interval: int) -> int:
    """`setInterval`; gives the timer's id."""
    proxy = create_proxy(callback)
    timer_id: int = guest.js().setInterval(proxy, interval)
    _intervals[timer_id] = proxy
    return timer_id


def clear_interval(interval_retval: int) -> None:
    """`clearInterval`."""
    guest.js().clearInterval(interval_retval)
    proxy = _intervals.pop(interval_retval, None)
    if proxy is not None:
        proxy.destroy()


__all__ = [
    "add_event_listener", "clear_interval", "clear_timeout", "remove_event_listener",
    "set_interval", "set_timeout",
]  # fmt: skip
