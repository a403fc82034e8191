# ruff: noqa: PLC0415 - the modules of a guest exist only inside a realm
"""`import js` and its like, and registering modules."""

from __future__ import annotations

import importlib
import sys

import pytest

pytestmark = pytest.mark.usefixtures("realm")


def test_importing_from_js(text_of):
    import js
    import js.JSON
    from js import Response

    assert Response == js.Response
    assert sys.modules["js.JSON"] == js.JSON
    assert js.JSON.stringify(1) == "1"
    assert js.globalThis == js
    assert text_of(lambda: js.nosuch) == "AttributeError: nosuch"
    assert text_of(importlib.import_module, "js.nosuch") == (
        "ModuleNotFoundError: No module named 'js.nosuch'"
    )
    with pytest.raises(ImportError) as caught:
        from js import nosuch  # noqa: F401
    assert str(caught.value) == "cannot import name 'nosuch' from 'js' (unknown location)"


def test_import_machinery_leaves_no_trace_on_javascript_objects():
    import js
    import js.Math

    assert js.__name__ == "js"
    assert "__spec__" not in js.Math.object_keys().to_py()
    assert not any(key.startswith("__") for key in js.Math.js_value.js_own_keys())


def test_assigning_to_js_makes_a_global():
    import js

    js.foo = 5
    assert js.globalThis.foo == 5
    from js import foo

    assert foo == 5
    del js.foo
    assert not hasattr(js, "foo")


def test_registering_a_module(text_of):
    import js
    from pyodide.ffi import register_js_module, unregister_js_module

    register_js_module("my_module", js.Object.new(a=1, inner=js.Object.new(b=2)))
    from my_module import a
    from my_module.inner import b

    assert (a, b) == (1, 2)
    unregister_js_module("my_module")
    # What was imported stays imported.
    assert importlib.import_module("my_module").a == 1
    del sys.modules["my_module"], sys.modules["my_module.inner"]
    assert text_of(importlib.import_module, "my_module").startswith("ModuleNotFoundError")
    assert text_of(importlib.import_module, "my_module.inner").startswith("ModuleNotFoundError")
    assert text_of(unregister_js_module, "my_module") == (
        "ValueError: Cannot unregister 'my_module': "
        "no Javascript module with that name is registered"
    )
    assert text_of(register_js_module, "x", {}) == (
        "TypeError: Argument 'jsproxy' must be a JsProxy, not 'dict'"
    )
    assert text_of(register_js_module, 5, js) == (
        "TypeError: Argument 'name' must be a str, not 'int'"
    )


def test_compat_flags_are_attributes():
    import _cloudflare_compat_flags as flags

    assert flags.python_workflows_implicit_dependencies is False
    assert not hasattr(flags, "no_such_flag")


def test_pyodide_js(text_of):
    import pyodide
    import pyodide_js

    assert pyodide_js.version == pyodide.__version__
    assert text_of(pyodide_js.loadPackage, "numpy") == (
        "JsException: PythonWorkersInternalError: pyodide.loadPackage is disabled"
    )


def test_submodules_are_attributes():
    import pyodide

    assert pyodide.ffi.wrappers.set_timeout
    assert pyodide.webloop.WebLoop
    assert pyodide.code.run_js
    assert "_pyodide_core" in sys.modules
