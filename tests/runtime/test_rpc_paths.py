"""Paths of properties, promises of results, and the lives of stubs, as Python code sees them.

What local workerd answers to the same is in tests/conformance/scenarios/stubs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.runtime.objects import Box

Open = Callable[..., Any]

API = """
    class Object(DurableObject):
        async def make(self, *_):
            return {"one": lambda: 1, "number": 1}

        async def adder(self, by, *_):
            return lambda value: value + by

        async def use(self, callback):
            return await callback(1)

        async def slow(self, *_):
            await asyncio.sleep(5)

        async def section(self):
            async def section():
                other = self.env.OBJECT.getByName("other")
                return await other.use(lambda value: value + 1)
            return await self.ctx.blockConcurrencyWhile(section)

        async def stop(self):
            self.ctx.abort("stopped")
"""
METHODS = """
    async def named(self, stub):
        result = await stub.make()
        return [sorted(result), await result["one"]()]

    async def through_the_sdk(self, stub):
        texts = []
        call = stub.make()
        for path in (lambda: call.one, lambda: stub.make.one):
            try:
                path()
            except AttributeError as error:
                texts.append(str(error))
        await call
        return texts

    async def futures(self, stub):
        future = stub._binding.make()
        try:
            future.one
        except AttributeError as error:
            text = str(error)
        await future
        return text

    async def read(self, stub):
        method = await stub._binding.make
        return [method.constructor.name, await (await method()).one()]

    async def save(self, stub):
        Default.saved = await stub._binding.adder(1)
        return await Default.saved(1)

    async def use_saved(self, stub):
        return await outcome(Default.saved(1))

    async def transfer(self, stub):
        add = await stub._binding.adder(1)
        return [await stub._binding.use(add), await outcome(stub._binding.use(add))]

    async def reset(self, stub):
        from js import Array
        waiting = getattr(Array, "from")(to_js([1]), stub._binding.slow)[0].member()
        await asyncio.sleep(0.01)
        try:
            await stub.stop()
        except JsException:
            pass
        return await outcome(waiting)
"""


def _box(worker: Open, **options: Any) -> Box:
    return Box(worker, API, METHODS, **options)


def test_an_object_of_functions_arrives_with_functions_to_call(worker: Open) -> None:
    assert _box(worker).call("@named") == [["number", "one"], 1]


def test_the_sdk_gives_coroutines_and_functions_which_have_no_paths(worker: Open) -> None:
    assert _box(worker).call("@through_the_sdk") == [
        "'coroutine' object has no attribute 'one'",
        "'function' object has no attribute 'one'",
    ]


def test_a_call_gives_a_future_which_has_no_path(worker: Open) -> None:
    assert _box(worker).call("@futures") == "'PyodideFuture' object has no attribute 'one'"


def test_a_method_that_is_awaited_and_not_called_is_a_stub_of_it(worker: Open) -> None:
    assert _box(worker).call("@read") == ["RpcStub", 1]


def test_a_stub_belongs_to_the_request_that_received_it(worker: Open) -> None:
    box = _box(worker)
    assert box.call("@save") == 2
    text = box.call("@use_saved")
    assert text.startswith("Error: Cannot perform I/O on behalf of a different request.")
    assert text.endswith("(I/O type: Client)")


def test_a_critical_section_can_be_called_back_while_it_runs(worker: Open) -> None:
    assert _box(worker).call("section") == 2


def test_a_stub_that_is_sent_stays_with_its_sender(worker: Open) -> None:
    assert _box(worker).call("@transfer") == [2, 2]


def test_before_rpc_params_dup_stubs_a_stub_goes_over_to_the_callee(worker: Open) -> None:
    first, second = _box(worker, flags=["rpc_params_transfer_stubs"]).call("@transfer")
    assert first == 2
    assert "RPC stub used after being disposed." in second


def test_what_was_asked_of_a_result_fails_with_the_call_when_the_object_is_reset(
    worker: Open,
) -> None:
    assert _box(worker).call("@reset") == "Error: stopped [durableObjectReset]"
