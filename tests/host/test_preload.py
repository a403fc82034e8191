"""What a process has imported before its first generation, each case in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

import pytest

PRELOAD = "from emulator.host.preload import preload; preload(); "


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_server_is_there_and_the_client_is_not() -> None:
    names = ["aiohttp.web_server", "emulator.app", "aiohttp.client", "aiohttp.connector"]
    program = f"{PRELOAD} import sys; print([name in sys.modules for name in {names}])"
    assert run(program) == "[True, True, False, False]"


def test_what_was_imported_is_frozen_and_the_collector_runs() -> None:
    program = f"{PRELOAD} import gc; print(gc.get_freeze_count() > 10_000, gc.isenabled())"
    assert run(program) == "True True"


@pytest.mark.parametrize(
    "guest",
    [
        "import aiohttp; print(aiohttp.ClientSession.__module__)",
        "from aiohttp import ClientSession; print(ClientSession.__module__)",
        "from aiohttp import *; print(ClientSession.__module__)",
        "import aiohttp.client; print(aiohttp.ClientSession.__module__)",
        "from aiohttp import web; import aiohttp; print(aiohttp.ClientSession.__module__)",
    ],
)
def test_a_guest_that_imports_the_client_gets_it(guest: str) -> None:
    assert run(PRELOAD + guest) == "aiohttp.client"


def test_the_completed_package_is_the_one_whose_modules_serve() -> None:
    program = (
        f"{PRELOAD} import sys, aiohttp; before = sys.modules['aiohttp.web_server']; "
        "aiohttp.ClientSession; from aiohttp import web; "
        "print(web.Server is before.Server, hasattr(aiohttp, 'nothing'))"
    )
    assert run(program) == "True False"


def test_the_version_is_that_of_the_package() -> None:
    version = run("import aiohttp; print(aiohttp.__version__)")
    assert run(f"{PRELOAD} from aiohttp import http; print(http.__version__)") == version


def test_a_package_that_is_imported_already_stays_as_it_is() -> None:
    program = f"import aiohttp; client = aiohttp.client; {PRELOAD} print(aiohttp.client is client)"
    assert run(program) == "True"


def test_a_package_whose_modules_need_more_of_it_is_imported_as_usual() -> None:
    program = (
        "import sys; sys.modules['aiohttp.web_server'] = None; "
        "from emulator.host.preload import import_server_half; import_server_half(); "
        "import aiohttp.web_server; print(aiohttp.ClientSession.__module__)"
    )
    assert run(program) == "aiohttp.client"
