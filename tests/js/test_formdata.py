"""FormData; expected values were observed on workerd."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.js.array import JsArray
from emulator.js.blob import Blob, File
from emulator.js.errors import JsThrow
from emulator.js.formdata import FormData, encode, parse
from emulator.js.object import NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.values import null
from tests.js.guest_values import call, new
from tests.support.js_host import FakeHost

pytestmark = pytest.mark.usefixtures("js_host")


def thrown(action: Any) -> str:
    with pytest.raises(JsThrow) as caught:
        action()
    return str(caught.value)


def form_of(*entries: tuple[Any, ...]) -> FormData:
    form = new(FormData)
    for entry in entries:
        call(form, "append", *entry)
    return form


def shown(form: FormData) -> list[Any]:
    return [
        (name, value if isinstance(value, str) else (value.name, value.type, value.data))
        for name, value in form.entries_list
    ]


def test_values_become_strings_or_files() -> None:
    form = form_of(
        ("a", 1),
        ("a", null),
        ("b", Blob(b"x", "text/plain")),
        ("c", Blob(b"y"), "n.txt"),
        ("d", File(b"z", "z.txt"), "other.txt"),
        ("e", File(b"z", "z.txt", "t/x", 5)),
        ("f", None),
        ("g", PlainObject()),
        ("h", "v", "ignored.txt"),
        ("i", Blob(b""), None),
        ("j", Blob(b""), null),
        (1, "\ud800"),
    )
    assert shown(form) == [
        ("a", "1"), ("a", "null"), ("b", ("b", "text/plain", b"x")), ("c", ("n.txt", "", b"y")),
        ("d", ("other.txt", "", b"z")), ("e", ("z.txt", "t/x", b"z")), ("f", "undefined"),
        ("g", "[object Object]"), ("h", "v"), ("i", ("i", "", b"")), ("j", ("null", "", b"")),
        ("1", "\ufffd"),
    ]  # fmt: skip


def test_reading_and_changing() -> None:
    form = form_of(("a", "1"), ("a", "2"), ("b", "3"), ("a", "4"))
    assert (
        call(form, "get", "a"), call(form, "getAll", "a").items, call(form, "has", "a"),
    ) == ("1", ["1", "2", "4"], True)  # fmt: skip
    call(form, "set", "a", "9")
    assert form.entries_list == [("a", "9"), ("b", "3")]
    call(form, "set", "c", "5")
    call(form, "delete", "a")
    assert form.entries_list == [("b", "3"), ("c", "5")]
    assert call(form, "get", "zz") is null
    assert call(form, "getAll", "zz").items == []
    assert not call(form, "has", "zz")


def test_iteration_of_every_kind() -> None:
    form = form_of(("a", "1"), ("b", "2"))
    pairs = [["a", "1"], ["b", "2"]]
    assert pairs == [pair.items for pair in form.js_iter()]
    assert pairs == [pair.items for pair in call(form, "entries").js_iter()]
    assert list(call(form, "keys").js_iter()) == ["a", "b"]
    assert list(call(form, "values").js_iter()) == ["1", "2"]
    seen: list[Any] = []
    function = NativeFunction("f", lambda this, *args: seen.append((this, *args)))
    call(form, "forEach", function, "self")
    assert [("self", "1", "a", form), ("self", "2", "b", form)] == seen
    entries = call(form, "entries")
    assert entries.js_to_string() == "[object EntryIterator]"
    assert isinstance(call(entries, "next").js_get("value"), JsArray)


def test_iteration_sees_what_is_appended_meanwhile() -> None:
    form = form_of(("a", "1"))
    keys = []
    for key in call(form, "keys").js_iter():
        keys.append(key)
        if len(keys) < 3:
            call(form, "append", "c", "3")
    assert keys == ["a", "c", "c"]


def test_argument_texts() -> None:
    form = new(FormData)
    wrong = "TypeError: Failed to execute '{}' on 'FormData': parameter {} is not of type '{}'."
    for member in ("append", "set", "get", "getAll", "has", "delete"):
        text = wrong.format(member, 1, "string")
        assert text == thrown(lambda m=member: call(form, m))
    for member in ("append", "set"):
        text = wrong.format(member, 2, "File or Blob or string")
        assert text == thrown(lambda m=member: call(form, m, "a"))
    for args in ((), ("x",)):
        text = wrong.format("forEach", 1, "function")
        assert text == thrown(lambda a=args: call(form, "forEach", *a))
    assert new(FormData, "x").entries_list == []


def test_encoding_has_the_exact_layout() -> None:
    form = form_of(("a", "1"), ("f", File(b"x", "n.txt", "text/plain")), ("g", Blob(b"\0\xff")))
    assert encode(form, "B") == (
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'--B\r\nContent-Disposition: form-data; name="f"; filename="n.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nx\r\n"
        b'--B\r\nContent-Disposition: form-data; name="g"; filename="g"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\0\xff\r\n"
        b"--B--"
    )
    assert encode(new(FormData), "B") == b"--B--"


def test_parsed_files_have_the_time_of_parsing(js_host: FakeHost) -> None:
    form = form_of(("f", File(b"x", "n.txt", "text/plain", 5)))
    ((_, file),) = parse('multipart/form-data; boundary="B"', encode(form, "B")).entries_list
    assert isinstance(file, File)
    assert js_host.time_ms == file.lastModified


def test_values_are_decoded_and_files_are_not() -> None:
    body = (
        b'--B\r\nContent-Disposition: form-data; name="s"\r\n\r\n\xffA\r\n'
        b'--B\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n\0\xff\r\n\r\r\n--B--'
    )
    form = parse("multipart/form-data; boundary=B", body)
    assert shown(form) == [("s", "\ufffdA"), ("f", ("x", "", b"\0\xff\r\n\r"))]
