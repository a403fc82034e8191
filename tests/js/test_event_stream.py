"""The format of server-sent events, wherever it is cut."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.js.event_stream import EventStreamParser, ServerSentEvent


def parsed(*pieces: bytes) -> list[ServerSentEvent]:
    parser = EventStreamParser()
    events = [event for piece in pieces for event in parser.feed(piece)]
    return events + list(parser.finish())


def message(data: str, last_id: str = "") -> ServerSentEvent:
    return ServerSentEvent("message", data, last_id)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data: a\n\n", [message("a")]),
        ("data:a\ndata: b\n\n", [message("a\nb")]),
        ("data:  a\n\n", [message(" a")]),
        ("\ufeffdata: a\n\n", [message("a")]),
        ("data: a\r\n\r\ndata: b\r\rdata: c\n\n", [message("a"), message("b"), message("c")]),
        ("event: x\ndata: a\n\ndata: b\n\n", [ServerSentEvent("x", "a", ""), message("b")]),
        ("event: x\n\ndata: b\n\n", [message("b")]),
        ("id: 1\ndata: a\n\ndata: b\n\n", [message("a", "1"), message("b", "1")]),
        ("id: 1\ndata: a\n\nid\ndata: b\n\n", [message("a", "1"), message("b", "")]),
        (": comment\n:\ndata: a\n\n", [message("a")]),
        ("data\n\ndata:\n\n", []),
        ("data\ndata\n\n", [message("\n")]),
        ("data: a", []),
        ("data: a\n", []),
        ("data: a\r\r", [message("a")]),
    ],
)
def test_events_of_a_stream(text: str, expected: list[ServerSentEvent]) -> None:
    assert parsed(text.encode()) == expected


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert parsed(b"data: \xff\n\n") == [message("\ufffd")]


def test_times_to_wait_and_ids_are_known_before_their_event_is_complete() -> None:
    parser = EventStreamParser("before")
    assert list(parser.feed(b"retry: 1500\nretry: soon\nid: 7\n")) == []
    assert (parser.retry_ms, parser.last_id) == (1500, "7")


@given(
    text=st.text(alphabet="da:ti \r\n\ufeffé1", max_size=40).map(lambda text: f"data: x{text}\n\n"),
    cuts=st.lists(st.integers(min_value=0, max_value=60), max_size=6),
)
def test_where_a_stream_is_cut_changes_nothing(text: str, cuts: list[int]) -> None:
    data = text.encode()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in itertools.pairwise(edges)]
    assert parsed(*pieces) == parsed(data)
