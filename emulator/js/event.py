"""`Event` and its kinds.

Differs from the standard where Cloudflare does: `preventDefault` works on every event, `timeStamp`
is 0, and an event without a target reads undefined.
Source: workerd src/workerd/api/basics.c++ and events.c++; DOM standard, section 2.
"""

from __future__ import annotations

from emulator.js.array import JsArray
from emulator.js.convert import get_option, to_boolean, to_integer, to_string
from emulator.js.define import getter, method
from emulator.js.errors import type_error
from emulator.js.object import JsObject
from emulator.js.promise import Promise
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_constructor_parameter, wrong_field

PORT_ELEMENT = (
    "Incorrect type for array element {index}: the provided value is not of type 'MessagePort'."
)

_INITIALIZER = "Initializer"
_AT_TARGET = 2
_PHASES = {"NONE": 0, "CAPTURING_PHASE": 1, "AT_TARGET": _AT_TARGET, "BUBBLING_PHASE": 3}


def _type_argument(cls: type[JsObject], type: JsValue) -> str:
    if type is MISSING:
        raise wrong_constructor_parameter(cls.js_class_name, 1, "string")
    return to_string(type)


class Event(JsObject, name="Event"):
    """`Event`; the emulator makes trusted ones with the Python constructor."""

    __slots__ = (
        "_bubbles", "_cancelable", "_composed", "_prevented", "_propagation_stopped", "_target",
        "_trusted", "_type", "current_target", "stopped",
    )  # fmt: skip

    def __init__(self, type: str, init: JsValue = None, *, trusted: bool = True) -> None:
        super().__init__()
        self._type = type
        self._bubbles = to_boolean(get_option(init, "bubbles"))
        self._cancelable = to_boolean(get_option(init, "cancelable"))
        self._composed = to_boolean(get_option(init, "composed"))
        self._trusted = trusted
        self._prevented = False
        self._propagation_stopped = False
        self._target: JsObject | None = None
        self.current_target: JsObject | None = None
        self.stopped = False

    @classmethod
    def js_new(cls, type: JsValue = MISSING, init: JsValue = None) -> JsValue:
        event = cls(_type_argument(cls, type), init)
        event._trusted = False
        return event

    @getter
    def type(self) -> str:
        return self._type

    @getter
    def eventPhase(self) -> int:
        return _AT_TARGET if self.current_target is not None else 0

    @getter
    def composed(self) -> bool:
        return self._composed

    @getter
    def bubbles(self) -> bool:
        return self._bubbles

    @getter
    def cancelable(self) -> bool:
        return self._cancelable

    @getter
    def defaultPrevented(self) -> bool:
        return self._prevented

    @getter
    def returnValue(self) -> bool:
        return not self._prevented

    @getter
    def currentTarget(self) -> JsValue:
        return self.current_target

    @getter
    def target(self) -> JsValue:
        return self._target

    @getter
    def srcElement(self) -> JsValue:
        return self._target

    @getter
    def timeStamp(self) -> int:
        return 0

    @getter
    def isTrusted(self) -> bool:
        return self._trusted

    @getter
    def cancelBubble(self) -> bool:
        return self._propagation_stopped

    @cancelBubble.setter
    def cancelBubble(self, value: JsValue) -> None:
        if to_boolean(value):
            self._propagation_stopped = True

    @method
    def stopImmediatePropagation(self) -> None:
        self.stopped = self._propagation_stopped = True

    @method
    def preventDefault(self) -> None:
        # Differs from the standard, as Cloudflare does: `cancelable` is not asked.
        self._prevented = True

    @method
    def stopPropagation(self) -> None:
        self._propagation_stopped = True

    @method
    def composedPath(self) -> JsArray:
        return JsArray([] if self.current_target is None else [self.current_target])


Event.js_statics.update(_PHASES)


class CustomEvent(Event, name="CustomEvent"):
    __slots__ = ("_detail",)

    def __init__(self, type: str, init: JsValue = None) -> None:
        super().__init__(type, init)
        self._detail = get_option(init, "detail")

    @getter
    def detail(self) -> JsValue:
        return self._detail


class MessageEvent(Event, name="MessageEvent"):
    """A message of a WebSocket, EventSource or MessagePort."""

    __slots__ = ("_data", "_last_event_id", "_origin", "_ports", "_source")

    def __init__(
        self,
        type: str,
        init: JsValue = None,
        *,
        data: JsValue = None,
        origin: JsValue = null,
        last_event_id: str = "",
        source: JsValue = null,
    ) -> None:
        super().__init__(type, init)
        self._data = data
        self._origin = origin
        self._last_event_id = last_event_id
        self._source = source
        self._ports: tuple[JsValue, ...] = ()

    @classmethod
    def js_new(cls, type: JsValue = MISSING, init: JsValue = None) -> JsValue:
        name = _type_argument(cls, type)
        if init is not None and init is not null and not isinstance(init, JsObject):
            raise wrong_constructor_parameter(cls.js_class_name, 2, _INITIALIZER)
        data = get_option(init, "data")
        event = cls(
            name,
            init,
            data=null if data is None else data,
            origin=_text_option(init, "origin"),
            last_event_id=_text_option(init, "lastEventId"),
            source=_source_option(init),
        )
        event._trusted = False
        event._ports = _ports_option(init)
        return event

    @getter
    def data(self) -> JsValue:
        return self._data

    @getter
    def origin(self) -> JsValue:
        return self._origin

    @getter
    def lastEventId(self) -> str:
        return self._last_event_id

    @getter
    def source(self) -> JsValue:
        return self._source

    @getter
    def ports(self) -> JsArray:
        return JsArray(list(self._ports))


