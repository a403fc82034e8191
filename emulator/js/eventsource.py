"""`EventSource`: server-sent events, of a connection or of a stream.

A connection that ends is opened anew after a while, with the id of the last event; one that could
not be made, or was answered with something else, is not. A stream of the guest's own
(`EventSource.from`) ends once.

Does not know: the format of events, the network.
Source: workerd src/workerd/api/eventsource.c++; texts and states confirmed by running it.
"""

from __future__ import annotations

from typing import Any, Final

from emulator.js import host
from emulator.js import url as urls
from emulator.js.convert import get_option, to_boolean, to_string
from emulator.js.define import getter, method, static
from emulator.js.errors import JsError, dom_exception, error, error_value, type_error
from emulator.js.event import ErrorEvent, Event, MessageEvent
from emulator.js.event_stream import EventStreamParser
from emulator.js.events import AbortController, EventTarget
from emulator.js.fetch import fetch
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.promise import spawn
from emulator.js.request import Request
from emulator.js.response import Response
from emulator.js.streams import ReadableStream, cancel_stream, pull_chunk
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_constructor_parameter, wrong_field, wrong_parameter

BAD_URL = "Cannot open an EventSource to '{url}'. The URL is invalid."
CREDENTIALS = "The init.withCredentials option is not supported. It must be false or undefined."
DISCONNECTED = "The server disconnected."
NO_CONTENT = "The server provided no content. Will try reconnecting."
BAD_STATUS = "The response status code was {status}."
NO_TYPE = "No content type header was present in the response."
BAD_TYPE = "The content type '{type}' is invalid."
LOCKED = "This ReadableStream is locked."

CONNECTING, OPEN, CLOSED = range(3)
RETRY_MS: Final = 2000
MIN_RETRY_MS: Final = 1000
MAX_RETRY_MS: Final = 10_000

_INIT = "EventSourceInit"
_FETCHERS: Final = frozenset({"Fetcher", "DurableObject"})


class _Finished(Exception):
    """The source was closed while it was waited for something."""


