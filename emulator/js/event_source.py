"""`EventSource`: server-sent events over fetch, or from a stream.

Guarantees: a connection that ends is made again after the time that the server asked for, between
one and ten seconds; a response that can never become a stream of events, a failing fetch and a
listener that throws close the source for good. All messages of one chunk are dispatched, also if a
listener closes the source meanwhile.
Source: workerd's EventSource, by experiment; HTML standard, section 9.2.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from emulator.js import host, url
from emulator.js.buffers import bytes_of
from emulator.js.convert import get_option, to_boolean, to_string
from emulator.js.define import getter, method, static
from emulator.js.encoding import utf8_bytes
from emulator.js.errors import DOMException, JsError, dom_exception, error_value, type_error
from emulator.js.event import ErrorEvent, Event, MessageEvent
from emulator.js.events import AbortController, EventTarget
from emulator.js.fetch import fetch
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.promise import spawn
from emulator.js.response import Response
from emulator.js.streams import ReadableStream
from emulator.js.streams.readable import NOT_BYTES
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_constructor_parameter, wrong_field, wrong_parameter

INVALID_URL = "Cannot open an EventSource to '{url}'. The URL is invalid."
WITH_CREDENTIALS = (
    "The init.withCredentials option is not supported. It must be false or undefined."
)
STREAM_LOCKED = "This ReadableStream is locked."
DISCONNECTED = "The server disconnected."
NO_CONTENT = "The server provided no content. Will try reconnecting."
STATUS = "The response status code was {status}."
NO_TYPE = "No content type header was present in the response."
WRONG_TYPE = "The content type '{type}' is invalid."

CONNECTING, OPEN, CLOSED = 0, 1, 2
_STATES = {"CONNECTING": CONNECTING, "OPEN": OPEN, "CLOSED": CLOSED}
_DEFAULT_RETRY_MS = 2000
_LEAST_RETRY_MS = 1000
_MOST_RETRY_MS = 10_000
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Message:
    """One event of the stream."""

    type: str
    data: str
    last_event_id: str


class EventParser:
    """Takes chunks of a stream of events apart."""

    def __init__(self, last_event_id: str) -> None:
        self.last_event_id = last_event_id
        self.retry_ms: int | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._rest = ""
        self._data: list[str] = []
        self._type: str | None = None

    def feed(self, chunk: bytes) -> list[Message]:
        """The messages that end in this chunk."""
        messages: list[Message] = []
        text = self._rest + self._decoder.decode(chunk)
        start = 0
        for end in _LINE_END.finditer(text):
            if end[0] == "\r" and end.end() == len(text):
                break  # its line feed may come with the next chunk
            self._line(text[start : end.start()], messages)
            start = end.end()
        self._rest = text[start:]
        return messages

    def _line(self, line: str, messages: list[Message]) -> None:
        if not line:
            data = "\n".join(self._data)
            if data:
                kind = "message" if self._type is None else self._type
                messages.append(Message(kind, data, self.last_event_id))
            self._data, self._type = [], None
            return
        name, _, value = line.partition(":")
        self._field(name, value.removeprefix(" "))

    def _field(self, name: str, value: str) -> None:
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id":
            self.last_event_id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_ms = min(max(int(value), _LEAST_RETRY_MS), _MOST_RETRY_MS)


class OpenEvent(Event, name="OpenEvent", constructible=False):
    """The connection has been made."""

    __slots__ = ()


class EventSource(EventTarget, name="EventSource"):
    """`EventSource`."""

    __slots__ = (
        "_controller", "_fetcher", "_last_event_id", "_onerror", "_onmessage", "_onopen",
        "_origin", "_retry_ms", "_state", "_url",
    )  # fmt: skip

    def __init__(self, url: str = "", origin: JsValue = null, fetcher: JsValue = None) -> None:
        super().__init__()
        self._url = url
        self._origin = origin
        self._fetcher = fetcher
        self._state = CONNECTING
        self._controller = AbortController()
        self._last_event_id = ""
        self._retry_ms = _DEFAULT_RETRY_MS
        self._onopen: JsValue = null
        self._onmessage: JsValue = null
        self._onerror: JsValue = null

    @classmethod
    def js_new(cls, address: JsValue = MISSING, init: JsValue = None) -> JsValue:
        if address is MISSING:
            raise wrong_constructor_parameter("EventSource", 1, "string")
        text = to_string(address)
        if init is not None and init is not null and not isinstance(init, JsObject):
            raise wrong_constructor_parameter("EventSource", 2, "EventSourceInit")
        fetcher = _fetcher_of(init)
        if to_boolean(get_option(init, "withCredentials")):
            raise dom_exception("NotSupportedError", WITH_CREDENTIALS)
        normalized = url.normalize(text)
        if normalized is None:
            raise dom_exception("SyntaxError", INVALID_URL.format(url=text))
        source = cls(normalized, url.URL.js_new(normalized).origin, fetcher)
        host.current().check_io_allowed()
        spawn(source._connect())
        return source

    @static
    def from_(cls, stream: JsValue = None) -> JsValue:
        if not isinstance(stream, ReadableStream):
            raise wrong_parameter("EventSource", "from", 1, "JsReadableStream")
        if stream.locked:
            raise type_error(STREAM_LOCKED)
        source = cls()
        source._state = OPEN
        spawn(source._read(stream))
        return source

    # -- the connection -----------------------------------------------------------------------

    async def _connect(self) -> None:
        headers = {"accept": "text/event-stream", "cache-control": "no-cache"}
        if self._last_event_id:
            headers["last-event-id"] = self._last_event_id
        init = {"headers": PlainObject(headers), "signal": self._controller.signal}
        if self._fetcher is not None:
            init["fetcher"] = self._fetcher
        try:
            response = await fetch(self._url, PlainObject(init))
        except Exception as exception:  # noqa: BLE001 - whatever it is, the listeners are told
            self._fail(error_value(exception))
            return
        if self._state == CLOSED:
            return
        problem = _problem_of(response)
        if problem is not None:
            self._fail(DOMException(problem, "AbortError"))
        elif response.status == 204:
            self._fail(JsError(NO_CONTENT), reconnect=True)
        else:
            await self._opened(response)

    async def _opened(self, response: Response) -> None:
        self._state = OPEN
        self._tell(OpenEvent("open"))
        if response.body is null:
            self._fail(JsError(DISCONNECTED), reconnect=True)
        else:
            await self._read(response.body)

    async def _read(self, stream: ReadableStream) -> None:
        parser = EventParser(self._last_event_id)
        reader = stream.getReader()
        try:
            while True:
                result = await reader.read()
                if result.js_get("done"):
                    break
                for message in parser.feed(_bytes_of_chunk(result.js_get("value"))):
                    self._deliver(message)
                self._last_event_id = parser.last_event_id
                self._retry_ms = parser.retry_ms or self._retry_ms
                if self._state == CLOSED:
                    return
        except Exception as exception:  # noqa: BLE001 - whatever it is, the listeners are told
            self._fail(error_value(exception))
            return
        self._fail(JsError(DISCONNECTED), reconnect=bool(self._url))

    def _deliver(self, message: Message) -> None:
        self.dispatch(
            MessageEvent(
                message.type,
                data=message.data,
                origin=self._origin,
                last_event_id=message.last_event_id,
            )
        )

    def _tell(self, event: Event) -> None:
        try:
            self.dispatch(event)
        except Exception as exception:  # noqa: BLE001 - nobody else is there to hear of it
            host.current().report_error(error_value(exception))

    def _fail(self, reason: JsValue, *, reconnect: bool = False) -> None:
        if self._state == CLOSED:
            return
        self._state = CONNECTING if reconnect else CLOSED
        self._tell(ErrorEvent(error=reason))
        if reconnect and self._state == CONNECTING:
            host.current().set_timer(self._retry_ms, self._reconnect, repeat=False)

    def _reconnect(self) -> None:
        if self._state == CONNECTING:
            spawn(self._connect())

    # -- JavaScript members -------------------------------------------------------------------

    @method
    def close(self) -> None:
        if self._state != CLOSED:
            self._state = CLOSED
            self._controller.abort()

    @getter
    def url(self) -> str:
        return self._url

    @getter
    def withCredentials(self) -> bool:
        return False

    @getter
    def readyState(self) -> int:
        return self._state

    @getter
    def onopen(self) -> JsValue:
        return self._onopen

    @onopen.setter
    def onopen(self, value: JsValue) -> None:
        self._onopen = _listener(value)

    @getter
    def onmessage(self) -> JsValue:
        return self._onmessage

    @onmessage.setter
    def onmessage(self, value: JsValue) -> None:
        self._onmessage = _listener(value)

    @getter
    def onerror(self) -> JsValue:
        return self._onerror

    @onerror.setter
    def onerror(self, value: JsValue) -> None:
        self._onerror = _listener(value)


EventSource.js_statics.update(_STATES)


def _listener(value: JsValue) -> JsValue:
    return value if isinstance(value, JsObject) else null


def _fetcher_of(init: JsValue) -> JsValue:
    fetcher = get_option(init, "fetcher")
    if fetcher is None:
        return None
    # By what it is not: fetchers belong to a layer above this one.
    is_fetcher = isinstance(fetcher, JsObject) and not isinstance(fetcher, PlainObject)
    if not is_fetcher or not fetcher.js_has("fetch"):
        raise wrong_field("EventSourceInit", "fetcher", "Fetcher")
    return fetcher


def _problem_of(response: Response) -> str | None:
    """Why a response can never become a stream of events."""
    if not response.ok:
        return STATUS.format(status=response.status)
    content_type = response.headers.first("content-type")
    if content_type is None:
        return NO_TYPE
    if content_type.partition(";")[0].strip().lower() != "text/event-stream":
        return WRONG_TYPE.format(type=content_type)
    return None


def _bytes_of_chunk(chunk: JsValue) -> bytes:
    data = utf8_bytes(chunk) if isinstance(chunk, str) else bytes_of(chunk)
    if data is None:
        raise type_error(NOT_BYTES)
    return data
