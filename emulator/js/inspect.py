"""How values look on the console: Node's notation, which workerd uses.

`format_console` formats the arguments of one console call, `inspect` one value. Wrapped Python
values (any object with `python_value`) print as Python's `repr`, which says more than the PyProxy
that Cloudflare prints.

Platform objects print their accessors; those that iterate over pairs (Headers, FormData) print like
a Map. A class may add lines with `js_inspect_extras() -> list[tuple[label, value]]`.

Source: Node.js `util.inspect` behaviour, observed. Differs: `%o` does not show hidden properties
other than an array's length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from emulator.js.array import JsArray
from emulator.js.array_like import present
from emulator.js.boxed import BoxedPrimitive, JsString
from emulator.js.buffers import ArrayBuffer, DataView, TypedArray
from emulator.js.collections import JsMap, JsSet
from emulator.js.convert import number_to_string, to_number, to_string
from emulator.js.date import INVALID_DATE, JsDate
from emulator.js.errors import DOMException, JsError, JsThrow
from emulator.js.inspect_layout import Layout
from emulator.js.json import JsJSON, stringify
from emulator.js.maths import JsMath
from emulator.js.number_text import parse_float, parse_int
from emulator.js.object import JsIterator, JsObject
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise
from emulator.js.properties import PropertyTable
from emulator.js.regexp import JsRegExp
from emulator.js.values import MISSING, JsBigInt, JsSymbol, JsValue, PropertyKey, null
from emulator.js.weak import JsWeakMap, JsWeakSet

DEFAULT_DEPTH: Final = 2
MAX_ITEMS: Final = 100
MAX_STRING: Final = 10_000
_MAX_BUFFER_BYTES: Final = 50
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_ESCAPED: Final = re.compile("[\x00-\x1f'\\\\\x7f-\x9f\ud800-\udfff]")
_SHORT_ESCAPES: Final = {
    "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\\": "\\\\", "'": "\\'",
}  # fmt: skip
_PERCENT: Final = re.compile(r"%[sdifjoOc%]")


def inspect(value: JsValue, *, depth: int = DEFAULT_DEPTH, show_hidden: bool = False) -> str:
    """The text of one value; strings are quoted."""
    return _Formatter(depth, show_hidden=show_hidden).value(value, 0)


def format_console(args: tuple[JsValue, ...]) -> str:
    """The text of one console call: printf codes of a leading string, then the rest."""
    if not args:
        return ""
    first, rest = args[0], list(args[1:])
    if isinstance(first, str):
        parts = [_substitute(first, rest) if rest else first]
    else:
        parts = [inspect(first)]
    parts.extend(arg if isinstance(arg, str) else inspect(arg) for arg in rest)
    return " ".join(parts)


def _substitute(template: str, rest: list[JsValue]) -> str:
    def replace(match: re.Match[str]) -> str:
        code = match[0]
        if code == "%%":
            return "%"
        if not rest:
            return code
        return _CODES[code[1]](rest.pop(0))

    return _PERCENT.sub(replace, template)


def _as_string(value: JsValue) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, JsObject):
        return inspect(value)
    own_text = isinstance(value, PlainObject) and "toString" in (value._own or {})
    if own_text or value.js_callable:
        return to_string(value)
    return inspect(value, depth=0)


def _as_number(value: JsValue) -> str:
    if isinstance(value, JsBigInt):
        return f"{int(value)}n"
    if isinstance(value, JsObject | JsSymbol):
        return "NaN"
    return _number_text(to_number(value))


def _as_integer(value: JsValue) -> str:
    if isinstance(value, JsBigInt):
        return f"{int(value)}n"
    if isinstance(value, JsObject | JsSymbol):
        return "NaN"
    return _number_text(parse_int(to_string(value)))


def _as_float(value: JsValue) -> str:
    return "NaN" if isinstance(value, JsSymbol) else _number_text(parse_float(to_string(value)))


def _as_json(value: JsValue) -> str:
    try:
        text = stringify(value)
    except JsThrow as thrown:
        if "circular structure" in str(thrown):
            return "[Circular]"
        raise
    return "undefined" if text is None else text


_CODES: Final[dict[str, Callable[[JsValue], str]]] = {
    "s": _as_string,
    "d": _as_number,
    "i": _as_integer,
    "f": _as_float,
    "j": _as_json,
    "o": lambda value: inspect(value, depth=4, show_hidden=True),
    "O": lambda value: inspect(value, depth=DEFAULT_DEPTH),
    "c": lambda value: "",
}


def quote(text: str) -> str:
    """A string inside a container: single quotes, unless others need no escapes."""
    mark = "'"
    if "'" in text:
        if '"' not in text:
            mark = '"'
        elif "`" not in text and "${" not in text:
            mark = "`"
    escaped = _ESCAPED.sub(lambda m: m[0] if m[0] == "'" != mark else _escape(m[0]), text)
    return f"{mark}{escaped}{mark}"


def _escape(char: str) -> str:
    if char in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[char]
    code = ord(char)
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04x}"


def _number_text(value: float) -> str:
    return "-0" if value == 0 and str(value) == "-0.0" else number_to_string(value)


def _key_text(key: PropertyKey) -> str:
    if isinstance(key, JsSymbol):
        return f"[{key!r}]"
    return key if _IDENTIFIER.fullmatch(key) else quote(key)


class _Formatter(Layout):
    """One inspection: knows the objects on the path, for circular marks."""

    def __init__(self, depth: int, *, show_hidden: bool) -> None:
        super().__init__()
        self.depth = depth
        self.show_hidden = show_hidden
        self._path: list[JsObject] = []
        self._circular: dict[int, int] = {}

    # -- values -------------------------------------------------------------------------------

    def value(self, value: JsValue, level: int) -> str:
        if isinstance(value, JsObject):
            return self._object(value, level)
        if isinstance(value, str):
            return self._string(value)
        if value is MISSING:
            return "undefined"
        if isinstance(value, JsBigInt):
            return f"{int(value)}n"
        if isinstance(value, JsSymbol):
            return repr(value)
        if type(value) is float:
            return _number_text(value)
        if value is None or value is null or isinstance(value, bool | int):
            return to_string(value)
        return repr(value)

    def _string(self, text: str) -> str:
        if len(text) > MAX_STRING:
            left = len(text) - MAX_STRING
            plural = "s" if left > 1 else ""
            return f"{quote(text[:MAX_STRING])}... {left} more character{plural}"
        return quote(text)

    def _object(self, value: JsObject, level: int) -> str:
        if hasattr(value, "python_value"):
            return repr(value.python_value)
        if any(value is outer for outer in self._path):
            number = self._circular.setdefault(id(value), len(self._circular) + 1)
            return f"[Circular *{number}]"
        if level > self.depth and not self._has_short_form(value):
            name = self._name(value) if not isinstance(value, JsArray) else "Array"
            return f"[{name}]" if name else "[Object: null prototype]"
        self._path.append(value)
        if not self._has_short_form(value):
            self.current_level = level
        try:
            text = self._formatted(value, level)
        finally:
            self._path.pop()
        mark = self._circular.get(id(value))
        return text if mark is None else f"<ref *{mark}> {text}"

    def _has_short_form(self, value: JsObject) -> bool:
        """Whether the object prints without entries, so that depth does not matter."""
        if isinstance(value, JsDate | JsRegExp | JsError | BoxedPrimitive) or value.js_callable:
            return True
        if isinstance(value, PlainObject):
            return not value.js_own_keys() and not value.null_prototype
        return isinstance(value, JsArray | TypedArray | JsMap | JsSet) and not _size(value)

    def _name(self, value: JsObject) -> str:
        if isinstance(value, PlainObject) and value.null_prototype:
            return ""
        return value.js_class_name

    def _formatted(self, value: JsObject, level: int) -> str:
        for kind, form in _FORMS:
            if isinstance(value, kind):
                return form(self, value, level)
        if value.js_callable:
            return self._function(value, level)
        return self._platform_object(value, level)

    # -- parts --------------------------------------------------------------------------------

    def _nested(self, value: JsValue, level: int, indent: int = 2) -> str:
        self.indentation += indent
        try:
            return self.value(value, level + 1)
        finally:
            self.indentation -= indent

    def _properties(self, value: JsObject, level: int) -> list[str]:
        # Indices of arrays and keys of maps are not properties here.
        indexed = isinstance(value, JsArray | TypedArray | JsMap)
        names = JsObject.js_own_keys(value) if indexed else value.js_own_keys()
        keys: list[PropertyKey] = [key for key in names if isinstance(key, str)]
        own = value._own
        if own:
            keys += [key for key in own if isinstance(key, JsSymbol)]
        return [f"{_key_text(key)}: {self._property(value, key, level)}" for key in keys]

    def _property(self, value: JsObject, key: PropertyKey, level: int) -> str:
        own = value._own
        if isinstance(own, PropertyTable) and key in own.accessors:
            accessor = own.accessors[key]
            kinds = [
                name
                for name, part in (("Getter", accessor.getter), ("Setter", accessor.setter))
                if part is not None
            ]
            return f"[{'/'.join(kinds)}]"
        item = own.get(key) if own is not None and key in own else value.js_get(key)
        return self._nested(item, level)

    # -- forms --------------------------------------------------------------------------------

    def plain(self, value: PlainObject, level: int) -> str:
        prefix = "[Object: null prototype]" if value.null_prototype else ""
        return self.braces(prefix, self._properties(value, level), level)

    def array(self, value: JsArray, level: int) -> str:
        entries = list(_runs(value.items))
        output = [
            text if text is not None else self._nested(item, level)
            for text, item in entries[:MAX_ITEMS]
        ]
        more = len(value.items) - _covered(entries[:MAX_ITEMS])
        numbers = all(_is_numeric(item) for item in value.items)
        extra = self._properties(value, level)
        if self.show_hidden:
            extra.insert(0, f"[length]: {len(value.items)}")
        return self.brackets("", output, extra, more, level, numeric=numbers)

    def typed_array(self, value: TypedArray, level: int) -> str:
        items = list(value.items)
        output = [self.value(item, level) for item in items[:MAX_ITEMS]]
        prefix = f"{value.js_class_name}({len(items)})"
        more = len(items) - len(output)
        return self.brackets(prefix, output, self._properties(value, level), more, level)

    def map(self, value: JsMap, level: int) -> str:
        output = [
            f"{self._nested(key, level)} => {self._nested(item, level)}"
            for key, item in value.entries_list()
        ]
        output += [] if type(value) is not JsMap else self._properties(value, level)
        return self.braces(f"{value.js_class_name}({len(value)})", output, level)

    def set(self, value: JsSet, level: int) -> str:
        output = [self._nested(item, level) for item in value.items_list()]
        output += self._properties(value, level)
        return self.braces(f"Set({len(value)})", output, level)

    def date(self, value: JsDate, level: int) -> str:
        text = INVALID_DATE if value.fields is None else value.iso_text()
        return self.with_properties(text, self._properties(value, level), level)

    def regexp(self, value: JsRegExp, level: int) -> str:
        return self.with_properties(value.js_to_string(), self._properties(value, level), level)

    def boxed(self, value: BoxedPrimitive, level: int) -> str:
        text = f"[{value.js_class_name}: {self.value(value.primitive, level)}]"
        keys = [] if isinstance(value, JsString) else self._properties(value, level)
        return self.with_properties(text, keys, level)

    def error(self, value: JsError, level: int) -> str:
        if isinstance(value, DOMException):
            return self._dom_exception(value, level)
        stack = value.js_get("stack")
        text = stack if isinstance(stack, str) and stack else value.js_to_string()
        if self.indentation:
            text = text.replace("\n", "\n" + " " * self.indentation)
        own = value._own or {}
        hidden = {"message", "stack", "cause", "name"}
        properties = [
            f"{_key_text(key)}: {self._property(value, key, level)}"
            for key in own
            if key not in hidden
        ]
        if "cause" in own:
            properties.append(f"[cause]: {self._nested(own['cause'], level)}")
        if "errors" in own:
            properties = [line for line in properties if not line.startswith("errors:")]
            properties.append(f"[errors]: {self._nested(own['errors'], level)}")
        return self.with_properties(text, properties, level)

    def _dom_exception(self, value: DOMException, level: int) -> str:
        names = ("code", "name", "message", "stack")
        lines = [f"{name}: {self._nested(value.js_get(name), level)}" for name in names]
        return self.braces("DOMException", lines, level)

    def array_buffer(self, value: ArrayBuffer, level: int) -> str:
        shown = value.data[:_MAX_BUFFER_BYTES].hex(" ")
        left = len(value.data) - _MAX_BUFFER_BYTES
        if left > 0:
            shown += f" ... {left} more byte{'s' if left > 1 else ''}"
        if value.detached_:
            return self.braces(value.js_class_name, ["(detached)", "byteLength: 0"], level)
        lines = [f"[Uint8Contents]: <{shown}>", f"byteLength: {len(value.data)}"]
        return self.braces(value.js_class_name, lines, level)

    def data_view(self, value: DataView, level: int) -> str:
        lines = [f"byteLength: {value.byte_size}", f"byteOffset: {value.byte_offset}"]
        lines.append(f"buffer: {self._nested(value.buffer, level)}")
        return self.braces("DataView", lines, level)

    def promise(self, value: Promise, level: int) -> str:
        if value.state == "pending":
            line = "<pending>"
        else:
            mark = "<rejected> " if value.state == "rejected" else ""
            line = mark + self._nested(value.value, level)
        return self.braces("Promise", [line, *self._properties(value, level)], level)

    def weak(self, value: JsObject, level: int) -> str:
        return self.braces(value.js_class_name, ["<items unknown>"], level)

    def iterator(self, value: JsIterator, level: int) -> str:
        return self.braces(f"Object [{value.js_tag}]", self._properties(value, level), level)

    def namespace(self, value: JsObject, level: int) -> str:
        return self.braces(f"Object [{value.js_tag}]", self._properties(value, level), level)

    def _function(self, value: JsObject, level: int) -> str:
        name = value.js_get("name")
        label = f": {name}" if isinstance(name, str) and name else " (anonymous)"
        return self.with_properties(f"[Function{label}]", self._properties(value, level), level)

    def _platform_object(self, value: JsObject, level: int) -> str:
        extras: list[tuple[str, JsValue]] = getattr(value, "js_inspect_extras", list)()
        extra = [f"[{label}]: {self._nested(item, level)}" for label, item in extras]
        if value.js_iterable and "entries" in value.js_members:
            pairs = [pair.items for pair in value.js_iter()]
            lines = [f"{self._nested(k, level)} => {self._nested(v, level)}" for k, v in pairs]
            return self.braces(f"{value.js_class_name}({len(pairs)})", lines + extra, level)
        lines = [
            f"{_key_text(key)}: {self._nested(item, level)}" for key, item in _accessors(value)
        ]
        lines += self._properties(value, level) + extra
        return self.braces(value.js_class_name, lines, level)


def _accessors(value: JsObject) -> Iterator[tuple[PropertyKey, JsValue]]:
    for key, member in value.js_members.items():
        if member.reader is not None and isinstance(key, str):
            try:
                item = member.reader(value)
            except Exception:  # noqa: BLE001, S112 - printing an object must not throw
                continue
            yield key, item


def _runs(items: list[JsValue]) -> Iterator[tuple[str | None, Any]]:
    """Items one by one, with runs of holes as one text; the second of a run is its length."""
    holes = 0
    for item in items:
        if item is MISSING:
            holes += 1
            continue
        if holes:
            yield _empty_items(holes), holes
            holes = 0
        yield None, present(item)
    if holes:
        yield _empty_items(holes), holes


def _covered(entries: list[tuple[str | None, Any]]) -> int:
    return sum(1 if text is None else count for text, count in entries)


def _empty_items(count: int) -> str:
    return f"<{count} empty item{'s' if count > 1 else ''}>"


def _is_numeric(value: JsValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _size(value: Any) -> int:
    return len(value.items) if isinstance(value, JsArray | TypedArray) else len(value)


_FORMS: Final[tuple[tuple[Any, Callable[[Any, Any, int], str]], ...]] = (
    (PlainObject, _Formatter.plain),
    (JsArray, _Formatter.array),
    (JsError, _Formatter.error),
    (JsMap, _Formatter.map),
    (JsSet, _Formatter.set),
    (JsDate, _Formatter.date),
    (TypedArray, _Formatter.typed_array),
    (ArrayBuffer, _Formatter.array_buffer),
    (DataView, _Formatter.data_view),
    (Promise, _Formatter.promise),
    (JsRegExp, _Formatter.regexp),
    (BoxedPrimitive, _Formatter.boxed),
    (JsIterator, _Formatter.iterator),
    ((JsWeakMap, JsWeakSet), _Formatter.weak),
    ((JsMath, JsJSON), _Formatter.namespace),
)
