"""Blob and File; expected values were observed on workerd."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.js.array import JsArray
from emulator.js.blob import Blob, File
from emulator.js.buffers import ArrayBuffer, Uint8Array, Uint16Array
from emulator.js.buffers.data_view import DataView
from emulator.js.errors import JsThrow
from emulator.js.plain import PlainObject
from emulator.js.promise import resolved
from emulator.js.values import null
from tests.js.guest_values import call, new
from tests.support.js_host import FakeHost, settle


def thrown(action: Any) -> str:
    with pytest.raises(JsThrow) as caught:
        action()
    return str(caught.value)


def parts(*values: Any) -> JsArray:
    return JsArray(list(values))


def test_parts_of_every_kind_are_joined() -> None:
    blob = new(
        Blob,
        parts("a", Uint8Array.from_bytes(b"b"), Blob(b"c"), Uint16Array.from_bytes(b"dd"),
              DataView(ArrayBuffer(b"\0")), ArrayBuffer(b"e"), 1, null, None, True, PlainObject()),
    )  # fmt: skip
    assert blob.data == b"abcdd\0e1nullundefinedtrue[object Object]"
    assert len(blob.data) == blob.size


@pytest.mark.parametrize("value", ["abc", null, 1, Uint8Array.from_bytes(b"a"), PlainObject()])
def test_parts_must_be_an_array(value: Any) -> None:
    assert (
        thrown(lambda: new(Blob, value))
        == "TypeError: Failed to construct 'Blob': constructor parameter 1 is not of type 'Array'."
    )
    assert (
        thrown(lambda: new(File, value, "x"))
        == "TypeError: Failed to construct 'File': constructor parameter 1 is not of type 'Array'."
    )


def test_no_parts_are_an_empty_blob() -> None:
    assert (new(Blob).size, new(Blob, None).type) == (0, "")


@pytest.mark.parametrize(
    ("given", "type"),
    [("text/X", "text/x"), ("tëxt", ""), ("a\x01b", ""), (null, "null"), (None, ""), (12, "12")],
)
def test_types_are_normalized(given: Any, type: str) -> None:
    assert type == new(Blob, parts(), PlainObject({"type": given})).type


def test_options_are_checked() -> None:
    endings = "Error: The 'endings' field on 'Options' is not implemented."
    for value in ("transparent", "native"):
        options = PlainObject({"endings": value})
        assert endings == thrown(lambda o=options: new(Blob, parts(), o))
        assert endings == thrown(lambda o=options: new(File, parts(), "x", o))
    assert new(Blob, parts(), PlainObject({"endings": None})).size == 0
    assert (
        thrown(lambda: new(Blob, parts(), "x"))
        == "TypeError: Failed to construct 'Blob': constructor parameter 2 is not of type 'Options'."
    )
    assert new(Blob, parts(), null).type == ""


@pytest.mark.parametrize(
    ("args", "data"),
    [
        ((1, 3), b"el"),
        ((-3,), b"rld"),
        ((5, 2), b""),
        ((0, -6), b"hello"),
        ((2, 100), b"llo world"),
        ((None, None, None), b"hello world"),
        ((null, null), b""),
        ((float("nan"),), b"hello world"),
        ((1.7, 3.9), b"el"),
    ],
)
def test_slice(args: tuple[Any, ...], data: bytes) -> None:
    assert data == call(Blob(b"hello world", "text/plain"), "slice", *args).data


def test_a_slice_has_its_own_type_and_is_a_blob() -> None:
    file = File(b"hello", "n", "text/plain")
    assert call(file, "slice", 0).type == ""
    assert call(file, "slice", 0, 1, "A/b").type == "a/b"
    assert call(file, "slice", 0, 1, null).type == "null"
    assert call(file, "slice", 0).js_get("constructor").js_get("name") == "Blob"


def test_contents(js_host: FakeHost) -> None:
    blob = Blob(b"\xef\xbb\xbfh\xc3\xa9\xff")
    assert settle(call(blob, "text")) == "hé\ufffd"
    assert blob.data == settle(call(blob, "bytes")).tobytes()
    assert blob.data == bytes(settle(call(blob, "arrayBuffer")).data)
    assert blob.data == settle(call(blob, "stream").read_all())


def test_a_blob_can_be_read_many_times(js_host: FakeHost) -> None:
    blob = Blob(b"abc")
    for _ in range(2):
        assert settle(resolved(call(blob, "stream").read_all())) == b"abc"


def test_file(js_host: FakeHost) -> None:
    options = PlainObject({"type": "Text/Plain", "lastModified": 5.7})
    file = new(File, parts("x"), "n/a.txt", options)
    assert (
        file.name, file.type, file.lastModified, file.size,
    ) == ("n/a.txt", "text/plain", 5.7, 1)  # fmt: skip
    assert isinstance(file, Blob)
    assert file.js_to_string() == "[object File]"
    assert new(File, None, 12).name == "12"


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, 1_700_000_000_000), (float("nan"), 0), (null, 0), ("abc", 0), ("5", 5)],
)
def test_last_modified(given: Any, expected: float, js_host: FakeHost) -> None:
    options = PlainObject({"lastModified": given})
    assert expected == new(File, parts(), "x", options).lastModified


def test_a_file_needs_a_name() -> None:
    for args in ((), (parts("x"),)):
        assert (
            thrown(lambda a=args: new(File, *a))
            == "TypeError: Failed to construct 'File': constructor parameter 2 is not of type "
            "'string'."
        )
