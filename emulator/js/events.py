"""`EventTarget`, `AbortController`, `AbortSignal`; the place to import events from.

Guarantees: listeners run in order of addition on a snapshot, those removed meanwhile do not run; a
listener's exception leaves `dispatchEvent` at once, as in Cloudflare's runtime. A listener that
returns a promise (a coroutine function of the guest) is run to its end.
Does not know: a tree of targets. Events have one target; capturing and bubbling are names only.
Source: workerd src/workerd/api/basics.c++; DOM standard, sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from emulator.js import host
from emulator.js.array import JsArray
from emulator.js.convert import get_option, to_boolean, to_number, to_string
from emulator.js.define import getter, method, static
from emulator.js.errors import DOMException, dom_exception, throwable, type_error
from emulator.js.event import (
    CloseEvent,
    CustomEvent,
    ErrorEvent,
    Event,
    ExtendableEvent,
    MessageEvent,
    PromiseRejectionEvent,
)
from emulator.js.object import JsObject
from emulator.js.promise import resolved
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_field, wrong_parameter

__all__ = [
    "AbortController", "AbortSignal", "CloseEvent", "CustomEvent", "ErrorEvent", "Event",
    "EventTarget", "ExtendableEvent", "MessageEvent", "PromiseRejectionEvent", "run_to_end",
]  # fmt: skip

ABORTED = "The operation was aborted"
TIMED_OUT = "The operation was aborted due to timeout"
BEING_DISPATCHED = "The event is already being dispatched."
CAPTURE_OPTION = "addEventListener(): options.capture must be false."
USE_CAPTURE = "addEventListener(): useCapture must be false."
ANY_ELEMENT = (
    "Incorrect type for array element {index}: the provided value is not of type 'AbortSignal'."
)


@dataclass(eq=False, slots=True)
class _Listener:
    """One registration. `call` is None once it has been removed."""

    handler: JsValue
    call: Callable[[JsObject, Event], JsValue] | None
    once: bool


class EventTarget(JsObject, name="EventTarget"):
    """Whatever has listeners."""

    __slots__ = ("_listeners",)
    # Shared and never written to: most targets have no listeners.
    _NO_LISTENERS: ClassVar[dict[str, list[_Listener]]] = {}

    def __init__(self) -> None:
        super().__init__()
        self._listeners = self._NO_LISTENERS

    @classmethod
    def js_new(cls) -> JsValue:
        return cls()

    # -- for the emulator ---------------------------------------------------------------------

    def has_listeners(self, type: str) -> bool:
        """Whether an event of the type would be heard."""
        return bool(self._listeners.get(type)) or _callable(self.js_get(f"on{type}"))

    def dispatch(self, event: Event) -> bool:
        """Runs the listeners; False if one prevented the default."""
        if event.current_target is not None:
            raise dom_exception("InvalidStateError", BEING_DISPATCHED)
        event._target = event.current_target = self
        event.stopped = False
        try:
            self._run_listeners(event)
        finally:
            event.current_target = None
        return not event._prevented

    def _run_listeners(self, event: Event) -> None:
        attribute = self.js_get(f"on{event._type}")
        if _callable(attribute):
            self._finish(event, attribute.js_call(self, (event,)))
        for listener in tuple(self._listeners.get(event._type, ())):
            if event.stopped:
                return
            call = listener.call
            if call is None:
                continue
            if listener.once:
                self._remove(event._type, listener)
            self._finish(event, call(self, event))

    def _finish(self, event: Event, result: JsValue) -> None:
        if result is True:
            event._prevented = True
        elif isinstance(result, JsObject):
            run_to_end(result)

    def _remove(self, type: str, listener: _Listener) -> None:
        listener.call = None
        listeners = self._listeners.get(type, [])
        if listener in listeners:
            listeners.remove(listener)

    # -- JavaScript members -------------------------------------------------------------------

    @method
    def addEventListener(
        self, type: JsValue = MISSING, handler: JsValue = MISSING, options: JsValue = None
    ) -> None:
        if type is MISSING:
            raise wrong_parameter("EventTarget", "addEventListener", 1, "string")
        name = to_string(type)
        call = _listener_call(handler)
        if options is True:
            raise type_error(USE_CAPTURE)
        if to_boolean(get_option(options, "capture")):
            raise type_error(CAPTURE_OPTION)
        signal = get_option(options, "signal")
        if signal is not None and not isinstance(signal, AbortSignal):
            raise wrong_field("AddEventListenerOptions", "signal", "AbortSignal")
        if call is None or (signal is not None and signal.aborted):
            return
        if self._listeners is self._NO_LISTENERS:
            self._listeners = {}
        listeners = self._listeners.setdefault(name, [])
        if any(listener.handler is handler for listener in listeners):
            return
        once = to_boolean(get_option(options, "once"))
        listener = _Listener(handler, call, once)
        listeners.append(listener)
        if signal is not None:
            signal.on_abort(lambda reason: self._remove(name, listener))

    @method
    def removeEventListener(
        self, type: JsValue = MISSING, handler: JsValue = MISSING, options: JsValue = None
    ) -> None:
        if type is MISSING:
            raise wrong_parameter("EventTarget", "removeEventListener", 1, "string")
        name = to_string(type)
        for listener in self._listeners.get(name, ()):
            if listener.handler is handler:
                self._remove(name, listener)
                return

    @method
    def dispatchEvent(self, event: JsValue = None) -> bool:
        if not isinstance(event, Event):
            raise wrong_parameter("EventTarget", "dispatchEvent", 1, "Event")
        return self.dispatch(event)


def _callable(value: Any) -> bool:
    return bool(getattr(value, "js_callable", False))


def _listener_call(handler: JsValue) -> Callable[[JsObject, Event], JsValue] | None:
    """How to call a listener: a function, or an object's `handleEvent`. None for null."""
    if handler is null or handler is None:
        return None
    if _callable(handler):
        return lambda target, event: handler.js_call(target, (event,))
    if not isinstance(handler, JsObject):
        raise wrong_parameter("EventTarget", "addEventListener", 2, "function or HandlerObject")
    function = handler.js_get("handleEvent")
    if not _callable(function):
        raise wrong_field("HandlerObject", "handleEvent", "function")
    return lambda target, event: function.js_call(handler, (event,))


