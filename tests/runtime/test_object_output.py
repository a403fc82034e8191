"""The output gate: nothing leaves before it is durable, and nothing at all if that fails."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from emulator.runtime.http import HttpRequest, HttpResponse
from emulator.testing.faulty_disk import FaultyDisk
from tests.runtime.objects import Box
from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]


class Outside:
    """The world: notes which requests reached it."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        self.urls.append(request.url)
        return HttpResponse(200, "OK", [], b"outside")


SOURCE = """
    from js import fetch
    calls = []
    class Object(DurableObject):
        async def ok(self):
            return "ok"
        async def write(self, **options):
            await self.ctx.storage.put("a", 1, options)
            return "written"
        async def fetch(self, request):
            await self.ctx.storage.put("a", 1)
            return Response("written")
        async def write_and_raise(self):
            await self.ctx.storage.put("a", 1)
            raise ValueError("mine")
        async def write_and_call(self):
            await self.ctx.storage.put("a", 1)
            await self.env.OBJECT.getByName("other").note()
            return "called"
        async def write_and_fetch(self):
            await self.ctx.storage.put("a", 1)
            return await (await fetch("http://outside.test/")).text()
        async def write_and_catch(self):
            try:
                await self.ctx.storage.put("a", 1)
                await self.ctx.storage.sync()
            except BaseException as error:
                return "caught"
            return "synced"
        async def write_unconfirmed(self):
            await self.ctx.storage.put("a", 1, allowUnconfirmed=True)
            return "unconfirmed"
        async def note(self):
            calls.append("note")
        async def calls(self):
            return list(calls)
        async def get(self):
            return await self.ctx.storage.get("a")
        async def count(self):
            return len(await self.ctx.storage.list())
"""
FAILED = "Error: Internal error in Durable Object storage write caused object to be reset; "


class Bench:
    def __init__(self, worker: Open) -> None:
        self.disk = FaultyDisk()
        self.outside = Outside()
        self.box = Box(worker, SOURCE, disk=self.disk, outbound=self.outside)

    def fail(self, kind: str = "fdatasync", error_number: int = errno.EIO) -> None:
        self.disk.fail_next(kind, error_number)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "result"),
    [
        ("write", "written"),
        ("@fetched", "written"),
        ("write_and_call", "called"),
        ("write_and_fetch", "outside"),
        ("write_and_catch", "synced"),
        ("write_unconfirmed", "unconfirmed"),
        ("write_and_raise", "PythonError: ValueError: mine [remote]"),
    ],
)
def test_on_a_good_disk_everything_leaves(worker: Open, method: str, result: str) -> None:
    bench = Bench(worker)
    assert bench.box.call(method) == result
    assert bench.box.call("get") == 1


@pytest.mark.rule("OG-3", "OG-5")
@pytest.mark.parametrize(
    "method",
    [
        "write",
        "@fetched",
        "write_and_raise",
        "write_and_call",
        "write_and_fetch",
        "write_and_catch",
    ],
)
@pytest.mark.parametrize("kind", ["append", "fdatasync"])
def test_on_a_failing_disk_nothing_leaves_but_the_error(
    worker: Open, method: str, kind: str
) -> None:
    bench = Bench(worker)
    bench.fail(kind)
    found = bench.box.call(method)
    assert found.startswith(FAILED)
    flags = "remote durableObjectReset" if method == "@fetched" else "durableObjectReset"
    assert found.endswith(f" [{flags}]")
    assert bench.outside.urls == []
    assert bench.box.call("calls", name="other") == []
    # The next instance starts from what was committed before.
    assert bench.box.call("count") == 0
    assert bench.box.events[:2] == ["started Object", f"reset Object: {found.rpartition(' [')[0]}"]
    assert bench.box.errors[0].startswith(FAILED.removeprefix("Error: "))
    assert "caused by" in bench.box.errors[0]


@pytest.mark.rule("OG-6")
def test_the_reference_in_the_error_is_in_the_log(worker: Open) -> None:
    bench = Bench(worker)
    bench.fail(error_number=errno.ENOSPC)
    found = bench.box.call("write")
    reference = found.rpartition("reference = ")[2].partition(" ")[0]
    assert len(reference) == 24
    assert reference in bench.box.errors[0]
    assert "No space left" in bench.box.errors[0]


@pytest.mark.rule("OG-4")
def test_an_unconfirmed_write_lets_the_answer_go_but_its_failure_resets(worker: Open) -> None:
    bench = Bench(worker)
    bench.fail()
    assert bench.box.call("write_unconfirmed") == "unconfirmed"
    bench.box.advance(1)
    assert bench.box.events[1].startswith(f"reset Object: {FAILED}")
    assert bench.box.call("count") == 0


@pytest.mark.rule("OG-3")
def test_reads_and_other_objects_go_on_while_the_disk_is_broken(worker: Open) -> None:
    bench = Bench(worker)
    assert bench.box.call("write") == "written"
    bench.fail()
    assert bench.box.call("write", name="b").startswith(FAILED)
    assert bench.box.call("get") == 1
    assert bench.box.call("ok") == "ok"
    assert bench.box.call("write").startswith(FAILED)


@pytest.mark.rule("ST-14", "SQL-44")
def test_calls_in_flight_get_the_error_too(worker: Open) -> None:
    bench = Bench(worker)
    bench.fail()
    answers = bench.box.together("write", "ok", "get")
    assert [answer.startswith(FAILED) for answer in answers] == [True, True, True]
    assert len(set(answers)) == 1


@pytest.mark.rule("OG-3")
def test_an_answer_waits_for_the_disk_and_time_does_not(worker: Open) -> None:
    bench = Bench(worker)
    operations = bench.disk.operations
    assert bench.box.call("write") == "written"
    assert bench.disk.operations > operations
    operations = bench.disk.operations
    assert bench.box.call("ok") == "ok"
    assert bench.disk.operations == operations
