"""`JSON`: parse and stringify with JavaScript's results and V8's error texts.

`parse` lets Python's C scanner do the work and turns its dicts and lists into objects and arrays;
what that scanner refuses goes to `json_scanner`, which names the error as V8 does.
`stringify` leaves plain trees to Python's C encoder too (`json_plain`); it reads all else
by the object protocol (`toJSON`, own keys, reads), so that wrapped Python containers work as they
do on Cloudflare.

Source: ECMA-262, 25.5.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, Never

from emulator.js.array import JsArray
from emulator.js.boxed import BoxedPrimitive, JsNumber, JsString
from emulator.js.convert import number_to_string, to_integer, to_number, to_string
from emulator.js.define import method
from emulator.js.errors import range_error, type_error
from emulator.js.json_plain import plain_text
from emulator.js.json_scanner import scan
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import MAX_SAFE_INTEGER, MISSING, JsBigInt, JsSymbol, JsValue, null

BIGINT = "Do not know how to serialize a BigInt"
STACK_OVERFLOW = "Maximum call stack size exceeded"
_SURROGATE = re.compile("[\ud800-\udfff]")
_INDENT_LIMIT = 10
_quote: Final[Any] = json.encoder.encode_basestring


class _Refused(Exception):
    """The C scanner accepted something that JSON does not have."""


def _refuse(constant: str) -> Never:
    raise _Refused(constant)


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse)


def parse(text: str) -> JsValue:
    """`JSON.parse(text)` without a reviver."""
    try:
        tree = _DECODER.decode(text)
        return _from_tree(tree)
    except (ValueError, RecursionError, _Refused):
        # Either wrong, or too deep, or a number too long for Python's int.
        return scan(text)


def _from_tree(tree: Any) -> JsValue:
    kind = type(tree)
    if kind is dict:
        result = PlainObject.__new__(PlainObject)
        result.null_prototype = False
        for key, value in tree.items():
            inner = type(value)
            if inner is not str and inner is not bool:
                tree[key] = _from_tree(value)
        result._own = tree
        return result
    if kind is list:
        return JsArray([item if type(item) is str else _from_tree(item) for item in tree])
    if tree is None:
        return null
    if kind is int and not -MAX_SAFE_INTEGER <= tree <= MAX_SAFE_INTEGER:
        return _big_number(tree)
    return tree


def _big_number(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def revive(value: JsValue, reviver: JsObject) -> JsValue:
    """Applies a reviver function to a parsed value, innermost first."""
    return _revive(PlainObject({"": value}), "", reviver)


def _revive(holder: JsObject, key: str, reviver: JsObject) -> JsValue:
    value = holder.js_get(key)
    if isinstance(value, JsObject):
        if isinstance(value, JsArray):
            keys: list[Any] = [str(index) for index in range(len(value.items))]
        else:
            keys = value.js_own_keys()
        for inner in keys:
            replaced = _revive(value, inner, reviver)
            if replaced is None:
                value.js_delete(inner)
            else:
                value.js_set(inner, replaced)
    return reviver.js_call(holder, (key, None if value is MISSING else value))


def quote(text: str) -> str:
    """A JSON string literal; lone surrogates become escapes."""
    return _escape_surrogates(_quote(text))


def _escape_surrogates(text: str) -> str:
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def stringify(value: JsValue, replacer: JsValue = None, indent: JsValue = None) -> str | None:
    """`JSON.stringify(value, replacer, indent)`; None where it gives undefined."""
    if replacer is None and indent is None:
        text = plain_text(value)
        if text is not None:
            return _escape_surrogates(text)
    writer = _Writer(replacer, _gap(indent))
    try:
        if writer.write(value, "", MISSING):
            return "".join(writer.parts)
    except RecursionError:
        raise range_error(STACK_OVERFLOW) from None
    return None


def _gap(indent: JsValue) -> str:
    if isinstance(indent, BoxedPrimitive):
        indent = indent.primitive
    if isinstance(indent, str):
        return indent[:_INDENT_LIMIT]
    if isinstance(indent, int | float) and not isinstance(indent, bool | JsBigInt):
        return " " * min(max(to_integer(indent), 0), _INDENT_LIMIT)
    return ""


def _allow_list(replacer: JsValue) -> list[str] | None:
    if not isinstance(replacer, JsArray):
        return None
    names: dict[str, None] = {}
    for item in replacer.items:
        if isinstance(item, str | JsString | JsNumber) or type(item) in (int, float):
            names[to_string(item)] = None
    return list(names)


class _Writer:
    """One call of stringify: collects text, and knows the path for the circularity message."""

    __slots__ = ("allowed", "gap", "parts", "path", "replace")

    def __init__(self, replacer: JsValue, gap: str) -> None:
        self.parts: list[str] = []
        self.gap = gap
        self.replace = replacer if getattr(replacer, "js_callable", False) else None
        self.allowed = None if self.replace is not None else _allow_list(replacer)
        # (object, key under which it was reached); keys of arrays are ints.
        self.path: list[tuple[JsObject, str | int]] = []

    def write(self, value: JsValue, key: str | int, holder: JsValue) -> bool:
        """Writes a value; False, and nothing written, where JSON has no form for it."""
        if isinstance(value, JsObject | JsBigInt):
            value = _to_json(value, key)
        if self.replace is not None:
            owner = PlainObject({"": value}) if holder is MISSING else holder
            value = self.replace.js_call(owner, (str(key), value))
        kind = type(value)
        if kind is str:
            self.parts.append(quote(value))
        elif kind is bool:
            self.parts.append("true" if value else "false")
        elif kind is int:
            self.parts.append(str(value) if abs(value) < 2**53 else number_to_string(value))
        elif kind is float:
            self.parts.append(_number(value))
        elif value is null:
            self.parts.append("null")
        elif isinstance(value, JsObject):
            return self._write_object(value, key)
        elif kind is JsBigInt:
            raise type_error(BIGINT)
        else:
            return self._write_other(value)
        return True

    def _write_other(self, value: JsValue) -> bool:
        if value is None or isinstance(value, JsSymbol) or value is MISSING:
            return False
        # A str or int subclass that the boundary let through.
        self.parts.append(quote(str(value)) if isinstance(value, str) else to_string(value))
        return True

    def _write_object(self, value: JsObject, key: str | int) -> bool:
        if value.js_callable:
            return False
        if isinstance(value, BoxedPrimitive):
            self._write_boxed(value)
            return True
        if any(value is outer for outer, _ in self.path):
            raise type_error(self._circular(value, key))
        self.path.append((value, key))
        if is_array_like(value):
            self._write_array(value)
        else:
            self._write_properties(value)
        self.path.pop()
        return True

    def _write_boxed(self, value: BoxedPrimitive) -> None:
        if isinstance(value, JsNumber):
            self.parts.append(_number(to_number(value)))
        elif isinstance(value, JsString):
            self.parts.append(quote(to_string(value)))
        elif isinstance(value.primitive, bool):
            self.parts.append("true" if value.primitive else "false")
        elif isinstance(value.primitive, JsBigInt):
            raise type_error(BIGINT)
        else:
            self.parts.append("{}")

    def _write_array(self, value: JsObject) -> None:
        if isinstance(value, JsArray):
            items = list(value.js_iter())
        else:
            size = value.js_get("length")
            items = [value.js_get(str(index)) for index in range(to_integer(size))]
        if not items:
            self.parts.append("[]")
            return
        comma, end = self._separators()
        parts = self.parts
        parts.append("[" + comma[1:])
        for index, item in enumerate(items):
            if index:
                parts.append(comma)
            if not self.write(item, index, value):
                parts.append("null")
        parts.append(end + "]")

    def _write_properties(self, value: JsObject) -> None:
        keys = self.allowed if self.allowed is not None else value.js_own_keys()
        comma, end = self._separators()
        colon = ": " if self.gap else ":"
        parts = self.parts
        start = len(parts)
        for key in keys:
            if not isinstance(key, str):
                continue
            item = value.js_get(key)
            mark = len(parts)
            parts.append(comma)
            parts.append(quote(key) + colon)
            if not self.write(None if item is MISSING else item, key, value):
                del parts[mark:]
        if len(parts) == start:
            parts.append("{}")
            return
        parts[start] = "{" + comma[1:]
        parts.append(end + "}")

    def _separators(self) -> tuple[str, str]:
        if not self.gap:
            return ",", ""
        depth = len(self.path)
        return f",\n{self.gap * depth}", f"\n{self.gap * (depth - 1)}"

    def _circular(self, value: JsObject, key: str | int) -> str:
        start = next(i for i, (outer, _) in enumerate(self.path) if outer is value)
        lines = [
            "Converting circular structure to JSON",
            f"    --> starting at object with constructor '{_constructor_name(value)}'",
        ]
        links = [
            f"    |     {_step(k)} -> object with constructor '{_constructor_name(o)}'"
            for o, k in self.path[start + 1 :]
        ]
        if len(links) > 3:
            links = [links[0], "    |     ...", links[-1]]
        lines += links
        lines.append(f"    --- {_step(key)} closes the circle")
        return "\n".join(lines)


def is_array_like(value: JsObject) -> bool:
    """Whether JSON writes the object as an array: arrays, and wrapped Python sequences."""
    return isinstance(value, JsArray) or isinstance(
        getattr(value, "python_value", None), list | tuple
    )


def _to_json(value: JsValue, key: str | int) -> JsValue:
    if not isinstance(value, JsObject):
        return value
    if type(value) is PlainObject and "toJSON" not in value._own:  # type: ignore[operator]
        return value
    function = value.js_get("toJSON")
    if getattr(function, "js_callable", False):
        return function.js_call(value, (str(key),))
    return value


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "null"
    return number_to_string(value)


def _step(key: str | int) -> str:
    return f"index {key}" if isinstance(key, int) else f"property '{key}'"


def _constructor_name(value: JsObject) -> str:
    return value.js_class_name


class JsJSON(JsObject, name="JSON", constructible=False):
    """The `JSON` namespace object."""

    __slots__ = ()

    @method
    def parse(self, text: JsValue = None, reviver: JsValue = None) -> JsValue:
        value = parse(to_string(text))
        return revive(value, reviver) if getattr(reviver, "js_callable", False) else value

    @method
    def stringify(
        self, value: JsValue = None, replacer: JsValue = None, space: JsValue = None
    ) -> JsValue:
        return stringify(value, replacer, space)
