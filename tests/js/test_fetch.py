"""fetch(): what reaches the host, and what is answered before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.js.errors import JsThrow
from emulator.js.events import AbortController, AbortSignal
from emulator.js.fetch import FETCH
from emulator.js.object import NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise, resolved
from emulator.js.request import Request
from emulator.js.response import Response
from tests.js.guest_values import call, forbid_io, new, static
from tests.support.js_host import FakeHost


@pytest.fixture
def sent(js_host: FakeHost) -> list[Request]:
    """The requests that reach the host, which answers 200."""
    requests: list[Request] = []

    def answer(request: Request) -> Promise:
        requests.append(request)
        return resolved(Response(b"ok"))

    js_host.fetch_handler = answer
    return requests


def fetch(*args: Any) -> Promise:
    promise: Promise = FETCH.js_call(None, args)
    return promise


@pytest.fixture
def rejection(js_host: FakeHost) -> Callable[[Promise], str]:
    def text(promise: Promise) -> str:
        with pytest.raises(JsThrow) as thrown:
            js_host.settle(promise)
        return str(thrown.value)

    return text


def test_a_request_is_built_and_handed_to_the_host(js_host: FakeHost, sent: list[Request]) -> None:
    init = PlainObject({"method": "post", "body": "x", "headers": PlainObject({"a": "b"})})
    response = js_host.settle(fetch("http://a", init))
    assert isinstance(response, Response)
    (request,) = sent
    assert (request.method, request.url, request.headers.first("a")) == ("POST", "http://a/", "b")
    assert request.take_body_source() == b"x"


def test_a_request_without_init_goes_out_as_it_is(js_host: FakeHost, sent: list[Request]) -> None:
    request = new(Request, "http://a")
    js_host.settle(fetch(request))
    js_host.settle(fetch(request, PlainObject({"method": "PUT"})))
    assert sent[0] is request
    assert (sent[1].method, request.method) == ("PUT", "GET")


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((), "TypeError: Failed to execute 'fetch' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'Request or string'."),
        (("nope",), "TypeError: Invalid URL: nope"),
        (("/x",), "TypeError: Invalid URL: /x"),
        (("ftp://x",), "TypeError: Fetch API cannot load: ftp://x/"),
        (("data:nothing",), "TypeError: Fetch API cannot load: data:nothing"),
    ],
)  # fmt: skip
def test_what_cannot_be_fetched_rejects(
    rejection: Callable[[Promise], str], args: tuple[Any, ...], expected: str
) -> None:
    assert expected == rejection(fetch(*args))


@pytest.mark.parametrize(
    ("url", "content_type", "body"),
    [
        ("data:,a%20b#c", "text/plain;charset=US-ASCII", b"a b"),
        ("data:text/html,<p>", "text/html", b"<p>"),
        ("data:a/b;base64,aGk", "a/b", b"hi"),
        ("data:;charset=utf-8,x", "text/plain;charset=utf-8", b"x"),
    ],
)
def test_data_urls_are_answered_here(
    js_host: FakeHost, url: str, content_type: str, body: bytes
) -> None:
    response = js_host.settle(fetch(url))
    assert (content_type, body, "") == (
        response.headers.first("content-type"), response.take_body_source(), response.url
    )  # fmt: skip


def test_an_aborted_signal_rejects_at_once(
    sent: list[Request], rejection: Callable[[Promise], str]
) -> None:
    init = PlainObject({"signal": static(AbortSignal, "abort")})
    assert rejection(fetch("http://a", init)) == "AbortError: The operation was aborted"
    assert sent == []


def test_an_abort_after_the_answer_changes_nothing(js_host: FakeHost, sent: list[Request]) -> None:
    controller = AbortController()
    promise = fetch("http://a", PlainObject({"signal": controller.signal}))
    response = js_host.settle(promise)
    call(controller, "abort")
    assert js_host.settle(promise) is response
    assert sent[0].abort_signal is controller.signal


def test_a_fetcher_in_the_options_gets_the_request(js_host: FakeHost) -> None:
    seen: list[Request] = []

    def answer(this: Any, request: Any = None) -> Any:
        seen.append(request)
        return Response(b"from the fetcher")

    fetcher = PlainObject({"fetch": NativeFunction("fetch", answer)})
    response = js_host.settle(fetch("http://a", PlainObject({"fetcher": fetcher})))
    assert response.take_body_source() == b"from the fetcher"
    assert [request.url for request in seen] == ["http://a/"]


def test_fetch_rejects_at_the_top_level(
    js_host: FakeHost, rejection: Callable[[Promise], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(js_host, "check_io_allowed", forbid_io)
    assert rejection(fetch("http://a")).startswith("Error: Disallowed operation")
