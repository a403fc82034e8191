"""The `console` object: formats its arguments and gives the host one entry per call.

Does not know: where entries go.
Source: https://console.spec.whatwg.org; the set of members is that of V8's console.
"""

from __future__ import annotations

from emulator.js import host
from emulator.js.convert import is_iterable, iterate, to_boolean, to_string
from emulator.js.define import method
from emulator.js.inspect import format_console, inspect
from emulator.js.object import JsObject
from emulator.js.values import MISSING, JsSymbol, JsValue

_INDENT = "  "
_DEFAULT_LABEL = "default"


class Console(JsObject, name="console", tag="console", constructible=False):
    """One realm's console, with its counters, timers and groups."""

    __slots__ = ("_counts", "_depth", "_started_ms")

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, int] = {}
        self._started_ms: dict[str, float] = {}
        self._depth = 0

    def _print(self, level: str, text: str) -> None:
        if self._depth:
            indent = _INDENT * self._depth
            text = indent + text.replace("\n", "\n" + indent)
        host.current().console(level, text)

    @method
    def debug(self, *args: JsValue) -> None:
        self._print("debug", format_console(args))

    @method
    def error(self, *args: JsValue) -> None:
        self._print("error", format_console(args))

    @method
    def info(self, *args: JsValue) -> None:
        self._print("info", format_console(args))

    @method
    def log(self, *args: JsValue) -> None:
        self._print("log", format_console(args))

    @method
    def warn(self, *args: JsValue) -> None:
        self._print("warn", format_console(args))

    @method
    def dir(self, value: JsValue = None, options: JsValue = None) -> None:
        self._print("log", inspect(value))

    @method
    def dirxml(self, *args: JsValue) -> None:
        self._print("log", format_console(args))

    @method
    def table(self, data: JsValue = None, columns: JsValue = None) -> None:
        table = _table(data, columns) if isinstance(data, JsObject) else None
        self._print("log", format_console((data,)) if table is None else table)

    @method
    def trace(self, *args: JsValue) -> None:
        text = format_console(args)
        self._print("log", f"Trace: {text}" if text else "Trace")

    @method
    def group(self, *args: JsValue) -> None:
        if args:
            self._print("log", format_console(args))
        self._depth += 1

    @method
    def groupCollapsed(self, *args: JsValue) -> None:
        self.group(*args)

    @method
    def groupEnd(self) -> None:
        self._depth = max(self._depth - 1, 0)

    @method
    def clear(self) -> None:
        self._depth = 0

    @method
    def count(self, label: JsValue = None) -> None:
        name = _label(label)
        self._counts[name] = self._counts.get(name, 0) + 1
        self._print("log", f"{name}: {self._counts[name]}")

    @method
    def countReset(self, label: JsValue = None) -> None:
        name = _label(label)
        if self._counts.pop(name, None) is None:
            self._print("warn", f"Count for '{name}' does not exist")

    @method
    def assert_(self, condition: JsValue = None, *args: JsValue) -> None:
        if to_boolean(condition):
            return
        if args and isinstance(args[0], str):
            args = (f"Assertion failed: {args[0]}", *args[1:])
        else:
            args = ("Assertion failed", *args)
        self._print("error", format_console(args))

    @method
    def profile(self, label: JsValue = None) -> None:
        """Profiles belong to a debugger; there is none here, as in a deployed Worker."""

    @method
    def profileEnd(self, label: JsValue = None) -> None:
        """See `profile`."""

    @method
    def time(self, label: JsValue = None) -> None:
        name = _label(label)
        if name in self._started_ms:
            self._print("warn", f"Timer '{name}' already exists")
            return
        self._started_ms[name] = host.current().now_ms()

    @method
    def timeLog(self, label: JsValue = None, *args: JsValue) -> None:
        self._print_timer(_label(label), args)

    @method
    def timeEnd(self, label: JsValue = None) -> None:
        name = _label(label)
        self._print_timer(name, ())
        self._started_ms.pop(name, None)

    @method
    def timeStamp(self, label: JsValue = None) -> None:
        """See `profile`."""

    def _print_timer(self, name: str, args: tuple[JsValue, ...]) -> None:
        started_ms = self._started_ms.get(name)
        if started_ms is None:
            self._print("warn", f"Timer '{name}' does not exist")
            return
        elapsed_ms = host.current().now_ms() - started_ms
        text = f"{name}: {elapsed_ms:g} ms"
        self._print("log", f"{text} {format_console(args)}" if args else text)


def _label(label: JsValue) -> str:
    return _DEFAULT_LABEL if label is None else to_string(label)


def _table(data: JsObject, columns: JsValue) -> str | None:
    """Rows and columns in a frame; None if the data has no rows."""
    rows = _rows(data)
    if not rows:
        return None
    wanted = [to_string(name) for name in iterate(columns)] if is_iterable(columns) else None
    names: dict[str, None] = dict.fromkeys(wanted or ())
    has_values = False
    for _, row in rows:
        if isinstance(row, JsObject):
            if wanted is None:
                names.update(dict.fromkeys(key for key, _ in _rows(row)))
        else:
            has_values = True
    header = ["(index)", *names, *(["Values"] if has_values else [])]
    lines = [[key, *_cells(row, list(names), has_values=has_values)] for key, row in rows]
    return _frame([header, *lines])


def _rows(data: JsObject) -> list[tuple[str, JsValue]]:
    if is_iterable(data):
        return [(str(index), row) for index, row in enumerate(data.js_iter())]
    keys = [key for key in data.js_own_keys() if not isinstance(key, JsSymbol)]
    return [(str(key), data.js_get(key)) for key in keys]


def _cells(row: JsValue, names: list[str], *, has_values: bool) -> list[str]:
    if isinstance(row, JsObject):
        found = dict(_rows(row))
        cells = [_cell(found.get(name, MISSING)) for name in names]
        return [*cells, ""] if has_values else cells
    return [*("" for _ in names), _cell(row)]


def _cell(value: JsValue) -> str:
    return "" if value is MISSING else inspect(value)


def _frame(lines: list[list[str]]) -> str:
    widths = [max(len(cell) for cell in column) + 2 for column in zip(*lines, strict=True)]

    def rule(left: str, middle: str, right: str) -> str:
        return left + middle.join("─" * width for width in widths) + right

    def row(cells: list[str]) -> str:
        padded = (f" {cell}".ljust(width) for cell, width in zip(cells, widths, strict=True))
        return "│" + "│".join(padded) + "│"

    body = [row(cells) for cells in lines]
    frame = [rule("┌", "┬", "┐"), body[0], rule("├", "┼", "┤"), *body[1:], rule("└", "┴", "┘")]
    return "\n".join(frame)
