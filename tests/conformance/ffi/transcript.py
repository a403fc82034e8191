"""What a snippet does, as text: runs its statements one by one, and notes the value of each
expression and each exception.

Runs unchanged in Pyodide and in CPython, so it imports nothing of ours. A statement that raises
does not end the snippet. Addresses are taken out of texts; nothing else is.
"""

from __future__ import annotations

import ast
import inspect
import re
import warnings
from typing import Any

NAMES = [
    "ConversionError",
    "InternalError",
    "JsArray",
    "JsAsyncGenerator",
    "JsAsyncIterable",
    "JsAsyncIterator",
    "JsBuffer",
    "JsCallable",
    "JsCallableDoubleProxy",
    "JsDoubleProxy",
    "JsException",
    "JsGenerator",
    "JsIterable",
    "JsIterator",
    "JsMap",
    "JsMutableMap",
    "JsOnceCallable",
    "JsPromise",
    "JsProxy",
    "JsTypedArray",
    "JsWeakRef",
    "can_run_sync",
    "create_once_callable",
    "create_proxy",
    "destroy_proxies",
    "jsnull",
    "run_sync",
    "to_js",
]
"""Of `pyodide.ffi`, what every snippet finds imported, beside `js` and `asyncio`."""

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")


def namespace() -> dict[str, Any]:
    """The globals of a snippet."""
    import asyncio  # noqa: PLC0415 - in Pyodide they are there only once it runs

    import js  # noqa: PLC0415
    import pyodide.ffi  # noqa: PLC0415

    found = {name: getattr(pyodide.ffi, name) for name in NAMES}
    return {"__name__": "snippet", "asyncio": asyncio, "js": js, **found}


async def transcribe(source: str) -> list[list[str]]:
    """Runs a snippet; a list of [statement, outcome]."""
    scope = namespace()
    lines = []
    for statement in ast.parse(source).body:
        text = (ast.get_source_segment(source, statement) or "").partition("\n")[0]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            outcome = await _outcome(statement, scope)
        lines += [[text, f"warns {w.category.__name__}: {w.message}"] for w in caught]
        if outcome is not None:
            lines.append([text, _ADDRESS.sub("0x...", outcome)])
    return lines


async def _outcome(statement: ast.stmt, scope: dict[str, Any]) -> str | None:
    is_value = isinstance(statement, ast.Expr)
    tree: Any = ast.Expression(statement.value) if is_value else ast.Module([statement], [])
    code = compile(
        tree, "<snippet>", "eval" if is_value else "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    )
    try:
        value = eval(code, scope)
        if code.co_flags & inspect.CO_COROUTINE:
            value = await value
        return describe(value) if is_value else None
    except BaseException as failure:
        return f"raises {_story(failure)}"


def _story(failure: BaseException) -> str:
    text = f"{type(failure).__name__}: {failure}"
    cause = failure.__cause__
    return text if cause is None else f"{text} from {_story(cause)}"


def describe(value: Any) -> str:
    """The type's name and the representation; only the latter for plain data."""
    if type(value) in (str, int, float, bool, type(None), list, tuple, dict, set, bytes):
        return repr(value)
    return f"<{type(value).__name__}> {value!r}"