def run_to_end(result: JsValue) -> None:
    """Follows what a callback returned if it is a thenable, so that its work gets done."""
    if isinstance(result, JsObject) and _callable(result.js_get("then")):
        resolved(result)


AbortCallback = Callable[[JsValue], None]


class AbortSignal(EventTarget, name="AbortSignal", constructible=False):
    """Whether and why something was aborted."""

    __slots__ = ("_aborted", "_callbacks", "_onabort", "_reason")

    def __init__(self) -> None:
        super().__init__()
        self._aborted = False
        self._reason: JsValue = None
        self._onabort: JsValue = null
        self._callbacks: list[AbortCallback] | None = None

    # -- for the emulator ---------------------------------------------------------------------

    def on_abort(self, callback: AbortCallback) -> Callable[[], None]:
        """Calls back with the reason, at once if already aborted; returns a function to stop."""
        if self._aborted:
            callback(self._reason)
            return lambda: None
        if self._callbacks is None:
            self._callbacks = []
        callbacks = self._callbacks
        callbacks.append(callback)

        def stop() -> None:
            if callback in callbacks:
                callbacks.remove(callback)

        return stop

    def trigger(self, reason: JsValue = None) -> None:
        """Aborts, unless it has happened; undefined becomes an AbortError."""
        if self._aborted:
            return
        self._aborted = True
        self._reason = _stopped(ABORTED, "AbortError") if reason is None else reason
        callbacks, self._callbacks = self._callbacks, None
        for callback in callbacks or ():
            callback(self._reason)
        self.dispatch(Event("abort"))

    # -- JavaScript members -------------------------------------------------------------------

    @static
    def abort(cls, reason: JsValue = None) -> JsValue:
        signal = cls()
        signal.trigger(reason)
        return signal

    @static
    def timeout(cls, delay: JsValue = MISSING) -> JsValue:
        if delay is MISSING:
            raise wrong_parameter("AbortSignal", "timeout", 1, "number")
        number = to_number(delay)
        host.current().check_io_allowed()
        signal: AbortSignal = cls()
        host.current().set_timer(
            max(0, number),
            lambda: signal.trigger(_stopped(TIMED_OUT, "TimeoutError")),
            repeat=False,
        )
        return signal

    @static
    def any(cls, signals: JsValue = MISSING) -> JsValue:
        if not isinstance(signals, JsArray):
            raise wrong_parameter("AbortSignal", "any", 1, "Array")
        for index, source in enumerate(signals.items):
            if not isinstance(source, AbortSignal):
                raise type_error(ANY_ELEMENT.format(index=index))
        result = cls()
        for source in signals.items:
            source.on_abort(result.trigger)
        return result

    @getter
    def aborted(self) -> bool:
        return self._aborted

    @getter
    def reason(self) -> JsValue:
        return self._reason

    @getter
    def onabort(self) -> JsValue:
        return self._onabort

    @onabort.setter
    def onabort(self, value: JsValue) -> None:
        self._onabort = value if isinstance(value, JsObject) else null

    @method
    def throwIfAborted(self) -> None:
        if self._aborted:
            raise throwable(self._reason)


class AbortController(JsObject, name="AbortController"):
    """Makes one signal abort."""

    __slots__ = ("_signal",)

    def __init__(self) -> None:
        super().__init__()
        self._signal = AbortSignal()

    @classmethod
    def js_new(cls) -> JsValue:
        return cls()

    @getter
    def signal(self) -> AbortSignal:
        return self._signal

    @method
    def abort(self, reason: JsValue = None) -> None:
        self._signal.trigger(reason)


def _stopped(message: str, name: str) -> DOMException:
    """The platform's own reason: to it, what was aborted is a connection that was lost."""
    reason = DOMException(message, name)
    reason.js_set("retryable", True)  # noqa: FBT003 - a value
    return reason
