"""The `pyodide` package as guests see it: which name is in which module.

The modules are made anew for each realm, so that what a guest assigns to them goes with it.
"""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final, NoReturn

from emulator.ffi import code, http, semantics, stack, to_js, types, webloop, wrappers
from emulator.ffi.create_proxy import create_once_callable, create_proxy
from emulator.ffi.exception import JsException
from emulator.ffi.modules import register_js_module, unregister_js_module
from emulator.ffi.proxy import JsProxy
from emulator.js.errors import JsError, JsThrow
from emulator.js.object import JsObject, NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.values import JsBigInt, JsNull, JsValue, null

LOAD_PACKAGE_DISABLED: Final = "pyodide.loadPackage is disabled"


class ToJsConverter:
    """`pyodide.ffi.ToJsConverter`: the type of `convert` in converters; for annotations only."""


ToJsConverter.__module__ = "pyodide.ffi"


def _ffi() -> dict[str, Any]:
    names: dict[str, Any] = {name: getattr(types, name) for name in types.__all__}
    return names | {
        "ConversionError": to_js.ConversionError,
        "InternalError": to_js.InternalError,
        "JsException": JsException,
        "JsNull": JsNull,
        "JsProxy": JsProxy,
        "ToJsConverter": ToJsConverter,
        "can_run_sync": stack.can_run_sync,
        "create_once_callable": create_once_callable,
        "create_proxy": create_proxy,
        "destroy_proxies": to_js.destroy_proxies,
        "jsnull": null,
        "register_js_module": register_js_module,
        "run_sync": stack.run_sync,
        "to_js": to_js.to_js,
        "unregister_js_module": unregister_js_module,
        **_of_this_version(),
    }


def _of_this_version() -> dict[str, Any]:
    if semantics.current.has_bigint:
        return {"IN_PYODIDE": True, "JsBigInt": JsBigInt}
    return {"IN_BROWSER": True}


def _public(module: ModuleType) -> dict[str, Any]:
    return {name: getattr(module, name) for name in module.__all__}


def make_modules(pyodide_version: str) -> dict[str, ModuleType]:
    """The package's modules, by name; submodules are attributes of their parents."""
    ffi = _ffi()
    core = {
        name: ffi[name]
        for name in (
            "JsException", "can_run_sync", "create_once_callable", "create_proxy",
            "destroy_proxies", "run_sync", "to_js",
        )
    }  # fmt: skip
    exceptions = {
        name: getattr(http, name) for name in ("AbortError", "BodyUsedError", "HttpStatusError")
    }
    contents: dict[str, dict[str, Any]] = {
        "pyodide": {"__version__": pyodide_version, "__all__": ["__version__"]},
        "pyodide.ffi": {**ffi, "__all__": sorted(ffi)},
        "pyodide.ffi.wrappers": _public(wrappers),
        "pyodide.http": _public(http),
        "pyodide.http._exceptions": exceptions,
        "pyodide.http._pyfetch": {"FetchResponse": http.FetchResponse, "pyfetch": http.pyfetch},
        "pyodide.code": _public(code),
        "pyodide.webloop": _public(webloop),
        "_pyodide_core": core,
        "_pyodide": {},
        "_pyodide._core_docs": ffi,
    }
    made = {name: _module(name, content) for name, content in contents.items()}
    for name, module in made.items():
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(made[parent], child, module)
    return made


_PACKAGES: Final = frozenset({"_pyodide", "pyodide", "pyodide.ffi", "pyodide.http"})


def _module(name: str, content: dict[str, Any]) -> ModuleType:
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None, origin="pyworkers", is_package=name in _PACKAGES)
    if name in _PACKAGES:
        module.__path__ = []
    vars(module).update(content)
    return module


def pyodide_js(pyodide_version: str) -> JsObject:
    """The JavaScript side's `pyodide` object, as far as Workers let anybody use it."""
    return PlainObject(
        {
            "version": pyodide_version,
            "loadPackage": NativeFunction("loadPackage", _load_package),
            "_api": PlainObject(),
            "_module": PlainObject(),
        }
    )


def _load_package(this: JsValue, *args: JsValue) -> NoReturn:
    raise JsThrow(JsError(LOAD_PACKAGE_DISABLED, name="PythonWorkersInternalError"))
