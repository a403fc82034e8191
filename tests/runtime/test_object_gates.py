"""Who may run when: turns, critical sections, their order, depth, time limit and failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.objects import Box
from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]


# -- turns ---------------------------------------------------------------------------------------

STEPS = """
    class Object(DurableObject):
        def __init__(self, ctx, env):
            super().__init__(ctx, env)
            self.log = []
        async def steps(self, name, how):
            for number in range(3):
                if how == "storage":
                    await self.ctx.storage.put("x", number)
                    await self.ctx.storage.get("x")
                elif how == "resolved":
                    from js import Promise
                    await Promise.resolve(1)
                elif how == "sleep(0)":
                    await asyncio.sleep(0)
                elif how == "sleep":
                    await asyncio.sleep(0.001)
                elif how == "setTimeout(0)":
                    done = asyncio.get_running_loop().create_future()
                    from js import setTimeout
                    setTimeout(create_proxy(lambda *_: done.set_result(None)), 0)
                    await done
                elif how == "sync":
                    await self.ctx.storage.sync()
                self.log.append(f"{name}{number}")
        async def read(self):
            return "".join(self.log)
"""


@pytest.mark.rule("IG-3", "IG-6", "PY-13", "OG-8")
@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("storage", "A0A1A2B0B1B2"),
        ("resolved", "A0A1A2B0B1B2"),
        ("sleep(0)", "A0A1A2B0B1B2"),
        ("sleep", "A0B0A1B1A2B2"),
        ("setTimeout(0)", "A0B0A1B1A2B2"),
        ("sync", "A0B0A1B1A2B2"),
    ],
)
def test_only_real_waiting_lets_another_event_in(worker: Open, how: str, expected: str) -> None:
    box = Box(worker, STEPS)
    box.together(("steps", "A", how), ("steps", "B", how))
    assert box.call("read") == expected


COUNTER = """
    class Object(DurableObject):
        async def increment(self, how):
            if how == "blockConcurrencyWhile":
                return await self.ctx.blockConcurrencyWhile(lambda: self.add("sleep"))
            if how == "transaction":
                return await self.ctx.storage.transaction(lambda txn: self.add("sleep"))
            return await self.add(how)
        async def add(self, how):
            value = await self.ctx.storage.get("value") or 0
            if how == "sleep":
                await asyncio.sleep(0.005)
            await self.ctx.storage.put("value", value + 1)
        async def value(self):
            return await self.ctx.storage.get("value")
