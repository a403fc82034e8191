"""The two form encodings; the tables were observed on workerd."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.js import multipart
from emulator.js.errors import JsThrow
from emulator.js.multipart import Part, encode_parts, parse_body

TYPE = "multipart/form-data; boundary=B"
NO_NAME = multipart.NO_NAME
NO_BOUNDARY = multipart.NO_BOUNDARY
NO_INITIAL = "No initial boundary string (or you have a truncated message)."
NO_LATER = "No subsequent boundary string after multipart message."
NO_END = "No multipart message header termination found."
BAD_END = "Boundary string was not succeeded by CRLF, LF, or '--'."
BAD_HEADERS = "FormData part had invalid headers."
OK = '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B--'
HEAD = '--B\r\nContent-Disposition: form-data; name="a"\r\n'


def parsed(body: str | bytes, content_type: str = TYPE) -> Any:
    """Entries as (name, value) or (name, filename, type, content), or the error's text."""
    data = body.encode() if isinstance(body, str) else body
    try:
        parts = parse_body(content_type, data)
    except JsThrow as exception:
        text = str(exception)
        assert text.startswith("TypeError: ")
        return text.removeprefix("TypeError: ")
    return [
        (part.name, part.content.decode("utf-8", "replace"))
        if part.filename is None
        else (part.name, part.filename, part.type, part.content.decode("utf-8", "replace"))
        for part in parts
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (OK, [("a", "1")]),
        (OK + "\r\n", [("a", "1")]),
        ("junk\r\n" + OK, [("a", "1")]),
        ("xx" + OK, [("a", "1")]),
        (OK + "\r\njunk", [("a", "1")]),
        ("", NO_INITIAL),
        ("--B--", []),
        ("--B--\r\n", []),
        ("--B", NO_INITIAL),
        ("--B\r\n", NO_END),
        (HEAD + "\r\n1", NO_LATER),
        (HEAD + "\r\n1\r\n", NO_LATER),
        (HEAD + "\r\n1\r\n--B", NO_LATER),
        (HEAD + "\r\n1\r\n--B\r\n", NO_END),
        (HEAD + "\r\n1\r\n--B-", BAD_END),
        (OK.replace("B", "C"), NO_INITIAL),
        (HEAD + "\r\n--Bx\r\n--Bfoo\r\n--B--", BAD_END),
        (HEAD + "\r\nx--B\r\n--B--", [("a", "x--B")]),
        (HEAD + "\r\n\r\n--B--", [("a", "")]),
        (HEAD + "\r\n--B--", NO_LATER),
        (HEAD + "1\r\n--B--", NO_END),
        ("--B  \r\n" + HEAD[5:] + "\r\n1\r\n--B--", BAD_END),
        (
            HEAD + "\r\n1\r\n" + HEAD.replace('"a"', '"b"') + "\r\n2\r\n--B--",
            [("a", "1"), ("b", "2")],
        ),
        (OK.replace("\r\n", "\n"), [("a", "1")]),
        (HEAD.replace("\r\n", "\n") + "\nx\r\ny\n\n--B--", [("a", "x\r\ny\n")]),
        (HEAD + "\r\n1\n--B--\r\n--B--", [("a", "1")]),
        (HEAD + "\r\nx\r--B--\r\n--B--", [("a", "x\r--B--")]),
        (HEAD + "\n1\r\n--B--", [("a", "1")]),
        ("--B\r\n\r\n1\r\n--B--", NO_END),
        ("--B\r\n\r\n\r\n1\r\n--B--", BAD_HEADERS),
    ],
)
def test_boundaries(body: str, expected: Any) -> None:
    assert expected == parsed(body)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("Content-Type: text/plain", "No valid Content-Disposition header found in FormData part."),
        ("blah\r\nContent-Disposition: form-data; name=\"a\"", BAD_HEADERS),
        (": x\r\nContent-Disposition: form-data; name=\"a\"", BAD_HEADERS),
        ("Content-Disposition: form-data;\r\n name=\"a\"", BAD_HEADERS),
        ("Content-Disposition : form-data; name=\"a\"", BAD_HEADERS),
        ("Content-Disposition: form-data; name=\"a\0b\"", BAD_HEADERS),
        ("Content-Disposition: form-data; name=\"a\rb\"", BAD_HEADERS),
        ("X A: b\r\nContent-Disposition: form-data; name=\"a\"", BAD_HEADERS),
        ("X(: b\r\nContent-Disposition: form-data; name=\"a\"", BAD_HEADERS),
        ("Xé: b\r\nContent-Disposition: form-data; name=\"a\"", [("a", "1")]),
        ("X!#$%&'*+-.^_`|~: b\r\nContent-Disposition: form-data; name=\"a\"", [("a", "1")]),
        ("content-disposition:form-data;name=\"a\"", [("a", "1")]),
        ("Content-Disposition:\tform-data; name=\"a\"", [("a", "1")]),
        (
            ("Content-Disposition: form-data; name=\"a\"\r\n"
            "Content-Disposition: form-data; name=\"b\""),
            [("a", "1")],
        ),
    ],
)  # fmt: skip
def test_headers(headers: str, expected: Any) -> None:
    assert expected == parsed(f"--B\r\n{headers}\r\n\r\n1\r\n--B--")


