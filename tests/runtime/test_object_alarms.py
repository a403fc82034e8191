"""Alarms of Durable Objects: set, run, retried, given up. Time is virtual."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.runtime.actor_alarm import NO_HANDLER
from emulator.storage import MemoryDisk
from emulator.testing.faulty_disk import FaultyDisk
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
        async def options(self, method, *arguments):
            try:
                await getattr(self.ctx.storage, method)(*arguments)
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
        async def set_and_clear(self, delay_ms):
            now = await self.set(delay_ms)
            return [now, await self.clear()]
        async def clear_and_abort(self):
            await self.clear()
            self.ctx.abort("gone")
        async def roll_back_in_sync_transaction(self):
            def fail():
                self.ctx.storage._binding.setAlarm(int(js_now()) + 1000)
                raise ValueError("no")
            try:
                self.ctx.storage.transactionSync(fail)
            except (JsException, ValueError):
                pass
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
            if mode == "delete, roll back":
                async def undone(txn):
                    await txn.deleteAlarm()
                    txn.rollback()
                await storage.transaction(undone)
            if mode == "roll back":
                await self.rolled_back()
            if mode == "roll back and throw":
                await self.rolled_back()
                raise ValueError("after rolling back")
            if mode == "same time":
                await storage.put("mode", "")
                await storage.setAlarm(info.scheduledTime)
            if mode == "hang":
                await asyncio.sleep(100_000)
            if mode == "unfinished transaction":
                async def slow(txn):
                    await storage.put("in transaction", 1)
                    done.set()
                    await asyncio.sleep(1)
                done = asyncio.Event()
                self.kept = asyncio.ensure_future(storage.transaction(slow))
                await done.wait()
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


@pytest.fixture(params=[False, True], ids=["log", "sqlite"])
def sqlite(request: pytest.FixtureRequest) -> bool:
    """Whether the class is backed by SQLite."""
    return bool(request.param)


@pytest.fixture
def box(worker: Open, sqlite: bool) -> Box:
    return Box(worker, API, sqlite=sqlite)


@pytest.mark.rule("AL-1", "AL-7", "AL-8", "AL-10")
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


@pytest.mark.rule("AL-3")
def test_a_time_in_the_past_runs_at_once(box: Box) -> None:
    box.call("set_raw", 1)
    box.advance(0.01)
    assert len(box.call("log")) == 1


@pytest.mark.rule("AL-4")
def test_a_second_alarm_replaces_the_first(box: Box) -> None:
    box.call("set", 1000)
    box.call("set", 5000)
    box.advance(2.0)
    assert box.call("log") == []
    box.advance(4.0)
    assert len(box.call("log")) == 1


@pytest.mark.rule("AL-1")
def test_a_deleted_alarm_does_not_run(box: Box) -> None:
    box.call("set", 1000)
    box.call("delete")
    box.advance(10.0)
    assert box.call("log") == []


@pytest.mark.rule("AL-6", "KV-21")
def test_delete_all_deletes_the_alarm(box: Box) -> None:
    box.call("set", 1000)
    assert box.call("clear") is None
    box.advance(10.0)
    assert box.call("log") == []


@pytest.mark.rule("AL-6", "KV-21")
def test_before_the_flag_delete_all_keeps_the_alarm(worker: Open, sqlite: bool) -> None:
    box = Box(worker, API, sqlite=sqlite, date="2026-01-01")
    now = box.call("set", 1000)
    assert box.call("clear") == now + 1000
    box.advance(10.0)
    assert len(box.call("log")) == 1


@pytest.mark.rule("AL-6")
def test_before_the_flag_delete_all_keeps_an_alarm_of_its_own_turn(
    worker: Open, sqlite: bool
) -> None:
    box = Box(worker, API, sqlite=sqlite, date="2026-01-01")
    now, kept = box.call("set_and_clear", 1000)
    assert kept == now + 1000
    box.advance(10.0)
    assert len(box.call("log")) == 1


@pytest.mark.rule("LC-15")
def test_an_abort_does_not_undo_that_delete_all_deleted_the_alarm(box: Box) -> None:
    box.call("set", 1000)
    assert "gone" in box.call("clear_and_abort")
    assert box.call("get") is None
    box.advance(10.0)
    assert box.call("log") == []


@pytest.mark.rule("AL-5")
def test_an_alarm_of_a_rolled_back_transaction_does_not_run(box: Box) -> None:
    assert box.call("rolled_back") is None
    box.advance(10.0)
    assert box.call("log") == []


@pytest.mark.rule("AL-5")
def test_an_alarm_of_an_aborted_turn_does_not_run(box: Box) -> None:
    assert "gone" in box.call("set_and_abort")
    box.advance(10.0)
    assert box.call("log") == []


@pytest.mark.rule("AL-15", "AL-16")
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


@pytest.mark.rule("AL-14", "AL-18")
def test_an_aborting_alarm_is_tried_again(box: Box) -> None:
    box.call("mode", "abort")
    box.call("set", 0)
    box.advance(3.0)
    assert [entry[0] for entry in box.call("log")] == [0, 1]


@pytest.mark.rule("AL-18")
def test_an_abort_can_give_the_alarm_up(box: Box) -> None:
    box.call("mode", "slow")
    box.call("set", 0)
    box.advance(1.0)
    assert "stopped" in box.call("stop_alarm")
    box.advance(1000.0)
    assert len(box.call("log")) == 1
    assert box.call("get") is None


@pytest.mark.rule("AL-11")
def test_an_alarm_set_by_the_handler_runs_after_it(box: Box) -> None:
    box.call("mode", "again")
    box.call("set", 0)
    box.advance(10.0)
    assert [entry[0] for entry in box.call("log")] == [0, 0, 0]


@pytest.mark.rule("AL-19")
def test_an_alarm_set_before_a_throw_stands_instead_of_a_retry(box: Box) -> None:
    box.call("mode", "set and throw")
    box.call("set", 0)
    box.advance(100.0)
    assert [entry[0] for entry in box.call("log")] == [0, 0]


@pytest.mark.rule("AL-19")
def test_deleting_before_a_throw_ends_the_retries(box: Box) -> None:
    box.call("mode", "delete and throw")
    box.call("set", 0)
    box.advance(100.0)
    assert len(box.call("log")) == 1


@pytest.mark.rule("AL-20")
def test_between_retries_the_old_time_is_shown_and_can_be_deleted(box: Box) -> None:
    box.call("mode", "throw")
    now = box.call("set", 0)
    box.advance(0.5)
    assert abs(box.call("get") - now) <= 1
    box.call("delete")
    box.advance(100.0)
    assert len(box.call("log")) == 1


@pytest.mark.rule("AL-14")
def test_a_failing_wait_until_is_no_failure(box: Box) -> None:
    box.call("mode", "background")
    box.call("set", 0)
    box.advance(100.0)
    assert len(box.call("log")) == 1


@pytest.mark.rule("AL-9", "AL-10")
def test_other_requests_are_served_while_the_handler_waits(box: Box) -> None:
    box.call("mode", "slow")
    box.call("set", 0)
    box.advance(1.0)
    assert box.call("get") is None
    assert len(box.call("log")) == 1


@pytest.mark.rule("AL-2")
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


@pytest.mark.rule("AL-2")
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


@pytest.mark.rule("AL-10")
def test_a_new_alarm_that_was_rolled_back_in_the_handler_is_none(box: Box) -> None:
    box.call("mode", "roll back")
    box.call("set", 0)
    box.advance(100.0)
    assert len(box.call("log")) == 1
    assert box.call("get") is None


def test_a_rolled_back_change_in_a_failing_handler_does_not_end_the_retries(box: Box) -> None:
    box.call("mode", "roll back and throw")
    box.call("set", 0)
    box.advance(1000.0)
    assert [entry[0] for entry in box.call("log")] == [0, 1, 2, 3, 4, 5, 6]
    assert box.call("get") is None


@pytest.mark.rule("AL-10")
def test_a_rolled_back_deletion_in_the_handler_deletes_nothing(box: Box) -> None:
    box.call("mode", "delete, roll back")
    box.call("set", 0)
    box.advance(100.0)
    assert len(box.call("log")) == 1
    assert box.call("get") is None


@pytest.mark.rule("SQL-27")
def test_a_synchronous_transaction_takes_its_alarm_back(box: Box) -> None:
    now = box.call("set", 60_000)
    box.call("roll_back_in_sync_transaction")
    assert box.call("get") == now + 60_000
    box.advance(10.0)
    assert box.call("log") == []


def test_the_same_time_again_in_the_handler_is_a_new_alarm(box: Box) -> None:
    box.call("mode", "same time")
    box.call("set", 0)
    box.advance(100.0)
    assert [entry[0] for entry in box.call("log")] == [0, 0]


def test_a_handler_that_ends_within_a_transaction_has_run_all_the_same(box: Box) -> None:
    box.call("mode", "unfinished transaction")
    box.call("set", 0)
    box.advance(100.0)
    assert len(box.call("log")) == 1
    assert box.call("get") is None


@pytest.mark.rule("AL-11")
def test_an_alarm_set_while_the_handler_runs_comes_after_it(box: Box) -> None:
    box.call("mode", "slow")
    box.call("set", 0)
    box.advance(1.0)
    box.call("mode", "")
    box.call("set", 100)
    box.advance(3.0)
    assert len(box.call("log")) == 1
    box.advance(2.0)
    assert [entry[0] for entry in box.call("log")] == [0, 0]


@pytest.mark.rule("AL-13")
def test_fifteen_minutes_are_too_long(box: Box) -> None:
    box.call("mode", "hang")
    box.call("set", 0)
    box.advance(899.0)
    box.call("mode", "")
    box.advance(10.0)
    assert [entry[0] for entry in box.call("log")] == [0, 1]
    assert "Error: Alarm exceeded its allowed execution time" in " ".join(box.events)


@pytest.mark.rule("AL-14", "OG-9")
def test_a_commit_that_is_refused_at_the_end_of_the_handler_is_a_failure(worker: Open) -> None:
    source = """
        LOG = []
        class Object(DurableObject):
            async def set(self):
                await self.ctx.storage.setAlarm(1)
            async def log(self):
                return LOG
            async def alarm(self, info):
                LOG.append(info.retryCount)
                if not info.isRetry:
                    sql = self.ctx.storage.sql
                    sql.exec("PRAGMA defer_foreign_keys = ON")
                    sql.exec("CREATE TABLE p (id INTEGER PRIMARY KEY)")
                    sql.exec("CREATE TABLE c (id INTEGER REFERENCES p(id))")
                    sql.exec("INSERT INTO c VALUES (1)")
    """
    box = Box(worker, source, sqlite=True)
    box.call("set")
    box.advance(100.0)
    assert box.call("log") == [0, 1]


@pytest.mark.rule("AL-8")
def test_what_a_handler_is_told_is_read_only(worker: Open) -> None:
    source = """
        LOG = []
        class Object(DurableObject):
            async def set(self):
                await self.ctx.storage.setAlarm(1)
            async def log(self):
                return LOG
            async def alarm(self, info):
                from js import JSON
                LOG.append(info.constructor.name)
                LOG.append(list(JsObject.keys(info)))
                try:
                    info.retryCount = 5
                except JsException as error:
                    LOG.append(str(error))
                LOG.append(JSON.stringify(info).replace(str(info.scheduledTime), "T"))
    """
    box = Box(worker, source)
    box.call("set")
    box.advance(1.0)
    assert box.call("log") == [
        "AlarmInvocationInfo",
        ["scheduledTime", "retryCount", "isRetry"],
        (
            "TypeError: Cannot assign to read only property 'retryCount' of object "
            "'#<AlarmInvocationInfo>'"
        ),
        '{"scheduledTime":T,"retryCount":0,"isRetry":false}',
    ]


def test_in_legacy_mode_the_handler_is_called_on_alarm(worker: Open) -> None:
    source = """
        from workers import DurableObject, Response, WorkerEntrypoint
        LOG = []
        class Object(DurableObject):
            async def set(self):
                await self.ctx.storage.setAlarm(1)
            async def on_alarm(self):
                LOG.append("ran")
        class Default(WorkerEntrypoint):
            async def on_fetch(self, request):
                if request.url.endswith("/set"):
                    await self.env.OBJECT.getByName("a").set()
                return Response(" ".join(LOG))
    """
    opened = worker(source, date="2025-08-01")
    assert opened.text("/set") == ""
    opened.advance(1.0)
    assert opened.text("/log") == "ran"


@pytest.mark.rule("AL-2")
def test_options_and_numbers_are_checked_like_everywhere(box: Box) -> None:
    prefix = "TypeError: Failed to execute"
    assert box.call("options", "setAlarm", 4_102_444_800_000, 5) == (
        f"{prefix} 'setAlarm' on 'DurableObjectStorage': parameter 2 is not of type 'SetAlarmOptions'."
    )
    assert box.call("options", "deleteAlarm", 5) == (
        f"{prefix} 'deleteAlarm' on 'DurableObjectStorage': parameter 1 is not of type "
        "'SetAlarmOptions'."
    )
    assert box.call("options", "getAlarm", 5) == (
        f"{prefix} 'getAlarm' on 'DurableObjectStorage': parameter 1 is not of type 'GetAlarmOptions'."
    )


@pytest.mark.rule("AL-31", "OG-2")
def test_who_sets_an_alarm_is_answered_when_the_index_has_it_too(worker: Open) -> None:
    """The databases are in memory here and cannot fail; the index is on the disk that does."""
    disk = FaultyDisk()
    box = Box(worker, API, sqlite=True, disk=disk)
    disk.fail_next("fdatasync")
    assert "internal error; reference =" in box.call("set", 60_000)


class Processes:
    """Processes one after the other, on one disk and one clock."""

    def __init__(self, directory: Path) -> None:
        self.loop, self.disk = VirtualLoop(), MemoryDisk()
        self.directory = directory
        self.logs: list[Any] = []
        self.console: list[str] = []

    def run(self, *paths: str, seconds: float = 0.0, source: str = API) -> list[Any]:
        """Answers to requests, then time passes; what handlers of this process noted is in `logs`."""

        async def process() -> list[Any]:
            async with open_worker(
                self.directory,
                PRELUDE + source.replace("\n    ", "\n"),
                clock=VirtualClock(self.loop),
                disk=self.disk,
            ) as worker:
                answers = [(await worker.fetch(path)).json for path in paths]
                await asyncio.sleep(seconds)
                if source is API:
                    self.logs = (await worker.fetch("/other/log")).json
                self.console = worker.observer.log
                return answers

        return self.loop.run(process())


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    processes = Processes(tmp_path)
    yield processes
    processes.loop.finish()


@pytest.mark.rule("AL-5", "AL-30", "ID-8")
def test_an_alarm_survives_a_restart_and_an_overdue_one_runs_at_start(processes: Processes) -> None:
    """The second process is asked nothing, and yet the alarm runs, and knows its name."""
    processes.run("/a/set/[5000]")
    processes.loop.advance(60.0)
    processes.run(seconds=0.1)
    assert [(entry[0], entry[4]) for entry in processes.logs] == [(0, "a")]


@pytest.mark.rule("AL-21")
def test_a_restart_begins_the_retries_anew_with_the_old_time(processes: Processes) -> None:
    processes.run('/a/mode/["throw"]', "/a/set/[0]", seconds=10.0)
    assert [entry[0] for entry in processes.logs] == [0, 1, 2]
    processes.run(seconds=3.0)
    assert [entry[0] for entry in processes.logs] == [0, 1]
    assert all(entry[2] >= 10_000 for entry in processes.logs)


@pytest.mark.rule("AL-12")
def test_an_alarm_whose_handler_is_gone_is_dropped_with_a_warning(processes: Processes) -> None:
    processes.run("/a/set/[5000]")
    source = """
    class Object(DurableObject):
        async def get(self):
            return await self.ctx.storage.getAlarm()
    """
    processes.run(seconds=100.0, source=source)
    (warning,) = processes.console
    assert warning == f"warn: {NO_HANDLER}"
    assert processes.run("/a/get", source=source) == [None]