"""


@pytest.mark.rule("IG-12", "IG-4", "IG-5")
@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
@pytest.mark.parametrize(
    ("how", "expected"),
    [("storage", 10), ("sleep", 1), ("blockConcurrencyWhile", 10), ("transaction", 10)],
)
def test_read_modify_write_of_ten_calls(
    worker: Open, how: str, expected: int, sqlite: bool
) -> None:
    box = Box(worker, COUNTER, sqlite=sqlite)
    box.together(*[("increment", how)] * 10)
    assert box.call("value") == expected


@pytest.mark.rule("IG-13")
def test_waiting_for_another_object_lets_events_in(worker: Open) -> None:
    box = Box(
        worker,
        """
        log = []
        class Object(DurableObject):
            async def slow(self):
                await asyncio.sleep(1)
            async def outer(self):
                log.append("start")
                await self.env.OBJECT.getByName("b").slow()
                log.append("end")
            async def other(self):
                log.append("other")
            async def read(self):
                return " ".join(log)
        """,
    )
    box.together("outer", "other")
    assert box.call("read") == "start other end"


@pytest.mark.rule("ST-8")
def test_twenty_calls_without_awaiting_arrive_in_order(worker: Open) -> None:
    """Also on a cold object, and over several stubs."""
    box = Box(
        worker,
        """
        class Object(DurableObject):
            def __init__(self, ctx, env):
                super().__init__(ctx, env)
                self.seen = []
                ctx.blockConcurrencyWhile(lambda: asyncio.sleep(1))
            async def note(self, number):
                self.seen.append(number)
                return list(self.seen)
        """,
        """
        async def burst(self, stub):
            stubs = [stub, self.env.OBJECT.getByName("a")]
            calls = [stubs[number % 2].note(number) for number in range(20)]
            return list((await asyncio.gather(*calls))[-1])
        """,
    )
    assert box.call("@burst") == list(range(20))
    assert box.call("@burst") == [*range(20), *range(20)]


@pytest.mark.rule("ST-9")
def test_an_object_may_call_itself(worker: Open) -> None:
    box = Box(
        worker,
        """
        class Object(DurableObject):
            async def outer(self):
                return ["outer", await self.env.OBJECT.getByName("a").inner()]
            async def inner(self):
                return "inner"
            async def deadlock(self):
                me = self.env.OBJECT.getByName("a")
                return await self.ctx.blockConcurrencyWhile(lambda: me.inner())
        """,
    )
    assert box.call("outer") == ["outer", "inner"]
    assert box.call("deadlock") == TIMED_OUT
    assert box.time_s == pytest.approx(30)


# -- critical sections ---------------------------------------------------------------------------

TIMED_OUT = (
    "Error: A call to blockConcurrencyWhile() in a Durable Object waited for too long. The call "
    "was canceled and the Durable Object was reset. [overloaded durableObjectReset]"
)

SECTIONS = """
    log = []
    def note(text):
        log.append(text)
    async def work(name, *delays):
        note(f"{name}1")
        for delay in delays or (0.001,):
            await asyncio.sleep(delay)
        note(f"{name}2")
        return f"r{name}"
    class Object(DurableObject):
        async def read(self):
            return " ".join(log)
        async def call_then_section(self):
            section = self.ctx.blockConcurrencyWhile(lambda: work("in"))
            note("after-call")
            note(f"v={await section}")
        async def two(self):
            one = self.ctx.blockConcurrencyWhile(lambda: work("a"))
            two = self.ctx.blockConcurrencyWhile(lambda: work("b"))
            await asyncio.gather(one, two)
        async def timer_before(self):
            asyncio.get_running_loop().call_later(0.001, note, "timer")
            await self.ctx.blockConcurrencyWhile(lambda: work("a", 0.02))
            note("done")
            await asyncio.sleep(0.001)
        async def blocking(self):
            note("s")
            await self.ctx.blockConcurrencyWhile(lambda: asyncio.sleep(0.02))
            note("e")
        async def other(self):
            note("other")
        async def sync_callback(self):
            return await self.ctx.blockConcurrencyWhile(lambda: 5)
        async def not_a_function(self):
            try:
                await self.ctx.blockConcurrencyWhile(5)
            except JsException as error:
                return describe(error)
        async def straggler(self):
            async def section():
                asyncio.get_running_loop().call_later(0.01, note, "straggler")
                await asyncio.sleep(0.001)
            await self.ctx.blockConcurrencyWhile(section)
            note("done")
            await asyncio.sleep(0.02)
        async def nested(self):
            async def outer():
                note("o1")
                await self.ctx.blockConcurrencyWhile(lambda: work("i"))
                note("o2")
            await self.ctx.blockConcurrencyWhile(outer)
        async def nested_with_timer_due(self):
            async def outer():
                asyncio.get_running_loop().call_later(0.001, note, "timer")
                await self.ctx.blockConcurrencyWhile(lambda: work("i", 0.02))
                note("outer")
            await self.ctx.blockConcurrencyWhile(outer)
            note("caller")
            await asyncio.sleep(0.01)
        async def outer_ends_first(self):
            done = asyncio.get_running_loop().create_future()
            async def inner():
                note("i1")
                done.set_result(None)
                await asyncio.sleep(0.01)
                note("i2")
            async def outer():
                note("o1")
                self.inner = self.ctx.blockConcurrencyWhile(inner)
                await done
                note("o2")
            await self.ctx.blockConcurrencyWhile(outer)
            note("caller")
            await self.inner
        async def depth(self, levels):
            async def level(left):
                if left:
                    await self.ctx.blockConcurrencyWhile(lambda: level(left - 1))
            await level(levels)
            return "ok"
        async def outside(self):
            outside = asyncio.create_task(asyncio.sleep(0.001))
            await asyncio.sleep(0)
            async def section():
                await outside
            await self.ctx.blockConcurrencyWhile(section)
        async def parallel_parts(self):
            async def section():
                return list(await asyncio.gather(work("a", 0.02), work("b", 0.01)))
            return await self.ctx.blockConcurrencyWhile(section)