def wrong(value: str) -> str:
    return (
        'Content-Disposition header for FormData part must have the value "form-data", possibly '
        f'followed by parameters. Got: "{value}"'
    )


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        ("form-data", NO_NAME),
        ('attachment; name="a"', wrong("attachment")),
        ('FORM-DATA; name="a"', wrong("FORM-DATA")),
        ('form-dataxyz; name="a"', wrong("form-dataxyz")),
        ("form-data; name=a", NO_NAME),
        ("form-data; name=a; filename=b.txt", NO_NAME),
        ("form-data; name='a'", NO_NAME),
        ('form-data; NAME="a"', NO_NAME),
        ('form-data; name=""', NO_NAME),
        ('form-data; name="a', NO_NAME),
        (r'form-data; name="a\"', NO_NAME),
        ('form-data; x=1; name="a"', NO_NAME),
        ('form-data; x; name="a"', NO_NAME),
        ('form-data; ; name="a"', NO_NAME),
        ('form-data;; name="a"', NO_NAME),
        ('form-data name="a"', NO_NAME),
        ('form-data; filename*="x"; name="a"', NO_NAME),
        ('form-data; foo-bar_1.2="x"; name="a"', NO_NAME),
        ('form-data; filename=""; name="f"', NO_NAME),
        ('form-data; name="f"; filename=""; x="1"', [("f", "1")]),
        ("form-data; name=\"f\"; filename*=utf-8''x.txt", [("f", "1")]),
        ('form-data; name="a"; name="b"', [("b", "1")]),
        ('form-data; name = "a"', [("a", "1")]),
        ('form-data ; name="a"', [("a", "1")]),
        ('form-data;\tname="a"', [("a", "1")]),
        ('  form-data; name="a"  ', [("a", "1")]),
        ('form-data; x="1"; name="a"', [("a", "1")]),
        ('form-data; name="a"; ', [("a", "1")]),
        ('form-data; name="a" junk; name="b"', [("a", "1")]),
        ('form-data; name="a", x; name="b"', [("a", "1")]),
        ('form-data; name="a"filename="x"', [("a", "1")]),
        ('form-data; name="a;b"', [("a;b", "1")]),
        (r'form-data; name="a\"b\\c\nq"', [('a"b\\cnq', "1")]),
        (r'form-data; name="a\\"', [("a\\", "1")]),
        ('form-data; name="a%22b%0D%0Ac%41"', [("a%22b%0D%0Ac%41", "1")]),
        ('form-data; name="é"', [("é", "1")]),
        ('form-data; name="f"; filename="x.txt"', [("f", "x.txt", "", "1")]),
        ('form-data; filename="y"; name="f"', [("f", "y", "", "1")]),
        (r'form-data; name="f"; filename="a\"b;c\\d"', [("f", 'a"b;c\\d', "", "1")]),
    ],
)
def test_content_disposition(disposition: str, expected: Any) -> None:
    assert expected == parsed(f"--B\r\nContent-Disposition: {disposition}\r\n\r\n1\r\n--B--")


