"""Response and its body. Values recorded from workerd."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.js.array import JsArray
from emulator.js.blob import Blob
from emulator.js.buffers import ArrayBuffer, Uint8Array
from emulator.js.errors import JsThrow
from emulator.js.formdata import FormData
from emulator.js.headers import Headers
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise
from emulator.js.response import Response
from emulator.js.streams import ReadableStream
from emulator.js.url import URLSearchParams
from emulator.js.values import null
from tests.js.guest_values import WrappedDict, call, forbid_io, new, static
from tests.support.js_host import FakeHost, settle

pytestmark = pytest.mark.usefixtures("js_host")

RANGE = "RangeError: Responses may only be constructed with status codes in the range 200 to 599, inclusive."
NULL_BODY = "TypeError: Response with null body status (101, 204, 205, or 304) cannot have a body."
USED = (
    "TypeError: Body has already been used. It can only be used once. Use tee() first if you need "
    "to read it twice."
)
LOCKED = "TypeError: This ReadableStream is currently locked to a reader,"


class FakeWebSocket(JsObject, name="WebSocket", constructible=False):
    """Stands for the class of a higher layer."""


def init(**options: Any) -> PlainObject:
    return PlainObject(options)


def text(body: JsObject) -> Any:
    return settle(call(body, "text"))


def content_type(response: Response) -> str | None:
    return response.headers.first("content-type")


def thrown_by(*args: Any) -> str:
    with pytest.raises(JsThrow) as thrown:
        new(Response, *args)
    return str(thrown.value)


def rejection(promise: Promise) -> str:
    with pytest.raises(JsThrow) as thrown:
        settle(promise)
    return str(thrown.value)


def test_a_response_has_defaults() -> None:
    response = new(Response)
    expected = {
        "status": 200, "statusText": "", "ok": True, "redirected": False, "url": "",
        "webSocket": null, "cf": None, "type": "default", "body": null, "bodyUsed": False,
    }  # fmt: skip
    assert expected == {name: response.js_get(name) for name in expected}
    assert response.headers.raw_pairs() == []


@pytest.mark.parametrize(
    ("body", "expected_type", "content"),
    [
        ("é", "text/plain;charset=UTF-8", "é"),
        ("", "text/plain;charset=UTF-8", ""),
        (5, "text/plain;charset=UTF-8", "5"),
        (True, "text/plain;charset=UTF-8", "true"),
        (PlainObject(), "text/plain;charset=UTF-8", "[object Object]"),
        (JsArray([1, 2]), "text/plain;charset=UTF-8", "1,2"),
        (WrappedDict({"a": 1}), "text/plain;charset=UTF-8", "{'a': 1}"),
        ("\ud800", "text/plain;charset=UTF-8", "\ufffd"),
        (URLSearchParams([("a", "b c")]), "application/x-www-form-urlencoded;charset=UTF-8", "a=b+c"),
        (Blob(b"x", "a/b"), "a/b", "x"),
        (Blob(b"x", ""), None, "x"),
        (ArrayBuffer(b"abc"), None, "abc"),
        (Uint8Array.from_bytes(b"abc"), None, "abc"),
        (None, None, ""),
        (null, None, ""),
    ],
)  # fmt: skip
def test_bodies_have_default_types(body: Any, expected_type: str | None, content: str) -> None:
    response = new(Response, body)
    assert expected_type == content_type(response)
    assert content == text(response)


def test_a_form_is_encoded_with_its_boundary() -> None:
    form = FormData()
    form.entries_list.append(("a", "1"))
    response = new(Response, form)
    kind, _, boundary = str(content_type(response)).partition("; boundary=")
    assert (kind, len(boundary)) == ("multipart/form-data", 32)
    decoded = settle(call(response, "formData"))
    assert decoded.entries_list == [("a", "1")]


def test_a_stream_has_no_type_and_is_read_whole() -> None:
    response = new(Response, ReadableStream.from_bytes(b"abc"))
    assert content_type(response) is None
    assert isinstance(response.body_source, ReadableStream)
    assert text(response) == "abc"


def test_a_given_type_wins_over_the_default() -> None:
    response = new(Response, "x", init(headers=PlainObject({"Content-Type": "x/y"})))
    assert content_type(response) == "x/y"


@pytest.mark.parametrize("status", ["201", 201.7, 201])
def test_status_is_coerced(status: Any) -> None:
    assert new(Response, "x", init(status=status)).status == 201


@pytest.mark.parametrize("status", [199, 600, 0, 101, "abc", null, -1, 2**70])
def test_a_status_out_of_range_is_refused(status: Any) -> None:
    assert thrown_by(None, init(status=status)) == RANGE


@pytest.mark.parametrize("status", [204, 205, 304])
def test_null_body_statuses_have_no_body(js_host: FakeHost, status: int) -> None:
    assert thrown_by("x", init(status=status)) == NULL_BODY
    assert thrown_by(ReadableStream.from_bytes(b""), init(status=status)) == NULL_BODY
    assert new(Response, None, init(status=status)).status == status
    assert new(Response, "", init(status=status)).js_get("body") is null
    assert js_host.console_entries[0][0] == "warn"


def test_an_init_of_a_python_dict_works() -> None:
    response = new(Response, "x", WrappedDict({"status": 201, "statusText": "Made"}))
    assert (response.status, response.statusText) == (201, "Made")


def test_headers_of_a_python_dict_give_the_sequence_error() -> None:
    assert thrown_by("x", init(headers=WrappedDict({"a": "b"}))) == (
        "TypeError: Incorrect type: the provided value is not of type 'Sequence'."
    )


def test_a_response_as_init_gives_status_and_headers() -> None:
    original = new(Response, "y", init(status=404, statusText="Nope", headers=init(a="b")))
    copy = new(Response, "x", original)
    assert (copy.status, copy.statusText) == (404, "Nope")
    assert (copy.headers.entries_list()) == [
        ("a", "b"),
        ("content-type", "text/plain;charset=UTF-8"),
    ]


def test_headers_of_a_received_response_become_mutable_in_a_new_one() -> None:
    received = Response.received(200, "OK", [("a", "b")], b"x", "http://a/", redirected=True)
    assert (received.url, received.redirected, received.statusText) == ("http://a/", True, "OK")
    with pytest.raises(JsThrow, match=r"Can't modify immutable headers\."):
        call(received.headers, "set", "a", "c")
    copy = new(Response, received.js_get("body"), received)
    call(copy.headers, "set", "a", "c")
    assert (copy.url, copy.headers.first("a"), text(copy)) == ("", "c", "x")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"statusText": "a\nb"}, "TypeError: Invalid statusText"),
        ({"encodeBody": "zip"}, "TypeError: encodeBody: unexpected value: zip"),
        ({"webSocket": 5}, "TypeError: Incorrect type for the 'webSocket' field on 'InitializerDict': the provided value is not of type 'WebSocket'."),
        ({"cf": 5}, "TypeError: Incorrect type for the 'cf' field on 'InitializerDict': the provided value is not of type 'Object'."),
    ],
)  # fmt: skip
def test_bad_options_are_refused(options: dict[str, Any], expected: str) -> None:
    assert expected == thrown_by("x", init(**options))


@pytest.mark.parametrize("value", [5, "x", True])
def test_an_init_of_another_type_is_refused(value: Any) -> None:
    assert thrown_by("x", value) == (
        "TypeError: Failed to construct 'Response': constructor parameter 2 is not of type "
        "'InitializerDict or Response'."
    )


def test_null_is_no_init_and_odd_options_are_kept() -> None:
    assert new(Response, "x", null).status == 200
    response = new(Response, "x", init(cf=PlainObject({"a": 1}), encodeBody="manual", other=1))
    assert response.js_get("cf").js_get("a") == 1
    assert response.encode_body == "manual"


def test_a_web_socket_needs_status_101_and_no_body() -> None:
    socket = FakeWebSocket()
    response = new(Response, None, init(status=101, webSocket=socket))
    assert response.web_socket is socket is response.js_get("webSocket")
    assert thrown_by(None, init(webSocket=socket)) == (
        "RangeError: Responses with a WebSocket must have status code 101."
    )
    assert thrown_by("x", init(status=101, webSocket=socket)) == NULL_BODY
    with pytest.raises(JsThrow) as thrown:
        call(response, "clone")
    assert str(thrown.value) == "TypeError: Cannot clone a response to a WebSocket handshake."


def test_json_is_compact_and_typed() -> None:
    data = PlainObject({"a": JsArray([1, "é", null])})
    response = static(Response, "json", data, init(status=201, headers=init(x="y")))
    assert response.headers.entries_list() == [("content-type", "application/json"), ("x", "y")]
    assert (response.status, text(response)) == (201, '{"a":[1,"é",null]}')
    typed = static(Response, "json", 1, init(headers=PlainObject({"content-type": "a/b"})))
    assert content_type(typed) == "a/b"


def test_json_needs_a_value() -> None:
    with pytest.raises(JsThrow) as thrown:
        static(Response, "json")
    assert str(thrown.value) == (
        "TypeError: Failed to execute 'json' on 'Response': parameter 1 is not of type 'Value'."
    )
    assert text(static(Response, "json", None)) == "undefined"


def test_redirect_normalizes_and_is_immutable() -> None:
    response = static(Response, "redirect", "http://a.b")
    assert (response.status, response.headers.first("location")) == (302, "http://a.b/")
    assert response.js_get("body") is null
    assert static(Response, "redirect", "http://a.b", "301").status == 301
    with pytest.raises(JsThrow, match=r"Can't modify immutable headers\."):
        call(response.headers, "set", "a", "b")


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("/rel",), "TypeError: Unable to parse URL: /rel"),
        (("http://a", 200), "RangeError: 200 is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308."),
    ],
)  # fmt: skip
def test_bad_redirects_are_refused(args: tuple[Any, ...], expected: str) -> None:
    with pytest.raises(JsThrow) as thrown:
        static(Response, "redirect", *args)
    assert expected == str(thrown.value)


def test_an_error_response_has_status_zero() -> None:
    response = static(Response, "error")
    assert (response.status, response.js_get("type"), response.ok) == (0, "error", False)
    call(response.headers, "set", "a", "b")


def test_a_body_is_read_once() -> None:
    response = new(Response, "x")
    assert text(response) == "x"
    assert response.bodyUsed is True
    for member in ("text", "json", "arrayBuffer", "bytes", "blob", "formData"):
        assert rejection(call(response, member)) == USED
    with pytest.raises(JsThrow) as thrown:
        response.take_body_source()
    assert str(thrown.value) == USED


def test_a_null_body_is_never_used() -> None:
    response = new(Response)
    assert (text(response), text(response), response.bodyUsed) == ("", "", False)
    assert response.take_body_source() is None


def test_an_empty_body_is_used() -> None:
    response = new(Response, "")
    assert text(response) == ""
    assert rejection(call(response, "text")) == USED


def test_every_form_of_reading() -> None:
    data = settle(call(new(Response, "abc"), "arrayBuffer"))
    assert (type(data), bytes(data.data)) == (ArrayBuffer, b"abc")
    view = settle(call(new(Response, "abc"), "bytes"))
    assert (view.js_class_name, view.tobytes()) == ("Uint8Array", b"abc")
    assert settle(call(new(Response, '{"a":null}'), "json")).js_get("a") is null
    typed = new(Response, "a", init(headers=PlainObject({"content-type": "Text/X; Charset=UTF-8"})))
    blob = settle(call(typed, "blob"))
    assert (blob.data, blob.type) == (b"a", "text/x;charset=UTF-8")


def test_bad_json_is_a_syntax_error() -> None:
    assert rejection(call(new(Response, "{x"), "json")) == (
        "SyntaxError: Expected property name or '}' in JSON at position 1 (line 1 column 2)"
    )
    assert rejection(call(new(Response), "json")) == "SyntaxError: Unexpected end of JSON input"


def test_form_data_needs_a_known_type() -> None:
    assert rejection(call(new(Response), "formData")) == (
        "TypeError: Parsing a Body as FormData requires a Content-Type header."
    )
    assert rejection(call(new(Response, "a"), "formData")) == (
        "TypeError: Unrecognized Content-Type header value. FormData can only parse the following "
        "MIME types: multipart/form-data, application/x-www-form-urlencoded"
    )
    form = settle(call(new(Response, URLSearchParams([("a", "b"), ("c", "d e")])), "formData"))
    assert form.entries_list == [("a", "b"), ("c", "d e")]


def test_text_drops_a_mark_and_replaces_bad_bytes() -> None:
    assert text(new(Response, ArrayBuffer(b"\xef\xbb\xbfA\xff"))) == "A\ufffd"


def test_text_of_an_image_warns(js_host: FakeHost) -> None:
    image = init(headers=PlainObject({"content-type": "image/png"}))
    text(new(Response, "x", image))
    level, entry = js_host.console_entries[0]
    assert level == "warn"
    assert entry.startswith("Called .text() on an HTTP body which does not appear to be text.")
    assert '"image/png"' in entry


@pytest.mark.parametrize(
    "kind", ["text/html", "application/json; x=y", "application/ld+json", "image/svg+xml",
             "application/javascript", "application/x-www-form-urlencoded"],
)  # fmt: skip
def test_text_of_texts_does_not_warn(js_host: FakeHost, kind: str) -> None:
    text(new(Response, "x", init(headers=PlainObject({"content-type": kind}))))
    assert js_host.console_entries == []


def test_the_body_is_one_stream() -> None:
    response = new(Response, "x")
    stream = response.js_get("body")
    assert isinstance(stream, ReadableStream)
    assert stream is response.js_get("body")
    assert response.bodyUsed is False
    assert text(response) == "x"
    assert response.bodyUsed is True


def test_reading_the_stream_uses_the_body() -> None:
    response = new(Response, "x")
    reader = call(response.js_get("body"), "getReader")
    assert rejection(call(response, "text")) == (
        "TypeError: This ReadableStream is currently locked to a reader."
    )
    settle(call(reader, "read"))
    assert response.bodyUsed is True
    assert rejection(call(response, "text")) == USED


def test_a_used_or_locked_stream_cannot_be_a_body() -> None:
    response = new(Response, "x")
    stream = response.js_get("body")
    text(response)
    assert thrown_by(stream) == (
        "TypeError: This ReadableStream is disturbed (has already been read from), and cannot be "
        "used as a body."
    )
    locked = new(Response, "x").js_get("body")
    call(locked, "getReader")
    assert thrown_by(locked) == (
        "TypeError: This ReadableStream is locked to a reader, and cannot be used as a body."
    )


def test_the_stream_of_a_body_that_was_read_is_disturbed() -> None:
    response = new(Response, "x")
    text(response)
    assert response.js_get("body").disturbed is True


def test_a_clone_is_read_on_its_own() -> None:
    for body in ("x", ReadableStream.from_bytes(b"x")):
        response = new(Response, body, init(status=201))
        clone = call(response, "clone")
        assert (text(response), text(clone), clone.status) == ("x", "x", 201)
    call(clone.headers, "set", "a", "b")
    assert response.headers.first("a") is None
    assert call(new(Response), "clone").js_get("body") is null


def test_a_used_or_locked_body_cannot_be_cloned() -> None:
    used, locked = new(Response, "x"), new(Response, "x")
    text(used)
    call(locked.js_get("body"), "getReader")
    for response in (used, locked):
        with pytest.raises(JsThrow) as thrown:
            call(response, "clone")
        assert str(thrown.value) == LOCKED


def test_the_host_takes_bytes_without_a_stream() -> None:
    response = new(Response, "é")
    response.js_get("body")
    assert response.take_body_source() == "é".encode()
    assert response.bodyUsed is True


def test_properties_are_read_only() -> None:
    with pytest.raises(JsThrow) as thrown:
        new(Response, "x").js_set("status", 5)
    assert str(thrown.value) == (
        "TypeError: Cannot assign to read only property 'status' of object '#<Response>'"
    )


def test_no_body_can_be_made_at_the_top_level(
    js_host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(js_host, "check_io_allowed", forbid_io)
    assert thrown_by("x").startswith("Error: Disallowed operation")
    assert isinstance(new(Response, None, init(status=204)).headers, Headers)
