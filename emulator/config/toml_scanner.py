"""Finds where the keys and values of a valid TOML document stand.

Guarantees spans only for text that `tomllib` accepted; on other text it may stop early, but it
always ends. A table's value is its header line's brackets, for there is no better place to point
at; a key that a dotted key or a header only implies has the span of that key part.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import Final

from emulator.config.node import Parts
from emulator.config.source import Span

_BLANK: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_INLINE_SPACE: Final = re.compile(r"[ \t]*")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_STRING: Final = re.compile(
    r""""{3}(?:[^\\"]|\\.|"{1,2}(?!"))*"{3,5}"""
    r"""|'{3}(?:[^']|'{1,2}(?!'))*'{3,5}"""
    r'''|"(?:[^"\\\n]|\\.)*"'''
    r"""|'[^'\n]*'""",
    re.DOTALL,
)
_SCALAR: Final = re.compile(r"[^,\[\]{}#\r\n]*")


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans by the path of keys and indexes that leads to the value."""

    keys: dict[Parts, Span] = field(default_factory=dict)
    values: dict[Parts, Span] = field(default_factory=dict)


def scan(text: str) -> Spans:
    """The spans of everything in `text`."""
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.spans = Spans()
        self.tables_in_array: dict[Parts, int] = {}

    def run(self) -> Spans:
        table: Parts = ()
        while True:
            self._skip_blank()
            if self.at >= len(self.text):
                return self.spans
            before = self.at
            if self._peek("["):
                table = self._header()
            else:
                self._pair(table)
            if self.at == before:
                return self.spans

    def _header(self) -> Parts:
        start = self.at
        brackets = 2 if self.text.startswith("[[", start) else 1
        self.at += brackets
        keys = self._dotted_key()
        self._skip_inline()
        self.at += brackets
        span = Span(start, self.at)
        path: Parts = ()
        for key, key_span in keys:
            path = (*self._newest_item(path), key)
            self.spans.keys.setdefault(path, key_span)
            self.spans.values.setdefault(path, span)
        if brackets == 2:
            count = self.tables_in_array.get(path, 0)
            self.tables_in_array[path] = count + 1
            path = (*path, count)
        self.spans.values[path] = span
        return self._newest_item(path)

    def _newest_item(self, path: Parts) -> Parts:
        """Inside an array of tables, names go to the table that was opened last."""
        count = self.tables_in_array.get(path)
        return path if count is None else (*path, count - 1)

    def _pair(self, table: Parts) -> None:
        start = self.at
        path = table
        implied: list[Parts] = []
        for key, span in self._dotted_key():
            path = (*path, key)
            implied.append(path)
            self.spans.keys.setdefault(path, span)
        self._skip_inline()
        self.at += 1  # the equals sign
        self._skip_inline()
        self._value(path)
        for parent in implied[:-1]:
            self.spans.values.setdefault(parent, Span(start, self.at))

    def _dotted_key(self) -> list[tuple[str, Span]]:
        keys: list[tuple[str, Span]] = []
        while True:
            self._skip_inline()
            match = _KEY.match(self.text, self.at)
            if match is None:
                return keys
            self.at = match.end()
            keys.append((_decode_key(match[0]), Span(*match.span())))
            self._skip_inline()
            if not self._peek("."):
                return keys
            self.at += 1

    def _value(self, path: Parts) -> None:
        start = self.at
        if self._peek("["):
            self._array(path)
        elif self._peek("{"):
            self._inline_table(path)
        elif string := _STRING.match(self.text, start):
            self.at = string.end()
        elif scalar := _SCALAR.match(self.text, start):
            self.at = start + len(scalar[0].rstrip())
        self.spans.values[path] = Span(start, self.at)

    def _array(self, path: Parts) -> None:
        self.at += 1
        index = 0
        while not self._closes("]"):
            before = self.at
            self._value((*path, index))
            index += 1
            if self.at == before:
                return

    def _inline_table(self, path: Parts) -> None:
        self.at += 1
        while not self._closes("}"):
            before = self.at
            self._pair(path)
            if self.at == before:
                return

    def _closes(self, bracket: str) -> bool:
        self._skip_blank()
        if self._peek(","):
            self.at += 1
            self._skip_blank()
        if self._peek(bracket) or self.at >= len(self.text):
            self.at += 1
            return True
        return False

    def _peek(self, char: str) -> bool:
        return self.text.startswith(char, self.at)

    def _skip_blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _skip_inline(self) -> None:
        match = _INLINE_SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at


def _decode_key(raw: str) -> str:
    if raw[0] == "'":
        return raw[1:-1]
    if raw[0] != '"':
        return raw
    if "\\" not in raw:
        return raw[1:-1]
    try:
        decoded: str = tomllib.loads(f"key = {raw}")["key"]
    except tomllib.TOMLDecodeError:
        # The document is not valid after all; any name will do.
        return raw
    return decoded
