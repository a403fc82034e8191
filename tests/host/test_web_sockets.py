"""WebSockets over loopback, between real clients and a channel that a test holds."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.host.web_sockets import MAX_MESSAGE_BYTES, MISSING_KEY, UNSUPPORTED_VERSION
from emulator.js.frames import (
    BinaryFrame,
    CloseFrame,
    Disconnect,
    Frame,
    ProtocolFailure,
    TextFrame,
    make_pipe,
)
from emulator.runtime.http import HttpRequest, HttpResponse
from emulator.runtime.web_sockets import PipeChannel
from tests.host.fakes import Served, serving
from tests.support.worker import open_worker

HANDSHAKE = (
    b"GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Endpoint:
    """A handler that upgrades; `guest` is the guest's side of the latest socket."""

    def __init__(self, *headers: tuple[str, str]) -> None:
        self.guest: PipeChannel
        self._headers = list(headers)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        guest, host = make_pipe()
        self.guest = PipeChannel(guest)
        return HttpResponse(101, "", self._headers, web_socket=PipeChannel(host))

    async def heard(self, count: int) -> list[Frame]:
        return [await self.guest.receive() for _ in range(count)]


@asynccontextmanager
async def raw_socket(
    endpoint: Endpoint, handshake: bytes = HANDSHAKE
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]]:
    async with serving(endpoint) as served:
        reader, writer = await served.connect()
        writer.write(handshake)
        head = await reader.readuntil(b"\r\n\r\n")
        try:
            yield reader, writer, head
        finally:
            writer.close()


@asynccontextmanager
async def client_socket(
    endpoint: Endpoint, **options: Any
) -> AsyncIterator[tuple[aiohttp.ClientWebSocketResponse, Served]]:
    async with (
        serving(endpoint) as served,
        aiohttp.ClientSession() as session,
        session.ws_connect(served.url, **options) as socket,
    ):
        try:
            yield socket, served
        finally:
            endpoint.guest.close()  # or the client would wait for a close frame


def frame(
    opcode: int, payload: bytes, *, final: bool = True, mask: bytes = b"\x01\x02\x03\x04"
) -> bytes:
    """A client's frame on the wire."""
    head = bytes([(0x80 if final else 0) | opcode])
    size = len(payload)
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += bytes([0xFE]) + size.to_bytes(2, "big")
    else:
        head += bytes([0xFF]) + size.to_bytes(8, "big")
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """A short frame of the server: opcode and payload."""
    first, size = await reader.readexactly(2)
    return first & 0x0F, await reader.readexactly(size)


async def test_handshake_answers_the_key_and_passes_headers_but_not_framing() -> None:
    endpoint = Endpoint(
        ("Sec-WebSocket-Protocol", "chat"), ("X-Mine", "1"), ("Connection", "close"),
        ("Sec-WebSocket-Accept", "forged"), ("Content-Length", "5"),
    )  # fmt: skip
    async with raw_socket(endpoint) as (_, _, head):
        assert head.decode().split("\r\n") == [
            "HTTP/1.1 101 Switching Protocols",
            "Sec-WebSocket-Protocol: chat",
            "X-Mine: 1",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            "",
            "",
        ]


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (b"Version: 13", b"Version: 8", UNSUPPORTED_VERSION),
        (b"Key: dGhlIHNhbXBsZSBub25jZQ==", b"Key: short", MISSING_KEY),
        (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b"", MISSING_KEY),
    ],
)
async def test_bad_handshake_is_refused_and_the_guest_disconnected(
    before: bytes, after: bytes, text: str
) -> None:
    endpoint = Endpoint()
    async with raw_socket(endpoint, HANDSHAKE.replace(before, after)) as (reader, _, head):
        assert head.startswith(b"HTTP/1.1 400 ")
        assert (await reader.readexactly(len(text))).decode() == text
        assert await endpoint.heard(1) == [Disconnect()]


async def test_messages_travel_both_ways_in_order() -> None:
    endpoint = Endpoint()
    async with client_socket(endpoint) as (socket, _):
        await socket.send_str("grün")
        await socket.send_bytes(b"\x00\xff")
        assert await endpoint.heard(2) == [TextFrame("grün"), BinaryFrame(b"\x00\xff")]
        for sent in (TextFrame("ä"), BinaryFrame(b"x" * 70_000), TextFrame("")):
            await endpoint.guest.send(sent)
        assert await socket.receive_str() == "ä"
        assert await socket.receive_bytes() == b"x" * 70_000
        assert await socket.receive_str() == ""


