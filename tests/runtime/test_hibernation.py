"""Hibernatable and standard WebSockets of Durable Objects, over virtual time."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from emulator.js.frames import CloseFrame, Disconnect, ProtocolFailure
from emulator.runtime.services import Services
from tests.support.socket_client import SocketClient
from tests.support.worker import VirtualWorker

OpenWorker = Callable[..., VirtualWorker]

IDLE_S = 10.1

ROOM = """
    import asyncio
    import json
    import js
    from pyodide.ffi import JsException, to_js
    from workers import DurableObject, Response, WorkerEntrypoint

    class Object(DurableObject):
        constructed = 0

        def __init__(self, ctx, env):
            super().__init__(ctx, env)
            type(self).constructed += 1
            self.seen = 0
            self.sockets_at_start = len(ctx.getWebSockets())

        async def fetch(self, request):
            path = js.URL.new(request.url).pathname
            if path == "/count":
                return Response(str(len(self.ctx.getWebSockets())))
            client, server = js.WebSocketPair.new()
            if path == "/standard":
                server.accept()
                server.addEventListener("message", lambda event: server.send(f"std:{event.data}"))
                return Response(None, status=101, web_socket=client)
            name = path.removeprefix("/")
            self.ctx.acceptWebSocket(server, to_js([name]))
            server.serializeAttachment(name)
            return Response(None, status=101, web_socket=client,
                            headers={"Sec-WebSocket-Protocol": "chat"})

        async def webSocketMessage(self, ws, message):
            self.seen += 1
            if message == "state":
                ws.send(json.dumps({
                    "attachment": ws.deserializeAttachment(),
                    "tags": list(self.ctx.getTags(ws)),
                    "seen": self.seen,
                    "constructed": type(self).constructed,
                    "sockets_at_start": self.sockets_at_start,
                    "mark": getattr(ws, "mark", None),
                    "answered": self.answered(ws),
                    "timeout": js.String(self.ctx.getHibernatableWebSocketEventTimeout()),
                }))
            elif message == "mark":
                ws.mark = "here"
                ws.send("marked")
            elif message == "auto":
                pair = js.WebSocketRequestResponsePair.new("ping", "pong")
                self.ctx.setWebSocketAutoResponse(pair)
                ws.send("set")
            elif message == "abort":
                self.ctx.abort("stopped")
            elif message == "close":
                ws.close(4001, "done")
            elif message == "raise":
                raise ValueError("from the handler")
            elif message == "sleep":
                await asyncio.sleep(30)
                ws.send("slept")
            elif message == "limit":
                self.ctx.setHibernatableWebSocketEventTimeout(1000)
                ws.send("limited")
            elif isinstance(message, str):
                ws.send(f"echo:{message}")
            else:
                ws.send(f"{type(message).__name__}:{message.constructor.name}:{message.byteLength}")

        def answered(self, ws):
            time = self.ctx.getWebSocketAutoResponseTimestamp(ws)
            return getattr(time, "constructor", None) is not None

        async def webSocketClose(self, ws, code, reason, was_clean):
            listed = ws in list(self.ctx.getWebSockets())
            js.console.log(f"closed {code} {reason!r} {was_clean} {ws.readyState} {listed}")

        async def webSocketError(self, ws, error):
            js.console.log(f"error {type(error).__name__} {error.message} {ws.readyState}")

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            return await self.env.OBJECT.getByName("room").fetch(request)
"""


def state(client: SocketClient) -> Any:
    answer = client.ask("state")
    assert isinstance(answer, str)
    return json.loads(answer)


def log(worker: VirtualWorker) -> list[str]:
    worker.advance(0.1)
    return [line.partition(": ")[2] for line in worker.observer.log]


@pytest.mark.rule("WS-8", "PY-11")
def test_messages_reach_the_handler_with_raw_arguments(worker: OpenWorker) -> None:
    client = SocketClient.connect(worker(ROOM), "/a")
    assert client.ask("hello") == "echo:hello"
    assert client.ask(b"\x00\x01") == "JsProxy:ArrayBuffer:2"


def test_handshake_carries_the_headers_of_the_guest(worker: OpenWorker) -> None:
    from tests.support.worker import request_for  # noqa: PLC0415

    room = worker(ROOM)
    request = request_for("/a", headers=[("Upgrade", "WebSocket")])
    response = room.run(room.emulator.fetch(request))
    headers = {name.lower(): value for name, value in response.headers}
    assert headers["sec-websocket-protocol"] == "chat"
    assert response.web_socket is not None


@pytest.mark.rule("WS-19", "WS-20")
def test_evicted_object_keeps_its_sockets_and_the_next_message_constructs_it_once(
    worker: OpenWorker,
) -> None:
    room = worker(ROOM)
    first, second = SocketClient.connect(room, "/a"), SocketClient.connect(room, "/b")
    assert first.ask("mark") == "marked"
    assert state(first) == {
        "attachment": "a", "tags": ["a"], "seen": 2, "constructed": 1, "sockets_at_start": 0,
        "mark": "here", "answered": False, "timeout": "null",
    }  # fmt: skip
    room.advance(IDLE_S)
    assert room.observer.events[-1] == "evicted Object"
    first.send("state")
    second.send("state")
    after = [json.loads(str(client.receive())) for client in (first, second)]
    assert [found["constructed"] for found in after] == [2, 2]
    assert [found["seen"] for found in after] == [1, 2]
    assert [found["attachment"] for found in after] == ["a", "b"]
    assert [found["tags"] for found in after] == [["a"], ["b"]]
    assert after[0]["sockets_at_start"] == 2
    assert after[0]["mark"] is None
    assert room.observer.events.count("started Object") == 2


@pytest.mark.rule("LC-5")
def test_message_keeps_the_instance_for_another_ten_seconds(worker: OpenWorker) -> None:
    room = worker(ROOM)
    client = SocketClient.connect(room, "/a")
    for _ in range(3):
        room.advance(6)
        client.ask("hello")
    assert state(client)["constructed"] == 1


@pytest.mark.rule("LC-6", "WS-2")
def test_standard_socket_keeps_the_instance_in_memory(worker: OpenWorker) -> None:
    room = worker(ROOM)
    client = SocketClient.connect(room, "/standard")
    room.advance(120)
    assert "evicted Object" not in room.observer.events
    assert client.ask("x") == "std:x"
    client.close(1000)
    assert client.receive() == CloseFrame(1000, "")
    room.advance(25)
    assert room.observer.events[-1] == "evicted Object"


@pytest.mark.rule("LC-7")
def test_connected_socket_keeps_its_container_for_minutes(worker: OpenWorker) -> None:
    room = worker(ROOM)
    client = SocketClient.connect(room, "/a")
    room.advance(600)
    assert state(client)["attachment"] == "a"
    client.vanish()
    room.advance(300)
    namespace = room.emulator.namespaces["Object"]
    assert namespace.statistics().containers == 0


@pytest.mark.rule("WS-21", "WS-22")
def test_automatic_answer_does_not_wake_a_hibernated_object(worker: OpenWorker) -> None:
    room = worker(ROOM)
    client = SocketClient.connect(room, "/a")
    assert client.ask("auto") == "set"
    room.advance(IDLE_S)
    started = room.observer.events.count("started Object")
    assert client.ask("ping") == "pong"
    assert room.observer.events.count("started Object") == started
    assert client.ask("ping ") == "echo:ping "
    assert client.ask(b"ping") == "JsProxy:ArrayBuffer:4"
    assert state(client)["answered"] is True


@pytest.mark.rule("LC-9")
def test_reset_disconnects_every_socket_and_tells_no_handler(worker: OpenWorker) -> None:
    room = worker(ROOM)
    clients = [SocketClient.connect(room, path) for path in ("/a", "/b", "/standard")]
    clients[0].send("abort")
    assert all(client.is_disconnected for client in clients)
    assert log(room) == []
    assert room.text("/count") == "0"


@pytest.mark.rule("LC-9")
def test_reset_while_others_are_hibernated_disconnects_them_too(worker: OpenWorker) -> None:
    room = worker(ROOM)
    first, second = SocketClient.connect(room, "/a"), SocketClient.connect(room, "/b")
    room.advance(IDLE_S)
    first.send("abort")
    assert second.is_disconnected
    assert room.text("/count") == "0"


@pytest.mark.rule("WS-11", "WS-12")
@pytest.mark.parametrize(
    ("leave", "heard"),
    [
        (lambda client: client.close(4000, "bye"), "closed 4000 'bye' True 2 True"),
        (lambda client: client.close(), "closed 1005 '' True 2 True"),
        (
            lambda client: client.vanish(),
            "closed 1006 'WebSocket disconnected without sending Close frame.' False 2 True",
        ),
        (
            lambda client: client.send(ProtocolFailure(1009, "Message is too large: 2 > 1")),
            (
                "error JsException WebSocket protocol error; protocolError.statusCode = 1009; "
                "protocolError.description = Message is too large: 2 > 1 3"
            ),
        ),
    ],
)
@pytest.mark.parametrize("hibernated", [False, True])
def test_end_of_a_socket_is_one_event_after_which_it_is_not_listed(
    worker: OpenWorker, leave: Callable[[SocketClient], None], heard: str, hibernated: bool
) -> None:
    room = worker(ROOM)
    client = SocketClient.connect(room, "/a")
    if hibernated:
        room.advance(IDLE_S)
    leave(client)
    assert log(room) == [heard]
    assert room.text("/count") == "0"


@pytest.mark.rule("WS-31")
def test_close_of_a_hibernatable_socket_is_answered_after_the_handler(worker: OpenWorker) -> None:
    client = SocketClient.connect(worker(ROOM), "/a")
    client.close(4000, "bye")
    assert client.receive() == CloseFrame(4000, "bye")


@pytest.mark.rule("WS-31")
def test_flag_for_manual_replies_leaves_the_close_frame_to_the_handler(worker: OpenWorker) -> None:
    room = worker(ROOM, flags=["web_socket_manual_reply_to_close"])
    client = SocketClient.connect(room, "/a")
    client.close(4000, "bye")
    assert client.hears_nothing()


@pytest.mark.rule("WS-17")
def test_closing_object_hears_the_code_of_the_client_and_lists_the_socket_until_then(
    worker: OpenWorker,
) -> None:
    room = worker(ROOM)
    client = SocketClient.connect(room, "/a")
    assert client.ask("close") == CloseFrame(4001, "done")
    room.advance(IDLE_S)
    assert room.text("/count") == "1"
    client.close(4002, "too")
    assert log(room) == ["closed 4002 'too' True 3 True"]
    assert room.text("/count") == "0"


@pytest.mark.rule("WS-10")
def test_raising_handler_is_logged_and_keeps_the_connection(worker: OpenWorker) -> None:
    room = worker(ROOM)
    client = SocketClient.connect(room, "/a")
    client.send("raise")
    assert client.ask("next") == "echo:next"
    assert len(room.observer.errors) == 1
    assert "ValueError: from the handler" in room.observer.errors[0]


@pytest.mark.rule("WS-9")
def test_slow_handler_keeps_the_instance_and_does_not_hold_back_the_next_message(
    worker: OpenWorker,
) -> None:
    room = worker(ROOM)
    client = SocketClient.connect(room, "/a")
    client.send("sleep", "next")
    assert client.received(2) == ["echo:next", "slept"]
    assert "evicted Object" not in room.observer.events


@pytest.mark.rule("WS-23")
def test_handler_that_exceeds_the_event_timeout_resets_the_instance_but_keeps_sockets(
    worker: OpenWorker,
) -> None:
    room = worker(ROOM)
    client, other = SocketClient.connect(room, "/a"), SocketClient.connect(room, "/b")
    assert client.ask("limit") == "limited"
    client.send("sleep")
    room.advance(2)
    assert room.observer.events[-1] == (
        "reset Object: Error: Actor exceeded event execution time and was disconnected."
    )
    after = state(client)
    assert after["constructed"] == 2
    assert after["tags"] == ["a"]
    assert after["timeout"] == "1000"
    assert state(other)["attachment"] == "b"
    assert room.text("/count") == "2"


GATE = """
    import js
    from workers import DurableObject, Response, WorkerEntrypoint

    class Object(DurableObject):
        async def fetch(self, request):
            client, server = js.WebSocketPair.new()
            self.ctx.acceptWebSocket(server)
            return Response(None, status=101, web_socket=client)

        async def webSocketMessage(self, ws, message):
            ws.send("before")
            await self.ctx.storage.put("k", message)
            ws.send("after")
            if message == "abort":
                self.ctx.abort("stopped")
            ws.close(4000, "end")

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            return await self.env.OBJECT.getByName("room").fetch(request)
"""


@pytest.mark.rule("OG-3", "WS-14")
def test_frames_wait_for_the_writes_before_them_in_order(worker: OpenWorker) -> None:
    client = SocketClient.connect(worker(GATE))
    client.send("x")
    assert client.received(3) == ["before", "after", CloseFrame(4000, "end")]


@pytest.mark.rule("OG-5")
def test_nothing_of_a_turn_that_ends_in_a_reset_is_ever_sent(worker: OpenWorker) -> None:
    client = SocketClient.connect(worker(GATE))
    client.send("abort")
    assert client.receive() == Disconnect()


RELAY = """
    import asyncio
    import js
    from pyodide.ffi import create_proxy
    from workers import DurableObject, Response, WorkerEntrypoint

    class Object(DurableObject):
        async def fetch(self, request):
            client, server = js.WebSocketPair.new()
            self.ctx.acceptWebSocket(server)
            return Response(None, status=101, web_socket=client)

        async def webSocketMessage(self, ws, message):
            ws.send(message.upper())

        async def webSocketClose(self, ws, code, reason, was_clean):
            js.console.log(f"object {code} {was_clean}")

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            path = js.URL.new(request.url).pathname
            if path == "/plain":
                return Response("no socket")
            if path == "/forget":
                await self.env.OBJECT.getByName("x").fetch(request)
                return Response("forgotten")
            if path == "/echo":
                client, server = js.WebSocketPair.new()
                server.accept()
                async def answer(event):
                    await asyncio.sleep(5)
                    server.send(event.data)
                server.addEventListener("message", create_proxy(answer))
                return Response(None, status=101, web_socket=client)
            inner = (await self.env.OBJECT.getByName("x").fetch(request)).js_object.webSocket
            client, outer = js.WebSocketPair.new()
            inner.accept()
            outer.accept()
            inner.addEventListener("message", create_proxy(lambda e: outer.send(f"<{e.data}>")))
            outer.addEventListener("message", create_proxy(lambda e: inner.send(e.data)))
            outer.addEventListener("close", create_proxy(lambda e: inner.close(e.code, e.reason)))
            return Response(None, status=101, web_socket=client)
