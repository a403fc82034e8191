"""Alarms of Durable Objects: set, run, retried, given up. Time is virtual."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.storage import MemoryDisk
from emulator.testing.virtual_loop import VirtualClock, VirtualLoop
from tests.runtime.objects import PRELUDE, Box
from tests.support.worker import open_worker

Open = Callable[..., Any]

API = """
    import time
    LOG = []
    class Object(DurableObject):
        kept = None
        async def set(self, delay_ms):
            now = int(js_now())
            await self.ctx.storage.setAlarm(now + delay_ms)
            return now
        async def set_raw(self, value):
            try:
                await self.ctx.storage.setAlarm(value)
            except JsException as error:
                return str(error)
        async def get(self):
            return await self.ctx.storage.getAlarm()
        async def delete(self):
            await self.ctx.storage.deleteAlarm()
        async def clear(self):
            await self.ctx.storage.deleteAll()
            return await self.ctx.storage.getAlarm()
        async def mode(self, mode):
            await self.ctx.storage.put("mode", mode)
        async def log(self):
            return LOG
        async def rolled_back(self):
            async def fail(txn):
                await self.ctx.storage.setAlarm(int(js_now()) + 1000)
                raise ValueError("no")
            try:
                await self.ctx.storage.transaction(fail)
            except JsException:
                pass
            return await self.ctx.storage.getAlarm()
        async def set_and_abort(self):
            await self.ctx.storage.setAlarm(int(js_now()) + 1000)
            self.ctx.abort("gone")
        async def stop_alarm(self):
            self.ctx._ctx.abort("stopped", to_js({"retryAlarm": False}, dict_converter=JsObject.fromEntries))
        async def alarm(self, info):
            mode = await self.ctx.storage.get("mode")
            LOG.append([info.retryCount, info.isRetry, int(js_now()) - info.scheduledTime,
                        await self.ctx.storage.getAlarm(), self.ctx.id.name])
            storage = self.ctx.storage
            if mode == "throw":
                raise ValueError("in the alarm")
            if mode == "abort":
                self.ctx.abort("from the alarm")
            if mode == "again" and len(LOG) < 3:
                await storage.setAlarm(int(js_now()) + 1)
                await asyncio.sleep(0.3)
            if mode == "set and throw" and len(LOG) == 1:
                await storage.setAlarm(int(js_now()) + 500)
                raise ValueError("after setting")
            if mode == "delete and throw":
                await storage.deleteAlarm()
                raise ValueError("after deleting")
            if mode == "slow":
                await asyncio.sleep(5)
            if mode == "background":
                async def fail():
                    raise ValueError("in the background")
                self.ctx.waitUntil(create_proxy(fail()))

    def js_now():
        import js
        return js.Date.now()