"""


@pytest.mark.rule("LC-17", "LC-18", "LC-19", "LC-20")
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("call_then_section", "after-call in1 in2 v=rin"),
        ("two", "a1 a2 b1 b2"),
        ("timer_before", "a1 a2 done timer"),
        ("straggler", "done straggler"),
        ("nested", "o1 i1 i2 o2"),
        ("nested_with_timer_due", "i1 i2 outer caller timer"),
        ("outer_ends_first", "o1 i1 o2 caller i2"),
    ],
)
def test_the_order_around_critical_sections(worker: Open, method: str, expected: str) -> None:
    box = Box(worker, SECTIONS)
    assert box.call(method) is None
    assert box.call("read") == expected


@pytest.mark.rule("LC-18")
def test_requests_wait_for_a_critical_section(worker: Open) -> None:
    box = Box(worker, SECTIONS)
    box.together("blocking", "other")
    assert box.call("read") == "s e other"


@pytest.mark.rule("LC-17")
def test_a_result_passes_through_and_callbacks_may_be_synchronous(worker: Open) -> None:
    box = Box(worker, SECTIONS)
    assert box.call("sync_callback") == 5
    assert box.call("parallel_parts") == ["ra", "rb"]
    assert box.call("read") == "a1 b1 b2 a2"
    assert box.call("not_a_function") == (
        "TypeError: Failed to execute 'blockConcurrencyWhile' on 'DurableObjectState': "
        "parameter 1 is not of type 'function'."
    )


@pytest.mark.rule("LC-20")
def test_sections_nest_64_deep_and_the_65th_is_refused(worker: Open) -> None:
    box = Box(worker, SECTIONS)
    assert box.call("depth", 64) == "ok"
    refused = box.call("depth", 65)
    assert "blockConcurrencyWhile() calls are nested too deeply." in refused


@pytest.mark.rule("LC-21", "LC-22")
def test_waiting_inside_for_something_from_outside_resets_after_30_seconds(worker: Open) -> None:
    """Everybody who waits gets the error, a new stub works."""
    box = Box(worker, SECTIONS)
    assert box.together("outside", "other", "@fetched") == [
        TIMED_OUT,
        TIMED_OUT,
        TIMED_OUT.replace("[", "[remote "),
    ]
    assert box.time_s == pytest.approx(30)
    assert box.call("other") is None


@pytest.mark.rule("LC-22")
def test_the_time_limit_is_that_of_each_section(worker: Open) -> None:
    box = Box(
        worker,
        """
        class Object(DurableObject):
            async def within(self):
                for _ in range(3):
                    await self.ctx.blockConcurrencyWhile(lambda: asyncio.sleep(29))
                return "ok"
        """,
    )
    assert box.call("within") == "ok"
    assert box.time_s == pytest.approx(87)


FAILING = """
    class Object(DurableObject):
        async def fail(self):
            async def section():
                await self.ctx.storage.put("in", 1)
                raise TypeError("boom")
            try:
                await self.ctx.blockConcurrencyWhile(section)
            except BaseException as error:
                leaked.append(error)
                return "caught"
            return "returned"
        async def fail_later(self):
            await self.ctx.storage.put("before", 1)
            async def section():
                await asyncio.sleep(0.001)
                await self.ctx.storage.put("in", 1)
                await self.ctx.storage.put("kept", 1)
                await asyncio.sleep(0.001)
                await self.ctx.storage.put("lost", 1)
                raise TypeError("boom")
            await self.ctx.blockConcurrencyWhile(section)
        async def caught_inside(self):
            async def section():
                try:
                    raise TypeError("boom")
                except TypeError:
                    return "caught"
            return await self.ctx.blockConcurrencyWhile(section)
        async def entries(self):
            found = await self.ctx.storage.list()
            return sorted(found)
        async def leaked(self):
            return len(leaked)
        async def wait(self):
            await asyncio.sleep(1)
    leaked = []
"""
RESET = "PythonError: TypeError: boom [durableObjectReset]"


@pytest.mark.rule("LC-23", "PY-7")
def test_a_throwing_section_resets_and_cannot_be_caught_outside(worker: Open) -> None:
    box = Box(worker, FAILING)
    assert box.together("wait", "fail", "entries") == [RESET, RESET, RESET]
    assert box.call("leaked") == 0
    assert box.call("entries") == []
    assert box.events[1].startswith("reset Object: PythonError:")


@pytest.mark.rule("LC-23")
def test_what_a_failed_section_committed_before_stays(worker: Open) -> None:
    box = Box(worker, FAILING)
    assert box.call("fail_later") == RESET
    assert box.call("entries") == ["before", "in", "kept"]


@pytest.mark.rule("LC-23")
def test_an_exception_caught_inside_a_section_does_no_harm(worker: Open) -> None:
    box = Box(worker, FAILING)
    assert box.call("caught_inside") == "caught"


def test_many_sections_and_timers_on_seeded_loops_never_interleave(worker: Open) -> None:
    source = """
        class Object(DurableObject):
            inside = 0
            async def step(self, number):
                await asyncio.sleep(0.001 * (number % 3))
                async def section():
                    assert self.inside == 0
                    self.inside += 1
                    await asyncio.sleep(0.001 * (number % 4))
                    await asyncio.gather(asyncio.sleep(0.002), asyncio.sleep(0.001))
                    self.inside -= 1
                    return number
                return await self.ctx.blockConcurrencyWhile(section)
    """
    calls: list[Any] = [("step", number) for number in range(20)]
    for seed in range(3):
        assert Box(worker, source, seed=seed).together(*calls) == list(range(20))