"""


def test_worker_may_stand_between_the_client_and_the_object(worker: OpenWorker) -> None:
    relay = worker(RELAY)
    client = SocketClient.connect(relay, "/relay")
    assert client.ask("hello") == "<HELLO>"
    relay.advance(60)
    assert client.ask("again") == "<AGAIN>"
    client.close(3000, "bye")
    assert log(relay) == ["object 3000 True"]


def test_stateless_context_lives_as_long_as_its_socket(worker: OpenWorker) -> None:
    relay = worker(RELAY)
    client = SocketClient.connect(relay, "/echo")
    relay.advance(60)
    assert client.ask("late") == "late"


def test_socket_that_the_worker_forgets_is_disconnected_with_its_event(worker: OpenWorker) -> None:
    relay = worker(RELAY)
    assert relay.text("/forget", headers=[("Upgrade", "websocket")]) == "forgotten"
    assert log(relay) == ["object 1006 False"]


def test_legacy_names_of_handlers_have_a_prefix(worker: OpenWorker) -> None:
    legacy = """
        import js
        from workers import DurableObject, Response

        class Object(DurableObject):
            async def on_fetch(self, request):
                client, server = js.WebSocketPair.new()
                self.ctx.acceptWebSocket(server)
                return Response(None, status=101, web_socket=client)

            async def on_webSocketMessage(self, ws, message):
                ws.send(message[::-1])

            async def webSocketMessage(self, ws, message):
                ws.send("wrong")

        async def on_fetch(request, env):
            return await env.OBJECT.getByName("x").fetch(request)
    """
    client = SocketClient.connect(worker(legacy, flags=["disable_python_no_global_handlers"]))
    assert client.ask("abc") == "cba"


@pytest.mark.rule("WS-8")
def test_class_without_handlers_ignores_events_and_drops_closed_sockets(worker: OpenWorker) -> None:
    silent = """
        import js
        from workers import DurableObject, Response, WorkerEntrypoint

        class Object(DurableObject):
            async def fetch(self, request):
                if not request.headers.get("upgrade"):
                    return Response(str(len(self.ctx.getWebSockets())))
                client, server = js.WebSocketPair.new()
                self.ctx.acceptWebSocket(server)
                return Response(None, status=101, web_socket=client)

        class Default(WorkerEntrypoint):
            async def fetch(self, request):
                return await self.env.OBJECT.getByName("x").fetch(request)
    """
    open_worker = worker(silent)
    client = SocketClient.connect(open_worker)
    client.send("one", "two")
    assert open_worker.text() == "1"
    client.close(1000)
    assert client.receive() == CloseFrame(1000, "")
    assert open_worker.text() == "0"
    assert open_worker.observer.errors == []


@pytest.mark.rule("WS-5")
def test_object_takes_no_more_sockets_than_the_limit(
    worker: OpenWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emulator.runtime.durable_object_sockets.MAX_SOCKETS", 2)
    room = worker(ROOM)
    for _ in range(2):
        SocketClient.connect(room, "/a")
    error = room.failure("/a", headers=[("Upgrade", "websocket")])
    assert "only 2 websockets can be accepted on a single Durable Object instance" in str(error)


NEGATIVE = (
    "TypeError: The value cannot be converted because it is negative and this API expects "
    "a positive number."
)
TIMEOUTS = """
    import js
    from pyodide.ffi import JsException
    from workers import DurableObject, Response, WorkerEntrypoint

    class Object(DurableObject):
        async def set(self, *value):
            try:
                self.ctx.setHibernatableWebSocketEventTimeout(*value)
            except JsException as error:
                return str(error)
            return str(self.ctx.getHibernatableWebSocketEventTimeout())

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            stub = self.env.OBJECT.getByName("a")
            value = request.url.rpartition("/")[2]
            return Response(await stub.set(*([float(value)] if value else [])))
