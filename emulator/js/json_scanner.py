"""A JSON parser in Python that fails with V8's texts.

`emulator.js.json` uses it for documents that the C scanner refused, to name the error, and for
documents nested deeper than Python's recursion allows: it keeps its own stack.

Source: observed from V8 14 in workerd.
"""

from __future__ import annotations

import re
from typing import Final, Never

from emulator.js.array import JsArray
from emulator.js.convert import normalize_number
from emulator.js.errors import syntax_error
from emulator.js.plain import PlainObject
from emulator.js.values import JsValue, null

END_OF_INPUT = "Unexpected end of JSON input"
BAD_PROPERTY = "Expected property name or '}' in JSON"
BAD_NEXT_PROPERTY = "Expected double-quoted property name in JSON"
NO_COLON = "Expected ':' after property name in JSON"
NO_OBJECT_COMMA = "Expected ',' or '}' after property value in JSON"
NO_ARRAY_COMMA = "Expected ',' or ']' after array element in JSON"
TRAILING = "Unexpected non-whitespace character after JSON"
UNEXPECTED_NUMBER = "Unexpected number in JSON"
UNEXPECTED_STRING = "Unexpected string in JSON"
NO_DIGITS = "No number after minus sign in JSON"
NO_FRACTION = "Unterminated fractional number in JSON"
NO_EXPONENT = "Exponent part is missing a number in JSON"
OPEN_STRING = "Unterminated string in JSON"
BAD_CONTROL = "Bad control character in string literal in JSON"
BAD_ESCAPE = "Bad escaped character in JSON"
BAD_UNICODE = "Bad Unicode escape in JSON"

_SPECIAL_SOURCES = frozenset({"NaN", "Infinity", "undefined", "[object Object]"})
_CONTEXT = 10
_SHORT_SOURCE = 2 * _CONTEXT + 1
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]*')
_DIGITS: Final = re.compile(r"[0-9]*")
_HEX: Final = re.compile(r"[0-9a-fA-F]*")
_ESCAPES = {
    '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
}  # fmt: skip
_LITERALS: Final = {"t": ("true", True), "f": ("false", False), "n": ("null", null)}
_SURROGATE_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def scan(text: str) -> JsValue:
    """The document's value, or throws V8's SyntaxError."""
    return _Scanner(text).document()


