"""Durable Objects from their constructor to their eviction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.objects import Box
from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]


@pytest.mark.rule("LC-1", "LC-11")
def test_the_constructor_runs_once_for_ten_first_calls(worker: Open) -> None:
    box = Box(
        worker,
        """
        made = []
        class Object(DurableObject):
            def __init__(self, ctx, env):
                super().__init__(ctx, env)
                made.append(str(ctx.id))
            async def count(self):
                return len(made)
        """,
    )
    assert box.together(*["count"] * 10) == [1] * 10
    assert box.call("count", name="b") == 2
    assert box.events == ["started Object", "started Object"]


@pytest.mark.rule("LC-2")
def test_async_initialization_is_over_before_the_first_call(worker: Open) -> None:
    box = Box(
        worker,
        """
        class Object(DurableObject):
            def __init__(self, ctx, env):
                super().__init__(ctx, env)
                self.ready = False
                ctx.blockConcurrencyWhile(self.initialize)
            async def initialize(self):
                await asyncio.sleep(5)
                await self.ctx.storage.put("x", 1)
                await asyncio.sleep(5)
                self.ready = True
            async def state(self):
                return [self.ready, await self.ctx.storage.get("x")]
        """,
    )
    assert box.together("state", "state") == [[True, 1], [True, 1]]
    assert box.time_s == pytest.approx(10)


@pytest.mark.rule("PY-8")
def test_an_error_of_the_constructor_is_every_calls_until_the_instance_is_evicted(
    worker: Open,
) -> None:
    """No reset, and no second try."""
    box = Box(
        worker,
        """
        tries = []
        class Object(DurableObject):
            def __init__(self, ctx, env):
                super().__init__(ctx, env)
                tries.append(1)
                if len(tries) == 1:
                    raise ValueError("init boom")
            async def count(self):
                return len(tries)
            async def fetch(self, request):
                return Response("fetched")
        """,
    )
    failed = "PythonError: ValueError: init boom [remote]"
    assert box.together("count", "count", "@fetched") == [failed] * 3
    assert box.call("count") == failed
    assert box.events == ["started Object"]
    box.advance(11)
    assert box.call("count") == 2


@pytest.mark.rule("LC-3", "PY-7")
def test_an_async_constructor_error_resets_the_object(worker: Open) -> None:
    """A blockConcurrencyWhile of the constructor that rejects; a new stub tries again."""
    box = Box(
        worker,
        """
        tries = []
        class Object(DurableObject):
            def __init__(self, ctx, env):
                super().__init__(ctx, env)
                tries.append(1)
                ctx.blockConcurrencyWhile(self.initialize)
            async def initialize(self):
                if len(tries) == 1:
                    raise ValueError("no")
            async def count(self):
                return len(tries)
        """,
    )
    failed = "PythonError: ValueError: no [durableObjectReset]"
    assert box.together("count", "count") == [failed, failed]
    assert box.call("count") == 2
    assert box.events[1].startswith("reset Object: PythonError: ")


@pytest.mark.rule("ID-8", "ID-6")
def test_the_id_and_its_name_are_known_inside(worker: Open) -> None:
    box = Box(
        worker,
        """
        class Object(DurableObject):
            async def who(self):
                return [str(self.ctx.id), self.ctx.id.name]
        """,
        """
        async def by_string(self, stub, name):
            ns = self.env.OBJECT
            return list(await ns.get(ns.idFromString(str(ns.idFromName(name)))).who())
        async def own(self, stub):
            raw = stub._binding
            return [str(raw.id) == str(self.env.OBJECT.idFromName("a")), raw.name, raw.id.name]
        """,
    )
    named = box.call("who")
    assert named[1] == "a"
    assert len(named[0]) == 64
    assert box.worker.fetch("/x/@by_string/z").json[1] is None
    assert box.worker.fetch("/x/@by_string/a").json == named  # the container knows it
    assert box.call("@own") == [True, "a", "a"]


COUNTING = """
    import uuid
    class Object(DurableObject):
        def __init__(self, ctx, env):
            super().__init__(ctx, env)
            self.instance = str(uuid.uuid4())
        async def which(self):
            return self.instance
        async def busy(self, how):
            if how == "timeout":
                from js import setTimeout
                setTimeout(create_proxy(lambda *_: None), 15_000)
            elif how == "interval":
                from js import setInterval
                setInterval(create_proxy(lambda *_: None), 1_000)
            elif how == "waitUntil":
                self.ctx.waitUntil(asyncio.sleep(15))
            elif how == "task":
                self.task = asyncio.create_task(asyncio.sleep(15))
            return self.instance
        async def slow(self):
            await asyncio.sleep(15)
            return self.instance
"""


@pytest.mark.rule("LC-5")
def test_an_object_is_evicted_after_ten_idle_seconds(worker: Open) -> None:
    box = Box(worker, COUNTING)
    first = box.call("which")
    box.advance(9.9)
    assert box.events == ["started Object"]
    box.advance(0.2)
    assert box.events == ["started Object", "evicted Object"]
    assert box.call("which") != first


@pytest.mark.rule("LC-5")
def test_a_call_starts_the_ten_seconds_anew(worker: Open) -> None:
    box = Box(worker, COUNTING)
    first = box.call("which")
    for _ in range(4):
        box.advance(6)
        assert box.call("which") == first
    box.advance(10.1)
    assert box.call("which") != first


@pytest.mark.rule("LC-6")
@pytest.mark.parametrize("how", ["timeout", "waitUntil", "task"])
def test_an_object_with_work_left_is_not_evicted_until_it_is_done(worker: Open, how: str) -> None:
    """Fewer than 10 s after the work's end it is still there."""
    box = Box(worker, COUNTING)
    first = box.call("busy", how)
    box.advance(24)
    assert box.events == ["started Object"]
    assert box.call("which") == first
    box.advance(21)
    assert box.call("which") != first


