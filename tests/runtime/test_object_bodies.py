"""Bodies that an object streams: what ends them, what keeps their object, what waits for the disk."""

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
    import js
    def encoded(text):
        return js.TextEncoder.new().encode(text)
    class Object(DurableObject):
        def stream(self, *begin):
            def start(controller):
                self.controller = controller
            def cancel(reason=None):
                js.console.log(f"cancelled {reason}")
            underlying = {"start": create_proxy(start), "cancel": create_proxy(cancel), "type": "bytes"}
            made = js.ReadableStream.new(to_js(underlying, dict_converter=JsObject.fromEntries))
            self.controller.enqueue(encoded("one"))
            return made
        async def fetch(self, request):
            return Response(self.stream())
        async def streamed(self):
            return self.stream()
        async def push(self):
            self.controller.enqueue(encoded("two"))
        async def write_and_push(self):
            await self.ctx.storage.put("a", 1)
            await self.push()
        async def fail(self):
            self.controller.error(js.TypeError.new("broken"))
        async def end(self):
            self.controller.close()
        async def abort(self):
            self.ctx.abort("gone")
"""
ENTRY = """
    async def piece(self, reader):
        try:
            found = await reader.read()
            return "end" if found.done else bytes(found.value.to_py()).decode()
        except JsException as error:
            return describe(error)
    async def reader(self, stub, how):
        if how == "rpc":
            return (await stub._binding.streamed()).getReader()
        return (await stub._binding.fetch("http://object/")).body.getReader()
    async def then(self, stub, how, method):
        reader = await self.reader(stub, how)
        seen = [await self.piece(reader)]
        await outcome(getattr(stub, method)())
        return [*seen, await self.piece(reader), await self.piece(reader)]
    async def during(self, stub, how, method):
        reader = await self.reader(stub, how)
        await self.piece(reader)
        pending = asyncio.ensure_future(self.piece(reader))
        await asyncio.sleep(0.1)
        await outcome(getattr(stub, method)())
        return await pending
    async def slowly(self, stub):
        reader = await self.reader(stub, "fetch")
        seen = [await self.piece(reader)]
        await asyncio.sleep(60)
        await stub.push()
        seen.append(await self.piece(reader))
        await stub.end()
        return [*seen, await self.piece(reader)]
    async def unread(self, stub):
        await stub._binding.fetch("http://object/")
"""
GONE = "Error: gone [remote durableObjectReset]"
OVER_RPC = "Error: ReadableStream received over RPC disconnected prematurely."


@pytest.fixture
def box(worker: Open) -> Box:
    return Box(worker, SOURCE, ENTRY)


def call(box: Box, *path: str) -> object:
    """Calls a method of the entrypoint."""
    return box.worker.fetch("/a/@" + "/".join(path)).json


@pytest.mark.rule("ST-12", "ST-14")
@pytest.mark.parametrize(
    ("how", "method", "error"),
    [
        ("fetch", "abort", GONE),
        ("fetch", "fail", "TypeError: broken [remote]"),
        ("rpc", "abort", OVER_RPC),
        ("rpc", "fail", OVER_RPC),
    ],
)
def test_who_reads_a_body_hears_how_it_failed(box: Box, how: str, method: str, error: str) -> None:
    assert call(box, "during", how, method) == error
    assert call(box, "then", how, method) == ["one", error, error]


@pytest.mark.rule("LC-6")
def test_a_body_keeps_its_object_in_memory_until_it_has_ended(box: Box) -> None:
    assert call(box, "slowly") == ["one", "two", "end"]
    assert box.events == ["started Object"]
    box.advance(25)
    assert box.events == ["started Object", "evicted Object"]


@pytest.mark.rule("LC-6")
def test_a_body_that_nobody_reads_is_cancelled_and_keeps_nothing(box: Box) -> None:
    assert call(box, "unread") is None
    gc.collect()
    box.advance(25)
    assert box.worker.observer.log == ["log: cancelled None"]
    assert box.events == ["started Object", "evicted Object"]


@pytest.mark.rule("OG-3", "OG-5")
@pytest.mark.parametrize(
    ("how", "error"), [("fetch", "[remote durableObjectReset]"), ("rpc", OVER_RPC)]
)
def test_a_piece_waits_for_what_was_written_before_it(worker: Open, how: str, error: str) -> None:
    disk = FaultyDisk()
    box = Box(worker, SOURCE, ENTRY, disk=disk)
    assert call(box, "during", how, "write_and_push") == "two"
    disk.fail_next("fdatasync", errno.EIO)
    failed = call(box, "during", how, "write_and_push")
    assert str(failed).endswith(error)
