# ruff: noqa: PLC0415 - the modules of a guest exist only inside a realm
"""Promises, futures, run_sync (checks 35 to 38)."""

from __future__ import annotations

import asyncio
import time

import pytest

from emulator.ffi.translate import js_to_py
from emulator.js.errors import JsError, error_value
from emulator.js.object import NativeFunction
from emulator.js.promise import Promise, rejected, resolved

pytestmark = pytest.mark.usefixtures("realm")


def returns(value):
    return js_to_py(NativeFunction("f", lambda this: value))


def test_a_call_that_returns_a_promise_gives_a_future(guest):
    from pyodide.webloop import PyodideFuture

    async def main():
        future = returns(resolved(5))()
        assert isinstance(future, PyodideFuture)
        assert isinstance(future, asyncio.Future)
        assert not future.done()
        assert await future == 5
        assert await returns(resolved(5))().then(lambda x: x + 1) == 6
        assert await returns(rejected(JsError("no")))().catch(lambda e: e.message) == "no"
        assert await returns(resolved(5))().finally_(lambda: None) == 5

    guest.run(main())


def test_a_promise_obtained_otherwise_is_an_awaitable_proxy(guest):
    import js
    from pyodide.ffi import JsPromise

    async def main():
        promise = js.Promise.new(lambda resolve, reject: resolve(5))
        assert isinstance(promise, JsPromise)
        assert not isinstance(promise, asyncio.Future)
        assert await promise == 5
        assert await promise.then(lambda x: x * 2) == 10
        assert await promise.finally_(lambda: None) == 5
        assert await asyncio.ensure_future(promise) == 5

    guest.run(main())


def test_asyncio_works_with_futures_and_refuses_raw_promises(guest):
    import js

    async def main():
        assert await asyncio.gather(returns(resolved(1))(), returns(resolved(2))()) == [1, 2]
        assert await asyncio.wait_for(returns(resolved(1))(), 5) == 1
        assert await asyncio.shield(returns(resolved(1))()) == 1
        with pytest.raises(TypeError, match=r"unhashable type: 'pyodide\.ffi\.JsProxy'"):
            await asyncio.gather(js.Promise.new(lambda resolve, reject: resolve(1)))
        with pytest.raises(TypeError, match="a coroutine was expected, got <PyodideFuture"):
            asyncio.create_task(returns(resolved(1))())  # noqa: RUF006 - it raises

    guest.run(main())


def test_a_rejection_is_a_jsexception_also_for_values_that_are_no_errors(guest):
    from pyodide.ffi import JsException

    async def main():
        for reason, text in ((JsError("rej"), "Error: rej"), ("ss", "Error: ss")):
            with pytest.raises(JsException) as caught:
                await returns(rejected(reason))()
            assert str(caught.value) == text
        with pytest.raises(JsException, match="A value of type number"):
            await returns(rejected(5))()

    guest.run(main())


def test_a_python_exception_that_went_through_a_promise_is_a_python_error(guest):
    from pyodide.ffi import JsException

    async def main():
        reason = error_value(ValueError("in python"))
        with pytest.raises(JsException) as caught:
            await returns(rejected(reason))()
        assert caught.value.name == "PythonError"
        assert caught.value.message.endswith("ValueError: in python\n")

    guest.run(main())


def test_javascript_awaits_coroutines(guest):
    import js
    from pyodide.ffi import to_js

    async def five():
        await asyncio.sleep(0.01)
        return [5]

    async def fail():
        raise ValueError("in coroutine")

    async def main():
        assert await js.Promise.resolve(five()) == [5]
        outcome = await js.Promise.all(to_js([returns(resolved(1))(), five()]))
        assert outcome.constructor.name == "Array"
        assert list(outcome) == [1, [5]]
        message = await js.Promise.resolve(fail()).catch(lambda error: error.message)
        assert message.endswith("ValueError: in coroutine\n")
        assert await js.Promise.new(lambda resolve, reject: resolve(five())) == [5]

    guest.run(main())


def test_a_coroutine_is_awaited_once_however_often_then_is_called(guest):
    from pyodide.ffi import create_proxy

    async def main():
        runs = []

        async def work():
            runs.append(1)
            return "done"

        proxy = create_proxy(work())
        assert await proxy == "done"
        assert await proxy.then(lambda value: value.upper()) == "DONE"
        assert runs == [1]

    guest.run(main())


