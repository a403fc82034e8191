"""The format of server-sent events: bytes in, events out.

Guarantees: lines and characters may be cut anywhere; an event that is not finished is not given.
Differs from the standard where workerd does: an id may contain NUL.
Does not know: connections, listeners.
Source: HTML standard, "Interpreting an event stream"; workerd src/workerd/api/eventsource.c++.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event."""

    type: str
    data: str
    last_id: str


class EventStreamParser:
    """Parses one stream. `last_id` and `retry_ms` outlive an event, may be asked anytime."""

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self.retry_ms: int | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._at_start = True
        self._type = "message"
        self._data: list[str] = []

    def feed(self, data: bytes) -> Iterator[ServerSentEvent]:
        """The events that more bytes complete."""
        text = self._rest + self._decoder.decode(data)
        if self._at_start and text:
            self._at_start = False
            text = text.removeprefix("\ufeff")
        start = 0
        for end in _LINE_END.finditer(text):
            if end.end() == len(text) and end[0] == "\r":
                break  # maybe half of a line's end
            event = self._take(text[start : end.start()])
            start = end.end()
            if event is not None:
                yield event
        self._rest = text[start:]

    def finish(self) -> Iterator[ServerSentEvent]:
        """The stream is over: a carriage return at its end was a line's end after all."""
        if self._rest.endswith("\r"):
            event = self._take(self._rest[:-1])
            if event is not None:
                yield event

    def _take(self, line: str) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match field:
            case "data":
                self._data.append(value)
            case "event":
                self._type = value
            case "id":
                self.last_id = value
            case "retry" if value.isascii() and value.isdigit():
                self.retry_ms = int(value)
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        data, self._data = "\n".join(self._data), []
        type, self._type = self._type, "message"
        return ServerSentEvent(type, data, self.last_id) if data else None
