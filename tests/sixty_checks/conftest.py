"""`ask(body)`: runs the body of an async handler in a real Worker, and gives what it returned."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent, indent
from typing import Any

import pytest

from tests.support.worker import VirtualWorker

PRELUDE = """
import asyncio, json, sys
import js
from js import Object
from pyodide.ffi import (
    ConversionError, JsException, JsProxy, can_run_sync, create_once_callable, create_proxy, jsnull,
    run_sync, to_js,
)
from workers import Request, Response, WorkerEntrypoint, python_from_rpc, python_to_rpc

def error_of(function, *args, **keywords):
    try:
        value = function(*args, **keywords)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return f"no error, but {value!r}"

async def failure_of(awaitable):
    try:
        value = await awaitable
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return f"no error, but {value!r}"
"""


@pytest.fixture
def ask(worker: Callable[..., VirtualWorker]) -> Callable[..., Any]:
    """Answers are JSON: tuples come back as lists."""

    def run(body: str, *, top: str = "", **options: Any) -> Any:
        source = (
            f"{PRELUDE}\n{dedent(top)}\n"
            "class Default(WorkerEntrypoint):\n"
            "    async def fetch(self, request):\n"
            "        return Response(json.dumps(await self.answer(request)))\n"
            "    async def answer(self, request):\n"
            f"{indent(dedent(body).strip(chr(10)), ' ' * 8)}\n"
        )
        return worker(source, **options).fetch("/").json

    return run
