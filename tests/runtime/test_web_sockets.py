"""Channels of frames: how two of them are joined, and a Worker's own connections to the outside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from emulator.js.frames import (
    CloseFrame,
    Disconnect,
    Frame,
    ProtocolFailure,
    TextFrame,
    make_pipe,
)
from emulator.runtime.http import HttpRequest, HttpResponse
from emulator.runtime.web_sockets import PipeChannel, SocketChannel, join
from emulator.testing.virtual_loop import VirtualLoop
from tests.support.socket_client import SocketClient
from tests.support.worker import VirtualWorker

OpenWorker = Callable[..., VirtualWorker]


class Foreign:
    """A channel that is no pipe of this process, as a network connection would be."""

    def __init__(self, channel: SocketChannel) -> None:
        self._channel = channel

    async def send(self, frame: Frame) -> None:
        await self._channel.send(frame)

    async def receive(self) -> Frame:
        return await self._channel.receive()

    def close(self) -> None:
        self._channel.close()


async def joined() -> tuple[PipeChannel, PipeChannel, asyncio.Task[None]]:
    """Both outer ends of two pipes whose inner ends are joined."""
    left, first = make_pipe()
    second, right = make_pipe()
    joining = asyncio.create_task(join(PipeChannel(first), Foreign(PipeChannel(second))))
    return PipeChannel(left), PipeChannel(right), joining


def test_join_ends_when_both_sides_have_closed(virtual_loop: VirtualLoop) -> None:
    async def main() -> None:
        left, right, joining = await joined()
        await left.send(TextFrame("a"))
        assert await right.receive() == TextFrame("a")
        await left.send(CloseFrame(1000))
        assert await right.receive() == CloseFrame(1000)
        await right.send(TextFrame("half open"))
        assert await left.receive() == TextFrame("half open")
        await right.send(CloseFrame(1001))
        assert await left.receive() == CloseFrame(1001)
        await joining

    virtual_loop.run(main())


def test_join_ends_for_both_when_one_side_is_gone(virtual_loop: VirtualLoop) -> None:
    async def main() -> None:
        left, right, joining = await joined()
        await left.send(CloseFrame(1000))
        assert await right.receive() == CloseFrame(1000)
        left.close()
        assert await right.receive() == Disconnect()
        await joining

    virtual_loop.run(main())


def test_join_ends_after_a_protocol_failure(virtual_loop: VirtualLoop) -> None:
    async def main() -> None:
        left, right, joining = await joined()
        failure = ProtocolFailure(1002, "broken")
        await left.send(failure)
        assert await right.receive() == failure
        assert await right.receive() == Disconnect()
        await joining

    virtual_loop.run(main())


def test_join_holds_a_sender_back_until_the_receiver_takes(virtual_loop: VirtualLoop) -> None:
    async def main() -> None:
        left, right, joining = await joined()
        sending = [asyncio.create_task(left.send(TextFrame(str(n)))) for n in range(5)]
        await asyncio.sleep(1)
        # One is on its way through, the rest waits.
        assert [task.done() for task in sending] == [True, False, False, False, False]
        assert [await right.receive() for _ in range(5)] == [TextFrame(str(n)) for n in range(5)]
        right.close()
        await joining

    virtual_loop.run(main())


class EchoServer:
    """An outside world in which every address greets, and repeats what it is told."""

    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        ours, theirs = make_pipe()
        self.running = asyncio.create_task(self._echo(PipeChannel(ours)))
        headers = [("Sec-WebSocket-Protocol", "b")]
        return HttpResponse(101, "", headers, web_socket=Foreign(PipeChannel(theirs)))

    async def _echo(self, channel: PipeChannel) -> None:
        await channel.send(TextFrame("welcome"))
        while True:
            frame = await channel.receive()
            if isinstance(frame, Disconnect):
                return
            await channel.send(frame)


CLIENT = """
    import asyncio
    import js
    from pyodide.ffi import create_proxy, to_js
    from workers import Response, WorkerEntrypoint, fetch

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            log = []
            if request.url.endswith("/fetch"):
                response = await fetch("http://x.test/", headers={"Upgrade": "websocket"})
                socket = response.js_object.webSocket
                socket.accept()
            else:
                socket = js.WebSocket.new("ws://x.test/", to_js(["a", "b"]))
            closed = asyncio.Event()

            def on_message(event):
                log.append(event.data)
                if event.data == "welcome":
                    socket.send("hello")
                else:
                    socket.close(4000, "enough")

            def on_close(event):
                log.append(f"{event.code} {event.reason}")
                closed.set()

            def on_open(event):
                log.append(f"open {socket.protocol}")

            socket.addEventListener("open", create_proxy(on_open))
            socket.addEventListener("message", create_proxy(on_message))
            socket.addEventListener("close", create_proxy(on_close))
            await closed.wait()
            return Response(", ".join(log))
"""


def test_worker_connects_to_the_outside_with_the_constructor(worker: OpenWorker) -> None:
    outside = EchoServer()
    client = worker(CLIENT, outbound=outside)
    assert client.text() == "open b, welcome, hello, 4000 enough"
    (request,) = outside.requests
    assert request.url == "http://x.test/"
    headers = {name.lower(): value for name, value in request.headers}
    assert headers["upgrade"] == "websocket"
    assert headers["sec-websocket-protocol"] == "a, b"


def test_worker_connects_to_the_outside_with_fetch(worker: OpenWorker) -> None:
    assert worker(CLIENT, outbound=EchoServer()).text("/fetch") == "welcome, hello, 4000 enough"


def test_worker_without_a_way_out_hears_an_error_and_a_close(worker: OpenWorker) -> None:
    assert worker(CLIENT).text() == "1006 Failed to establish websocket connection"


ASGI = """
    import asgi
    import js
    from workers import Response, WorkerEntrypoint

    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            return
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                js.console.log(f"left {event['code']}")
                return
            if "bytes" in event:
                await send({"type": "websocket.send", "bytes": event["bytes"][::-1]})
            elif event["text"] == "stop":
                await send({"type": "websocket.close", "code": 4000, "reason": "asked"})
                return
            else:
                await send({"type": "websocket.send", "text": event["text"].upper()})

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            return await asgi.websocket(app, request.js_object, self.env)
"""


def test_asgi_applications_of_the_sdk_have_sockets(worker: OpenWorker) -> None:
    application = worker(ASGI)
    client = SocketClient.connect(application)
    assert client.ask("hello") == "HELLO"
    assert client.ask(b"abc") == b"cba"
    application.advance(60)
    assert client.ask("stop") == CloseFrame(4000, "asked")


def test_asgi_application_hears_that_its_client_left(worker: OpenWorker) -> None:
    application = worker(ASGI)
    client = SocketClient.connect(application)
    client.ask("hello")
    client.close(3000, "bye")
    application.advance(1)
    assert application.observer.log == ["log: left 3000"]
