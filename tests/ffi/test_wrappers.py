# ruff: noqa: PLC0415 - the modules of a guest exist only inside a realm
"""`pyodide.ffi.wrappers`."""

from __future__ import annotations

import asyncio

import pytest

pytestmark = pytest.mark.usefixtures("realm")


def test_timers(guest, warned):
    from pyodide.ffi.wrappers import clear_interval, clear_timeout, set_interval, set_timeout

    async def main():
        fired = []
        set_timeout(lambda: fired.append("timeout"), 10)
        clear_timeout(set_timeout(lambda: fired.append("cleared"), 10))
        interval = set_interval(lambda: fired.append("interval"), 15)
        await asyncio.sleep(0.04)
        clear_interval(interval)
        await asyncio.sleep(0.04)
        assert fired == ["timeout", "interval", "interval"]
        clear_timeout(999)
        clear_interval(999)

    guest.run(main())
    assert warned == []


def test_event_listeners(guest, warned):
    import js
    from pyodide.ffi.wrappers import add_event_listener, remove_event_listener

    def check():
        seen = []

        def listener(event):
            seen.append(event.type)

        target = js.EventTarget.new()
        add_event_listener(target, "ping", listener)
        target.dispatchEvent(js.Event.new("ping"))
        remove_event_listener(target, "ping", listener)
        target.dispatchEvent(js.Event.new("ping"))
        assert seen == ["ping"]

    guest.call(check)
    assert warned == []


def test_a_plain_lambda_given_to_a_timer_works_and_is_reported(guest, warned):
    """Check 32, as far as pyworkers is more lenient than Cloudflare."""
    import js

    async def main():
        fired = []
        js.setTimeout(lambda: fired.append(1), 5)
        await asyncio.sleep(0.01)
        assert fired == [1]

    guest.run(main())
    assert [code for code, _ in warned] == ["borrowed-proxy"]
