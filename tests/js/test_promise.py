"""Promises: which rejections nobody has handled."""

from __future__ import annotations

from emulator.js.errors import describe, error_value, type_error
from emulator.js.promise import Promise, rejected, resolved, spawn
from emulator.js.values import JsValue
from tests.support.js_host import FakeHost


def reported(js_host: FakeHost) -> list[str]:
    js_host.run_microtasks()
    return [describe(value) for value in js_host.reported]


def lost() -> JsValue:
    return type_error("lost").value


def test_a_rejection_that_nobody_handles_is_reported_once(js_host: FakeHost) -> None:
    rejected(lost())
    assert js_host.reported == []
    assert reported(js_host) == ["TypeError: lost"]
    assert reported(js_host) == ["TypeError: lost"]


def test_a_rejection_that_is_awaited_after_other_work_is_not_reported(js_host: FakeHost) -> None:
    async def work() -> str:
        promise = rejected(lost())
        for _ in range(10):
            await resolved(None)
        try:
            await promise
        except Exception as exception:
            return describe(error_value(exception))
        return "fulfilled"

    assert js_host.settle(spawn(work())) == "TypeError: lost"
    assert js_host.reported == []


def test_a_rejection_is_reported_where_the_chain_ends(js_host: FakeHost) -> None:
    promise = Promise()
    promise.then().then().finally_()
    promise.reject_with(lost())
    assert reported(js_host) == ["TypeError: lost"]


def test_a_promise_that_follows_another_takes_over_its_rejection(js_host: FakeHost) -> None:
    promise = Promise()
    promise.resolve_with(rejected(lost()))
    assert reported(js_host) == ["TypeError: lost"]
