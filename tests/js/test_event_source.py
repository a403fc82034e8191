"""EventSource: connections that are made again, which takes a clock."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.js.event_source import EventParser, EventSource, Message
from emulator.js.object import NativeFunction
from emulator.js.promise import resolved
from emulator.js.response import Response
from tests.js.guest_values import call, forbid_io, new
from tests.support.js_host import FakeHost


def answers(js_host: FakeHost, *bodies: str) -> list[Any]:
    """Answers fetches with these streams of events, one after another; returns the requests."""
    requests: list[Any] = []
    waiting = list(bodies)

    def fetch(request: Any) -> Any:
        requests.append(request)
        body = waiting.pop(0).encode()
        headers = [("content-type", "text/event-stream")]
        return resolved(Response.received(200, "OK", headers, body))

    js_host.fetch_handler = fetch
    return requests


def listen(source: Any) -> list[Any]:
    heard: list[Any] = []
    source.js_set("onmessage", NativeFunction("", lambda this, event: heard.append(event.data)))
    return heard


def test_a_connection_that_ends_is_made_again(js_host: FakeHost) -> None:
    requests = answers(js_host, "id: a\ndata: 1\n\n", "data: 2\nretry: 5000\n\n", "data: 3\n\n")
    source = new(EventSource, "http://x/events")
    heard = listen(source)
    js_host.run_microtasks()
    assert (heard, source.readyState, len(requests)) == (["1"], 0, 1)
    js_host.advance(1999)
    assert len(requests) == 1
    js_host.advance(1)
    assert (heard, len(requests)) == (["1", "2"], 2)
    js_host.advance(4999)
    assert len(requests) == 2
    js_host.advance(1)
    assert heard == ["1", "2", "3"]
    ids = [request.headers.first("last-event-id") for request in requests]
    assert ids == [None, "a", "a"]
    call(source, "close")
    js_host.advance(20_000)
    assert (source.readyState, len(requests)) == (2, 3)


def test_a_source_that_is_closed_while_it_connects_stays_closed(js_host: FakeHost) -> None:
    answers(js_host, "data: 1\n\n")
    source = new(EventSource, "http://x/")
    heard = listen(source)
    call(source, "close")
    js_host.run_microtasks()
    assert (heard, source.readyState) == ([], 2)
    assert js_host.reported == []


def test_an_event_source_is_refused_at_the_top_level(
    js_host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(js_host, "check_io_allowed", forbid_io)
    with pytest.raises(Exception, match="Disallowed operation"):
        new(EventSource, "http://x/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("retry: 1", 1000), ("retry: 4000", 4000), ("retry: 99999", 10_000), ("retry: x", None),
     ("retry:", None), ("retry: 1.5", None)],
)  # fmt: skip
def test_the_time_until_the_next_try_has_bounds(text: str, expected: int | None) -> None:
    parser = EventParser("")
    parser.feed(text.encode() + b"\n")
    assert parser.retry_ms == expected


def test_a_stream_may_be_cut_anywhere() -> None:
    stream = "id: 1\r\ndata: é\r\ndata: b\r\n\r\nevent: e\rdata: c\r\r".encode() + b"\n"
    whole = EventParser("").feed(stream)
    assert whole == [Message("message", "é\nb", "1"), Message("e", "c", "1")]
    for cut in range(len(stream)):
        parser = EventParser("")
        assert parser.feed(stream[:cut]) + parser.feed(stream[cut:]) == whole