class EventSource(EventTarget, name="EventSource"):
    """See the module docstring."""

    __slots__ = (
        "_controller", "_fetcher", "_handlers", "_last_id", "_origin", "_retry_ms", "_state",
        "_stream", "_url",
    )  # fmt: skip

    def __init__(self, url: str | None = None, fetcher: JsValue = null) -> None:
        super().__init__()
        self._url = url
        self._origin: JsValue = null if url is None else urls.URL(url).origin
        self._fetcher = fetcher
        self._handlers: dict[str, JsValue] = {}
        self._state = CONNECTING
        self._retry_ms = RETRY_MS
        self._last_id = ""
        self._controller = AbortController()
        self._stream: ReadableStream | None = None

    # -- the conversation ---------------------------------------------------------------------

    def _connect(self) -> None:
        if self._state != CLOSED:
            spawn(self._converse()).handled = True

    async def _converse(self) -> JsValue:
        try:
            stream = await self._open()
        except _Finished:
            return None
        except Exception as exception:  # noqa: BLE001 - whatever it is, listeners are told
            self._fail(error_value(exception))
            return None
        if stream is not None:
            self._state = OPEN
            self.dispatch(Event("open"))
            await self._hear(stream)
        return None

    async def _open(self) -> ReadableStream | None:
        """The stream of a new connection; None if it is to be tried again."""
        headers = {"accept": "text/event-stream", "cache-control": "no-cache"}
        if self._last_id:
            headers["last-event-id"] = self._last_id
        init: dict[str, JsValue] = {
            "headers": PlainObject(dict(headers)),
            "signal": self._controller.signal,
        }
        if self._fetcher is not null:
            init["fetcher"] = self._fetcher
        assert self._url is not None, "only connections are opened"
        request = Request.js_new(self._url, PlainObject(dict(init)))
        response = await fetch(request)
        if self._state == CLOSED:
            raise _Finished
        assert isinstance(response, Response)
        if response.status == 204:
            self._reconnect(error(NO_CONTENT).value)
            return None
        _check(response)
        body = response.body
        if isinstance(body, ReadableStream):
            return body
        self._reconnect(error(DISCONNECTED).value)
        return None

    async def _hear(self, stream: ReadableStream) -> JsValue:
        self._stream = stream
        parser = EventStreamParser(self._last_id)
        try:
            while (data := await pull_chunk(stream)) is not None:
                self._tell(parser, parser.feed(data))
            self._tell(parser, parser.finish())
        except _Finished:
            return None
        except Exception as exception:  # noqa: BLE001 - of the stream, or of a listener
            self._ended(error_value(exception))
        else:
            self._ended(None)
        return None

    def _tell(self, parser: EventStreamParser, events: Any) -> None:
        if self._state == CLOSED:
            raise _Finished
        for event in events:
            self._last_id = event.last_id
            self.dispatch(
                MessageEvent(
                    event.type, data=event.data, origin=self._origin, last_event_id=event.last_id
                )
            )
        # What came in one piece is heard as a whole, also if a listener closes the source.
        if self._state == CLOSED:
            raise _Finished
        self._last_id = parser.last_id
        if parser.retry_ms is not None:
            self._retry_ms = min(max(parser.retry_ms, MIN_RETRY_MS), MAX_RETRY_MS)

    def _ended(self, failure: JsValue) -> None:
        if self._state == CLOSED:
            return
        disconnected = error(DISCONNECTED).value
        if self._url is None:
            self._fail(disconnected if failure is None else failure)
        else:
            self._reconnect(disconnected)

    def _reconnect(self, reason: JsError) -> None:
        self._state = CONNECTING
        self._stream = None
        host.current().set_timer(self._retry_ms, self._connect, repeat=False)
        self.dispatch(ErrorEvent(error=reason))

    def _fail(self, reason: JsValue) -> None:
        if self._state != CLOSED:
            self._state = CLOSED
            self.dispatch(ErrorEvent(error=reason))

    # -- JavaScript members -------------------------------------------------------------------

    @classmethod
    def js_new(cls, url: JsValue = MISSING, init: JsValue = None) -> JsValue:
        if url is MISSING:
            raise wrong_constructor_parameter("EventSource", 1, "string")
        text = to_string(url)
        if init is not None and init is not null and not isinstance(init, JsObject):
            raise wrong_constructor_parameter("EventSource", 2, _INIT)
        fetcher = get_option(init, "fetcher")
        if fetcher is None:
            fetcher = null
        elif fetcher is not null and not _is_fetcher(fetcher):
            raise wrong_field(_INIT, "fetcher", "Fetcher")
        if to_boolean(get_option(init, "withCredentials")):
            raise dom_exception("NotSupportedError", CREDENTIALS)
        href = urls.normalize(text)
        if href is None:
            raise dom_exception("SyntaxError", BAD_URL.format(url=text))
        host.current().check_io_allowed()
        source = cls(href, fetcher)
        source._connect()
        return source

    @static
    def from_(cls, stream: JsValue = MISSING) -> JsValue:
        if not isinstance(stream, ReadableStream):
            raise wrong_parameter("EventSource", "from", 1, "JsReadableStream")
        if stream.locked:
            raise type_error(LOCKED)
        host.current().check_io_allowed()
        source: EventSource = cls()
        source._state = OPEN
        spawn(source._hear(stream)).handled = True
        return source

    @method
    def close(self) -> None:
        if self._state == CLOSED:
            return
        self._state = CLOSED
        self._controller.signal.trigger()
        if self._stream is not None:
            cancel_stream(self._stream)

    @getter
    def url(self) -> str:
        return "" if self._url is None else self._url

    @getter
    def withCredentials(self) -> bool:
        return False

    @getter
    def readyState(self) -> int:
        return self._state


def _is_fetcher(value: JsValue) -> bool:
    return isinstance(value, JsObject) and value.js_class_name in _FETCHERS


def _check(response: Response) -> None:
    if not response.ok:
        raise dom_exception("AbortError", BAD_STATUS.format(status=response.status))
    content_type = response.headers.first("content-type")
    if content_type is None:
        raise dom_exception("AbortError", NO_TYPE)
    if content_type.partition(";")[0].strip().lower() != "text/event-stream":
        raise dom_exception("AbortError", BAD_TYPE.format(type=content_type))


def _constant(value: int) -> Any:
    def read(self: EventSource) -> int:
        del self
        return value

    return getter(read)


def _handler(name: str) -> Any:
    """An attribute for a listener: null, or what was last assigned if that can be one."""

    def read(self: EventSource) -> JsValue:
        return self._handlers.get(name, null)

    def write(self: EventSource, value: JsValue) -> None:
        self._handlers[name] = value if isinstance(value, JsObject) else null

    return getter(read, write)


for _name in ("onopen", "onmessage", "onerror"):
    EventSource.js_define(_name, _handler(_name))

for _value, _name in enumerate(("CONNECTING", "OPEN", "CLOSED")):
    EventSource.js_statics[_name] = _value
    EventSource.js_define(_name, _constant(_value))
