"""A guest's transport over its link, with a transport of the host's that does what a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from emulator.ffi.flow_control import FlowControl
from emulator.ffi.link import RECEIVE_LIMIT, Link
from emulator.ffi.transport import SocketTransport
from tests.ffi.guest_loop import GuestLoop


class HostTransport(asyncio.Transport):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Any] = []
        self.waiting = 0
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.calls.append(data)

    def write_eof(self) -> None:
        self.calls.append("end")

    def close(self) -> None:
        self.closing = True
        self.calls.append("close")

    def abort(self) -> None:
        self.closing = True
        self.calls.append("abort")

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        self.calls.append("pause reading")

    def resume_reading(self) -> None:
        self.calls.append("resume reading")

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.calls.append((high, low))


class Recorder(asyncio.Protocol):
    """Keeps what it is told; gives up the connection at its end unless `keeps`."""

    def __init__(self, *, keeps: bool = False) -> None:
        self.calls: list[Any] = []
        self.keeps = keeps

    def data_received(self, data: bytes) -> None:
        self.calls.append(data)

    def eof_received(self) -> bool:
        self.calls.append("eof")
        return self.keeps

    def connection_lost(self, exc: Exception | None) -> None:
        self.calls.append(("lost", exc))

    def pause_writing(self) -> None:
        self.calls.append("pause")

    def resume_writing(self) -> None:
        self.calls.append("resume")


class HeldGuest(GuestLoop):
    """A guest whose output waits until `let_out`."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[Callable[[], None]] = []

    def when_durable(self, job: Callable[[], None]) -> None:
        self.held.append(job)

    def let_out(self) -> None:
        held, self.held = self.held, []
        for job in held:
            job()


class Connection:
    """Both ends of one."""

    def __init__(self, guest: GuestLoop, protocol: Recorder | None = None) -> None:
        self.guest = guest
        self.host = HostTransport()
        self.link = Link(guest)
        self.link.connection_made(self.host)
        self.protocol = protocol or Recorder()
        self.transport = SocketTransport(guest.loop, self.link, self.protocol)
        self.host.calls.clear()
        self.do(self.transport.go_on)

    def do(self, job: Callable[[], Any]) -> Any:
        """Runs guest code, and what it brings about."""
        return self.guest.call(job)

    def turn(self) -> list[Any]:
        """Lets events in; what the protocol has heard so far."""
        self.guest.turn()
        return self.protocol.calls


@pytest.fixture
def connection(guest: GuestLoop) -> Connection:
    return Connection(guest)


def test_reading_ahead_has_a_limit(connection: Connection) -> None:
    connection.do(connection.transport.pause_reading)
    size = RECEIVE_LIMIT // 4
    for number in range(5):
        connection.link.data_received(bytes([number]) * size)
    assert connection.turn() == []
    assert connection.host.calls == ["pause reading"]
    connection.do(connection.transport.resume_reading)
    assert connection.protocol.calls == [bytes([number]) * size for number in range(5)]
    assert connection.host.calls == ["pause reading", "resume reading"]


def test_a_protocol_may_pause_in_the_middle(connection: Connection) -> None:
    def received(data: bytes) -> None:
        connection.protocol.calls.append(data)
        connection.transport.pause_reading()

    connection.protocol.data_received = received  # type: ignore[method-assign]
    connection.link.data_received(b"first")
    connection.link.data_received(b"second")
    connection.link.eof_received()
    assert connection.turn() == [b"first"]
    connection.do(connection.transport.resume_reading)
    assert connection.protocol.calls == [b"first", b"second"]
    connection.do(connection.transport.resume_reading)
    assert connection.protocol.calls == [b"first", b"second", "eof"]


def test_the_end_closes_the_connection_unless_the_protocol_keeps_it(guest: GuestLoop) -> None:
    gives_up, keeps = Connection(guest), Connection(guest, Recorder(keeps=True))
    for connection in (gives_up, keeps):
        assert connection.link.eof_received() is True
        assert connection.turn() == ["eof"]
    assert gives_up.host.calls == ["close"]
    assert keeps.host.calls == []
    keeps.do(lambda: keeps.transport.write(b"more"))
    assert keeps.host.calls == [b"more"]


