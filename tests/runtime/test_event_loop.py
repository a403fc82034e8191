"""asyncio inside handlers: what blocks, what runs beside it, what libraries do to the loop.

Python-surface 2.6, 2.7 and 7.2.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]

PRELUDE = """
import asyncio, concurrent.futures, contextvars, json, threading, time
from urllib.parse import urlsplit
import js
from pyodide.ffi import can_run_sync, create_proxy, run_sync, to_js
from pyodide.webloop import WebLoop
from workers import Response, WorkerEntrypoint

log = []
variable = contextvars.ContextVar("variable", default="unset")

async def later(seconds, value):
    await asyncio.sleep(seconds)
    return value

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        answer = getattr(self, urlsplit(request.url).path[1:])(request)
        if hasattr(answer, "__await__"):
            answer = await answer
        return Response(json.dumps(answer))

    async def log(self, request):
        return log
"""

METHODS = """
async def run(self, request):
    return [asyncio.run(later(1, "a")), asyncio.run(later(1, "b"))]
def run_in_sync_method(self, request):
    return asyncio.run(later(1, "sync"))
async def run_nested(self, request):
    async def outer():
        return asyncio.run(later(1, "inner"))
    return asyncio.run(outer())
async def run_fails(self, request):
    async def fail():
        raise LookupError("inside")
    try:
        asyncio.run(fail())
    except LookupError as error:
        return str(error)
async def until_complete(self, request):
    loop = asyncio.get_event_loop()
    task = loop.create_task(later(1, "task"))
    return [loop.run_until_complete(later(1, "coroutine")), loop.run_until_complete(task)]
async def runner(self, request):
    with asyncio.Runner() as runner:
        values = [runner.run(later(1, "one")), runner.run(later(1, "two"))]
        loop = type(runner.get_loop()).__name__
    return [*values, loop, await later(1, "after")]
async def new_loop(self, request):
    loop = asyncio.new_event_loop()
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(later(1, "new"))
    finally:
        loop.close()
async def new_loop_stays(self, request):
    asyncio.new_event_loop()
    try:
        await later(1, "after")
    except RuntimeError as error:
        return str(error).endswith("attached to a different loop")
async def sync_in_sort(self, request):
    return sorted([3, 1, 2], key=lambda x: run_sync(later(1, -x)))
async def where(self, request):
    seen = []
    to_js([1]).forEach(create_proxy(lambda *_: seen.append(can_run_sync())))
    async def task():
        return can_run_sync()
    return [can_run_sync(), *seen, await asyncio.create_task(task())]
async def refused(self, request):
    seen = []
    def callback(*_):
        try:
            run_sync(asyncio.get_running_loop().create_future())
        except RuntimeError as error:
            seen.append(str(error))
    to_js([1]).forEach(create_proxy(callback))
    return seen
async def threads(self, request):
    loop = asyncio.get_running_loop()
    here = threading.get_ident()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return [
            await asyncio.to_thread(threading.get_ident) == here,
            await loop.run_in_executor(None, threading.get_ident) == here,
            await loop.run_in_executor(pool, threading.get_ident) == here,
        ]
async def thread_fails(self, request):
    try:
        await asyncio.to_thread(lambda: 1 / 0)
    except ZeroDivisionError as error:
        return str(error)
async def sleeps(self, request):
    log.append("start")
    time.sleep(5)
    log.append("end")
    return "slept"
async def quick(self, request):
    log.append("quick")
    return "quick"
async def blocked_task(self, request):
    task = asyncio.create_task(later(1, "task"))
    time.sleep(2)
    return [task.done(), await task]
async def contexts(self, request):
    variable.set("outer")
    async def change():
        variable.set("inner")
        return variable.get()
    return [run_sync(change()), variable.get(), await change(), variable.get()]
async def anywhere(self, request):
    return [asyncio.get_running_loop() is asyncio.get_event_loop(), asyncio.get_running_loop().is_running()]