"""


@pytest.fixture
def box(worker: Open) -> Box:
    return Box(worker, API)


def test_an_alarm_runs_once_and_on_time(box: Box) -> None:
    assert box.call("get") is None
    now = box.call("set", 1000)
    assert box.call("get") == now + 1000
    box.advance(0.9)
    assert box.call("log") == []
    box.advance(60.0)
    ((retry_count, is_retry, late_ms, shown, name),) = box.call("log")
    assert (retry_count, is_retry, shown, name) == (0, False, None, "a")
    assert 0 <= late_ms <= 2
    assert box.call("get") is None


def test_a_time_in_the_past_runs_at_once(box: Box) -> None:
    box.call("set_raw", 1)
    box.advance(0.01)
    assert len(box.call("log")) == 1


def test_a_second_alarm_replaces_the_first(box: Box) -> None:
    box.call("set", 1000)
    box.call("set", 5000)
    box.advance(2.0)
    assert box.call("log") == []
    box.advance(4.0)
    assert len(box.call("log")) == 1


def test_a_deleted_alarm_does_not_run(box: Box) -> None:
    box.call("set", 1000)
    box.call("delete")
    box.advance(10.0)
    assert box.call("log") == []


def test_delete_all_deletes_the_alarm(box: Box) -> None:
    box.call("set", 1000)
    assert box.call("clear") is None
    box.advance(10.0)
    assert box.call("log") == []


def test_before_the_flag_delete_all_keeps_the_alarm(worker: Open) -> None:
    box = Box(worker, API, date="2026-01-01")
    now = box.call("set", 1000)
    assert box.call("clear") == now + 1000
    box.advance(10.0)
    assert len(box.call("log")) == 1


def test_an_alarm_of_a_rolled_back_transaction_does_not_run(box: Box) -> None:
    assert box.call("rolled_back") is None
    box.advance(10.0)
    assert box.call("log") == []


def test_an_alarm_of_an_aborted_turn_does_not_run(box: Box) -> None:
    assert "gone" in box.call("set_and_abort")
    box.advance(10.0)
    assert box.call("log") == []


def test_a_failing_alarm_is_tried_seven_times_with_growing_delays(box: Box) -> None:
    box.call("mode", "throw")
    box.call("set", 0)
    box.advance(1000.0)
    log = box.call("log")
    assert [entry[0] for entry in log] == [0, 1, 2, 3, 4, 5, 6]
    assert [entry[1] for entry in log] == [False, *[True] * 6]
    times = [entry[2] / 1000 for entry in log]
    for number, (before, after) in enumerate(itertools.pairwise(times)):
        delay = 2 * 2**number
        assert delay - 0.01 <= after - before <= 1.25 * delay + 0.01
    assert box.call("get") is None
    assert any("in the alarm" in error for error in box.errors)


def test_an_aborting_alarm_is_tried_again(box: Box) -> None:
    box.call("mode", "abort")
    box.call("set", 0)
    box.advance(3.0)
    assert [entry[0] for entry in box.call("log")] == [0, 1]


def test_an_abort_can_give_the_alarm_up(box: Box) -> None:
    box.call("mode", "slow")
    box.call("set", 0)
    box.advance(1.0)
    assert "stopped" in box.call("stop_alarm")
    box.advance(1000.0)
    assert len(box.call("log")) == 1
    assert box.call("get") is None


def test_an_alarm_set_by_the_handler_runs_after_it(box: Box) -> None:
    box.call("mode", "again")
    box.call("set", 0)
    box.advance(10.0)
    assert [entry[0] for entry in box.call("log")] == [0, 0, 0]


def test_an_alarm_set_before_a_throw_stands_instead_of_a_retry(box: Box) -> None:
    box.call("mode", "set and throw")
    box.call("set", 0)
    box.advance(100.0)
    assert [entry[0] for entry in box.call("log")] == [0, 0]


def test_deleting_before_a_throw_ends_the_retries(box: Box) -> None:
    box.call("mode", "delete and throw")
    box.call("set", 0)
    box.advance(100.0)
    assert len(box.call("log")) == 1


def test_between_retries_the_old_time_is_shown_and_can_be_deleted(box: Box) -> None:
    box.call("mode", "throw")
    now = box.call("set", 0)
    box.advance(0.5)
    assert abs(box.call("get") - now) <= 1
    box.call("delete")
    box.advance(100.0)
    assert len(box.call("log")) == 1


def test_a_failing_wait_until_is_no_failure(box: Box) -> None:
    box.call("mode", "background")
    box.call("set", 0)
    box.advance(100.0)
    assert len(box.call("log")) == 1


def test_other_requests_are_served_while_the_handler_waits(box: Box) -> None:
    box.call("mode", "slow")
    box.call("set", 0)
    box.advance(1.0)
    assert box.call("get") is None
    assert len(box.call("log")) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "TypeError: setAlarm() cannot be called with an alarm time <= 0"),
        (-5, "TypeError: setAlarm() cannot be called with an alarm time <= 0"),
        (1e18, "TypeError: This API doesn't support dates after 2189."),
        (
            "soon",
            (
                "TypeError: Failed to execute 'setAlarm' on 'DurableObjectStorage': parameter 1 is not "
                "of type 'date'."
            ),
        ),
        (
            None,
            (
                "TypeError: Failed to execute 'setAlarm' on 'DurableObjectStorage': parameter 1 is not "
                "of type 'date'."
            ),
        ),
    ],
)
def test_bad_times_are_refused_with_their_texts(box: Box, value: Any, text: str) -> None:
    assert box.call("set_raw", value) == text


def test_a_class_without_a_handler_may_not_set_alarms(worker: Open) -> None:
    source = """
        class Object(DurableObject):
            async def set(self):
                await self.ctx.storage.setAlarm(4102444800000)
            async def get(self):
                return await self.ctx.storage.getAlarm()
    """
    box = Box(worker, source)
    assert "Your Durable Object class must have an alarm() handler" in box.call("set")
    assert box.call("get") is None


def test_an_alarm_survives_a_restart_and_an_overdue_one_runs_at_start(tmp_path: Path) -> None:
    """The second process is asked nothing, and yet the alarm runs."""
    loop, disk = VirtualLoop(), MemoryDisk()
    source = PRELUDE + API.replace("\n    ", "\n")

    async def first() -> None:
        async with open_worker(tmp_path, source, clock=VirtualClock(loop), disk=disk) as worker:
            assert int((await worker.fetch("/a/set/[5000]")).text) > 0

    async def second() -> None:
        async with open_worker(tmp_path, source, clock=VirtualClock(loop), disk=disk) as worker:
            await asyncio.sleep(0.1)
            log = (await worker.fetch("/other/log")).json
            assert [(entry[0], entry[4]) for entry in log] == [(0, "a")]

    try:
        loop.run(first())
        loop.advance(60.0)
        loop.run(second())
    finally:
        loop.finish()


def test_classes_with_sqlite_have_the_same_alarms(worker: Open) -> None:
    box = Box(worker, API, sqlite=True)
    assert box.call("rolled_back") is None
    assert "gone" in box.call("set_and_abort")
    now = box.call("set", 1000)
    assert box.call("get") == now + 1000
    box.advance(60.0)
    ((retry_count, _, late_ms, shown, _),) = box.call("log")
    assert (retry_count, shown) == (0, None)
    assert 0 <= late_ms <= 2
    assert box.call("get") is None
    box.call("mode", "throw")
    box.call("set", 0)
    box.advance(3.0)
    assert [entry[0] for entry in box.call("log")] == [0, 0, 1]
