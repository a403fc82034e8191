"""Which names of a main module are exports, by the rules of Cloudflare's introspection."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from emulator.app import Emulator
from emulator.errors import LoadError
from emulator.runtime.errors import GuestError
from emulator.runtime.http import HttpRequest, read_all

CONFIG = """
name = "test"
main = "entry.py"
compatibility_date = "{date}"
compatibility_flags = ["python_workers"]
{more}
"""
OBJECTS = """
[[durable_objects.bindings]]
name = "OBJECTS"
class_name = "Thing"
[[migrations]]
tag = "v1"
new_classes = ["Thing"]
"""
LEGACY = "2025-07-01"
MODERN = "2026-11-17"


def _project(tmp_path: Path, source: str, date: str = MODERN, more: str = "") -> Path:
    (tmp_path / "entry.py").write_text(source)
    config = tmp_path / "wrangler.toml"
    config.write_text(CONFIG.format(date=date, more=more))
    return config


async def _answer(config: Path) -> tuple[int, str]:
    async with Emulator.open(config, memory=True) as emulator:
        response = await emulator.fetch(HttpRequest("GET", "http://localhost/x", []))
        return response.status, (await read_all(response.body)).decode()


async def _failure(config: Path) -> str:
    with pytest.raises(GuestError) as caught:
        await _answer(config)
    return str(caught.value).strip()


@pytest.mark.parametrize("arguments", ["request", "request, env", "request, env, ctx"])
@pytest.mark.parametrize("keyword", ["async def", "def"])
async def test_legacy_on_fetch_takes_as_many_arguments_as_it_likes(
    tmp_path: Path, arguments: str, keyword: str
) -> None:
    source = (
        "from js import Response\n"
        f"{keyword} on_fetch({arguments}):\n"
        "    return Response.new('legacy ' + request.url)\n"
    )
    assert await _answer(_project(tmp_path, source, LEGACY)) == (
        200,
        "legacy http://localhost/x",
    )


async def test_legacy_on_fetch_may_return_an_sdk_response(tmp_path: Path) -> None:
    source = (
        "from workers import Response, handler\n"
        "@handler\n"
        "async def on_fetch(request, env):\n"
        "    return Response(type(request).__module__ + ' ' + type(env).__name__)\n"
    )
    assert await _answer(_project(tmp_path, source, LEGACY)) == (
        200,
        "workers.request _EnvWrapper",
    )


async def test_a_missing_legacy_handler_is_named(tmp_path: Path) -> None:
    assert await _failure(_project(tmp_path, "x = 1", LEGACY)) == (
        'Error: Python entrypoint "entry.py" does not export a handler named "on_fetch"'
    )


async def test_legacy_names_apply_inside_classes_too(tmp_path: Path) -> None:
    source = (
        "from workers import WorkerEntrypoint, Response\n"
        "class Default(WorkerEntrypoint):\n"
        "    async def fetch(self, request): return Response('x')\n"
    )
    assert await _failure(_project(tmp_path, source, LEGACY)) == (
        "TypeError: Method on_fetch does not exist"
    )


async def test_on_fetch_is_no_handler_on_newer_dates(tmp_path: Path) -> None:
    source = "def on_fetch(request): pass\n"
    assert await _failure(_project(tmp_path, source)) == (
        "Error: Handler does not export a fetch() function."
    )


async def test_a_default_class_without_fetch_says_so(tmp_path: Path) -> None:
    source = "from workers import WorkerEntrypoint\nclass Default(WorkerEntrypoint): pass\n"
    assert await _failure(_project(tmp_path, source)) == ("TypeError: Method fetch does not exist")


async def test_a_class_under_another_name_than_its_own_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(
        "from workers import WorkerEntrypoint, Response\n"
        "class Default(WorkerEntrypoint):\n"
        "    async def fetch(self, request): return Response('x')\n"
    )
    config = _project(tmp_path, "from other import Default as Mine\n")
    assert await _failure(config) == (
        "TypeError: There is no 'Default' class defined in the Python Worker's main module"
    )
    assert await _answer(_project(tmp_path, "from other import Default\n")) == (200, "x")


async def test_all_names_what_is_exported(tmp_path: Path) -> None:
    source = (
        "from workers import WorkerEntrypoint, Response\n"
        "__all__ = []\n"
        "class Default(WorkerEntrypoint):\n"
        "    async def fetch(self, request): return Response('x')\n"
    )
    assert await _failure(_project(tmp_path, source)) == (
        "Error: Handler does not export a fetch() function."
    )


async def test_env_and_ctx_of_class_handlers_are_none(tmp_path: Path) -> None:
    source = (
        "from workers import WorkerEntrypoint, Response\n"
        "class Default(WorkerEntrypoint):\n"
        "    def fetch(self, request, env, ctx): return Response(f'{env} {ctx}')\n"
    )
    assert await _answer(_project(tmp_path, source)) == (200, "None None")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("'text'", "the Promise did not resolve to 'Response'."),
        ("None", "the Promise did not resolve to 'Response'."),
        ("{'a': 1}", "the Promise did not resolve to 'Response'."),
        ("(Response('x'),)", "<class 'tuple'> cannot be sent over RPC."),
    ],
)
async def test_only_a_response_may_be_returned(tmp_path: Path, value: str, text: str) -> None:
    source = (
        "from workers import WorkerEntrypoint, Response\n"
        "class Default(WorkerEntrypoint):\n"
        f"    async def fetch(self, request): return {value}\n"
    )
    assert (await _failure(_project(tmp_path, source))).endswith(text)


async def test_a_plain_fetch_works_and_warns_with_its_line(tmp_path: Path) -> None:
    source = (
        "from js import Response\n"
        "\n"
        "async def fetch(request, env, ctx):\n"
        "    return Response.new('plain')\n"
    )
    config = _project(tmp_path, source)
    assert await _answer(config) == (200, "plain")
    async with Emulator.open(config, memory=True) as emulator:
        (note,) = emulator.notes
    assert f"{tmp_path / 'entry.py'}:3: Cloudflare ignores a module-level fetch()" in note


async def test_a_function_imported_from_the_sdk_is_no_handler(tmp_path: Path) -> None:
    source = "from workers import fetch\n"
    assert await _failure(_project(tmp_path, source)) == (
        "Error: Handler does not export a fetch() function."
    )


@pytest.mark.rule("LC-4")
async def test_a_durable_object_class_that_is_not_exported_stops_the_start(tmp_path: Path) -> None:
    config = _project(tmp_path, "x = 1", more=OBJECTS)
    with pytest.raises(LoadError, match="not exported in your entrypoint file: Thing") as caught:
        await _answer(config)
    assert "entry.py" in caught.value.hint


async def test_an_import_error_shows_the_guests_frames(tmp_path: Path) -> None:
    config = _project(tmp_path, "def f():\n    raise ValueError('at import')\nf()\n")
    with pytest.raises(LoadError) as caught:
        await _answer(config)
    text = str(caught.value)
    assert text.startswith("entry.py does not import\nTraceback")
    assert "line 2, in f" in text
    assert "emulator/loader" not in text
    assert text.splitlines()[-1] == "ValueError: at import"


async def test_a_src_prefix_gets_cloudflares_note(tmp_path: Path) -> None:
    config = _project(tmp_path, "import src.other\n")
    with pytest.raises(LoadError, match=r"shouldn't include a 'src\.' prefix"):
        await _answer(config)


async def test_io_is_refused_at_the_top_level(tmp_path: Path) -> None:
    config = _project(tmp_path, "import js\njs.setTimeout(lambda: None, 5)\n")
    with pytest.raises(LoadError, match="Disallowed operation called within global scope"):
        await _answer(config)


async def test_blocking_on_a_coroutine_works_at_the_top_level(tmp_path: Path) -> None:
    source = (
        "import asyncio\n"
        "from pyodide.ffi import run_sync\n"
        "from js import Response\n"
        "async def value():\n"
        "    await asyncio.sleep(0)\n"
        "    return 'ready'\n"
        "A, B = asyncio.run(value()), run_sync(value())\n"
        "async def fetch(request): return Response.new(A + B)\n"
    )
    assert await _answer(_project(tmp_path, source)) == (200, "readyready")


async def test_a_top_level_that_waits_forever_is_reported(tmp_path: Path) -> None:
    source = "import asyncio\nasyncio.run(asyncio.Event().wait())\n"
    with pytest.raises(LoadError, match="waits at its top level"):
        await _answer(_project(tmp_path, source))


async def test_nothing_of_a_guest_stays_in_the_process(tmp_path: Path) -> None:
    before = set(sys.modules)
    (tmp_path / "helper.py").write_text("X = 1\n")
    source = (
        "import helper\nfrom js import Response\n"
        "async def fetch(request): return Response.new(str(helper.X))\n"
    )
    path = list(sys.path)
    assert await _answer(_project(tmp_path, source)) == (200, "1")
    assert sys.path == path
    gone = {"entry", "helper", "js", "workers", "pyodide"}
    assert not gone & (set(sys.modules) - before)


async def test_a_new_instance_serves_each_request_and_globals_stay(tmp_path: Path) -> None:
    source = (
        "from workers import WorkerEntrypoint, Response\n"
        "count = 0\n"
        "class Default(WorkerEntrypoint):\n"
        "    mine = 0\n"
        "    async def fetch(self, request):\n"
        "        global count\n"
        "        count += 1\n"
        "        self.mine += 1\n"
        "        return Response(f'{count} {self.mine}')\n"
    )
    async with Emulator.open(_project(tmp_path, source), memory=True) as emulator:
        bodies = [
            await read_all((await emulator.fetch(HttpRequest("GET", "http://x/", []))).body)
            for _ in range(2)
        ]
    assert bodies == [b"1 1", b"2 1"]