"""


@pytest.fixture
def bench(worker: Open) -> VirtualWorker:
    indented = "\n".join(f"    {line}" for line in METHODS.strip("\n").splitlines())
    return worker(f"{PRELUDE}\n{indented}\n")


@pytest.mark.parametrize(
    ("path", "expected", "after_s"),
    [
        ("run", ["a", "b"], 2),
        ("run_in_sync_method", "sync", 1),
        ("run_nested", "inner", 1),
        ("run_fails", "inside", 0),
        ("until_complete", ["coroutine", "task"], 1),
        ("runner", ["one", "two", "WebLoop", "after"], 3),
        ("new_loop", "new", 1),
        ("new_loop_stays", True, 0),
        ("sync_in_sort", [3, 2, 1], 3),
        ("where", [True, False, True], 0),
        ("threads", [True, True, True], 0),
        ("thread_fails", "division by zero", 0),
        ("blocked_task", [True, "task"], 2),
        ("contexts", ["inner", "outer", "inner", "inner"], 0),
        ("anywhere", [True, True], 0),
    ],
)
def test_asyncio_works_inside_a_running_loop(
    bench: VirtualWorker, path: str, expected: object, after_s: float
) -> None:
    assert bench.fetch(f"/{path}").json == expected
    assert bench.loop.time() == pytest.approx(after_s)


def test_a_stack_with_javascript_on_it_cannot_be_switched(bench: VirtualWorker) -> None:
    (text,) = bench.fetch("/refused").json
    assert text == (
        "Cannot stack switch because the Python entrypoint was a synchronous function. "
        "Use pyFunc.callPromising() to fix."
    )


def test_time_sleep_blocks_only_its_own_request(bench: VirtualWorker) -> None:
    slow = bench.start("/sleeps")
    bench.advance(1)
    assert bench.fetch("/quick").json == "quick"
    bench.advance(5)
    assert slow.result().json == "slept"
    assert bench.fetch("/log").json == ["start", "quick", "end"]


def test_two_requests_block_beside_each_other(bench: VirtualWorker) -> None:
    assert bench.gather("/run_in_sync_method", "/run_in_sync_method") == ['"sync"', '"sync"']
    assert bench.loop.time() == pytest.approx(1)


PYTEST = """
import pathlib
import pytest
from workers import Response, WorkerEntrypoint

class Results:
    def __init__(self):
        self.outcomes = {}
    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            self.outcomes[report.nodeid.partition("::")[2]] = report.outcome

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        results = Results()
        folder = pathlib.Path(await request.text())
        code = pytest.main(
            [str(folder), "-q", "-p", "no:cacheprovider", "-p", "pytest_asyncio", "-c", str(folder / "none.ini"),
             "-p", "no:aiohttp", "-p", "no:timeout", "--rootdir", str(folder), "-o", "asyncio_mode=auto",
             "-o", "asyncio_default_fixture_loop_scope=function"],
            plugins=[results],
        )
        return Response.json({"code": int(code), "outcomes": results.outcomes})
"""

INNER_TESTS = """
import asyncio
import js
from pyodide.webloop import WebLoop

async def test_asynchronous():
    assert isinstance(asyncio.get_running_loop(), WebLoop)
    await asyncio.sleep(0.5)
    assert await js.Promise.resolve(5) == 5

def test_synchronous():
    assert js.Math.max(1, 2) == 2

async def test_failing():
    await asyncio.sleep(0.1)
    assert False
"""


def test_pytest_with_pytest_asyncio_runs_inside_a_request(worker: Open, tmp_path) -> None:
    """How the SDK's own suites run."""
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "none.ini").write_text("[pytest]\n")
    (folder / "test_inner_of_a_worker.py").write_text(INNER_TESTS)
    found = worker(PYTEST).fetch("/", method="POST", body=str(folder).encode())
    assert found.json == {
        "code": 1,
        "outcomes": {
            "test_asynchronous": "passed",
            "test_synchronous": "passed",
            "test_failing": "failed",
        },
    }