"""


@pytest.mark.rule("WS-23")
@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("", "jsnull"),
        ("0", "jsnull"),
        ("1.7", "1"),
        ("604800000", "604800000"),
        ("604800001", "Error: Event timeout should not exceed 604800000 ms."),
        ("-1", NEGATIVE),
        ("nan", "TypeError: The value cannot be converted because it is not an integer."),
        ("inf", "TypeError: The value cannot be converted because it is not an integer."),
    ],
)
def test_time_limit_of_events_is_checked(worker: OpenWorker, value: str, found: str) -> None:
    assert worker(TIMEOUTS).text(f"/{value}") == found


@pytest.mark.rule("WS-21", "WS-14")
def test_automatic_answer_does_not_follow_a_close_frame(worker: OpenWorker) -> None:
    client = SocketClient.connect(worker(ROOM), "/a")
    assert client.ask("auto") == "set"
    assert client.ask("close") == CloseFrame(4001, "done")
    client.send("ping")
    assert client.hears_nothing()


@pytest.mark.rule("WS-4")
def test_duplicates_are_no_further_tags_until_there_are_ten(worker: OpenWorker) -> None:
    many = ROOM.replace("to_js([name])", "to_js([f't{n % 9}' for n in range(30)])")
    assert state(SocketClient.connect(worker(many), "/a"))["tags"] == [f"t{n}" for n in range(9)]


@pytest.mark.rule("WS-20", "LC-5")
def test_instance_for_which_there_is_a_message_is_not_evicted_before_it_begins(
    worker: OpenWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = worker(ROOM)
    client = SocketClient.connect(room, "/a")
    spawn = Services.spawn
    monkeypatch.setattr(
        Services, "spawn", lambda self, work: self.loop.call_later(IDLE_S, spawn, self, work)
    )
    client.send("hello")
    room.advance(2 * IDLE_S)
    assert client.receive() == "echo:hello"