def test_with_tls_nobody_can_keep_it(guest: GuestLoop) -> None:
    connection = Connection(guest, Recorder(keeps=True))
    connection.link.secure = True
    assert connection.link.eof_received() is False
    connection.turn()
    assert connection.host.calls == ["close"]


def test_the_loss_comes_after_the_data_and_once(connection: Connection) -> None:
    failure = ConnectionResetError("gone")
    connection.link.data_received(b"last")
    connection.link.connection_lost(failure)
    assert connection.turn() == [b"last", ("lost", failure)]
    connection.link.connection_lost(None)
    connection.do(connection.transport.close)
    connection.do(connection.transport.abort)
    connection.do(lambda: connection.transport.write(b"ignored"))
    assert connection.turn() == [b"last", ("lost", failure)]
    assert connection.host.calls == []
    assert connection.guest.event_ports == 0
    assert not connection.guest.sockets


def test_a_paused_protocol_hears_of_a_failure_but_not_of_an_orderly_end(guest: GuestLoop) -> None:
    for failure, heard in ((None, []), (ConnectionResetError(), [("lost", ...)])):
        connection = Connection(guest)
        connection.do(connection.transport.pause_reading)
        connection.link.data_received(b"unread")
        connection.link.connection_lost(failure)
        assert len(connection.turn()) == len(heard)


def test_output_waits_in_order_and_counts_as_waiting() -> None:
    guest = HeldGuest()
    connection = Connection(guest)

    def send() -> int:
        connection.transport.write(bytearray(b"one"))
        connection.transport.writelines([b"two", memoryview(b"three")])
        connection.transport.write_eof()
        connection.transport.close()
        return connection.transport.get_write_buffer_size()

    assert connection.do(send) == 11
    assert connection.host.calls == []
    guest.let_out()
    assert connection.host.calls == [b"one", b"twothree", "end", "close"]
    assert connection.transport.get_write_buffer_size() == 0


def test_what_is_held_is_not_sent_after_an_abort() -> None:
    guest = HeldGuest()
    connection = Connection(guest)
    connection.do(lambda: connection.transport.write(b"never"))
    connection.do(connection.transport.abort)
    guest.let_out()
    assert connection.host.calls == ["abort"]


def test_what_is_held_presses_back() -> None:
    guest = HeldGuest()
    connection = Connection(guest)
    connection.do(lambda: connection.transport.write(bytes(100_000)))
    assert connection.protocol.calls == ["pause"]
    guest.let_out()
    assert connection.turn() == ["pause", "resume"]


def test_what_the_host_cannot_send_presses_back(connection: Connection) -> None:
    connection.do(lambda: connection.transport.set_write_buffer_limits(high=10, low=5))
    connection.host.waiting = 11
    connection.do(lambda: connection.transport.write(b"x"))
    assert connection.protocol.calls == ["pause"]
    connection.host.waiting = 6
    connection.link.resume_writing()
    assert connection.turn() == ["pause"]
    connection.host.waiting = 5
    connection.link.resume_writing()
    assert connection.turn() == ["pause", "resume"]
    assert connection.host.calls == [(5, 5), b"x"]


def test_the_end_of_the_context_cuts_the_connection(connection: Connection) -> None:
    connection.link.abort()
    connection.link.data_received(b"late")
    assert connection.turn() == []
    assert connection.host.calls == ["abort"]
    assert connection.transport.is_closing()
    assert "closed" in repr(connection.transport)


@pytest.mark.parametrize(
    ("high", "low", "expected"),
    [
        (None, None, (65_536, 16_384)),
        (1000, None, (1000, 250)),
        (None, 1000, (4000, 1000)),
        (0, None, (0, 0)),
    ],
)
def test_each_limit_follows_from_the_other(
    high: int | None, low: int | None, expected: tuple[int, int]
) -> None:
    flow = FlowControl()
    flow.set_limits(high, low)
    assert (flow.high, flow.low) == expected


def test_pausing_and_resuming_take_turns() -> None:
    flow = FlowControl()
    flow.set_limits(10, 5)
    seen = [flow.must_pause(10), flow.must_pause(11), flow.must_pause(12), flow.may_resume(6)]
    assert [*seen, flow.may_resume(5), flow.may_resume(0)] == [
        False,
        True,
        False,
        False,
        True,
        False,
    ]