async def test_sub_protocol_that_the_guest_chose_reaches_the_client() -> None:
    endpoint = Endpoint(("sec-websocket-protocol", "two"))
    async with client_socket(endpoint, protocols=["one", "two"]) as (socket, _):
        assert socket.protocol == "two"


async def test_close_of_the_client_is_answered_with_what_the_guest_sends() -> None:
    endpoint = Endpoint()
    async with client_socket(endpoint) as (socket, _):
        closing = asyncio.create_task(socket.close(code=4000, message=b"bye"))
        assert await endpoint.heard(1) == [CloseFrame(4000, "bye")]
        await endpoint.guest.send(CloseFrame(4001, "too"))
        await closing
        assert socket.close_code == 4001


async def test_close_of_the_guest_is_told_what_the_client_answers() -> None:
    endpoint = Endpoint()
    async with client_socket(endpoint) as (socket, served):
        await endpoint.guest.send(CloseFrame(3001, "done"))
        message = await socket.receive()
        assert (message.type, message.data, message.extra) == (WSMsgType.CLOSE, 3001, "done")
        assert await endpoint.heard(1) == [CloseFrame(1000, "")]
    assert [line.status for line in served.reporter.lines] == [101]


async def test_close_frame_without_a_body_has_no_code_in_either_direction() -> None:
    endpoint = Endpoint()
    async with raw_socket(endpoint) as (reader, writer, _):
        writer.write(frame(CLOSE, b""))
        assert await endpoint.heard(1) == [CloseFrame(None, "")]
        await endpoint.guest.send(CloseFrame())
        assert await read_frame(reader) == (CLOSE, b"")
        assert await reader.read() == b""


@pytest.mark.rule("WS-11")
async def test_client_that_vanishes_is_a_disconnect() -> None:
    endpoint = Endpoint()
    async with raw_socket(endpoint) as (_, writer, _):
        writer.transport.abort()
        assert await endpoint.heard(1) == [Disconnect()]


async def test_client_that_vanishes_after_its_close_frame_is_both() -> None:
    endpoint = Endpoint()
    async with raw_socket(endpoint) as (_, writer, _):
        writer.write(frame(CLOSE, (1000).to_bytes(2, "big")) + frame(TEXT, b"ignored"))
        await writer.drain()
        writer.close()
        assert await endpoint.heard(2) == [CloseFrame(1000, ""), Disconnect()]


async def test_guest_that_is_reset_leaves_the_client_without_a_close_frame() -> None:
    endpoint = Endpoint()
    async with client_socket(endpoint) as (socket, _):
        endpoint.guest.close()
        assert (await socket.receive()).type is WSMsgType.CLOSED
        assert socket.close_code == 1006


@pytest.mark.rule("WS-13")
async def test_ping_is_answered_and_not_delivered() -> None:
    endpoint = Endpoint()
    async with raw_socket(endpoint) as (reader, writer, _):
        writer.write(frame(PING, b"hi") + frame(PONG, b"") + frame(TEXT, b"after"))
        assert await read_frame(reader) == (PONG, b"hi")
        assert await endpoint.heard(1) == [TextFrame("after")]


@pytest.mark.rule("WS-13")
async def test_invalid_utf8_is_replaced() -> None:
    endpoint = Endpoint()
    async with raw_socket(endpoint) as (_, writer, _):
        writer.write(frame(TEXT, b"a\xffb"))
        assert await endpoint.heard(1) == [TextFrame("a\ufffdb")]


@pytest.mark.rule("WS-12")
async def test_message_over_the_limit_ends_the_connection_with_1009() -> None:
    endpoint = Endpoint()
    description = f"Message is too large: {MAX_MESSAGE_BYTES + 1} > {MAX_MESSAGE_BYTES}"
    async with raw_socket(endpoint) as (reader, writer, _):
        writer.write(bytes([0x82, 0xFF]) + (MAX_MESSAGE_BYTES + 1).to_bytes(8, "big") + b"mask")
        assert await endpoint.heard(1) == [ProtocolFailure(1009, description)]
        opcode, payload = await read_frame(reader)
        assert (opcode, payload[:2], payload[2:].decode()) == (CLOSE, b"\x03\xf1", description)
        assert await reader.read() == b""


@pytest.mark.rule("WS-12")
async def test_message_of_exactly_the_limit_passes() -> None:
    endpoint = Endpoint()
    async with client_socket(endpoint, max_msg_size=0) as (socket, _):
        sending = asyncio.create_task(socket.send_bytes(bytes(MAX_MESSAGE_BYTES)))
        (message,) = await endpoint.heard(1)
        await sending
        assert isinstance(message, BinaryFrame)
        assert len(message.data) == MAX_MESSAGE_BYTES


