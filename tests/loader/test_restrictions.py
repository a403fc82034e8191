"""What Cloudflare would refuse: reported once per place, refused as there, or let be."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.errors import ConfigError
from emulator.loader.restriction_rules import all_rules
from tests.support.worker import VirtualWorker, write_worker

Open = Callable[..., VirtualWorker]

HANDLER = """
import json, os, random, secrets, signal, subprocess, sys, threading, time, uuid
from concurrent.futures import ThreadPoolExecutor
from workers import Response, WorkerEntrypoint
TOP_LEVEL
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        try:
            value = self.work()
        except BaseException as error:
            value = f"{type(error).__name__}: {error}"
        return Response(json.dumps(value))
    def work(self):
        return WORK
"""
NO_ENTROPY = "OSError: [Errno 29] Cannot get entropy outside of request context"


def source(work: str = "None", top_level: str = "") -> str:
    return HANDLER.replace("WORK", work).replace("TOP_LEVEL", top_level)


def entropy_error(text: str) -> str:
    """Top-level code that notes how an expression fails."""
    return (
        f"try:\n    seen = repr({text})\n"
        "except BaseException as error:\n    seen = f'{type(error).__name__}: {error}'\n"
    )


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        ("threading.Thread(target=print).start()", "RuntimeError: can't start new thread"),
        ("ThreadPoolExecutor(1).submit(print)", "RuntimeError: can't start new thread"),
        ("subprocess.run([sys.executable])", "OSError: [Errno 138] emscripten does not support processes."),
        ("os.fork()", "OSError: [Errno 52] Function not implemented"),
        ("os.system('exit 1')", -1),
        ("signal.alarm(0)", "AttributeError: module 'signal' has no attribute 'alarm'"),
        (
            "time.process_time()",
            "RuntimeError: the processor time used is not available or its value cannot be represented",
        ),
        ("input()", "EOFError: EOF when reading a line"),
        ("type(random.random()).__name__", "float"),
        ("len(secrets.token_hex(4))", 8),
    ],
)  # fmt: skip
def test_in_error_mode_a_handler_fails_as_on_cloudflare(
    worker: Open, work: str, expected: object
) -> None:
    """Python-surface 7.1; check 60."""
    assert worker(source(work), restrictions="error").fetch("/").json == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("random.random()", "RuntimeError: Cannot use random.random() outside of request context"),
        (
            "random.choice([1])",
            "RuntimeError: Cannot use random.choice() outside of request context",
        ),
        ("random.seed(1)", "RuntimeError: Cannot use random.seed() outside of request context"),
        ("random.Random()", NO_ENTROPY),
        ("random.SystemRandom().random()", NO_ENTROPY),
        ("uuid.uuid4()", NO_ENTROPY),
        ("secrets.token_bytes(4)", NO_ENTROPY),
        ("secrets.choice([1])", NO_ENTROPY),
        ("os.urandom(4)", NO_ENTROPY),
        ("random.Random(1).randint(1, 1)", "1"),
        ("secrets.compare_digest('a', 'a')", "True"),
    ],
)
def test_in_error_mode_there_is_no_entropy_at_the_top_level(
    worker: Open, text: str, expected: str
) -> None:
    """Python-surface 7.3; check 60."""
    found = worker(source("seen", entropy_error(text)), restrictions="error")
    assert found.fetch("/").json == expected


def test_a_function_imported_at_the_top_level_works_in_handlers(worker: Open) -> None:
    found = worker(source("choice([7])", "from random import choice"), restrictions="error")
    assert found.fetch("/").json == 7


def test_in_warn_mode_each_place_is_reported_once_with_file_and_line(worker: Open) -> None:
    found = worker(
        source("[time.process_time(), time.process_time()] and 'ran'", "x = random.random()")
    )
    assert [found.fetch("/").json, found.fetch("/").json] == ["ran", "ran"]
    top_level, handler = found.observer.log
    assert top_level == (
        "warn: entry.py:5: random.random() fails at the top level of a Worker: "
        "RuntimeError: Cannot use random.random() outside of request context"
    )
    assert handler == (
        "warn: entry.py:14: time.process_time() fails in a Worker: RuntimeError: the processor "
        "time used is not available or its value cannot be represented"
    )


def test_the_function_that_the_project_calls_is_named(worker: Open) -> None:
    found = worker(source("1", "token = secrets.token_hex(4)\nname = uuid.uuid4()"))
    failure = f"fails at the top level of a Worker: {NO_ENTROPY}"
    assert found.observer.log == [
        f"warn: entry.py:5: secrets.token_hex() {failure}",
        f"warn: entry.py:6: uuid.uuid4() {failure}",
    ]


def test_in_off_mode_nothing_is_said(worker: Open) -> None:
    found = worker(source("type(time.process_time()).__name__"), restrictions="off")
    assert found.fetch("/").json == "float"
    assert found.observer.log == []


def test_packages_are_not_judged(worker: Open, tmp_path: Path) -> None:
    vendored = tmp_path / "python_modules"
    vendored.mkdir()
    (vendored / "a_vendored_package.py").write_text(
        "import random, time\nvalue = random.random()\ndef now(): return time.process_time()\n"
    )
    found = worker(
        source("type(a_vendored_package.now()).__name__", "import a_vendored_package"),
        restrictions="error",
    )
    assert found.fetch("/").json == "float"


def functions() -> list[Any]:
    return [getattr(rule.owner, rule.name) for rule in all_rules()]


def test_everything_is_put_back(worker: Open) -> None:
    before = functions()
    worker(source("1"), restrictions="error")
    assert functions() != before
    worker(source("1"), restrictions="off")
    assert functions() == before
    assert random.Random().random() != random.Random().random()
    assert len(os.urandom(2)) == 2


def test_the_host_is_not_judged(worker: Open) -> None:
    worker(source("1"), restrictions="error")
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    assert not thread.is_alive()


def test_the_projects_setting_holds(worker: Open, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.pyworkers]\nrestrictions = "error"\n')
    assert worker(source("os.system('true')")).fetch("/").json == -1
    found = worker(source("type(time.process_time()).__name__"), restrictions="off")
    assert found.fetch("/").json == "float"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[tool.pyworkers]\nrestrictions = "strict"', "tool.pyworkers.restrictions is 'strict'"),
        ("[tool.pyworkers]\nrestriction = 1", "tool.pyworkers has no setting 'restriction'"),
        ("[tool.pyworkers", "pyproject.toml cannot be read"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, message: str) -> None:
    from emulator.config.settings import load_settings  # noqa: PLC0415 - not part of the rest

    write_worker(tmp_path, source())
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path)
    assert message in str(caught.value)


CONNECTIONS = """
import asyncio, json, ssl
from workers import Response, WorkerEntrypoint
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        loop = asyncio.get_running_loop()
        try:
            value = type(await WORK).__name__
        except BaseException as error:
            value = f"{type(error).__name__}: {error}"
        return Response(json.dumps(value))
