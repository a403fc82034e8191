"""The load generator finds the end of every response, however its bytes arrive."""

from __future__ import annotations

import itertools

import pytest

from benchmarks.load import ResponseParser, encoded_requests

RESPONSES = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello",
    "length last": b"HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: 5\r\n\r\nhello",
    "empty": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "chunked": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=1\r\n0123456789\r\n"
        b"0\r\n\r\n"
    ),
}


@pytest.mark.parametrize("response", RESPONSES.values(), ids=RESPONSES)
def test_a_response_ends_with_its_last_byte(response: bytes) -> None:
    parser = ResponseParser()
    for _ in range(2):
        statuses = [parser.feed(response[i : i + 1]) for i in range(len(response))]
        assert statuses == [None] * (len(response) - 1) + [200]
    assert parser.feed(response) == 200


def test_other_statuses_are_reported() -> None:
    response = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    assert ResponseParser().feed(response) == 503


def test_a_response_without_a_length_is_refused() -> None:
    with pytest.raises(ValueError, match="without a length"):
        ResponseParser().feed(b"HTTP/1.1 200 OK\r\n\r\n")


def test_paths_rotate() -> None:
    sent = list(itertools.islice(encoded_requests("/?name=o{i}", 3, 80), 4))
    assert [request.split()[1] for request in sent] == [
        b"/?name=o0",
        b"/?name=o1",
        b"/?name=o2",
        b"/?name=o0",
    ]
