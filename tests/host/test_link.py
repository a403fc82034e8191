"""The line between the supervisor and its children."""

from __future__ import annotations

from emulator.host.link import Link


def test_records_arrive_whole_and_in_order() -> None:
    one, other = Link.pair()
    one.send("ready", watch=["a\nb"])
    one.send("loaded")
    assert other.receive() == [{"kind": "ready", "watch": ["a\nb"]}, {"kind": "loaded"}]
    one.close()
    other.close()


def test_record_longer_than_a_read_is_put_together() -> None:
    one, other = Link.pair()
    one.send("failed", text="x" * 100_000)
    found: list[dict[str, object]] = []
    while not found:
        found = other.receive()
    assert found == [{"kind": "failed", "text": "x" * 100_000}]
    one.close()
    other.close()


def test_gone_process_closes_the_line_and_sending_to_it_is_no_error() -> None:
    one, other = Link.pair()
    other.close()
    assert one.receive() == []
    assert one.closed
    one.send("retire")
    one.close()