def _text_option(init: JsValue, name: str) -> str:
    value = get_option(init, name)
    return "" if value is None else to_string(value)


def _is_port(value: JsValue) -> bool:
    # By name: ports are built on events.
    return isinstance(value, JsObject) and value.js_class_name == "MessagePort"


def _source_option(init: JsValue) -> JsValue:
    source = get_option(init, "source")
    if source is None or source is null:
        return null
    if not _is_port(source):
        raise wrong_field(_INITIALIZER, "source", "MessagePort")
    return source


def _ports_option(init: JsValue) -> tuple[JsValue, ...]:
    ports = get_option(init, "ports")
    if ports is None:
        return ()
    if not isinstance(ports, JsArray):
        raise wrong_field(_INITIALIZER, "ports", "Array")
    for index, port in enumerate(ports.items):
        if not _is_port(port):
            raise type_error(PORT_ELEMENT.format(index=index))
    return tuple(ports.items)


class CloseEvent(Event, name="CloseEvent"):
    """The end of a WebSocket."""

    __slots__ = ("_clean", "_code", "_reason")

    def __init__(
        self,
        type: str = "close",
        init: JsValue = None,
        *,
        code: int = 0,
        reason: str = "",
        was_clean: bool = False,
    ) -> None:
        super().__init__(type, init)
        self._code = code
        self._reason = reason
        self._clean = was_clean

    @classmethod
    def js_new(cls, type: JsValue = MISSING, init: JsValue = None) -> JsValue:
        reason = get_option(init, "reason")
        event = cls(
            _type_argument(cls, type),
            init,
            code=to_integer(get_option(init, "code")),
            reason="" if reason is None else to_string(reason),
            was_clean=to_boolean(get_option(init, "wasClean")),
        )
        event._trusted = False
        return event

    @getter
    def code(self) -> int:
        return self._code

    @getter
    def reason(self) -> str:
        return self._reason

    @getter
    def wasClean(self) -> bool:
        return self._clean


class ErrorEvent(Event, name="ErrorEvent"):
    """A failure, with the error itself."""

    __slots__ = ("_column", "_error", "_filename", "_line", "_message")

    def __init__(
        self, type: str = "error", init: JsValue = None, *, message: str = "", error: JsValue = None
    ) -> None:
        super().__init__(type, init)
        self._message = message
        self._error = error
        self._filename = ""
        self._line = 0
        self._column = 0

    @classmethod
    def js_new(cls, type: JsValue = MISSING, init: JsValue = None) -> JsValue:
        message = get_option(init, "message")
        filename = get_option(init, "filename")
        event = cls(
            _type_argument(cls, type),
            init,
            message="" if message is None else to_string(message),
            error=get_option(init, "error"),
        )
        event._trusted = False
        event._filename = "" if filename is None else to_string(filename)
        event._line = to_integer(get_option(init, "lineno"))
        event._column = to_integer(get_option(init, "colno"))
        return event

    @getter
    def filename(self) -> str:
        return self._filename

    @getter
    def message(self) -> str:
        return self._message

    @getter
    def lineno(self) -> int:
        return self._line

    @getter
    def colno(self) -> int:
        return self._column

    @getter
    def error(self) -> JsValue:
        return self._error


class PromiseRejectionEvent(Event, name="PromiseRejectionEvent", constructible=False):
    """`unhandledrejection` and `rejectionhandled`."""

    __slots__ = ("_promise", "_reason")

    def __init__(self, type: str, promise: Promise, reason: JsValue) -> None:
        super().__init__(type)
        self._promise = promise
        self._reason = reason

    @getter
    def promise(self) -> Promise:
        return self._promise

    @getter
    def reason(self) -> JsValue:
        return self._reason


class ExtendableEvent(Event, name="ExtendableEvent", constructible=False):
    """Base of the events of service worker syntax, which Python Workers do not use: the classes
    are there, and nobody is given an instance."""

    __slots__ = ()


class FetchEvent(ExtendableEvent, name="FetchEvent", constructible=False):
    __slots__ = ()


class ScheduledEvent(ExtendableEvent, name="ScheduledEvent", constructible=False):
    __slots__ = ()


class TailEvent(ExtendableEvent, name="TailEvent", constructible=False):
    __slots__ = ()
