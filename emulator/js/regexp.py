r"""`RegExp`, over Python's `re`: approximate, for the patterns that programs share.

Translated: named groups and back references, `\d \w \s` (ASCII as in JavaScript, except `\s`),
`\uXXXX`, `\u{X}`, `\xXX`, `\cX`, `\/`, `[^]`, `[]`, `$` without `m`, flags `d g i m s u v y`.
What Python's engine does not have (variable-width look-behind, `\p{...}`) raises an error that
names pyworkers. Differs: matching works on code points, as if every pattern had the flag `u`.
"""

from __future__ import annotations

import re
from typing import Final

from emulator.js.array import JsArray
from emulator.js.convert import to_integer, to_string
from emulator.js.define import getter, method
from emulator.js.errors import not_supported, syntax_error
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import JsValue, PropertyKey, null

FLAGS: Final = "dgimsuvy"
_ESCAPES: Final = {
    "d": "[0-9]", "D": "[^0-9]", "w": "[A-Za-z0-9_]", "W": "[^A-Za-z0-9_]", "/": "/",
    "-": r"\-", "s": r"\s", "S": r"\S", "b": r"\b", "B": r"\B",
}  # fmt: skip
_CLASS_ESCAPES: Final = {"d": "0-9", "w": "A-Za-z0-9_", "b": r"\x08"}
_HEX: Final = re.compile(r"u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|c([A-Za-z])")
_PYTHON_ERRORS: Final = {
    "missing ), unterminated subpattern": "Unterminated group",
    "unbalanced parenthesis": "Unmatched ')'",
    "unterminated character set": "Unterminated character class",
    "nothing to repeat": "Nothing to repeat",
    "multiple repeat": "Nothing to repeat",
    "min repeat greater than max repeat": "numbers out of order in {} quantifier",
}


class JsRegExp(JsObject, name="RegExp"):
    """`RegExp`."""

    __slots__ = ("_pattern", "flag_text", "pattern_text")

    def __init__(self, source: str, flags: str = "") -> None:
        super().__init__()
        if (
            len(set(flags)) != len(flags)
            or not set(flags) <= set(FLAGS)
            or {"u", "v"} <= set(flags)
        ):
            raise syntax_error(f"Invalid flags supplied to RegExp constructor '{flags}'")
        self.pattern_text = source
        self.flag_text = "".join(flag for flag in FLAGS if flag in flags)
        self._own = {"lastIndex": 0}
        self._pattern = compile_pattern(source, flags)

    @classmethod
    def js_new(cls, pattern: JsValue = None, flags: JsValue = None) -> JsValue:
        if isinstance(pattern, JsRegExp):
            chosen = pattern.flag_text if flags is None else to_string(flags)
            return cls(pattern.pattern_text, chosen)
        source = "" if pattern is None else to_string(pattern)
        return cls(source, "" if flags is None else to_string(flags))

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        if len(args) == 1 and isinstance(args[0], JsRegExp):
            return args[0]
        return cls.js_new(*args[:2])

    def js_own_keys(self) -> list[PropertyKey]:
        return [key for key in super().js_own_keys() if key != "lastIndex"]

    @getter
    def source(self) -> str:
        text = re.sub(r"(?<!\\)((?:\\\\)*)/", r"\1\\/", self.pattern_text)
        return text.replace("\n", "\\n") or "(?:)"

    @getter
    def flags(self) -> str:
        return self.flag_text

    @getter
    def global_(self) -> bool:
        return "g" in self.flag_text

    @getter
    def ignoreCase(self) -> bool:
        return "i" in self.flag_text

    @getter
    def multiline(self) -> bool:
        return "m" in self.flag_text

    @getter
    def dotAll(self) -> bool:
        return "s" in self.flag_text

    @getter
    def unicode(self) -> bool:
        return "u" in self.flag_text

    @getter
    def unicodeSets(self) -> bool:
        return "v" in self.flag_text

    @getter
    def sticky(self) -> bool:
        return "y" in self.flag_text

    @getter
    def hasIndices(self) -> bool:
        return "d" in self.flag_text

    def _match(self, text: str) -> re.Match[str] | None:
        """Matches from lastIndex where the flags say so, and moves it."""
        sticky = "y" in self.flag_text
        moving = sticky or "g" in self.flag_text
        start = to_integer(self.js_get("lastIndex")) if moving else 0
        found = None
        if start <= len(text):
            find = self._pattern.match if sticky else self._pattern.search
            found = find(text, start)
        if moving:
            self.js_set("lastIndex", found.end() if found else 0)
        return found

    @method
    def test(self, text: JsValue = None) -> bool:
        return self._match(to_string(text)) is not None

    @method
    def exec(self, text: JsValue = None) -> JsValue:
        subject = to_string(text)
        found = self._match(subject)
        if found is None:
            return null
        result = JsArray([found.group(), *found.groups()])
        names = found.groupdict()
        groups = PlainObject(names, null_prototype=True) if names else None
        result._own = {"index": found.start(), "input": subject, "groups": groups}
        if "d" in self.flag_text:
            spans = [found.span(index) for index in range(len(found.groups()) + 1)]
            result._own["indices"] = JsArray(
                [None if span[0] < 0 else JsArray(list(span)) for span in spans]
            )
        return result

    @method
    def toString(self) -> str:
        return self.js_to_string()

    def js_to_string(self) -> str:
        return f"/{self.source}/{self.flag_text}"


