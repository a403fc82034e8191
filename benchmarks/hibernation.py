"""Memory of hibernating WebSockets: `python -m benchmarks.hibernation`.

Opens 10,000 sockets (`--sockets`) through a Worker, all to 100 Durable Objects (`--objects`) of one
class, with a client on each, and waits in virtual time until every instance has been evicted.
Prints what one socket costs of the process's memory while hibernating, how long it took to open
them, and how long it takes to wake every object with a message. Measures the core and both tasks
that carry frames to a network connection; not the connection itself.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import tempfile
import time
import tracemalloc
from contextlib import AsyncExitStack
from pathlib import Path

from emulator.app import Emulator
from emulator.js.frames import TextFrame, make_pipe
from emulator.runtime.http import HttpRequest
from emulator.runtime.web_sockets import PipeChannel, SocketChannel, join
from emulator.testing.virtual_loop import VirtualClock, VirtualLoop

SOURCE = """
import js
from workers import DurableObject, WorkerEntrypoint, Response

class Room(DurableObject):
    async def fetch(self, request):
        client, server = js.WebSocketPair.new()
        self.ctx.acceptWebSocket(server)
        server.serializeAttachment("member")
        return Response(None, status=101, web_socket=client)

    async def webSocketMessage(self, ws, message):
        ws.send(message)

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        name = js.URL.new(request.url).pathname
        return await self.env.ROOM.getByName(name).fetch(request)
"""
CONFIG = """
name = "worker"
main = "entry.py"
compatibility_date = "2026-11-17"
compatibility_flags = ["python_workers"]
[[durable_objects.bindings]]
name = "ROOM"
class_name = "Room"
[[migrations]]
tag = "v1"
new_classes = ["Room"]
"""
EVICTED_AFTER_S = 25.0


async def connect(emulator: Emulator, path: str) -> SocketChannel:
    """A client's channel to a new socket, with the tasks in between that a server would run."""
    headers = [("Upgrade", "websocket")]
    response = await emulator.fetch(HttpRequest("GET", f"http://bench.test{path}", headers))
    assert response.web_socket is not None
    client, server = make_pipe()
    loop = asyncio.get_running_loop()
    TASKS.add(loop.create_task(join(PipeChannel(server), response.web_socket)))
    return PipeChannel(client)


TASKS: set[asyncio.Task[None]] = set()


def run(sockets: int, objects: int) -> None:
    loop = VirtualLoop()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "entry.py").write_text(SOURCE)
        (directory / "wrangler.toml").write_text(CONFIG)
        stack = AsyncExitStack()
        emulator = loop.run(
            stack.enter_async_context(
                Emulator.open(directory / "wrangler.toml", memory=True, clock=VirtualClock(loop))
            )
        )
        loop.run(connect(emulator, "/warm"))
        loop.advance(EVICTED_AFTER_S)
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        started = time.perf_counter()
        clients = [loop.run(connect(emulator, f"/{number % objects}")) for number in range(sockets)]
        opened_s = time.perf_counter() - started
        loop.advance(EVICTED_AFTER_S)
        assert emulator.namespaces["Room"].statistics().actors == 0
        gc.collect()
        used = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        started = time.perf_counter()
        for client in clients[:objects]:
            loop.run(client.send(TextFrame("wake")))
            assert loop.run(client.receive()) == TextFrame("wake")
        woken_s = time.perf_counter() - started
        print(
            f"{sockets} hibernating sockets on {objects} objects: {used / sockets:.0f} bytes each"
        )
        print(
            f"opened in {opened_s:.2f} s (with memory tracing), {objects} woken in {woken_s:.2f} s"
        )
        for task in TASKS:
            task.cancel()
        loop.run(asyncio.wait(TASKS))
        loop.run(stack.aclose())
    loop.finish()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=10_000)
    parser.add_argument("--objects", type=int, default=100)
    options = parser.parse_args()
    run(options.sockets, options.objects)


if __name__ == "__main__":
    main()
