# ruff: noqa: PLC0415 - the modules of a guest exist only inside a realm
"""`_cloudflare`: import patches."""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager

import pytest


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A module that can be patched while it is imported."""
    (tmp_path / "patch_target.py").write_text("value = 1\nother = 2\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "patch_target"
    sys.modules.pop("patch_target", None)


@contextmanager
def _double(module):
    yield
    module.value *= 2


def test_an_exec_patch_surrounds_the_execution(realm, package):
    from _cloudflare.import_patch_manager import register_exec_patch

    assert register_exec_patch(package)(_double) is _double
    assert importlib.import_module(package).value == 2


def test_a_create_patch_surrounds_the_creation(realm, package):
    from _cloudflare.import_patch_manager import register_create_patch

    seen = []

    @register_create_patch(package)
    @contextmanager
    def watch(spec):
        seen.append(spec.name)
        yield

    assert importlib.import_module(package).value == 1
    assert seen == [package]


def test_a_module_that_is_there_already_is_patched_at_once_and_restored(package):
    from emulator.ffi.realm import install
    from tests.ffi.conftest import make_realm

    module = importlib.import_module(package)
    uninstall = install(make_realm())
    from _cloudflare.import_patch_manager import register_exec_patch

    register_exec_patch(package)(_double)
    assert module.value == 2
    uninstall()
    assert (module.value, module.other) == (1, 2)


def test_entropy_patches_are_only_registered(realm, package):
    from _cloudflare.allow_entropy import allow_bad_entropy_calls
    from _cloudflare.import_patch_manager import (
        block_calls,
        register_after_snapshot,
        register_before_first_request,
        register_exec_patch,
    )

    def patch(module):
        raise AssertionError("must not run")

    patch.__module__ = "_workers_sdk_entropy_import_context"
    register_exec_patch(package)(patch)
    register_after_snapshot(package)(patch)
    register_before_first_request(package)(patch)
    module = importlib.import_module(package)
    block_calls(module, allowlist=("value",))
    with allow_bad_entropy_calls(1):
        assert module.value == 1


def test_the_sdks_patches_are_loaded(realm):
    pytest.importorskip("_workers_sdk_package_patches")
    from _cloudflare.import_patch_manager import register_exec_patch

    manager = register_exec_patch.__self__
    assert "anyio.to_thread" in manager._exec