@pytest.mark.rule("LC-6")
def test_an_object_with_an_interval_is_never_evicted(worker: Open) -> None:
    box = Box(worker, COUNTING)
    first = box.call("busy", "interval")
    box.advance(100)
    assert box.call("which") == first


@pytest.mark.rule("LC-6")
def test_an_object_is_not_evicted_while_it_answers(worker: Open) -> None:
    box = Box(worker, COUNTING)
    slow = box.worker.start(box.path("slow"))
    box.advance(14)
    assert box.events == ["started Object"]
    assert box.loop.run(_wait(slow)).json == box.call("which")


async def _wait(task: Any) -> Any:
    return await task


@pytest.mark.rule("ST-2")
def test_a_stub_survives_the_eviction_of_its_object(worker: Open) -> None:
    """Also when the container has gone as well."""
    box = Box(
        worker,
        COUNTING,
        """
        async def keeps(self, stub):
            seen = [await stub.which()]
            for seconds in (12, 200):
                await asyncio.sleep(seconds)
                seen.append(await stub.which())
            return len(set(seen))
        """,
    )
    assert box.call("@keeps") == 3


def test_storage_survives_eviction(worker: Open) -> None:
    box = Box(
        worker,
        """
        class Object(DurableObject):
            async def increment(self):
                value = (await self.ctx.storage.get("value") or 0) + 1
                await self.ctx.storage.put("value", value)
                return value
        """,
    )
    assert [box.call("increment"), box.call("increment")] == [1, 2]
    box.advance(100)
    assert box.call("increment") == 3


@pytest.mark.rule("LC-7")
def test_statistics_count_containers_and_instances(worker: Open) -> None:
    box = Box(worker, COUNTING)
    box.together("which", ("which",))
    namespace = box.worker.emulator.namespaces["Object"]
    assert (namespace.statistics().containers, namespace.statistics().actors) == (1, 1)
    box.advance(11)
    assert (namespace.statistics().containers, namespace.statistics().actors) == (1, 0)
    box.advance(80)
    assert (namespace.statistics().containers, namespace.statistics().actors) == (0, 0)


# -- waitUntil -----------------------------------------------------------------------------------

WAITING = """
    class Object(DurableObject):
        async def start(self, fail):
            self.ctx.waitUntil(self.work(fail))
            return "started"
        async def work(self, fail):
            await asyncio.sleep(3)
            if fail:
                raise ValueError("in the background")
            await self.ctx.storage.put("done", True)
        async def done(self):
            return await self.ctx.storage.get("done")
        async def odd(self):
            self.ctx.waitUntil(5)
            try:
                self.ctx.waitUntil()
            except JsException as error:
                return describe(error)
"""


@pytest.mark.rule("LC-12")
def test_wait_until_does_not_delay_the_answer_and_goes_on_after_it(worker: Open) -> None:
    box = Box(worker, WAITING)
    assert box.call("start", False) == "started"
    assert box.time_s == 0
    assert box.call("done") is None
    box.advance(4)
    assert box.call("done") is True


@pytest.mark.rule("LC-12")
def test_a_failing_wait_until_is_logged_and_harmless(worker: Open) -> None:
    box = Box(worker, WAITING)
    assert box.call("start", True) == "started"
    box.advance(4)
    assert len(box.errors) == 1
    assert box.errors[0].rstrip().endswith("ValueError: in the background")
    assert box.call("done") is None
    assert box.events == ["started Object"]


@pytest.mark.rule("LC-12")
def test_wait_until_takes_any_value_but_needs_one(worker: Open) -> None:
    assert Box(worker, WAITING).call("odd") == (
        "TypeError: Failed to execute 'waitUntil' on 'DurableObjectState': "
        "parameter 1 is not of type 'Promise'."
    )


@pytest.mark.rule("LC-13")
def test_background_work_goes_on_after_the_answer(worker: Open) -> None:
    box = Box(
        worker,
        """
        class Object(DurableObject):
            async def start(self):
                async def later():
                    await asyncio.sleep(0.02)
                    await self.ctx.storage.put("later", 1)
                self.task = asyncio.create_task(later())
            async def later(self):
                return await self.ctx.storage.get("later")
        """,
    )
    box.call("start")
    assert box.call("later") is None
    box.advance(1)
    assert box.call("later") == 1


@pytest.mark.rule("LC-13")
def test_an_exception_in_a_timer_is_logged_and_harmless(worker: Open) -> None:
    box = Box(
        worker,
        """
        from js import setTimeout
        class Object(DurableObject):
            async def start(self):
                def fail(*_):
                    raise ValueError("in a timer")
                setTimeout(create_proxy(fail), 10)
                return 1
        """,
    )
    assert box.call("start") == 1
    box.advance(1)
    assert [error.rstrip().splitlines()[-1] for error in box.errors] == ["ValueError: in a timer"]
    assert box.call("start") == 1
    assert box.events == ["started Object"]