def test_cancelling_the_future_leaves_the_promise_alone(guest):
    promise = Promise()

    async def main():
        future = returns(promise)()
        future.cancel()
        promise.resolve_with(1)
        await asyncio.sleep(0)
        assert future.cancelled()

    guest.run(main())


def test_asynchronous_iteration(guest):
    import js
    from pyodide.ffi import JsAsyncIterator, to_js

    async def main():
        results = [to_js({"value": 1, "done": False}), to_js({"done": True})]

        def step():
            return returns(resolved(results.pop(0).js_value))()

        iterator = js.Object.new(next=step)
        assert isinstance(iterator, JsAsyncIterator)
        assert [value async for value in iterator] == [1]

    guest.run(main())


def test_a_python_generator_iterates_in_javascript(guest):
    from emulator.ffi.iteration import AsyncIteration
    from emulator.ffi.translate import py_to_js

    async def numbers():
        yield 1
        yield {"a": 2}

    async def main():
        proxy = py_to_js(numbers())
        assert proxy.js_async_iterable
        assert not proxy.js_iterable
        assert [value async for value in AsyncIteration(proxy.js_async_iter())] == [1, {"a": 2}]

    guest.run(main())


def test_run_sync_blocks_the_stack_only(guest):
    from pyodide.ffi import can_run_sync, run_sync

    order = []

    async def slow(value):
        await asyncio.sleep(0.01)
        order.append(value)
        return value

    async def main():
        other = asyncio.create_task(slow("other"))
        assert can_run_sync()
        assert sorted([3, 1, 2], key=lambda x: run_sync(slow(x))) == [1, 2, 3]
        assert run_sync(returns(resolved(7))()) == 7
        assert run_sync(js_to_py(resolved(8))) == 8
        await other
        assert order == ["other", 3, 1, 2]

    guest.run(main())


def test_run_sync_refuses_what_is_not_awaitable(guest):
    from pyodide.ffi import run_sync

    async def main():
        with pytest.raises(TypeError, match="object int is not awaitable"):
            run_sync(5)

    guest.run(main())


def test_run_sync_is_impossible_inside_a_synchronous_callback(guest):
    from pyodide.ffi import can_run_sync, run_sync, to_js

    async def main():
        seen = []

        def callback(*args):
            seen.append(can_run_sync())
            with pytest.raises(RuntimeError, match="Cannot stack switch because the Python entry"):
                run_sync(asyncio.sleep(0.0))
            return 1

        with pytest.warns(RuntimeWarning, match="never awaited"):
            assert to_js([1]).map(callback).to_py() == [1]
        assert seen == [False]
        assert can_run_sync()

    guest.run(main())


def test_asyncio_run_works_inside_a_handler(guest):
    async def inner():
        await asyncio.sleep(0.01)
        return asyncio.get_running_loop()

    async def main():
        loop = asyncio.get_running_loop()
        assert asyncio.run(inner()) is not None
        assert loop.run_until_complete(inner()) is loop
        assert asyncio.get_running_loop() is loop
        with asyncio.Runner() as runner:
            assert runner.run(inner()) is not None
        # As in Pyodide, a Runner leaves its own loop, another face of this one, as the current.
        assert isinstance(asyncio.get_running_loop(), type(loop))
        asyncio._set_running_loop(loop)

    guest.run(main())


def test_time_sleep_lets_others_go_on(guest):
    order = []

    async def other():
        await asyncio.sleep(0.05)
        order.append("other")

    async def main():
        task = asyncio.create_task(other())
        before = guest.time_ms
        time.sleep(0.1)  # noqa: ASYNC251 - the point
        order.append("slept")
        assert guest.time_ms - before == 100
        await task

    guest.run(main())
    assert order == ["other", "slept"]


def test_outside_a_guest_asyncio_and_time_are_as_ever():
    async def main():
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="cannot be called from a running event loop"):
            asyncio.run(asyncio.sleep(0))
        return 5

    with pytest.warns(RuntimeWarning, match="never awaited"):
        assert asyncio.run(main()) == 5
    time.sleep(0)
