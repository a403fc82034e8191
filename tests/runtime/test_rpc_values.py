"""What crosses RPC by reference: functions, stubs, requests, responses, headers, streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.objects import Box

Open = Callable[..., Any]

API = """
    import js
    from pyodide.ffi import to_js
    from workers import Request

    class Object(DurableObject):
        count = 0

        async def call_back(self, function, *values):
            self.count += 1
            return await function(*values)

        async def call_twice(self, function):
            return [await function("first"), await function("second")]

        async def adder(self, amount):
            async def add(value):
                self.count += amount
                return value + amount
            return add

        async def keep(self, function):
            self.kept = function

        async def use_kept(self):
            return await self.kept("kept")

        async def many(self):
            return self.count

        async def respond(self, text):
            return Response(text, status=201, headers={"x-from": "object"})

        async def describe(self, request):
            return [request.method, request.url, request.headers.get("x-a"), await request.text()]

        async def headers(self, headers):
            return headers.get("x-a")

        async def read(self, stream):
            chunks = [chunk.to_bytes() async for chunk in stream]
            return b"".join(chunks).decode()

        async def through(self, stub):
            return await stub.many()

        async def fail(self, function):
            return await function()
"""
METHODS = """
    async def call_back(self, stub):
        return await stub.call_back(lambda a, b: a + b, 1, 2)

    async def async_call_back(self, stub):
        async def function(a, b):
            await asyncio.sleep(0.01)
            return f"{a} {b}"
        return await stub.call_back(function, "x", 1)

    async def call_twice(self, stub):
        seen = []
        result = await stub.call_twice(lambda word: seen.append(word) or len(seen))
        return [seen, result]

    async def returned_function(self, stub):
        add = await stub.adder(5)
        return [await add(1), await add(2), await stub.many()]

    async def gone(self, stub):
        await stub.keep(lambda word: word)
        return "kept"

    async def use_kept(self, stub):
        return await outcome(stub.use_kept())

    async def response(self, stub):
        response = await stub.respond("hello")
        return [response.status, response.headers["x-from"], await response.text()]

    async def request(self, stub):
        request = Request("https://x.test/p", method="POST", body="in", headers={"x-a": "1"})
        return await stub.describe(request)

    async def headers(self, stub):
        return await stub.headers(js.Headers.new([["X-A", "value"]]))

    async def stream(self, stub):
        return await stub.read(js.Response.new("streamed").body)

    async def stub_in_stub(self, stub):
        await stub.call_back(lambda: 1)
        return await self.env.OBJECT.getByName("other").through(stub)

    async def refused(self, stub):
        return await outcome(stub.call_back(lambda: {"a": 1}))

    async def failing(self, stub):
        def function():
            raise ValueError("in the callback")
        return await outcome(stub.fail(function))

"""


def _box(worker: Open) -> Box:
    return Box(worker, API, METHODS)


@pytest.mark.rule("ST-7")
def test_a_function_is_called_where_it_came_from(worker: Open) -> None:
    assert _box(worker).call("@call_back") == 3
    assert _box(worker).call("@async_call_back") == "x 1"


def test_a_function_may_be_called_many_times(worker: Open) -> None:
    assert _box(worker).call("@call_twice") == [["first", "second"], [1, 2]]


@pytest.mark.rule("ST-7", "ST-15")
def test_a_returned_function_keeps_working_on_its_object(worker: Open) -> None:
    assert _box(worker).call("@returned_function") == [6, 7, 10]


def test_a_kept_function_keeps_its_stateless_context(worker: Open) -> None:
    box = _box(worker)
    assert box.call("@gone") == "kept"
    assert box.call("@use_kept") == "kept"


@pytest.mark.rule("ST-7")
def test_a_response_crosses_whole(worker: Open) -> None:
    assert _box(worker).call("@response") == [201, "object", "hello"]


@pytest.mark.rule("ST-7")
def test_a_request_crosses_whole(worker: Open) -> None:
    assert _box(worker).call("@request") == ["POST", "https://x.test/p", "1", "in"]


@pytest.mark.rule("ST-7")
def test_headers_cross(worker: Open) -> None:
    assert _box(worker).call("@headers") == "value"


@pytest.mark.rule("ST-7")
def test_a_stream_crosses_and_is_read_on_the_other_side(worker: Open) -> None:
    assert _box(worker).call("@stream") == "streamed"


@pytest.mark.rule("ST-7")
def test_a_stub_arrives_as_a_stub(worker: Open) -> None:
    assert _box(worker).call("@stub_in_stub") == 1


@pytest.mark.rule("ST-11")
def test_an_error_of_a_callback_reaches_the_first_caller(worker: Open) -> None:
    text = _box(worker).call("@failing")
    assert text.startswith("PythonError: ")
    assert "in the callback" in text


@pytest.mark.rule("ST-7")
def test_a_callback_may_not_return_what_only_the_sdk_could_convert(worker: Open) -> None:
    text = _box(worker).call("@refused")
    assert "DataCloneError: [object Object] could not be cloned." in text
