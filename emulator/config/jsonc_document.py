"""JSON with comments and trailing commas, read into `Node`s.

Any text gives a tree or one `SyntaxProblem`, whose message starts with the error code which
Wrangler's parser (`jsonc-parser`) has for it. Wrangler reads `wrangler.json` the same way.
Differs: an object that repeats a key is reported; the last one counts, as in JSON.
"""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import Any, Final, NoReturn

from emulator.config.node import Node, Parts, display_path
from emulator.config.source import Span
from emulator.config.syntax import DEPTH_MAX, Document, SyntaxProblem

_SPACE: Final = re.compile(r"[ \t\r\n]+")
_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD: Final = re.compile(r"[^\s,:{}\[\]\"/]+")
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]*')
_UNICODE_ESCAPE: Final = re.compile(r"\\u[0-9a-fA-F]{4}")
_ESCAPES: Final = frozenset('"\\/bfnrt')
_LITERALS: Final = {"true": True, "false": False, "null": None}
_DIGITS_MAX: Final = 1000


def parse_jsonc(text: str) -> Document:
    """The document in `text`.

    Raises:
        SyntaxProblem: it is none.
    """
    return _Parser(text).document()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.repeated: list[tuple[str, Span]] = []

    def document(self) -> Document:
        self._skip()
        root = self._value((), None)
        self._skip()
        if self.at < len(self.text):
            self._fail("EndOfFileExpected", "the document ended before this")
        return Document(root, tuple(self.repeated))

    def _value(self, parts: Parts, key_span: Span | None) -> Node:
        if len(parts) > DEPTH_MAX:
            self._fail("InvalidSymbol", f"nested more than {DEPTH_MAX} levels deep")
        start, first = self.at, self.text[self.at : self.at + 1]
        if first == "{":
            return self._object(parts, key_span)
        if first == "[":
            return self._array(parts, key_span)
        value = self._string() if first == '"' else self._scalar(first)
        return Node(value, display_path(parts), Span(start, self.at), key_span)

    def _object(self, parts: Parts, key_span: Span | None) -> Node:
        start = self.at
        fields: dict[str, Node] = {}
        self.at += 1
        while not self._closes("}", start, is_first=not fields):
            at = self.at
            if self.text[at] != '"':
                self._fail("PropertyNameExpected", 'a key in double quotes or "}" is expected here')
            key = self._string()
            span = Span(at, self.at)
            self._skip()
            if self.text[self.at : self.at + 1] != ":":
                self._fail("ColonExpected", f'":" is missing after the key "{key}"')
            self.at += 1
            self._skip()
            if key in fields:
                self.repeated.append((key, span))
            fields[key] = self._value((*parts, key), span)
        value = {key: field.value for key, field in fields.items()}
        span = Span(start, self.at)
        return Node(value, display_path(parts), span, key_span, MappingProxyType(fields))

    def _array(self, parts: Parts, key_span: Span | None) -> Node:
        start = self.at
        items: list[Node] = []
        self.at += 1
        while not self._closes("]", start, is_first=not items):
            items.append(self._value((*parts, len(items)), None))
        value = [item.value for item in items]
        span = Span(start, self.at)
        return Node(value, display_path(parts), span, key_span, items=tuple(items))

    def _closes(self, close: str, opened_at: int, *, is_first: bool) -> bool:
        """Pass over the comma and the closing bracket, if they come next."""
        self._skip()
        if not is_first and self.text[self.at : self.at + 1] == ",":
            self.at += 1
            self._skip()
        elif not is_first and self.text[self.at : self.at + 1] not in ("", close):
            self._fail("CommaExpected", f'"," or "{close}" is missing before this')
        if self.at >= len(self.text):
            code = "CloseBraceExpected" if close == "}" else "CloseBracketExpected"
            opened = self.text[opened_at]
            self._fail(code, f'this "{opened}" is never closed', Span(opened_at, opened_at + 1))
        if self.text[self.at] != close:
            return False
        self.at += 1
        return True

    def _string(self) -> str:
        start = self.at
        self.at += 1
        while True:
            plain = _PLAIN.match(self.text, self.at)
            assert plain is not None, "the pattern matches the empty string"
            self.at = plain.end()
            char = self.text[self.at : self.at + 1]
            if char == '"':
                self.at += 1
                text: str = json.loads(self.text[start : self.at])
                return _without_lone_surrogates(text)
            if char == "\\":
                self._escape()
            elif char in ("", "\n", "\r"):
                self._fail("UnexpectedEndOfString", "this string has no closing quote", start)
            else:
                self._fail("InvalidCharacter", "a control character must be written as an escape")

    def _escape(self) -> None:
        kind = self.text[self.at + 1 : self.at + 2]
        if kind == "u":
            if not _UNICODE_ESCAPE.match(self.text, self.at):
                self._fail("InvalidUnicode", r"\u needs four hexadecimal digits")
            self.at += 6
        elif kind in _ESCAPES:
            self.at += 2
        else:
            self._fail("InvalidEscapeCharacter", "JSON has no such escape")

    def _scalar(self, first: str) -> Any:
        if first == "-" or first.isdecimal():
            return self._number()
        word = _WORD.match(self.text, self.at)
        if word is None:
            self._fail("ValueExpected", "a value is expected here")
        if word[0] not in _LITERALS:
            self._fail("InvalidSymbol", f"{word[0][:40]} is no JSON value", word.end())
        self.at = word.end()
        return _LITERALS[word[0]]

    def _number(self) -> int | float:
        word = _WORD.match(self.text, self.at)
        number = _NUMBER.match(self.text, self.at)
        if word is None or number is None or word.end() != number.end():
            end = word.end() if word else self.at
            self._fail("InvalidNumberFormat", "this is no JSON number", end)
        if number.end() - self.at > _DIGITS_MAX:
            self._fail("InvalidNumberFormat", "this number is too long", number.end())
        self.at = number.end()
        return float(number[0]) if number[1] or number[2] else int(number[0])

    def _skip(self) -> None:
        while True:
            if space := _SPACE.match(self.text, self.at):
                self.at = space.end()
            elif self.text[self.at : self.at + 1] == "/":
                comment = _COMMENT.match(self.text, self.at)
                if comment is None:
                    self._fail_comment()
                self.at = comment.end()
            else:
                return

    def _fail_comment(self) -> NoReturn:
        if self.text.startswith("/*", self.at):
            self._fail("UnexpectedEndOfComment", "this comment is never closed")
        self._fail("InvalidCommentToken", "a comment starts with // or /*")

    def _fail(self, code: str, what: str, where: Span | int | None = None) -> NoReturn:
        if where is None:
            where = self.at + 1
        span = where if isinstance(where, Span) else Span(*sorted((self.at, where)))
        raise SyntaxProblem(f"{code}: {what}", span)


def _without_lone_surrogates(text: str) -> str:
    """JSON can spell half a surrogate pair; as everywhere on the web it reads as U+FFFD."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)