class _Scanner:
    __slots__ = ("pos", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0

    # -- structure ----------------------------------------------------------------------------

    def document(self) -> JsValue:
        """The whole text as one value; nesting lives on an explicit stack."""
        stack: list[tuple[PlainObject | JsArray, str]] = []
        key = ""
        while True:
            value, opened = self._value()
            if opened:
                first = self._enter(value)
                if first is not None:
                    stack.append((value, key))
                    key = first
                    continue
            while True:
                if not stack:
                    self._space()
                    if self.pos < len(self.text):
                        self._fail(TRAILING)
                    return value
                container, outer_key = stack[-1]
                following = self._add(container, key, value)
                if following is not None:
                    key = following
                    break
                stack.pop()
                value, key = container, outer_key

    def _value(self) -> tuple[JsValue, bool]:
        """One scalar, or an empty container just opened (then True)."""
        char = self._peek()
        if char == "{":
            self.pos += 1
            return PlainObject(), True
        if char == "[":
            self.pos += 1
            return JsArray([]), True
        if char == '"':
            return self._string(), False
        if char == "-" or (char.isascii() and char.isdigit()):
            return self._number(), False
        if char in _LITERALS and char:
            return self._literal(*_LITERALS[char]), False
        raise self._unexpected()

    def _enter(self, container: PlainObject | JsArray) -> str | None:
        """After an opening bracket: the first key ("" in arrays), or None if it closes at once."""
        char = self._peek()
        if isinstance(container, JsArray):
            if char == "]":
                self.pos += 1
                return None
            return ""
        if char == "}":
            self.pos += 1
            return None
        return self._key(BAD_PROPERTY)

    def _add(self, container: PlainObject | JsArray, key: str, value: JsValue) -> str | None:
        """Adds a finished value; the next key, or None if the container closed."""
        if isinstance(container, JsArray):
            container.items.append(value)
            close, message = "]", NO_ARRAY_COMMA
        else:
            assert container._own is not None
            container._own[key] = value
            close, message = "}", NO_OBJECT_COMMA
        char = self._peek()
        if char == close:
            self.pos += 1
            return None
        if char != ",":
            self._fail(message)
        self.pos += 1
        return "" if close == "]" else self._key(BAD_NEXT_PROPERTY)

    def _key(self, message: str) -> str:
        if self._peek() != '"':
            self._fail(message)
        name = self._string()
        if self._peek() != ":":
            self._fail(NO_COLON)
        self.pos += 1
        return name

    # -- tokens -------------------------------------------------------------------------------

    def _space(self) -> None:
        match = _SPACE.match(self.text, self.pos)
        assert match is not None
        self.pos = match.end()

    def _peek(self) -> str:
        self._space()
        return self.text[self.pos : self.pos + 1]

    def _literal(self, word: str, value: JsValue) -> JsValue:
        for char in word:
            if self.text[self.pos : self.pos + 1] != char:
                raise self._unexpected()
            self.pos += 1
        return value

    def _string(self) -> str:
        self.pos += 1
        parts: list[str] = []
        while True:
            match = _PLAIN.match(self.text, self.pos)
            assert match is not None
            parts.append(match.group())
            self.pos = match.end()
            char = self.text[self.pos : self.pos + 1]
            if char == '"':
                self.pos += 1
                return _join_surrogates("".join(parts))
            if char == "\\":
                parts.append(self._escape())
            else:
                self._fail(BAD_CONTROL if char else OPEN_STRING)

    def _escape(self) -> str:
        self.pos += 1
        char = self.text[self.pos : self.pos + 1]
        if not char:
            raise self._unexpected()
        if char == "u":
            match = _HEX.match(self.text, self.pos + 1, self.pos + 5)
            assert match is not None
            self.pos = match.end()
            if len(match.group()) < 4:
                self._fail(BAD_UNICODE)
            return chr(int(match.group(), 16))
        if char not in _ESCAPES:
            self._fail(BAD_ESCAPE)
        self.pos += 1
        return _ESCAPES[char]

    def _number(self) -> float:
        start = self.pos
        if self.text[self.pos] == "-":
            self.pos += 1
        self._digits(NO_DIGITS, leading=True)
        if self.text[self.pos : self.pos + 1] == ".":
            self.pos += 1
            self._digits(NO_FRACTION)
        if self.text[self.pos : self.pos + 1] in ("e", "E"):
            self.pos += 1
            if self.text[self.pos : self.pos + 1] in ("+", "-"):
                self.pos += 1
            self._digits(NO_EXPONENT)
        return normalize_number(float(self.text[start : self.pos]))

    def _digits(self, message: str, *, leading: bool = False) -> None:
        match = _DIGITS.match(self.text, self.pos)
        assert match is not None
        digits = match.group()
        if not digits:
            self._fail(message)
        if leading and digits[0] == "0" and len(digits) > 1:
            self.pos += 1
            self._fail(UNEXPECTED_NUMBER)
        self.pos = match.end()

    # -- errors -------------------------------------------------------------------------------

    def _fail(self, message: str) -> Never:
        before = self.text[: self.pos]
        line_start = before.rfind("\n") + 1
        position = _units(before)
        column = _units(before[line_start:]) + 1
        line = before.count("\n") + 1
        raise syntax_error(f"{message} at position {position} (line {line} column {column})")

    def _unexpected(self) -> Exception:
        text = self.text
        char = text[self.pos : self.pos + 1]
        if not char:
            return syntax_error(END_OF_INPUT)
        if char == "-" or (char.isascii() and char.isdigit()):
            self._fail(UNEXPECTED_NUMBER)
        if char == '"':
            self._fail(UNEXPECTED_STRING)
        if text in _SPECIAL_SOURCES:
            return syntax_error(f'"{text}" is not valid JSON')
        return syntax_error(f"Unexpected token '{char}', {self._excerpt()} is not valid JSON")

    def _excerpt(self) -> str:
        text, pos = self.text, self.pos
        if len(text) <= _SHORT_SOURCE - 1:
            return f'"{text}"'
        start = max(pos - _CONTEXT, 0)
        end = min(pos + _CONTEXT, len(text))
        before = "..." if pos >= _CONTEXT else ""
        after = "..." if pos < len(text) - _CONTEXT else ""
        return f'{before}"{text[start:end]}"{after}'


def _join_surrogates(text: str) -> str:
    # "\ud83d\ude00" written as two escapes is one code point to Python code.
    if text.isascii():
        return text
    return _SURROGATE_PAIR.sub(
        lambda match: match.group().encode("utf-16", "surrogatepass").decode("utf-16"), text
    )


def _units(text: str) -> int:
    """Length in UTF-16 units, in which JavaScript counts positions."""
    return len(text) + sum(1 for char in text if char > "\uffff")
