"""The TOML reader: every value and key of every notation has its place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.config.node import Node
from emulator.config.source import Source
from emulator.config.syntax import SyntaxProblem
from emulator.config.toml_document import parse_toml
from emulator.config.toml_scanner import scan

TEXT = """\
# a comment with [brackets] = and "quotes
name = "w" # after
dotted.key.here = 1
"quoted key" = 'lit'
"esc\\u0041ped" = true
multi = \"\"\"
[not.a.table]
x = 1\\"\"\"\"\"\"
raw = '''
it''s'''
list = [ 1, "a,b]", # comment ]
  [2, 3],
  { in = 1, deep.er = "}" },
]

[vars]
A = 1.5

[env.prod.vars]
B = 2020-01-01

[[kv]]
binding = "ONE"
[[kv]]
binding = "TWO"
[kv.sub]
x = 1
[[kv.sub.items]]
y = 2
[[kv.sub.items]]
y = 3
"""


def parse(text: str) -> tuple[Source, Node]:
    source = Source(Path("wrangler.toml"), text)
    return source, parse_toml(source).root


def places(text: str) -> dict[str, tuple[int, int, str]]:
    source, root = parse(text)
    found: dict[str, tuple[int, int, str]] = {}
    for node in root.walk():
        position = source.position(node.span.start)
        # Names within an environment repeat those of the top level, which comes first.
        found.setdefault(node.path, (*position, text[node.span.start : node.span.end]))
    return found


def test_values_are_those_of_tomllib() -> None:
    assert parse(TEXT)[1].value == tomllib.loads(TEXT)


@pytest.mark.parametrize(
    ("path", "line", "col", "text"),
    [
        ("name", 2, 8, '"w"'),
        ("dotted.key.here", 3, 19, "1"),
        ("quoted key", 4, 16, "'lit'"),
        ("escAped", 5, 18, "true"),
        ("multi", 6, 9, '"""\n[not.a.table]\nx = 1\\""""""'),
        ("raw", 9, 7, "'''\nit''s'''"),
        ("list[0]", 11, 10, "1"),
        ("list[1]", 11, 13, '"a,b]"'),
        ("list[2]", 12, 3, "[2, 3]"),
        ("list[2][1]", 12, 7, "3"),
        ("list[3].in", 13, 10, "1"),
        ("list[3].deep.er", 13, 23, '"}"'),
        ("vars", 16, 1, "[vars]"),
        ("vars.A", 17, 5, "1.5"),
        ("kv[0].binding", 23, 11, '"ONE"'),
        ("kv[1]", 24, 1, "[[kv]]"),
        ("kv[1].binding", 25, 11, '"TWO"'),
        ("kv[1].sub.x", 27, 5, "1"),
        ("kv[1].sub.items[1].y", 31, 5, "3"),
    ],
)
def test_a_value_is_found_where_it_stands(path: str, line: int, col: int, text: str) -> None:
    assert (line, col, text) == places(TEXT)[path]


def test_paths_in_an_environment_are_relative_to_it() -> None:
    source, root = parse(TEXT)
    date = root["env"]["prod"]["vars"]["B"]
    assert (date.path, source.position(date.span.start)) == ("vars.B", (20, 5))
    assert root["env"]["prod"].path == "env.prod"


def test_keys_have_places_too() -> None:
    source, root = parse(TEXT)
    for node, text in (
        (root["dotted"]["key"], "key"),
        (root["quoted key"], '"quoted key"'),
        (root["kv"].items[1]["sub"], "sub"),
    ):
        assert node.key_span is not None
        assert source.text[node.key_span.start : node.key_span.end] == text


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("a = 1\nb = \n", "Invalid TOML document: Invalid value", (2, 5)),
        ("a = 1\na = 2\n", "Invalid TOML document: Cannot overwrite a value", (2, 6)),
        ('a = "x\n', "Invalid TOML document: Illegal character '\\n'", (1, 7)),
        ("a = [1", "Invalid TOML document: Unclosed array", (1, 7)),
        (
            "a = " + "[" * 100 + "]" * 100,
            "Invalid TOML document: nested more than 64 levels deep",
            None,
        ),
        ("a = " + "[" * 5000, "Invalid TOML document: nested more than 64 levels deep", None),
    ],
)
def test_a_syntax_error_is_that_of_tomllib_with_its_place(
    text: str, message: str, position: tuple[int, int] | None
) -> None:
    source = Source(Path("wrangler.toml"), text)
    with pytest.raises(SyntaxProblem) as caught:
        parse_toml(source)
    assert caught.value.message == message
    if position is not None:
        assert source.position(caught.value.span.start) == position


_scalars = st.sampled_from(
    ["1", "1.5e3", "true", '"a # b"', "'[x]'", "1979-05-27T07:32:00Z", '"""\n"q" ""\n"""', "inf"]
)
_values = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda xs: "[\n " + " , # c\n".join(xs) + "\n]")
        | st.lists(inner.filter(lambda x: "\n" not in x), max_size=3).map(
            lambda xs: "{ " + ", ".join(f"k{i}.x = {x}" for i, x in enumerate(xs)) + " }"
        )
    ),
    max_leaves=8,
)


@given(
    values=st.lists(_values, min_size=1, max_size=4),
    table=st.sampled_from(["", "[t]", "[[t]]"]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_the_text_of_each_span_is_the_toml_of_its_value(
    values: list[str], table: str, newline: str
) -> None:
    text = newline.join([table, *(f"key{at} = {value}" for at, value in enumerate(values))])
    _, root = parse(text)
    for node in root.walk():
        written = text[node.span.start : node.span.end]
        if node.key_span is not None and not written.startswith("[") and "." not in written[:4]:
            assert tomllib.loads(f"v = {written}")["v"] == node.value


@given(text=st.text(alphabet="[]{}=.,#\"'\n\r ab1-\\", max_size=60))
def test_the_scanner_ends_on_any_text(text: str) -> None:
    for span in scan(text + "\n").values.values():
        assert 0 <= span.start <= span.end <= len(text) + 3