async def test_broken_framing_ends_the_connection_with_1002() -> None:
    endpoint = Endpoint()
    async with raw_socket(endpoint) as (reader, writer, _):
        writer.write(b"\xf2\x80mask")
        (failure,) = await endpoint.heard(1)
        assert isinstance(failure, ProtocolFailure)
        assert failure.status_code == 1002
        opcode, payload = await read_frame(reader)
        assert (opcode, payload[:2]) == (CLOSE, b"\x03\xea")


async def test_guest_that_does_not_read_holds_back_the_client() -> None:
    endpoint = Endpoint()
    piece = b"x" * 65536
    async with raw_socket(endpoint) as (_, writer, _):
        sent = 0

        async def flood() -> None:
            nonlocal sent
            while sent < 64 * 1024 * 1024:
                writer.write(frame(BINARY, piece, mask=bytes(4)))
                await writer.drain()
                sent += len(piece)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(flood(), 0.3)
        assert sent < 32 * 1024 * 1024
        assert await endpoint.heard(3) == [BinaryFrame(piece)] * 3


async def test_drain_cuts_sockets_off_at_once_and_tells_the_guest() -> None:
    endpoint = Endpoint()
    async with client_socket(endpoint) as (socket, served):
        draining = asyncio.create_task(served.server.drain(30.0))
        assert await endpoint.heard(1) == [Disconnect()]
        assert (await socket.receive()).type is WSMsgType.CLOSED
        await asyncio.wait_for(draining, 5.0)


@pytest.mark.rule("LC-9")
async def test_clients_of_a_real_worker_talk_to_its_object_until_it_is_reset(
    tmp_path: Path,
) -> None:
    source = """
        import js
        from workers import DurableObject, Response, WorkerEntrypoint

        class Object(DurableObject):
            async def fetch(self, request):
                client, server = js.WebSocketPair.new()
                self.ctx.acceptWebSocket(server)
                return Response(None, status=101, web_socket=client)

            async def webSocketMessage(self, ws, message):
                if message == "abort":
                    self.ctx.abort("stopped")
                for other in self.ctx.getWebSockets():
                    other.send(message)

        class Default(WorkerEntrypoint):
            async def fetch(self, request):
                return await self.env.OBJECT.getByName("room").fetch(request)
    """
    async with (
        open_worker(tmp_path, source) as worker,
        serving(worker.emulator.fetch) as served,
        aiohttp.ClientSession() as session,
        session.ws_connect(served.url) as first,
        session.ws_connect(served.url) as second,
    ):
        await first.send_str("to all")
        assert [await first.receive_str(), await second.receive_str()] == ["to all", "to all"]
        await second.send_str("abort")
        assert (await first.receive()).type is WSMsgType.CLOSED
        assert (await second.receive()).type is WSMsgType.CLOSED
        assert (first.close_code, second.close_code) == (1006, 1006)


Messages = list[tuple[int, bytes]]
messages = st.lists(
    st.tuples(st.sampled_from([TEXT, BINARY]), st.binary(max_size=300)), min_size=1, max_size=8
)


def wire(sent: Messages, fragments: int) -> bytes:
    """The messages as frames, each message cut into up to so many."""
    data = b""
    for opcode, payload in sent:
        size = max(1, -(-len(payload) // fragments))
        pieces = [payload[start : start + size] for start in range(0, len(payload), size)] or [b""]
        for index, piece in enumerate(pieces):
            final = index == len(pieces) - 1
            data += frame(opcode if index == 0 else 0, piece, final=final, mask=os.urandom(4))
    return data


def expected(sent: Messages) -> Sequence[Frame]:
    return [
        TextFrame(payload.decode("utf-8", "replace")) if opcode == TEXT else BinaryFrame(payload)
        for opcode, payload in sent
    ]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages, st.integers(1, 4), st.lists(st.integers(1, 400), min_size=1, max_size=20))
def test_any_split_into_tcp_chunks_gives_the_same_messages(
    sent: Messages, fragments: int, cuts: list[int]
) -> None:
    async def run() -> list[Frame]:
        endpoint = Endpoint()
        async with client_socket(endpoint) as (_, served):
            (connection,) = served.server._http.connections
            hearing = asyncio.create_task(endpoint.heard(len(sent)))
            data = wire(sent, fragments)
            sizes = itertools.cycle(cuts)
            while data:
                size = next(sizes)
                connection.data_received(data[:size])
                data = data[size:]
            return await hearing

    assert asyncio.run(run()) == expected(sent)
