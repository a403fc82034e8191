"""The global object of the guest that is running here: one slot, set by the realm.

Modules that guests import (`pyodide.http`, `pyodide.code`, ...) reach `js` through it.
"""

from __future__ import annotations

from typing import Any

from emulator.errors import InternalError
from emulator.ffi.translate import js_to_py
from emulator.js.object import JsObject

global_object: JsObject | None = None


def js() -> Any:
    """The guest's `js`, as a handle."""
    if global_object is None:
        raise InternalError("guest code asked for js, but no realm is installed")
    return js_to_py(global_object)
