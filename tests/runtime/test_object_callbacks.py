"""Functions that an object hands out: how long they keep it, how they fail, what they wait for."""

from __future__ import annotations

import errno
import gc
from collections.abc import Callable

import pytest

from emulator.testing.faulty_disk import FaultyDisk
from tests.runtime.objects import Box
from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]

SOURCE = """
    class Object(DurableObject):
        async def function(self):
            async def write(fail):
                await self.ctx.storage.put("a", 1)
                if fail:
                    raise ValueError("mine")
                return "written"
            return write
        async def slow_function(self):
            async def wait():
                await asyncio.sleep(5)
            return wait
        async def abort(self):
            self.ctx.abort("gone")
        async def call(self, function):
            return await outcome(function())
"""
ENTRY = """
    async def now(self, stub, fail):
        function = await stub.function()
        return await outcome(function(fail == "fail"))
    async def later(self, stub):
        function = await stub.function()
        await asyncio.sleep(60)
        return await outcome(function(False))
    async def after_abort(self, stub):
        function = await stub.function()
        await outcome(stub.abort())
        return await outcome(function(False))
    async def during_abort(self, stub):
        function = await stub.slow_function()
        call = asyncio.ensure_future(outcome(function()))
        await asyncio.sleep(1)
        await outcome(stub.abort())
        return await call
    async def own(self, stub):
        def fail():
            raise ValueError("of the caller")
        return await stub.call(fail)
"""


def call(box: Box, *path: str) -> object:
    """Calls a method of the entrypoint."""
    return box.worker.fetch("/a/@" + "/".join(path)).json


@pytest.mark.rule("ST-15", "LC-6")
def test_a_function_that_somebody_holds_keeps_its_object(worker: Open) -> None:
    box = Box(worker, SOURCE, ENTRY)
    assert call(box, "later") == "written"
    assert box.events == ["started Object"]
    gc.collect()
    box.advance(25)
    assert box.events == ["started Object", "evicted Object"]


@pytest.mark.rule("ST-15")
def test_a_function_of_an_instance_that_was_reset_is_gone(worker: Open) -> None:
    assert call(Box(worker, SOURCE, ENTRY), "after_abort") == (
        "Error: The execution context which hosts this callback is no longer running."
    )


@pytest.mark.rule("ST-14")
def test_a_reset_fails_a_function_that_is_running(worker: Open) -> None:
    assert call(Box(worker, SOURCE, ENTRY), "during_abort") == (
        "Error: gone [remote durableObjectReset]"
    )


@pytest.mark.rule("ST-12")
def test_an_error_of_a_function_is_remote(worker: Open) -> None:
    box = Box(worker, SOURCE, ENTRY)
    assert call(box, "now", "fail") == "PythonError: ValueError: mine [remote]"
    assert call(box, "own") == "PythonError: ValueError: of the caller [remote]"


@pytest.mark.rule("OG-3", "OG-5")
@pytest.mark.parametrize("ending", ["return", "fail"])
def test_the_outcome_of_a_function_waits_for_its_writes(worker: Open, ending: str) -> None:
    disk = FaultyDisk()
    box = Box(worker, SOURCE, ENTRY, disk=disk)
    disk.fail_next("fdatasync", errno.EIO)
    failed = str(call(box, "now", ending))
    assert failed.startswith("Error: Internal error in Durable Object storage write")
    assert failed.endswith("[remote durableObjectReset]")
