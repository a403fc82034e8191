"""The JSONC reader: values, spans, and how it fails."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.config.jsonc_document import parse_jsonc
from emulator.config.syntax import SyntaxProblem

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(value=json_values, indent=st.sampled_from([None, 0, 2]), ascii_only=st.booleans())
def test_it_reads_what_json_writes(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert json.loads(text) == parse_jsonc(text).root.value


@given(value=json_values)
def test_every_span_holds_just_the_text_of_its_value(value: Any) -> None:
    text = json.dumps(value, indent=1)
    for node in parse_jsonc(text).root.walk():
        assert json.loads(text[node.span.start : node.span.end]) == node.value


def test_comments_and_trailing_commas_are_allowed_everywhere() -> None:
    text = '/* a */ { // b\n "x" /* c */ : [1, /* d */ 2,], }\n// end'
    assert parse_jsonc(text).root.value == {"x": [1, 2]}


def test_a_repeated_key_is_noted_and_the_last_one_counts() -> None:
    document = parse_jsonc('{"a": 1, "a": 2}')
    assert document.root.value == {"a": 2}
    assert document.repeated_keys == (("a", (9, 12)),)


@pytest.mark.parametrize(
    ("text", "message", "span"),
    [
        ("", "ValueExpected: a value is expected here", (0, 1)),
        ('{"a": 1 "b": 2}', 'CommaExpected: "," or "}" is missing before this', (8, 9)),
        ("[1 2]", 'CommaExpected: "," or "]" is missing before this', (3, 4)),
        ('{"a" 1}', 'ColonExpected: ":" is missing after the key "a"', (5, 6)),
        ("{a: 1}", 'PropertyNameExpected: a key in double quotes or "}" is expected here', (1, 2)),
        ("{,}", 'PropertyNameExpected: a key in double quotes or "}" is expected here', (1, 2)),
        ('{"a": 1', 'CloseBraceExpected: this "{" is never closed', (0, 1)),
        ("[[1], ", 'CloseBracketExpected: this "[" is never closed', (0, 1)),
        ("[1] 2", "EndOfFileExpected: the document ended before this", (4, 5)),
        ('["a', "UnexpectedEndOfString: this string has no closing quote", (1, 3)),
        ('["a\nb"]', "UnexpectedEndOfString: this string has no closing quote", (1, 3)),
        ('["\x01"]', "InvalidCharacter: a control character must be written as an escape", (2, 3)),
        (r'["\u12x4"]', r"InvalidUnicode: \u needs four hexadecimal digits", (2, 3)),
        (r'["\x"]', "InvalidEscapeCharacter: JSON has no such escape", (2, 3)),
        ("[True]", "InvalidSymbol: True is no JSON value", (1, 5)),
        ("[01]", "InvalidNumberFormat: this is no JSON number", (1, 3)),
        ("[1.]", "InvalidNumberFormat: this is no JSON number", (1, 3)),
        ("[-]", "InvalidNumberFormat: this is no JSON number", (1, 2)),
        ("/* x", "UnexpectedEndOfComment: this comment is never closed", (0, 1)),
        ("[/ 1]", "InvalidCommentToken: a comment starts with // or /*", (1, 2)),
        ("[" * 70, "InvalidSymbol: nested more than 64 levels deep", (65, 66)),
        ("9" * 2000, "InvalidNumberFormat: this number is too long", (0, 2000)),
    ],
)
def test_a_syntax_error_says_what_and_where(text: str, message: str, span: tuple[int, int]) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        parse_jsonc(text)
    assert (message, span) == (caught.value.message, tuple(caught.value.span))


@given(text=st.text(alphabet='{}[]",:/*\\ \nau019.-etrfns\u00e9', max_size=40))
def test_any_text_is_a_document_or_a_syntax_problem(text: str) -> None:
    try:
        span = parse_jsonc(text).root.span
    except SyntaxProblem as problem:
        span = problem.span
    assert 0 <= span.start <= span.end <= len(text) + 1
