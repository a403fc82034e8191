"""TextEncoder, TextDecoder, atob, btoa; expected values were observed on workerd."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.js.buffers import ArrayBuffer, Uint8Array, Uint16Array
from emulator.js.encoding import FUNCTIONS, TextDecoder, TextEncoder, atob, btoa
from emulator.js.encoding_labels import ENCODINGS
from emulator.js.errors import JsThrow
from emulator.js.plain import PlainObject
from emulator.js.values import null
from tests.js.guest_values import call, new

BASE64_TEXT = (
    "InvalidCharacterError: atob() called with invalid base64-encoded data. (Only whitespace, '+', "
    "'/', alphanumeric ASCII, and up to two terminal '=' signs when the input data length is "
    "divisible by 4 are allowed.)"
)


def thrown(action: Any) -> str:
    with pytest.raises(JsThrow) as caught:
        action()
    return str(caught.value)


def u8(data: bytes | list[int]) -> Uint8Array:
    return Uint8Array.from_bytes(bytes(data))


def decode(data: bytes, label: str = "utf-8", **options: Any) -> str:
    return call(new(TextDecoder, label, PlainObject(options)), "decode", u8(data))


@pytest.mark.parametrize(
    ("label", "encoding", "text"),
    [
        (" UTF-8\n", "utf-8", "A\ufffd\ufffd\ufffd"),
        ("latin1", "windows-1252", "A€¤é"),
        ("utf-16", "utf-16le", "聁\ue9a4"),
        ("utf-16be", "utf-16be", "䆀ꓩ"),
        ("gbk", "gbk", "A€ら"),
        ("gb18030", "gb18030", "A€ら"),
        ("big5", "big5", "A\ufffd日"),
        ("euc-jp", "euc-jp", "A\ufffdら"),
        ("shift_jis", "shift_jis", "A\x80､\ufffd"),
        ("euc-kr", "euc-kr", "A\ufffdㅹ"),
        ("iso-2022-jp", "iso-2022-jp", "A\ufffd\ufffd\ufffd"),
        ("x-user-defined", "x-user-defined", "A\uf780\uf7a4\uf7e9"),
        ("koi8-u", "koi8-u", "A─єИ"),
        ("macintosh", "macintosh", "AÄ§È"),
        ("iso-8859-8-i", "iso-8859-8-i", "A\x80¤י"),
        ("windows-874", "windows-874", "A€ค้"),
        ("csisolatin9", "iso-8859-15", "A\x80€é"),
    ],
)
def test_labels_and_what_they_decode(label: str, encoding: str, text: str) -> None:
    decoder = new(TextDecoder, label)
    assert (encoding, text) == (decoder.encoding, call(decoder, "decode", u8(b"A\x80\xa4\xe9")))


@pytest.mark.parametrize(
    ("encoding", "data", "text"),
    [
        ("koi8-u", b"\xae", "ў"),
        ("windows-1255", b"\xca", "\u05ba"),
        ("windows-1252", b"\x81", "\x81"),
        ("gbk", b"\xa3\xa0", "\u3000"),
        ("big5", b"\xa1\xc2", "¯"),
        ("euc-jp", b"\xa1\xc1", "～"),
        ("euc-jp", b"\xad\xa1", "①"),
        ("shift_jis", b"\xa0", "\ufffd"),
    ],
)
def test_tables_follow_the_standard_where_python_does_not(
    encoding: str, data: bytes, text: str
) -> None:
    assert decode(data, encoding) == text


def test_every_label_makes_a_decoder() -> None:
    for label, encoding in ENCODINGS.items():
        decoder = new(TextDecoder, label.upper())
        assert (encoding, "A") == (
            decoder.encoding,
            call(decoder, "decode", u8(_letter_a(encoding))),
        )


def _letter_a(encoding: str) -> bytes:
    return {"utf-16le": b"A\0", "utf-16be": b"\0A"}.get(encoding, b"A")


@pytest.mark.parametrize("label", ["bogus", "replacement", "iso-2022-kr", ""])
def test_unknown_labels(label: str) -> None:
    text = f'RangeError: "{label}" is not a valid encoding.'
    assert text == thrown(lambda: new(TextDecoder, label))


def test_constructor_arguments() -> None:
    assert new(TextDecoder).encoding == "utf-8"
    assert thrown(lambda: new(TextDecoder, null)) == 'RangeError: "null" is not a valid encoding.'
    assert (
        thrown(lambda: new(TextDecoder, "utf8", "x"))
        == "TypeError: Failed to construct 'TextDecoder': constructor parameter 2 is not of type "
        "'ConstructorOptions'."
    )
    assert (
        thrown(lambda: TextDecoder.js_constructor.js_call(None, ()))
        == "TypeError: Failed to construct 'TextDecoder': Please use the 'new' operator, this object "
        "constructor cannot be called as a function."
    )


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ([0xF0, 0x9F, 0x41], "\ufffdA"),
        ([0xC0, 0x80], "\ufffd\ufffd"),
        ([0xED, 0xA0, 0x80], "\ufffd\ufffd\ufffd"),
        ([0xF5, 0x80], "\ufffd\ufffd"),
        ([0xE2, 0x28, 0xA1], "\ufffd(\ufffd"),
        ([0xF0, 0x80, 0x80, 0x41], "\ufffd\ufffd\ufffdA"),
    ],
)
def test_invalid_utf8_is_replaced(data: list[int], text: str) -> None:
    assert text == decode(bytes(data))
    assert thrown(lambda: decode(bytes(data), fatal=True)) == "TypeError: Failed to decode input."


def test_incomplete_utf16_is_replaced() -> None:
    assert decode(b"A\0B", "utf-16le") == "A\ufffd"
    assert decode(b"\x3d\xd8A\0", "utf-16le") == "\ufffdA"
    assert (
        thrown(lambda: decode(b"A\0B", "utf-16le", fatal=True))
        == "TypeError: Failed to decode input."
    )


def test_byte_order_marks() -> None:
    assert decode(b"\xef\xbb\xbfA") == "A"
    assert decode(b"\xef\xbb\xbfA", ignoreBOM=True) == "\ufeffA"
    assert decode(b"\xff\xfeA\0", "utf-16le") == "A"
    assert decode(b"\xef\xbb\xbfA", "latin1") == "ï»¿A"
    decoder = TextDecoder()
    pieces = [decoder.decode_bytes(bytes([byte]), final=False) for byte in b"\xef\xbb\xbf\xef"]
    assert pieces == ["", "", "", ""]
    assert decoder.decode_bytes(b"\xbb\xbf", final=True) == "\ufeff"


def test_streaming_and_what_is_left_at_the_end() -> None:
    decoder = new(TextDecoder)
    stream = PlainObject({"stream": True})
    got = [call(decoder, "decode", u8(piece), stream) for piece in (b"\xe2", b"\x82\xac", b"\xe2")]
    assert got == ["", "€", ""]
    assert call(decoder, "decode") == "\ufffd"
    assert call(decoder, "decode", u8(b"A")) == "A"


def test_a_failure_resets_the_decoder() -> None:
    decoder = new(TextDecoder, "utf-8", PlainObject({"fatal": True}))
    stream = PlainObject({"stream": True})
    call(decoder, "decode", u8(b"\xe2"), stream)
    assert (
        thrown(lambda: call(decoder, "decode", u8(b"\xff"), stream))
        == "TypeError: Failed to decode input."
    )
    assert call(decoder, "decode", u8(b"A")) == "A"


def test_what_can_be_decoded() -> None:
    decoder = new(TextDecoder)
    assert (
        call(decoder, "decode", None),
        call(decoder, "decode", ArrayBuffer(b"A")),
    ) == ("", "A")
    for value in ("abc", null, 1):
        assert (
            thrown(lambda v=value: call(decoder, "decode", v))
            == "TypeError: Failed to execute 'decode' on 'TextDecoder': parameter 1 is not of type "
            "'Array'."
        )


@given(data=st.binary(max_size=40), cuts=st.lists(st.integers(0, 40), max_size=6),
       label=st.sampled_from(["utf-8", "utf-16le", "utf-16be", "gb18030", "latin1", "shift_jis",
                              "euc-kr", "euc-jp", "big5"]))  # fmt: skip
def test_any_chunking_decodes_to_the_same_text(data: bytes, cuts: list[int], label: str) -> None:
    whole = TextDecoder(label).decode_bytes(data, final=True)
    decoder = TextDecoder(label)
    bounds = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [
        decoder.decode_bytes(data[start:end], final=False)
        for start, end in itertools.pairwise(bounds)
    ]
    assert whole == "".join(pieces) + decoder.decode_bytes(b"", final=True)


def test_encode() -> None:
    encoder = new(TextEncoder)
    for value, expected in (
        (None, b""), (null, b"null"), ("\ud800x", b"\xef\xbf\xbdx"), (12, b"12"),
        ("\ud83d\ude00", "😀".encode()),
    ):  # fmt: skip
        assert expected == call(encoder, "encode", value).tobytes()
    assert encoder.encoding == "utf-8"


@pytest.mark.parametrize(
    ("text", "size", "read", "data"),
    [
        ("a€€", 4, 2, b"a\xe2\x82\xac"),
        ("a😀b", 5, 3, "a😀".encode()),
        ("a😀b", 4, 1, b"a\0\0\0"),
        ("", 1, 0, b"\0"),
        ("abc", 0, 0, b""),
    ],
)
def test_encode_into_stops_at_a_whole_character(
    text: str, size: int, read: int, data: bytes
) -> None:
    target = u8(bytes(size))
    result = call(new(TextEncoder), "encodeInto", text, target)
    written = len(data.rstrip(b"\0"))
    assert (read, written) == (result.js_get("read"), result.js_get("written"))
    assert data == target.tobytes()


def test_encode_into_respects_the_views_offset() -> None:
    buffer = ArrayBuffer(bytes(4))
    call(new(TextEncoder), "encodeInto", "abc", Uint8Array(buffer, 1, 2))
    assert bytes(buffer.data) == b"\0ab\0"


def test_encode_into_needs_a_uint8array() -> None:
    for args in (["a"], ["a", Uint16Array.from_bytes(bytes(2))], ["a", ArrayBuffer(b"a")]):
        assert (
            thrown(lambda a=args: call(new(TextEncoder), "encodeInto", *a))
            == "TypeError: Failed to execute 'encodeInto' on 'TextEncoder': parameter 2 is not of "
            "type 'Uint8Array'."
        )


@pytest.mark.parametrize("text", ["a", "é", "*", "ab=", "abcd=", "====", "a=bc", "ab==c"])
def test_invalid_base64(text: str) -> None:
    assert thrown(lambda: atob(text)) == BASE64_TEXT


@pytest.mark.parametrize(
    ("text", "decoded"),
    [("", ""), (" Y Q = =\n", "a"), ("YQ", "a"), ("YWI", "ab"), ("/+8=", "ÿï"), ("null", "\x9eée")],
)
def test_valid_base64(text: str, decoded: str) -> None:
    assert decoded == atob(text)


@given(st.binary())
def test_base64_round_trip(data: bytes) -> None:
    text = data.decode("latin-1")
    assert text == atob(btoa(text))


def test_base64_functions_as_a_guest_calls_them() -> None:
    assert FUNCTIONS["btoa"].js_call(None, (12,)) == "MTI="
    assert (
        thrown(lambda: FUNCTIONS["btoa"].js_call(None, ("ā",)))
        == "InvalidCharacterError: btoa() can only operate on characters in the Latin1 (ISO/IEC "
        "8859-1) range."
    )
    for name, expected in (("atob", "string"), ("btoa", "String")):
        assert (
            f"TypeError: Failed to execute '{name}' on 'ServiceWorkerGlobalScope': parameter 1 is "
            f"not of type '{expected}'." == thrown(lambda n=name: FUNCTIONS[n].js_call(None, ()))
        )
