"""`pyodide.code`: running Python source the way a notebook does, and the refusal to run JavaScript.

Source: the interface of Pyodide's `pyodide.code`.
"""

from __future__ import annotations

import ast
import inspect
import io
import tokenize
from collections.abc import Iterator
from textwrap import dedent
from types import CodeType
from typing import Any, Final, Literal, NoReturn, Self

from emulator.ffi import guest
from emulator.ffi.relaxed import relaxed_call, relaxed_wrap

ReturnMode = Literal["last_expr", "last_expr_or_assign", "none"]

NOT_A_STRING: Final = "argument should have type 'string' not type '{}'"
NOT_SOURCE: Final = "expected str object, not '{}'"
_ASYNC_TOP_LEVEL: Final = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def should_quiet(source: str, /) -> bool:
    """Whether the source ends in a semicolon, so that its last value is not wanted."""
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    silent = {
        tokenize.ENDMARKER, tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.DEDENT,
    }  # fmt: skip
    for token in reversed(tokens):
        if token.type not in silent:
            return token.type == tokenize.OP and token.string == ";"
    return False


class CodeRunner:
    """Parses, compiles and runs source whose last expression is its value."""

    ast: ast.Module
    code: CodeType
    """Once compiled."""

    def __init__(
        self,
        source: str,
        *,
        return_mode: ReturnMode | None = "last_expr",
        mode: str = "exec",
        quiet_trailing_semicolon: bool = True,
        filename: str = "<exec>",
        flags: int = 0,
    ) -> None:
        self._compiled = False
        self._filename = filename
        self._flags = flags
        self._mode = mode
        if not isinstance(source, str):
            raise TypeError(NOT_SOURCE.format(type(source).__name__))
        source = dedent(source)
        self.ast = ast.parse(source, filename=filename)
        quiet = quiet_trailing_semicolon and should_quiet(source)
        self._last = None if quiet else _split_last(self.ast, return_mode)
        self._last_code: CodeType | None = None

    def compile(self) -> Self:
        """Compiles; may be called once."""
        if self._compiled:
            raise RuntimeError("Already compiled")
        self._compiled = True
        flags = self._flags | _ASYNC_TOP_LEVEL
        tree: Any = ast.Interactive(self.ast.body) if self._mode == "single" else self.ast
        self.code = compile(tree, self._filename, self._mode, flags=flags)
        if self._last is not None:
            self._last_code = compile(self._last, self._filename, "eval", flags=flags)
        return self

    def _parts(self) -> Iterator[CodeType]:
        if not self._compiled:
            raise RuntimeError("Not yet compiled")
        yield self.code
        if self._last_code is not None:
            yield self._last_code

    def run(
        self, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None
    ) -> Any:
        """Runs the code; gives the value of the last expression."""
        namespace = {} if globals is None else globals
        result = None
        for part in self._parts():
            result = eval(part, namespace, locals)  # noqa: S307 - that is what it is for
            if inspect.iscoroutine(result) and part.co_flags & inspect.CO_COROUTINE:
                result.close()
                # As if it had been compiled without leave to await.
                raise SyntaxError("'await' outside function", (self._filename, 1, None, None))
        return None if self._last_code is None else result

    async def run_async(
        self, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None
    ) -> Any:
        """Runs code that may use top-level `await`."""
        namespace = {} if globals is None else globals
        result = None
        for part in self._parts():
            result = eval(part, namespace, locals)  # noqa: S307 - as above
            if part.co_flags & inspect.CO_COROUTINE:
                result = await result
        return None if self._last_code is None else result


def _split_last(module: ast.Module, return_mode: ReturnMode | None) -> ast.Expression | None:
    """Takes the last expression off the module, if its value is wanted."""
    if not module.body or return_mode not in ("last_expr", "last_expr_or_assign"):
        return None
    last = module.body[-1]
    if isinstance(last, ast.Expr):
        module.body.pop()
        return ast.Expression(last.value)
    if return_mode == "last_expr_or_assign":
        target = _assigned_name(last)
        if target is not None:
            return ast.fix_missing_locations(
                ast.Expression(ast.copy_location(ast.Name(target, ast.Load()), last))
            )
    return None


def _assigned_name(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Assign):
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        target = statement.target
    else:
        return None
    return target.id if isinstance(target, ast.Name) else None


def eval_code(
    source: str,
    globals: dict[str, Any] | None = None,
    locals: dict[str, Any] | None = None,
    *,
    return_mode: ReturnMode | None = "last_expr",
    quiet_trailing_semicolon: bool = True,
    filename: str = "<exec>",
    flags: int = 0,
) -> Any:
    """Runs source; gives the value of its last expression."""
    runner = CodeRunner(
        source,
        return_mode=return_mode,
        quiet_trailing_semicolon=quiet_trailing_semicolon,
        filename=filename,
        flags=flags,
    )
    return runner.compile().run(globals, locals)


async def eval_code_async(
    source: str,
    globals: dict[str, Any] | None = None,
    locals: dict[str, Any] | None = None,
    *,
    return_mode: ReturnMode | None = "last_expr",
    quiet_trailing_semicolon: bool = True,
    filename: str = "<exec>",
    flags: int = 0,
) -> Any:
    """Runs source that may use top-level `await`."""
    runner = CodeRunner(
        source,
        return_mode=return_mode,
        quiet_trailing_semicolon=quiet_trailing_semicolon,
        filename=filename,
        flags=flags,
    )
    return await runner.compile().run_async(globals, locals)


def find_imports(source: str) -> list[str]:
    """The modules that the source imports, with their parents, sorted."""
    try:
        tree = ast.parse(dedent(source))
    except SyntaxError:
        return []
    found: set[str] = set()
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names = [node.module]
        for name in names:
            parts = name.split(".")
            found.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return sorted(found)


def run_js(code: str, /) -> NoReturn:
    """Raises the EvalError that Workers give: code cannot be made from strings."""
    if not isinstance(code, str):
        raise TypeError(NOT_A_STRING.format(type(code).__name__))
    guest.js().eval(code)
    raise AssertionError("eval returned")


for _public in (CodeRunner, eval_code, eval_code_async, find_imports, run_js, should_quiet):
    _public.__module__ = "pyodide.code"

__all__ = [
    "CodeRunner", "eval_code", "eval_code_async", "find_imports", "relaxed_call", "relaxed_wrap",
    "run_js", "should_quiet",
]  # fmt: skip
