# ruff: noqa: PLC0415 - the modules of a guest exist only inside a realm
"""Installing and uninstalling a realm; the SDK on top of it."""

from __future__ import annotations

import asyncio
import json
import sys
import time

import pytest

from emulator.errors import InternalError
from emulator.ffi.realm import GUEST_NAMES, install
from tests.ffi.conftest import make_realm


def world():
    """Everything that an installation may change."""
    return (
        {name for name in sys.modules if name.partition(".")[0] in GUEST_NAMES},
        list(sys.meta_path),
        [asyncio.run, asyncio.new_event_loop, asyncio.set_event_loop, asyncio.Runner.run],
        [asyncio.runners.run, asyncio.events.new_event_loop, time.sleep],
        json.JSONEncoder.default,
    )


def test_the_sdk_imports_unmodified(any_version):
    import asgi
    import workers
    import workers.wsgi

    assert asgi.entrypoint is not None
    assert workers.wsgi.entrypoint is not None
    response = workers.Response("hi", headers={"A": "b"})
    assert response.status == 200
    assert response.headers["a"] == "b"


def test_an_uninstalled_realm_leaves_no_trace():
    before = world()
    uninstall = install(make_realm())
    import asgi  # noqa: F401
    import js.JSON  # noqa: F401
    import workers  # noqa: F401

    assert world() != before
    uninstall()
    uninstall()
    assert world() == before


def test_what_was_imported_before_comes_back(monkeypatch):
    marker = type(sys)("pyodide")
    monkeypatch.setitem(sys.modules, "pyodide", marker)
    uninstall = install(make_realm())
    import pyodide

    assert pyodide is not marker
    uninstall()
    assert sys.modules["pyodide"] is marker


def test_there_is_one_realm_at_a_time(realm):
    with pytest.raises(InternalError, match="a realm is installed already"):
        install(make_realm())


def test_a_failed_installation_is_taken_back(monkeypatch):
    before = world()
    realm = make_realm()
    monkeypatch.setattr("emulator.ffi.patches.apply", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        install(realm)
    assert world() == before


def test_versions_name_their_classes(any_version):
    import pyodide
    from pyodide.ffi import jsnull
    from pyodide.http import AbortError, FetchResponse

    assert pyodide.__version__ == any_version
    expected = {
        "0.28.2": ("_pyodide._core_docs", "pyodide.http", "pyodide.http"),
        "314.0.5": ("pyodide.ffi", "pyodide.http._exceptions", "pyodide.http._pyfetch"),
    }[any_version]
    assert (
        type(jsnull).__module__, AbortError.__module__, FetchResponse.__module__,
    ) == expected  # fmt: skip


def test_bytes_bodies_and_rpc_conversions_work_through_the_sdk(realm, guest):
    from datetime import datetime

    from workers import Response, python_from_rpc, python_to_rpc

    async def main():
        assert await Response(b"\x00abc").bytes() == b"\x00abc"
        assert await Response.json({"a": [1]}).text() == '{"a": [1]}'
        value = {"a": [1, None, "x", {"b": True}], "c": b"bytes", "d": {1, 2}}
        back = python_from_rpc(python_to_rpc(value))
        assert back["a"] == value["a"]
        assert back.a[3].b is True
        assert (bytes(back["c"]), back["d"]) == (b"bytes", {1, 2})
        moment = datetime(2024, 1, 2, 3, 4, 5)  # noqa: DTZ001 - the SDK gives naive ones
        assert python_from_rpc(python_to_rpc(moment)) == moment
        with pytest.raises(TypeError, match=r"<class 'tuple'> cannot be sent over RPC\."):
            python_to_rpc((1,))

    guest.run(main())