"""
NO_TLS = "NotImplementedError: SSL/TLS via create_connection is not yet supported"


@pytest.mark.parametrize(
    ("work", "with_314", "with_028"),
    [
        ("asyncio.open_connection('h', 1, ssl=ssl.create_default_context())", NO_TLS, "NotImplementedError: "),
        ("loop.create_connection(print, 'h', 1, ssl=True)", NO_TLS, "NotImplementedError: "),
        ("loop.create_connection(print)", "ValueError: host and port must be specified if sock is not provided", "NotImplementedError: "),
        (
            "loop.start_tls(None, None, None)",
            "NotImplementedError: start_tls() is not available in browser environments due to lack of low-level TLS controls.",
            "NotImplementedError: ",
        ),
        ("loop.sock_recv(None, 1)", "NotImplementedError: sock_recv() is not available in browser environments due to restricted raw socket access.", "NotImplementedError: "),
    ],
)  # fmt: skip
def test_in_error_mode_connections_are_as_on_cloudflare(
    worker: Open, work: str, with_314: str, with_028: str
) -> None:
    """Python-surface 7.1 and 2.10."""
    text = CONNECTIONS.replace("WORK", work)
    assert worker(text, restrictions="error").fetch("/").json == with_314
    assert worker(text, restrictions="error", date="2025-10-01").fetch("/").json == with_028


def test_tls_of_the_event_loop_is_reported_once_per_place(worker: Open) -> None:
    found = worker(CONNECTIONS.replace("WORK", "asyncio.open_connection(ssl=True)"))
    failure = "ValueError: host and port must be specified if sock is not provided"
    assert [found.fetch("/").json, found.fetch("/").json] == [failure] * 2
    assert found.observer.log == [
        f"warn: entry.py:8: asyncio.streams.open_connection() fails in a Worker: {NO_TLS}"
    ]


def test_connections_are_reported_without_a_text_where_pyodide_has_none(worker: Open) -> None:
    found = worker(CONNECTIONS.replace("WORK", "asyncio.open_connection()"), date="2025-10-01")
    found.fetch("/")
    assert found.observer.log == [
        "warn: entry.py:8: asyncio.streams.open_connection() fails in a Worker: NotImplementedError"
    ]
