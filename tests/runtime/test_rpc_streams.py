"""WritableStreams over RPC, with the texts of local workerd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.objects import Box

Open = Callable[..., Any]

API = """
    import gc
    import js

    class Object(DurableObject):
        async def fill(self, stream):
            writer = stream.getWriter()
            await writer.write(to_js(b"abc"))
            await writer.write("text")
            await writer.close()
            return [stream.constructor.name, stream.locked]

        async def number(self, stream):
            return await outcome(stream.getWriter().write(5))

        async def fails(self, stream):
            writer = stream.getWriter()
            return [await outcome(writer.write(to_js(b"abc"))) for _ in range(2)]

        async def abort(self, stream):
            await stream.abort("stop")

        async def drop(self, stream):
            pass

        async def give(self):
            def write(chunk, controller):
                self.chunks = getattr(self, "chunks", []) + [chunk.to_bytes().decode()]
            return js.WritableStream.new(js.Object.fromEntries(to_js([["write", create_proxy(write)]])))

        async def given(self):
            return self.chunks
"""
METHODS = """
    def stream(self, log):
        def write(chunk, controller):
            log.append([chunk.constructor.name, chunk.byteLength])
        def fail(chunk, controller):
            raise ValueError("full")
        sink = {
            "write": create_proxy(fail if log is None else write),
            "close": create_proxy(lambda: log.append("close")),
            "abort": create_proxy(lambda reason: log is None or log.append(str(reason))),
        }
        return js.WritableStream.new(to_js(sink, dict_converter=JsObject.fromEntries))

    async def send(self, stub, method):
        log = []
        stream = self.stream(log)
        result = await outcome(getattr(stub._binding, method)(stream))
        gc.collect()
        await asyncio.sleep(0.01)
        return [result.to_py() if hasattr(result, "to_py") else result, log, stream.locked]

    async def failing(self, stub):
        return (await stub._binding.fails(self.stream(None))).to_py()

    async def twice(self, stub):
        stream = self.stream([])
        await stub._binding.fill(stream)
        return await outcome(stub._binding.fill(stream))

    async def receive(self, stub):
        stream = await stub._binding.give()
        writer = stream.getWriter()
        await writer.write("one")
        await writer.write("two")
        await writer.close()
        return (await stub._binding.given()).to_py()
"""
DISCONNECTED = (
    "Error: WritableStream received over RPC was disconnected because the remote execution context "
    "has ended."
)


def _box(worker: Open) -> Box:
    return Box(worker, API, METHODS)


def _send(worker: Open, method: str) -> Any:
    return _box(worker).worker.fetch(f"/a/@send/{method}").json


def test_what_the_receiver_writes_arrives_as_bytes_in_order(worker: Open) -> None:
    assert _send(worker, "fill") == [
        ["WritableStream", True],
        [["ArrayBuffer", 3], ["ArrayBuffer", 4], "close"],
        True,
    ]


def test_other_values_are_refused(worker: Open) -> None:
    assert _send(worker, "number")[0] == (
        "TypeError: This TransformStream is being used as a byte stream, but received an object of "
        "non-ArrayBuffer/ArrayBufferView type on its writable side."
    )


@pytest.mark.parametrize("method", ["abort", "drop"])
def test_a_stream_that_is_not_closed_is_aborted(worker: Open, method: str) -> None:
    result, log, locked = _send(worker, method)
    assert (result, log, locked) == (None, [DISCONNECTED], True)


def test_an_error_of_the_sink_reaches_the_receiver(worker: Open) -> None:
    results = _box(worker).call("@failing")
    assert all(text.startswith("PythonError: ValueError: full") for text in results)


def test_a_stream_is_sent_once(worker: Open) -> None:
    assert _box(worker).call("@twice") == (
        "TypeError: This WritableStream is currently locked to a writer."
    )


def test_an_object_may_give_a_stream(worker: Open) -> None:
    assert _box(worker).call("@receive") == ["one", "two"]
