"""Fixtures of the tests of emulator/ffi: a realm, and a loop for guest code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emulator.compat.table import FLAGS
from emulator.ffi import diagnostics
from emulator.ffi.realm import Realm, install
from emulator.js.globals import make_global
from emulator.js.host import slot
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from tests.ffi.guest_loop import GuestLoop
from tests.support.js_host import FakeHost

OLD = "0.28.2"
NEW = "314.0.5"


def make_realm(pyodide_version: str = NEW, helper: JsObject | None = None) -> Realm:
    """A realm with the real global object and every flag known."""
    flags = {flag.enable: False for flag in FLAGS}
    return Realm(make_global(flags), flags, pyodide_version, helper or PlainObject())


@pytest.fixture(params=[NEW, OLD], ids=["pyodide314", "pyodide028"])
def any_version(request: pytest.FixtureRequest) -> Iterator[str]:
    """A realm of each version; gives the version."""
    yield from _installed(request.param)


@pytest.fixture
def realm() -> Iterator[str]:
    """A realm with Pyodide 314."""
    yield from _installed(NEW)


@pytest.fixture
def old_realm() -> Iterator[str]:
    """A realm with Pyodide 0.28."""
    yield from _installed(OLD)


def _installed(version: str) -> Iterator[str]:
    # Tests that need no turn run with a host that only records.
    before, slot.host = slot.host, FakeHost()
    uninstall = install(make_realm(version))
    try:
        yield version
    finally:
        uninstall()
        slot.host = before


@pytest.fixture
def guest() -> GuestLoop:
    """Where guest code runs."""
    return GuestLoop()


@pytest.fixture
def warned() -> Iterator[list[tuple[str, str]]]:
    """What was reported, and nothing reported before."""
    reports: list[tuple[str, str]] = []
    diagnostics.reset()
    diagnostics.set_sink(lambda code, text: reports.append((code, text)))
    try:
        yield reports
    finally:
        diagnostics.set_sink(None)
        diagnostics.set_strict(enabled=False)
        diagnostics.reset()


@pytest.fixture
def text_of() -> Callable[..., str]:
    """Calls a function that must raise; gives the class name and the text."""

    def call(function: Callable[..., Any], *args: Any, **keywords: Any) -> str:
        try:
            value = function(*args, **keywords)
        except BaseException as failure:
            return f"{type(failure).__name__}: {failure}"
        raise AssertionError(f"nothing was raised, but returned {value!r}")

    return call
