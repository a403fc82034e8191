"""Request. Values recorded from workerd."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.js.errors import JsThrow
from emulator.js.events import AbortController, AbortSignal
from emulator.js.plain import PlainObject
from emulator.js.request import Request
from emulator.js.streams import ReadableStream
from emulator.js.url import URL
from emulator.js.values import null
from tests.js.guest_values import WrappedDict, call, new
from tests.support.js_host import settle

pytestmark = pytest.mark.usefixtures("js_host")


def init(**options: Any) -> PlainObject:
    return PlainObject(options)


def post(body: Any = "x") -> Request:
    request: Request = new(Request, "http://a", init(method="POST", body=body))
    return request


def text(request: Request) -> Any:
    return settle(call(request, "text"))


def thrown_by(*args: Any) -> str:
    with pytest.raises(JsThrow) as thrown:
        new(Request, *args)
    return str(thrown.value)


def test_a_request_has_defaults() -> None:
    request = new(Request, "http://a")
    expected = {
        "method": "GET", "url": "http://a/", "redirect": "follow", "fetcher": null, "cf": None,
        "integrity": "", "keepalive": False, "cache": None, "body": null, "bodyUsed": False,
    }  # fmt: skip
    assert expected == {name: request.js_get(name) for name in expected}
    assert isinstance(request.js_get("signal"), AbortSignal)


@pytest.mark.parametrize("name", ["mode", "credentials", "destination", "referrer"])
def test_browser_members_are_absent(name: str) -> None:
    assert new(Request, "http://a").js_has(name) is False


def test_urls_are_normalized_and_keep_credentials_and_fragment() -> None:
    assert new(Request, "HTTP://u:p@A.b:80/x y#f").url == "http://u:p@a.b/x%20y#f"
    assert new(Request, URL("http://a/?b")).url == "http://a/?b"
    assert new(Request, "ftp://x").url == "ftp://x/"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((), "TypeError: Failed to construct 'Request': constructor parameter 1 is not of type 'Request or string'."),
        ((5,), "TypeError: Invalid URL: 5"),
        (("/rel",), "TypeError: Invalid URL: /rel"),
        (("http://a", 5), "TypeError: Failed to construct 'Request': constructor parameter 2 is not of type 'RequestInitializerDict or Request'."),
        (("http://a", init(method="foo")), "TypeError: Invalid HTTP method string: foo"),
        (("http://a", init(method=null)), "TypeError: Invalid HTTP method string: null"),
        (("http://a", init(method="connect")), "TypeError: Invalid HTTP method string: connect"),
        (("http://a", init(method=" get")), "TypeError: Invalid HTTP method string:  get"),
        (("http://a", init(body="x")), "TypeError: Request with a GET or HEAD method cannot have a body."),
        (("http://a", init(method="head", body="")), "TypeError: Request with a GET or HEAD method cannot have a body."),
        (("http://a", init(cache="default")), "TypeError: Unsupported cache mode: default"),
        (("http://a", init(integrity="sha")), "TypeError: Subrequest integrity checking is not implemented. The integrity option must be either undefined or an empty string."),
        (("http://a", init(signal=5)), "TypeError: Incorrect type for the 'signal' field on 'RequestInitializerDict': the provided value is not of type 'AbortSignal'."),
        (("http://a", init(redirect="error")), "TypeError: Invalid redirect value, must be one of \"follow\" or \"manual\" (\"error\" won't be implemented since it does not make sense at the edge; use \"manual\" and check the response status code)."),
        (("http://a", init(headers=WrappedDict({"a": "b"}))), "TypeError: Incorrect type: the provided value is not of type 'Sequence'."),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused(args: tuple[Any, ...], expected: str) -> None:
    assert expected == thrown_by(*args)


@pytest.mark.parametrize(
    "method", ["get", "purge", "propfind", "query", "ban", "subscribe", "Delete", "pAtCh"]
)
def test_known_methods_are_upper_cased(method: str) -> None:
    assert new(Request, "http://a", init(method=method)).method == method.upper()


def test_options_are_kept() -> None:
    controller = AbortController()
    request = new(
        Request,
        "http://a",
        init(
            method="PUT", headers=init(A="b"), body="é", redirect="manual", cache="no-store",
            cf=PlainObject({"x": 1}), signal=controller.signal, integrity="", keepalive=True,
        ),
    )  # fmt: skip
    assert [request.js_get(name) for name in ("method", "redirect", "cache")] == [
        "PUT",
        "manual",
        "no-store",
    ]
    assert (request.headers.entries_list()) == [
        ("a", "b"),
        ("content-type", "text/plain;charset=UTF-8"),
    ]
    assert request.js_get("cf").js_get("x") == 1
    assert request.abort_signal is controller.signal is request.js_get("signal")
    assert text(request) == "é"


def test_absent_options_are_undefined_or_null() -> None:
    request = new(Request, "http://a", init(method=None, headers=None, body=null, signal=null))
    assert (request.method, request.js_get("body"), request.abort_signal) == ("GET", null, None)
    assert new(Request, "http://a", null).url == "http://a/"


def test_an_init_of_a_python_dict_works() -> None:
    assert new(Request, "http://a", WrappedDict({"method": "POST"})).method == "POST"


def test_a_request_made_of_a_request_takes_its_body_over() -> None:
    for body in ("x", ReadableStream.from_bytes(b"x")):
        original = post(body)
        copy = new(Request, original)
        assert (original.bodyUsed, copy.bodyUsed, text(copy)) == (True, False, "x")
        assert copy.method == "POST"


def test_init_overrides_what_a_request_gives() -> None:
    original = post()
    copy = new(Request, original, init(method="PUT", body="y", headers=init(a="b")))
    assert (copy.method, text(copy), original.bodyUsed) == ("PUT", "y", False)
    assert copy.headers.entries_list() == [("a", "b"), ("content-type", "text/plain;charset=UTF-8")]


def test_a_used_request_cannot_be_copied_without_a_new_body() -> None:
    original = post()
    text(original)
    assert thrown_by(original) == "TypeError: Cannot reconstruct a Request with a used body."
    assert text(new(Request, original, init(body="y"))) == "y"


def test_a_used_request_cannot_be_cloned() -> None:
    original = post()
    text(original)
    with pytest.raises(JsThrow) as thrown:
        call(original, "clone")
    assert str(thrown.value) == ("TypeError: This ReadableStream is currently locked to a reader,")


def test_a_clone_has_its_own_body_and_headers() -> None:
    original = post()
    clone = call(original, "clone")
    call(clone.headers, "set", "a", "b")
    assert (text(original), text(clone), original.headers.first("a")) == ("x", "x", None)


def test_an_incoming_request_is_immutable_and_manual() -> None:
    request = Request.incoming(
        "POST", "http://h/a?b", [("a", "1")], b"body", PlainObject({"colo": "DFW"})
    )
    assert [request.js_get(name) for name in ("method", "url", "redirect")] == [
        "POST",
        "http://h/a?b",
        "manual",
    ]
    assert isinstance(request.js_get("body"), ReadableStream)
    for headers in (request.headers, call(request, "clone").headers):
        with pytest.raises(JsThrow, match=r"Can't modify immutable headers\."):
            call(headers, "set", "a", "2")
    copy = new(Request, request)
    call(copy.headers, "set", "a", "2")
    assert (copy.redirect, text(copy), request.headers.first("a")) == ("manual", "body", "1")
