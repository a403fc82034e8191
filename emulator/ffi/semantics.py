"""Which Pyodide the guest sees: the differences between 0.28 and 314, as data.

Exactly one record is current; a realm sets it when it is installed. Code that behaves differently
per version reads `semantics.current.<difference>` and never compares version strings.
Does not know: compatibility dates (`emulator.compat` chooses the version).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Semantics:
    """The visible differences between Pyodide versions."""

    pyodide_version: str
    dict_becomes_object: bool
    """`to_js(dict)` makes a plain object; otherwise a LiteralMap."""
    has_bigint: bool
    """A BigInt stays a JsBigInt in Python; otherwise it is a plain int."""
    null_module: str
    """`type(jsnull).__module__`."""
    object_map_deprecated: bool
    """`as_object_map()` warns."""
    exceptions_have_classes: bool
    """`JsException("TypeError", ...)` makes a TypeError; otherwise an Error with that name."""
    loop_explains: bool
    """What the event loop cannot do says why; otherwise NotImplementedError has no text."""
    has_sockets: bool
    """The event loop makes TCP connections."""
    destroyed_text_has_advice: bool
    """Errors of destroyed proxies have a second line about setDebug."""
    http_exceptions_module: str
    http_fetch_module: str
    fetch_constructs_request: bool
    """`pyfetch` makes a Request before it calls the fetcher, so that an invalid URL is a
    JsException; otherwise the fetcher gets the URL and every failure is an AbortError."""


PYODIDE_0_28: Final = Semantics(
    pyodide_version="0.28.2",
    dict_becomes_object=False,
    has_bigint=False,
    null_module="_pyodide._core_docs",
    object_map_deprecated=False,
    exceptions_have_classes=False,
    loop_explains=False,
    has_sockets=False,
    destroyed_text_has_advice=True,
    http_exceptions_module="pyodide.http",
    http_fetch_module="pyodide.http",
    fetch_constructs_request=False,
)

PYODIDE_314: Final = Semantics(
    pyodide_version="314.0.5",
    dict_becomes_object=True,
    has_bigint=True,
    null_module="pyodide.ffi",
    object_map_deprecated=True,
    exceptions_have_classes=True,
    loop_explains=True,
    has_sockets=True,
    destroyed_text_has_advice=True,
    http_exceptions_module="pyodide.http._exceptions",
    http_fetch_module="pyodide.http._pyfetch",
    fetch_constructs_request=True,
)


def semantics_of(pyodide_version: str) -> Semantics:
    """The record of a version as `pyodide.__version__` spells it: `0.28.x`, or anything later."""
    return PYODIDE_0_28 if pyodide_version.startswith("0.") else PYODIDE_314


current: Semantics = PYODIDE_314


def use(semantics: Semantics) -> Semantics:
    """Makes a record current; returns the one before."""
    global current
    previous, current = current, semantics
    return previous