@pytest.mark.parametrize(
    ("type_headers", "type"),
    [
        ("Content-Type: Text/Plain; charset=x\r\n", "Text/Plain; charset=x"),
        ("Content-Type:   text/plain  \r\n", "text/plain  "),
        ("Content-Type:\r\n", ""),
        ("Content-Type: a/b\r\ncontent-type: c/d\r\n", "a/b, c/d"),
    ],
)
def test_content_type_of_a_file(type_headers: str, type: str) -> None:
    head = '--B\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n'
    assert [("f", "x", type, "1")] == parsed(f"{head}{type_headers}\r\n1\r\n--B--")


def test_a_field_stays_a_string_whatever_its_type() -> None:
    for type in ("application/json", "application/octet-stream"):
        assert parsed(f"{HEAD}Content-Type: {type}\r\n\r\n1\r\n--B--") == [("a", "1")]


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/plain", multipart.UNKNOWN_TYPE),
        ("", multipart.UNKNOWN_TYPE),
        ("multipart/mixed; boundary=B", multipart.UNKNOWN_TYPE),
        ("multipart/form-data boundary=B", multipart.UNKNOWN_TYPE),
        ("application/x-www-form-urlencoded-x", multipart.UNKNOWN_TYPE),
        ("multipart/form-data", NO_BOUNDARY),
        ("multipart/form-data;", NO_BOUNDARY),
        ("multipart/form-data; boundary", NO_BOUNDARY),
        ("multipart/form-data; boundary=", NO_BOUNDARY),
        ("multipart/form-data; boundary =B", NO_BOUNDARY),
        ("multipart/form-data; boundary= B", NO_INITIAL),
        ("multipart/form-data; boundary=B B", NO_INITIAL),
        ("multipart/form-data; boundary=B, x", NO_INITIAL),
        ("multipart/form-data; boundary=C; boundary=B", NO_INITIAL),
        ("multipart/form-data; boundary='B'", NO_INITIAL),
        ("multipart/form-data;boundary=B;x=y", [("a", "1")]),
        (" multipart/form-data; boundary=B", [("a", "1")]),
        ("Multipart/Form-Data; charset=x; BOUNDARY=B", [("a", "1")]),
        ('multipart/form-data; boundary="B"', [("a", "1")]),
        ('multipart/form-data; boundary="B', [("a", "1")]),
        (r'multipart/form-data; boundary="\B"', [("a", "1")]),
        ('multipart/form-data; x="a;boundary=C"; boundary=B', [("a", "1")]),
    ],
)
def test_content_types(content_type: str, expected: Any) -> None:
    assert expected == parsed(OK, content_type)


def test_boundaries_with_spaces_and_an_empty_one() -> None:
    body = OK.replace("--B", "--B B")
    assert parsed(body, 'multipart/form-data; boundary="B B"') == [("a", "1")]
    assert parsed("x", 'multipart/form-data; boundary=""') == NO_INITIAL


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a=1&b=%20+x&c&=d&é=ü", [("a", "1"), ("b", "  x"), ("c", ""), ("", "d"), ("é", "ü")]),
        ("a=%4", [("a", "\x04")]),
        ("a=%4z", [("a", "\x04z")]),
        ("a=%", [("a", "")]),
        ("a=%zz1", [("a", "zz1")]),
        ("a=%g1%h2", [("a", "g1h2")]),
        ("a=%%41", [("a", "A")]),
        ("a=b=c", [("a", "b=c")]),
        ("=", [("", "")]),
        ("&", []),
        ("", []),
        ("a+b=c%2Bd", [("a b", "c+d")]),
        ("%C3%A9=%e9", [("é", "\ufffd")]),
        ("a=1;b=2", [("a", "1;b=2")]),
        ("?a=1", [("?a", "1")]),
        ("\ufeffa=1", [("a", "1")]),
    ],
)
def test_urlencoded(body: str, expected: Any) -> None:
    for content_type in (
        "application/x-www-form-urlencoded",
        "Application/X-WWW-form-urlencoded; charset=utf-8",
    ):
        assert expected == parsed(body, content_type)


