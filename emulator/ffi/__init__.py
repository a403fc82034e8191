"""What Pyodide is to Python code: `js`, `pyodide` and the translation between the two worlds.

Importing the package makes the translation complete; nothing appears in `sys.modules` under a
guest-visible name until `emulator.ffi.realm.install` is called.
"""

from emulator.ffi import exception, handle_types, pyproxy

__all__ = ["exception", "handle_types", "pyproxy"]