def compile_pattern(source: str, flags: str) -> re.Pattern[str]:
    """A Python pattern that matches what the JavaScript one does."""
    options = 0
    for flag, option in (("i", re.IGNORECASE), ("m", re.MULTILINE), ("s", re.DOTALL)):
        if flag in flags:
            options |= option
    try:
        return re.compile(_Translator(source, flags).translate(), options)
    except re.error as problem:
        if "look-behind requires fixed-width" in problem.msg:
            raise not_supported("variable-width look-behind in RegExp") from None
        text = _PYTHON_ERRORS.get(
            problem.msg, "Invalid group" if "(?" in source else "Invalid escape"
        )
        suffix = "".join(flag for flag in FLAGS if flag in flags)
        raise syntax_error(f"Invalid regular expression: /{source}/{suffix}: {text}") from None


class _Translator:
    """Rewrites a JavaScript pattern into Python's syntax, left to right."""

    def __init__(self, source: str, flags: str) -> None:
        self.source = source
        self.multiline = "m" in flags
        self.pos = 0

    def translate(self) -> str:
        parts: list[str] = []
        while self.pos < len(self.source):
            parts.append(self._next())
        return "".join(parts)

    def _next(self) -> str:
        source, pos = self.source, self.pos
        char = source[pos]
        if char == "\\":
            return self._escape(in_class=False)
        if char == "[":
            return self._class()
        self.pos += 1
        if char == "(" and source.startswith("(?<", pos) and source[pos + 3 : pos + 4] not in "=!":
            self.pos += 2
            return "(?P<"
        if char == "(" and source.startswith("(?P", pos):
            raise re.error("unknown extension ?P")
        if char == "$":
            return "$" if self.multiline else r"\Z"
        return char

    def _class(self) -> str:
        self.pos += 1
        negated = self.source.startswith("^", self.pos)
        self.pos += negated
        parts: list[str] = []
        while self.pos < len(self.source) and self.source[self.pos] != "]":
            char = self.source[self.pos]
            if char == "\\":
                parts.append(self._escape(in_class=True))
            else:
                parts.append("\\" + char if char in "[&~|" else char)
                self.pos += 1
        if self.pos >= len(self.source):
            raise re.error("unterminated character set")
        self.pos += 1
        if not parts:
            return r"[\s\S]" if negated else "(?!)"
        return f"[{'^' if negated else ''}{''.join(parts)}]"

    def _escape(self, *, in_class: bool) -> str:
        rest = self.source[self.pos + 1 :]
        if not rest:
            raise syntax_error(f"Invalid regular expression: /{self.source}/: \\ at end of pattern")
        code = _HEX.match(rest)
        if code is not None:
            self.pos += 1 + code.end()
            digits = code[1] or code[2] or code[3]
            return re.escape(chr(int(digits, 16) if digits else ord(code[4]) & 31))
        char = rest[0]
        self.pos += 2
        if char in "pP" and rest[1:2] == "{":
            raise not_supported(r"\p{...} in RegExp")
        if char == "k" and rest[1:2] == "<":
            end = rest.index(">") if ">" in rest else len(rest)
            self.pos += end
            return f"(?P={rest[2:end]})"
        if char == "0" and not rest[1:2].isdigit():
            return r"\x00"
        if in_class and char in _CLASS_ESCAPES:
            return _CLASS_ESCAPES[char]
        if in_class and char in "DW":
            raise not_supported(f"\\{char} inside a character class of RegExp")
        if char in _ESCAPES:
            return _ESCAPES[char]
        return f"\\{char}" if char in "123456789fnrtv" else re.escape(char)
