"""WebSocket, its pair and its client constructor, over a hand-cranked host."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.js.array import JsArray
from emulator.js.blob import Blob
from emulator.js.buffers import ArrayBuffer, Uint8Array
from emulator.js.clone import flatten
from emulator.js.errors import JsThrow, type_error
from emulator.js.event import CloseEvent, ErrorEvent, Event, MessageEvent
from emulator.js.frames import (
    BinaryFrame,
    CloseFrame,
    Disconnect,
    Frame,
    PipeEnd,
    ProtocolFailure,
    TextFrame,
    make_pipe,
)
from emulator.js.object import NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise, rejected, resolved
from emulator.js.request import Request
from emulator.js.response import Response
from emulator.js.serialized_size import serialized_size
from emulator.js.values import JsValue, null
from emulator.js.websocket import SocketState, WebSocket
from emulator.js.websocket_pair import WebSocketPair
from tests.support.js_host import FakeHost

AUTO_REPLY = "web_socket_auto_reply_to_close"
STANDARD_BINARY = "websocket_standard_binary_type"


def pair() -> tuple[WebSocket, WebSocket]:
    made = WebSocketPair.js_new()
    assert isinstance(made, WebSocketPair)
    return made.sockets


def watch(socket: WebSocket) -> list[str]:
    """What the listeners of a socket hear, as texts."""
    heard: list[str] = []

    def listen(this: JsValue, event: JsValue) -> None:
        match event:
            case MessageEvent():
                data = event.data
                kind = "" if isinstance(data, str) else f"{type(data).__name__}:"
                raw = data.data if isinstance(data, Blob | ArrayBuffer) else data
                heard.append(f"{kind}{bytes(raw) if kind else raw}")
            case CloseEvent():
                state = socket.readyState
                heard.append(f"close {event.code} {event.reason} {event.wasClean} {state}")
            case ErrorEvent():
                heard.append(f"error {event.message} {socket.readyState}")
            case Event():
                heard.append(f"{event.type} {socket.readyState}")

    for name in ("open", "message", "close", "error"):
        socket.addEventListener(name, NativeFunction("listen", listen))
    return heard


def end_and_socket() -> tuple[PipeEnd, WebSocket]:
    """A socket whose other end the test holds."""
    ours, theirs = make_pipe()
    return ours, WebSocket(SocketState(theirs))


def frames(end: PipeEnd) -> list[Frame]:
    """What has arrived at an end."""
    got: list[Frame] = []

    def take(frame: Frame) -> None:
        got.append(frame)
        if not isinstance(frame, Disconnect):
            end.receive(take)

    end.receive(take)
    end.stop_receiving()
    return got


# -- the pipe -----------------------------------------------------------------------------------


@given(st.lists(st.one_of(st.just("send"), st.just("receive")), max_size=40))
def test_frames_arrive_once_and_in_order_however_sending_and_receiving_alternate(
    steps: list[str],
) -> None:
    sender, receiver = make_pipe()
    got: list[Frame] = []
    taken: list[int] = []
    asked = sent = 0
    for step in steps:
        if step == "send":
            sender.send(TextFrame(str(sent)), partial(taken.append, sent))
            sent += 1
        elif asked == len(got):  # not while an earlier question is open
            receiver.receive(got.append)
            asked += 1
    assert got == [TextFrame(str(number)) for number in range(min(asked, sent))]
    assert taken == list(range(len(got)))


def test_receiver_that_asks_again_at_once_does_not_nest() -> None:
    sender, receiver = make_pipe()
    depths: list[int] = []
    depth = 0

    def take(frame: Frame) -> None:
        nonlocal depth
        depth += 1
        depths.append(depth)
        receiver.receive(take)
        depth -= 1

    for _ in range(5000):
        sender.send(TextFrame("x"))
    receiver.receive(take)
    assert depths == [1] * 5000


def test_what_was_sent_before_the_end_went_away_still_arrives() -> None:
    first, second = make_pipe()
    first.send(TextFrame("a"))
    first.abort()
    assert frames(second) == [TextFrame("a"), Disconnect()]


def test_frames_to_an_end_that_is_gone_count_as_taken() -> None:
    first, second = make_pipe()
    taken: list[str] = []
    first.send(TextFrame("waiting"), lambda: taken.append("waiting"))
    second.abort()
    first.send(TextFrame("late"), lambda: taken.append("late"))
    assert taken == ["waiting", "late"]
    assert first.lost


# -- events -------------------------------------------------------------------------------------


def test_message_is_an_event_of_its_own_and_the_next_waits_for_it(js_host: FakeHost) -> None:
    end, socket = end_and_socket()
    heard = watch(socket)
    socket.accept()
    taken: list[int] = []
    for number in range(3):
        end.send(TextFrame(str(number)), partial(taken.append, number))
    assert (heard, taken) == ([], [0])
    js_host.run_microtasks()
    assert (heard, taken) == (["0", "1", "2"], [0, 1, 2])


@pytest.mark.parametrize(
    ("standard", "chosen", "expected"),
    [
        (True, None, "Blob:b'ab'"),
        (False, None, "ArrayBuffer:b'ab'"),
        (True, "arraybuffer", "ArrayBuffer:b'ab'"),
        (False, "blob", "Blob:b'ab'"),
        (False, "nonsense", "ArrayBuffer:b'ab'"),
    ],
)
def test_binary_type_decides_what_a_binary_message_is(
    js_host: FakeHost, standard: bool, chosen: str | None, expected: str
) -> None:
    js_host.flags[STANDARD_BINARY] = standard
    end, socket = end_and_socket()
    heard = watch(socket)
    if chosen is not None:
        socket.binaryType = chosen
    socket.accept()
    end.send(BinaryFrame(b"ab"))
    js_host.run_microtasks()
    assert heard == [expected]


@pytest.mark.rule("WS-30")
def test_automatic_reply_comes_before_the_close_event(js_host: FakeHost) -> None:
    js_host.flags[AUTO_REPLY] = True
    end, socket = end_and_socket()
    heard = watch(socket)
    socket.accept()
    end.send(CloseFrame(4000, "bye"))
    js_host.run_microtasks()
    assert heard == ["close 4000 bye True 3"]
    assert frames(end) == [CloseFrame(4000, "bye")]
    assert js_host.event_ports == 0


@pytest.mark.rule("WS-30")
@pytest.mark.parametrize("half_open", [True, False])
def test_without_automatic_reply_the_socket_stays_half_open(
    js_host: FakeHost, half_open: bool
) -> None:
    js_host.flags[AUTO_REPLY] = half_open  # the option has the last word over the flag
    end, socket = end_and_socket()
    heard = watch(socket)
    socket.accept(PlainObject({"allowHalfOpen": True}) if half_open else None)
    end.send(CloseFrame())
    js_host.run_microtasks()
    assert heard == ["close 1005  True 2"]
    socket.send("still")
    socket.close(3000, "end")
    assert frames(end) == [TextFrame("still"), CloseFrame(3000, "end")]
    assert socket.readyState == 3


def test_disconnect_is_a_close_event_and_silences_sending(js_host: FakeHost) -> None:
    end, socket = end_and_socket()
    heard = watch(socket)
    socket.accept()
    end.abort()
    js_host.run_microtasks()
    assert heard == ["close 1006 WebSocket disconnected without sending Close frame. False 1"]
    assert socket.readyState == 2
    socket.send("nobody hears")
    socket.close(1000)
    assert socket.readyState == 2


def test_message_that_the_other_side_never_took_is_an_error(js_host: FakeHost) -> None:
    end, socket = end_and_socket()
    heard = watch(socket)
    socket.accept()
    socket.send("lost")
    end.abort()
    js_host.run_microtasks()
    assert heard == [
        "error Uncaught Error: Network connection lost. 3",
        "close 1006 WebSocket disconnected without sending Close frame. False 3",
    ]


def test_protocol_failure_is_an_error_without_a_close_event(js_host: FakeHost) -> None:
    end, socket = end_and_socket()
    heard = watch(socket)
    socket.accept()
    end.send(ProtocolFailure(1009, "Message is too large: 33554433 > 33554432"))
    js_host.run_microtasks()
    assert heard == [
        (
            "error Uncaught Error: WebSocket protocol error; protocolError.statusCode = 1009; "
            "protocolError.description = Message is too large: 33554433 > 33554432 3"
        )
    ]


def test_listener_that_throws_ends_the_connection_and_is_reported(js_host: FakeHost) -> None:
    end, socket = end_and_socket()

    def fail(this: JsValue, event: JsValue) -> None:
        raise type_error("listener")

    socket.addEventListener("message", NativeFunction("fail", fail))
    heard = watch(socket)
    socket.accept()
    end.send(TextFrame("one"))
    end.send(TextFrame("two"))
    js_host.run_microtasks()
    assert heard == ["error Uncaught TypeError: listener 3"]
    assert len(js_host.reported) == 1
    assert frames(end) == [Disconnect()]


def test_accepting_twice_is_nothing_and_a_pair_belongs_to_its_context(js_host: FakeHost) -> None:
    left, right = pair()
    left.accept()
    left.accept()
    assert js_host.event_ports == 1
    assert js_host.sockets == {left.state.end, right.state.end}


# -- sending ------------------------------------------------------------------------------------


@pytest.mark.rule("WS-14")
@pytest.mark.parametrize(
    ("message", "frame"),
    [
        ("text", TextFrame("text")),
        (5, TextFrame("5")),
        (null, TextFrame("null")),
        (None, TextFrame("undefined")),
        ("\ud800", TextFrame("\ufffd")),
        (ArrayBuffer(b"ab"), BinaryFrame(b"ab")),
        (Uint8Array.from_bytes(b"xyz"), BinaryFrame(b"xyz")),
        (JsArray([1, 2]), TextFrame("1,2")),
    ],
)
def test_send_takes_buffers_as_they_are_and_everything_else_as_text(
    js_host: FakeHost, message: JsValue, frame: Frame
) -> None:
    end, socket = end_and_socket()
    socket.accept()
    socket.send(message)
    assert frames(end) == [frame]


@pytest.mark.rule("WS-15")
def test_reason_is_limited_in_bytes_by_a_flag_only(js_host: FakeHost) -> None:
    end, socket = end_and_socket()
    socket.accept()
    js_host.flags["websocket_close_reason_byte_limit"] = True
    with pytest.raises(JsThrow, match="must not be longer than 123 bytes when UTF-8 encoded"):
        socket.close(1000, "ü" * 62)
    js_host.flags["websocket_close_reason_byte_limit"] = False
    socket.close(1000, "ü" * 62)
    assert frames(end) == [CloseFrame(1000, "ü" * 62)]


@pytest.mark.rule("WS-15")
@pytest.mark.parametrize(
    ("code", "allowed"), [(1000, True), (1001, False), (2999, False), (3000, True)]
)
def test_pedantic_flag_allows_only_the_codes_of_the_standard(
    js_host: FakeHost, code: int, allowed: bool
) -> None:
    js_host.flags["pedantic_wpt"] = True
    _, socket = end_and_socket()
    socket.accept()
    if allowed:
        socket.close(code)
        assert socket.readyState == 2
    else:
        with pytest.raises(JsThrow, match=f"Invalid WebSocket close code: {code}."):
            socket.close(code)


# -- attachments --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("x" * 16384, 16390),
        ("", 4),
        ("ü", 5),
        ("\u20ac", 6),
        (None, 3),
        (True, 3),
        (0, 4),
        (-1, 4),
        (64, 5),
        (1.5, 11),
        (2**31, 11),
        (JsArray([1, 2]), 11),
        (PlainObject({"a": 1}), 10),
        (PlainObject({"7": 1}), 9),
        (ArrayBuffer(b"abc"), 7),
    ],
)
def test_size_of_a_value_is_counted_as_v8_serializes_it(value: JsValue, size: int) -> None:
    assert serialized_size(*flatten(value)) == size


@pytest.mark.rule("WS-18")
def test_attachment_at_the_limit_fits_and_one_byte_more_does_not(js_host: FakeHost) -> None:
    _, socket = end_and_socket()
    fitting = "x" * (16384 - 5)
    socket.serializeAttachment(fitting)
    with pytest.raises(JsThrow) as caught:
        socket.serializeAttachment(fitting + "x")
    assert str(caught.value) == (
        "Error: A WebSocket 'attachment' cannot be larger than 16384 bytes.'attachment' was 16385 "
        "bytes."
    )
    assert socket.deserializeAttachment() == fitting


# -- new WebSocket() ----------------------------------------------------------------------------


def connecting(js_host: FakeHost, answer: Promise) -> tuple[WebSocket, list[Request]]:
    requests: list[Request] = []

    def fetch(request: Request) -> Promise:
        requests.append(request)
        return answer

    js_host.fetch_handler = fetch
    socket = WebSocket.js_new("wss://x.test/chat?a=b", JsArray(["one", "two"]))
    assert isinstance(socket, WebSocket)
    return socket, requests


def test_client_socket_opens_with_the_socket_of_the_response(js_host: FakeHost) -> None:
    end, theirs = make_pipe()
    answer = Promise()
    socket, requests = connecting(js_host, answer)
    heard = watch(socket)
    assert (socket.readyState, socket.url) == (0, "wss://x.test/chat?a=b")
    (request,) = requests
    assert request.url == "https://x.test/chat?a=b"
    assert request.headers.first("upgrade") == "websocket"
    assert request.headers.first("sec-websocket-protocol") == "one, two"
    headers = [("sec-websocket-protocol", "two")]
    received = WebSocket.received(theirs)
    answer.resolve_with(Response.received(101, "", headers, None, web_socket=received))
    end.send(TextFrame("hello"))
    js_host.run_microtasks()
    assert heard == ["open 1", "hello"]
    assert (socket.readyState, socket.protocol) == (1, "two")
    socket.send("back")
    assert frames(end) == [TextFrame("back")]


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (
            lambda: resolved(Response.received(200, "", [], None)),
            (
                "TypeError: Failed to establish the WebSocket connection: expected server to reply with "
                "HTTP status code 101 (switching protocols), but received 200 instead."
            ),
        ),
        (lambda: rejected(type_error("refused").value), "TypeError: refused"),
    ],
)
def test_client_socket_that_does_not_open_says_why(
    js_host: FakeHost, outcome: object, message: str
) -> None:
    assert callable(outcome)
    socket, _ = connecting(js_host, outcome())
    heard = watch(socket)
    js_host.run_microtasks()
    assert heard == [
        f"error Uncaught {message} 3",
        "close 1006 Failed to establish websocket connection False 3",
    ]