@pytest.mark.parametrize(
    ("name", "quoted"),
    [('a"b', "a%22b"), ("a\r\nc", "a\r%0Ac"), ("f%41", "f%41"), ("é", "é"), ("b\\x", "b\\\\x"),
     ("", "")],
)  # fmt: skip
def test_names_are_quoted(name: str, quoted: str) -> None:
    head = f'--B\r\nContent-Disposition: form-data; name="{quoted}"\r\n\r\n'
    assert head.encode() + b"v\r\n--B--" == encode_parts([Part(name, b"v")], "B")
    file = encode_parts([Part("n", b"v", name)], "B").decode()
    assert f'name="n"; filename="{quoted}"\r\nContent-Type: application/octet-stream' in file


def test_names_cannot_end_with_a_backslash() -> None:
    for part in (Part("a\\", b""), Part("a", b"", "x\\")):
        with pytest.raises(JsThrow) as caught:
            encode_parts([part], "B")
        assert str(caught.value) == "TypeError: Name or filename can't end with backslash"


@given(st.binary(max_size=200))
def test_any_bytes_give_parts_or_a_type_error(data: bytes) -> None:
    assert isinstance(parsed(data), list | str)
    assert isinstance(parsed(data, "application/x-www-form-urlencoded"), list)


_TOKENS = [
    "--B", "--", "\r\n", "\n", "\r", "Content-Disposition: form-data", '; name="a"', "; name=a",
    '; filename="f"', ":", " ", '"', "\\", "\0", "é", "Content-Type: t/p", "x",
]  # fmt: skip


@given(st.lists(st.sampled_from(_TOKENS), max_size=30).map("".join))
def test_any_mixture_of_its_tokens_gives_parts_or_a_type_error(body: str) -> None:
    assert isinstance(parsed(body), list | str)


@given(st.text(max_size=100))
def test_any_content_type_is_understood_or_refused(content_type: str) -> None:
    for prefix in ("", "multipart/form-data;"):
        assert isinstance(parsed(OK, prefix + content_type), list | str)


_plain_text = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\'), min_size=1
)


@given(
    st.lists(
        st.builds(
            Part,
            name=_plain_text,
            content=st.binary(max_size=40),
            filename=st.none() | _plain_text,
        )
    )
)
def test_what_is_encoded_is_parsed_again(parts: list[Part]) -> None:
    boundary = "0123456789abcdef"
    body = encode_parts(parts, boundary)
    got = parse_body(f"multipart/form-data; boundary={boundary}", body)
    assert [(part.name, part.content, part.filename) for part in parts] == [
        (part.name, part.content, part.filename) for part in got
    ]


@pytest.mark.parametrize(
    "rest", ["x" * 1_000_000, "=" * 1_000_000, '"' * 1_000_000, "; " * 500_000]
)
def test_long_content_types_take_linear_time(rest: str) -> None:
    """Anything worse would take minutes."""
    assert isinstance(parsed(OK, f"multipart/form-data; {rest}"), list | str)


@pytest.mark.parametrize(
    "body",
    [
        HEAD + "\r\n" + "\n--" * 400_000,
        HEAD + "\r\n" + "\r" * 1_000_000 + "\r\n--B--",
        "--B\r\n" + "\r" * 1_000_000,
        "--B\r\nContent-Disposition: form-data" + "; x=1" * 200_000 + "\r\n\r\n1\r\n--B--",
        '--B\r\nContent-Disposition: form-data; name="' + "\\" * 1_000_000 + "\r\n\r\n--B--",
        "--B\r\nContent-Disposition: form-data" + " " * 1_000_000 + "\r\n\r\n1\r\n--B--",
        "--B\r\nX:" + "\t" * 1_000_000 + "\0\r\n\r\n1\r\n--B--",
        "--B\r\n" + "X" * 1_000_000 + "\r\n\r\n1\r\n--B--",
    ],
)
def test_long_bodies_take_linear_time(body: str) -> None:
    """Anything worse would take minutes."""
    assert isinstance(parsed(body), list | str)
