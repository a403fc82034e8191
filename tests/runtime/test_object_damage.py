"""Objects whose state cannot be read: who hears what, and that nothing hangs or spreads."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from emulator.app import Emulator
from emulator.testing.faulty_disk import FaultyDisk
from tests.runtime.objects import PRELUDE, Box
from tests.support.socket_client import SocketClient
from tests.support.worker import RecordingObserver, VirtualWorker, write_worker
from tests.support.worker import TestWorker as Worker

Open = Callable[..., VirtualWorker]

SOURCE = """
    import js
    class Object(DurableObject):
        async def put(self):
            await self.ctx.storage.put("a", 1)
        async def get(self):
            return await self.ctx.storage.get("a")
        async def fetch(self, request):
            client, server = js.WebSocketPair.new()
            self.ctx.acceptWebSocket(server)
            await self.ctx.storage.put("a", 1)
            return Response(None, status=101, web_socket=client)
        async def webSocketMessage(self, ws, message):
            ws.send(message)
"""


class BadDisk(FaultyDisk):
    """A disk that gives wrong bytes of snapshots, or none."""

    how = ""

    def read(self, path: Path) -> bytes:
        data = super().read(path)
        if path.suffix == ".snap" and self.how == "unreadable":
            raise OSError(errno.EIO, "input/output error")
        return data + b"more" if path.suffix == ".snap" and self.how == "damaged" else data


@pytest.mark.rule("OG-6")
@pytest.mark.parametrize(
    ("how", "cause"), [("unreadable", "input/output error"), ("damaged", ".snap is damaged")]
)
def test_a_snapshot_that_cannot_be_read_is_an_internal_error_until_it_can(
    worker: Open, how: str, cause: str
) -> None:
    disk = BadDisk()
    box = Box(worker, SOURCE, disk=disk)
    client = SocketClient.connect(box.worker, "/a/fetch")
    box.worker.run(box.worker.emulator._store.checkpoint())
    box.advance(15)
    disk.how = how
    failed = box.call("get")
    assert failed.startswith("Error: internal error; reference = ")
    assert box.errors[0].startswith(failed.removeprefix("Error: "))
    assert cause in box.errors[0]
    assert box.call("get", name="b") is None
    client.send("hello")
    assert client.is_disconnected
    disk.how = ""
    assert box.call("get") == 1


@pytest.mark.rule("OG-7")
async def test_a_database_that_is_none_breaks_its_object_alone(tmp_path: Path) -> None:
    config = write_worker(tmp_path, PRELUDE + dedent(SOURCE), sqlite=True)
    observer = RecordingObserver()

    async def answers(*paths: str) -> list[object]:
        async with Emulator.open(
            config, persist_to=tmp_path / "state", observer=observer
        ) as opened:
            return [(await Worker(opened, observer).fetch(path)).json for path in paths]

    assert await answers("/a/put", "/a/get") == [None, 1]
    for file in (tmp_path / "state").rglob("*.sqlite*"):
        file.write_bytes(b"no database" * 1000) if file.suffix == ".sqlite" else file.unlink()
    failed = "Error: file is not a database: SQLITE_NOTADB [durableObjectReset]"
    assert await answers("/a/get", "/a/get", "/b/put", "/b/get") == [failed, failed, None, 1]
    assert "started Object" not in observer.events[1:3]
