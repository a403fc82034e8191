"""setTimeout and family, queueMicrotask, scheduler.wait."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.js.errors import JsThrow, error
from emulator.js.events import AbortController, AbortSignal
from emulator.js.object import NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.promise import spawn
from emulator.js.timers import FUNCTIONS, Scheduler
from tests.js.guest_values import call, forbid_io, recorder, static
from tests.support.js_host import FakeHost

Calls = list[tuple[Any, ...]]


def timer(name: str, *args: Any) -> Any:
    return FUNCTIONS[name].js_call(None, args)


def test_a_timeout_runs_once_with_its_arguments(js_host: FakeHost) -> None:
    calls = Calls()
    assert timer("setTimeout", recorder(calls), 10, "a", 2) == 1
    js_host.advance(9)
    assert calls == []
    js_host.advance(100)
    assert calls == [("a", 2)]


def test_an_interval_repeats_until_cleared(js_host: FakeHost) -> None:
    calls = Calls()
    timer_id = timer("setInterval", recorder(calls), 10)
    js_host.advance(35)
    timer("clearInterval", timer_id)
    js_host.advance(100)
    assert len(calls) == 3


@pytest.mark.parametrize("delay", [-5, "abc", None, float("nan")])
def test_odd_delays_are_zero(js_host: FakeHost, delay: Any) -> None:
    calls = Calls()
    timer("setTimeout", recorder(calls), delay)
    js_host.advance(0)
    assert len(calls) == 1


@pytest.mark.parametrize("name", ["setTimeout", "setInterval", "queueMicrotask"])
@pytest.mark.parametrize("args", [(), ("x", 1)])
def test_a_function_is_needed(js_host: FakeHost, name: str, args: tuple[Any, ...]) -> None:
    with pytest.raises(JsThrow) as thrown:
        timer(name, *args)
    assert str(thrown.value) == (
        f"TypeError: Failed to execute '{name}' on 'ServiceWorkerGlobalScope': parameter 1 is not "
        "of type 'function'."
    )


def test_clearing_needs_an_argument_and_ignores_unknown_ones(js_host: FakeHost) -> None:
    for value in (999, None, "x", 1.5):
        assert timer("clearTimeout", value) is None
    with pytest.raises(JsThrow, match="'clearTimeout' on 'ServiceWorkerGlobalScope': parameter 1"):
        timer("clearTimeout")


def test_an_exception_of_a_callback_is_reported(js_host: FakeHost) -> None:
    def fail(this: Any) -> None:
        raise error("boo")

    async def fail_later() -> None:
        raise error("late")

    timer("setTimeout", NativeFunction("f", fail), 1)
    timer("setTimeout", NativeFunction("f", lambda this: spawn(fail_later())), 2)
    timer("queueMicrotask", NativeFunction("f", fail))
    js_host.advance(2)
    assert [value.js_to_string() for value in js_host.reported] == [
        "Error: boo",
        "Error: boo",
        "Error: late",
    ]


def test_at_the_top_level_only_a_timeout_of_zero_is_allowed(
    js_host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(js_host, "check_io_allowed", forbid_io)
    calls = Calls()
    timer("setTimeout", recorder(calls), 0, "x")
    js_host.run_microtasks()
    assert calls == [("x",)]
    for name in ("setTimeout", "setInterval"):
        with pytest.raises(JsThrow, match="Disallowed operation"):
            timer(name, recorder(calls), 1)


def test_wait_resolves_in_time(js_host: FakeHost) -> None:
    promise = call(Scheduler(), "wait", 5)
    js_host.advance(4)
    assert promise.state == "pending"
    js_host.advance(1)
    assert js_host.settle(promise) is None


def test_wait_rejects_with_the_reason_of_its_signal(js_host: FakeHost) -> None:
    aborted = PlainObject({"signal": static(AbortSignal, "abort")})
    with pytest.raises(JsThrow, match=r"^AbortError: The operation was aborted$"):
        js_host.settle(call(Scheduler(), "wait", 5, aborted))
    controller = AbortController()
    promise = call(Scheduler(), "wait", 5, PlainObject({"signal": controller.signal}))
    call(controller, "abort", error("r").value)
    with pytest.raises(JsThrow, match=r"^Error: r$"):
        js_host.settle(promise)
    assert js_host.timer_count == 0


def test_wait_checks_its_arguments(js_host: FakeHost) -> None:
    with pytest.raises(JsThrow, match="'wait' on 'Scheduler': parameter 1 is not of type 'number'"):
        js_host.settle(call(Scheduler(), "wait"))
    with pytest.raises(JsThrow, match="'signal' field on 'WaitOptions'"):
        js_host.settle(call(Scheduler(), "wait", 1, PlainObject({"signal": 5})))
