"""Event, EventTarget, AbortController, AbortSignal. Values recorded from workerd."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.js.array import JsArray
from emulator.js.errors import JsError, JsThrow, error
from emulator.js.events import (
    AbortController,
    AbortSignal,
    CloseEvent,
    CustomEvent,
    ErrorEvent,
    Event,
    EventTarget,
    ExtendableEvent,
    MessageEvent,
    PromiseRejectionEvent,
)
from emulator.js.object import JsObject, NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.promise import spawn
from emulator.js.values import null
from tests.js.guest_values import call, new, recorder, static
from tests.support.js_host import FakeHost

pytestmark = pytest.mark.usefixtures("js_host")

Calls = list[tuple[Any, ...]]


def function(body: Any) -> NativeFunction:
    return NativeFunction("listener", lambda this, event=None: body(event))


def test_an_event_has_its_members() -> None:
    event = new(Event, "x", PlainObject({"bubbles": True, "cancelable": True}))
    call(event, "preventDefault")
    names = "type bubbles cancelable composed defaultPrevented returnValue cancelBubble isTrusted"
    assert [event.js_get(name) for name in names.split()] == [
        "x",
        True,
        True,
        False,
        True,
        False,
        False,
        False,
    ]
    assert [
        event.js_get(name) for name in ("timeStamp", "target", "currentTarget", "eventPhase")
    ] == [0, None, None, 0]
    assert call(event, "composedPath").items == []


def test_an_event_needs_a_type() -> None:
    with pytest.raises(JsThrow) as thrown:
        new(Event)
    assert str(thrown.value) == (
        "TypeError: Failed to construct 'Event': constructor parameter 1 is not of type 'string'."
    )


def test_kinds_of_events_carry_their_data() -> None:
    assert new(CustomEvent, "x", PlainObject({"detail": 5})).js_get("detail") == 5
    assert new(CustomEvent, "x").js_get("detail") is None
    message = new(MessageEvent, "message", PlainObject({"data": "d", "origin": "o"}))
    assert ["d", "o", "", null] == [
        message.js_get(name) for name in ("data", "origin", "lastEventId", "source")
    ]
    close = new(CloseEvent, "close", PlainObject({"code": 1001, "reason": "r", "wasClean": True}))
    assert [close.js_get(name) for name in ("code", "reason", "wasClean")] == [1001, "r", True]
    assert [new(CloseEvent, "close").js_get(name) for name in ("code", "reason", "wasClean")] == [
        0,
        "",
        False,
    ]
    failure = new(ErrorEvent, "error", PlainObject({"message": "m", "lineno": 1, "error": 5}))
    assert [
        failure.js_get(name) for name in ("message", "filename", "lineno", "colno", "error")
    ] == ["m", "", 1, 0, 5]


@pytest.mark.parametrize("cls", [PromiseRejectionEvent, ExtendableEvent, AbortSignal])
def test_some_classes_have_no_constructor(cls: type[JsObject]) -> None:
    with pytest.raises(JsThrow, match=r"^TypeError: Illegal constructor$"):
        new(cls, "x")


def test_phases_are_constants_of_the_class() -> None:
    names = ["NONE", "CAPTURING_PHASE", "AT_TARGET", "BUBBLING_PHASE"]
    assert [Event.js_constructor.js_get(name) for name in names] == [0, 1, 2, 3]


def test_listeners_run_in_order_with_the_event_at_its_target() -> None:
    target, seen = EventTarget(), []

    def note(event: Event) -> None:
        seen.append((event.target is target, event.currentTarget is target, event.eventPhase))

    listener = function(note)
    call(target, "addEventListener", "a", listener)
    call(target, "addEventListener", "a", listener)
    handler = PlainObject({"handleEvent": function(lambda event: seen.append("object"))})
    call(target, "addEventListener", "a", handler)
    target.js_set("ona", function(lambda event: seen.append("attribute")))
    assert call(target, "dispatchEvent", Event("a")) is True
    assert seen == ["attribute", (True, True, 2), "object"]


def test_a_removed_listener_does_not_run() -> None:
    target, calls = EventTarget(), Calls()
    listener = recorder(calls)
    call(target, "addEventListener", "a", listener)
    call(target, "removeEventListener", "a", listener)
    call(target, "removeEventListener", "unknown", listener)
    call(target, "dispatchEvent", Event("a"))
    assert calls == []


def test_a_listener_removed_during_dispatch_does_not_run_and_an_added_one_waits() -> None:
    target, calls = EventTarget(), Calls()
    late = recorder(calls)

    def change(event: Event) -> None:
        call(target, "removeEventListener", "a", late)
        call(target, "addEventListener", "a", recorder(calls))

    call(target, "addEventListener", "a", function(change), PlainObject({"once": True}))
    call(target, "addEventListener", "a", late)
    call(target, "dispatchEvent", Event("a"))
    assert calls == []
    call(target, "dispatchEvent", Event("a"))
    assert len(calls) == 1


def test_once_runs_once() -> None:
    target, calls = EventTarget(), Calls()
    call(target, "addEventListener", "a", recorder(calls), PlainObject({"once": True}))
    call(target, "dispatchEvent", Event("a"))
    call(target, "dispatchEvent", Event("a"))
    assert len(calls) == 1


def test_an_exception_of_a_listener_leaves_dispatch() -> None:
    target, calls = EventTarget(), Calls()

    def fail(event: Event) -> None:
        raise error("boo")

    call(target, "addEventListener", "a", function(fail))
    call(target, "addEventListener", "a", recorder(calls))
    event = Event("a")
    with pytest.raises(JsThrow, match=r"^Error: boo$"):
        call(target, "dispatchEvent", event)
    assert calls == []
    assert event.currentTarget is None


def test_returning_true_or_preventing_the_default_makes_dispatch_false() -> None:
    for listener in (recorder([], True), function(lambda event: event.preventDefault())):
        target = EventTarget()
        call(target, "addEventListener", "a", listener)
        assert call(target, "dispatchEvent", Event("a")) is False


def test_immediate_stop_skips_the_rest() -> None:
    target, calls = EventTarget(), Calls()
    stop = function(lambda event: event.stopImmediatePropagation())
    call(target, "addEventListener", "a", stop)
    call(target, "addEventListener", "a", recorder(calls))
    call(target, "dispatchEvent", Event("a"))
    assert calls == []


def test_dispatching_an_event_within_itself_is_refused() -> None:
    target = EventTarget()
    listener = function(lambda event: call(target, "dispatchEvent", event))
    call(target, "addEventListener", "a", listener)
    with pytest.raises(JsThrow, match=r"^InvalidStateError: The event is already being dispatched"):
        call(target, "dispatchEvent", Event("a"))


def test_an_aborted_signal_removes_or_refuses_a_listener() -> None:
    target, controller, calls = EventTarget(), AbortController(), Calls()
    options = PlainObject({"signal": controller.signal})
    call(target, "addEventListener", "a", recorder(calls), options)
    call(target, "dispatchEvent", Event("a"))
    call(controller, "abort")
    call(target, "addEventListener", "a", recorder(calls), options)
    call(target, "dispatchEvent", Event("a"))
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("a", 5), "parameter 2 is not of type 'function or HandlerObject'"),
        (("a",), "parameter 2 is not of type 'function or HandlerObject'"),
        ((), "parameter 1 is not of type 'string'"),
        (("a", PlainObject()), "'handleEvent' field on 'HandlerObject'"),
        (("a", recorder([]), True), r"addEventListener\(\): useCapture must be false"),
        (
            ("a", recorder([]), PlainObject({"capture": True})),
            r"addEventListener\(\): options.capture must be false",
        ),
        (("a", recorder([]), PlainObject({"signal": 5})), "'signal' field on"),
    ],
)
def test_bad_listeners_are_refused(args: tuple[Any, ...], text: str) -> None:
    with pytest.raises(JsThrow, match=text):
        call(EventTarget(), "addEventListener", *args)


def test_a_null_listener_is_ignored() -> None:
    target = EventTarget()
    call(target, "addEventListener", "a", null)
    assert target.has_listeners("a") is False


def test_only_events_can_be_dispatched() -> None:
    with pytest.raises(JsThrow, match="'dispatchEvent' on 'EventTarget': parameter 1 is not of"):
        call(EventTarget(), "dispatchEvent", 5)


def test_a_listener_that_returns_a_promise_reports_its_rejection(js_host: FakeHost) -> None:
    async def fail() -> None:
        raise error("later")

    target = EventTarget()
    call(target, "addEventListener", "a", function(lambda event: spawn(fail())))
    assert call(target, "dispatchEvent", Event("a")) is True
    js_host.run_microtasks()
    assert [value.js_to_string() for value in js_host.reported] == ["Error: later"]


def test_abort_sets_a_default_reason_once_and_fires_the_event() -> None:
    controller, calls = AbortController(), Calls()
    signal = controller.signal
    assert (signal.aborted, signal.reason, signal.onabort) == (False, None, null)
    signal.js_set("onabort", recorder(calls))
    call(controller, "abort")
    call(controller, "abort", 6)
    assert signal.aborted is True
    assert signal.reason.js_to_string() == "AbortError: The operation was aborted"
    assert [event.type for (event,) in calls] == ["abort"]
    with pytest.raises(JsThrow, match=r"^AbortError: The operation was aborted$"):
        call(signal, "throwIfAborted")


def test_any_reason_is_kept() -> None:
    signal = static(AbortSignal, "abort", 5)
    assert signal.reason == 5
    with pytest.raises(JsThrow) as thrown:
        call(signal, "throwIfAborted")
    assert thrown.value.value == 5


def test_timeout_aborts_when_its_time_has_come(js_host: FakeHost) -> None:
    signal = static(AbortSignal, "timeout", 5)
    js_host.advance(4)
    assert signal.aborted is False
    js_host.advance(1)
    assert signal.reason.js_to_string() == (
        "TimeoutError: The operation was aborted due to timeout"
    )


def test_any_follows_the_first_to_abort() -> None:
    first, second = AbortController(), AbortController()
    signal = static(AbortSignal, "any", JsArray([first.signal, second.signal]))
    call(second, "abort", "x")
    call(first, "abort", "y")
    assert signal.reason == "x"
    assert static(AbortSignal, "any", JsArray([])).aborted is False
    aborted = JsArray([AbortController().signal, static(AbortSignal, "abort", "z")])
    assert static(AbortSignal, "any", aborted).reason == "z"


def test_any_checks_its_argument() -> None:
    with pytest.raises(JsThrow, match="'any' on 'AbortSignal': parameter 1 is not of type 'Array'"):
        static(AbortSignal, "any", 5)
    with pytest.raises(JsThrow, match="array element 0: the provided value is not of type 'Abort"):
        static(AbortSignal, "any", JsArray([5]))


def test_on_abort_calls_back_until_told_to_stop() -> None:
    signal, reasons = AbortSignal(), []
    stop = signal.on_abort(reasons.append)
    signal.on_abort(lambda reason: reasons.append("second"))
    stop()
    signal.trigger(JsError("x"))
    signal.on_abort(lambda reason: reasons.append("at once"))
    assert reasons == ["second", "at once"]
