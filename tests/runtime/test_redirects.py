"""Following redirects: when, how often, and what changes on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from emulator.runtime.errors import GuestError
from emulator.runtime.http import Body, HttpRequest, HttpResponse
from emulator.runtime.redirects import (
    BAD_LOCATION,
    MAX_REDIRECTS,
    ONE_TIME_BODY,
    REDIRECT_STATUSES,
    fetch_following,
)

Answer = Callable[[HttpRequest], HttpResponse]


class Stream:
    """A body that arrives piece by piece."""

    def __init__(self) -> None:
        self.cancelled = False

    async def read(self) -> bytes:
        return b""

    async def cancel(self, reason: BaseException | None = None) -> None:
        self.cancelled = True


def go(
    answers: list[HttpResponse] | Answer,
    *,
    method: str = "GET",
    url: str = "http://a.test/x?q=1",
    body: Body = None,
    headers: list[tuple[str, str]] | None = None,
    mode: str = "follow",
) -> tuple[HttpResponse, list[HttpRequest]]:
    """Fetches from a server that answers as told; the response, and the requests it saw."""
    seen: list[HttpRequest] = []

    async def send(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return replace(answers(request) if callable(answers) else answers[len(seen) - 1])

    request = HttpRequest(method, url, headers or [], body, None, mode)
    return asyncio.run(fetch_following(send, request)), seen


def to(location: str, status: int = 302, body: Body = None) -> HttpResponse:
    return HttpResponse(status, "", [("Location", location)], body)


OK = HttpResponse(200, "OK", [], b"ok")


def test_an_ordinary_answer_is_given_as_it_is() -> None:
    response, seen = go([OK])
    assert response == replace(OK, url="http://a.test/x?q=1")
    assert len(seen) == 1


@pytest.mark.parametrize("mode", ["manual", "error"])
def test_other_modes_give_the_redirect_itself(mode: str) -> None:
    redirect = to("/y")
    response, seen = go([redirect], mode=mode)
    assert response == replace(redirect, url="http://a.test/x?q=1", body=b"")
    assert len(seen) == 1


@pytest.mark.parametrize("status", sorted(REDIRECT_STATUSES))
def test_a_get_is_sent_again_to_the_location(status: int) -> None:
    response, seen = go([to("/y", status), OK])
    assert [request.url for request in seen] == ["http://a.test/x?q=1", "http://a.test/y"]
    assert [request.method for request in seen] == ["GET", "GET"]
    assert (response.status, response.redirected, response.url) == (200, True, "http://a.test/y")


@pytest.mark.parametrize("status", [300, 304, 305, 306])
def test_other_300s_are_no_redirects(status: int) -> None:
    response, seen = go([to("/y", status)])
    assert response.status == status
    assert len(seen) == 1


def test_a_redirect_without_location_is_the_answer() -> None:
    response, seen = go([HttpResponse(302, "", [("x", "y")])])
    assert (response.status, response.redirected) == (302, False)
    assert len(seen) == 1


def test_an_empty_location_is_none() -> None:
    response, seen = go([to("")])
    assert (response.status, response.redirected, response.headers) == (302, False, [])
    assert len(seen) == 1


def test_the_answer_knows_where_it_came_from() -> None:
    response, _ = go([OK], url="http://a.test/here")
    assert (response.url, response.redirected) == ("http://a.test/here", False)


def test_an_answer_to_head_has_no_body() -> None:
    stream = Stream()
    response, _ = go([replace(OK, body=stream)], method="HEAD")
    assert response.body is None
    assert stream.cancelled


@pytest.mark.parametrize(("status", "body"), [(200, b""), (302, b""), (204, None), (304, None)])
def test_an_answer_without_body_has_an_empty_one_where_one_is_allowed(
    status: int, body: bytes | None
) -> None:
    response, _ = go([HttpResponse(status, "", [])])
    assert response.body == body


def test_the_header_is_found_in_any_case() -> None:
    _, seen = go([HttpResponse(302, "", [("LOCATION", "/y")]), OK])
    assert seen[1].url == "http://a.test/y"


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("y", "http://a.test/d/y"),
        ("../y", "http://a.test/y"),
        ("?z", "http://a.test/d/x?z"),
        ("//b.test/y", "http://b.test/y"),
        ("https://b.test", "https://b.test/"),
        ("/y#z", "http://a.test/y"),
        ("//me:secret@b.test/y", "http://b.test/y"),
    ],
)
def test_a_location_is_relative_to_the_request(location: str, expected: str) -> None:
    _, seen = go([to(location), OK], url="http://a.test/d/x")
    assert seen[1].url == expected


def test_a_location_that_is_no_url_is_a_type_error() -> None:
    with pytest.raises(GuestError) as caught:
        go([to("http://[bad")])
    assert (caught.value.name, caught.value.message) == ("TypeError", BAD_LOCATION)


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        (301, "POST", ("GET", None)),
        (302, "POST", ("GET", None)),
        (303, "POST", ("GET", None)),
        (303, "PUT", ("GET", None)),
        (303, "HEAD", ("HEAD", None)),
        (301, "PUT", ("PUT", b"body")),
        (302, "DELETE", ("DELETE", b"body")),
        (307, "POST", ("POST", b"body")),
        (308, "POST", ("POST", b"body")),
    ],
)
def test_what_becomes_of_method_and_body(
    status: int, method: str, expected: tuple[str, bytes | None]
) -> None:
    body = None if method == "HEAD" else b"body"
    _, seen = go([to("/y", status), OK], method=method, body=body)
    assert (seen[1].method, seen[1].body) == expected


def test_a_body_that_is_dropped_takes_its_length_along() -> None:
    headers = [("Content-Type", "text/plain"), ("Content-Length", "4"), ("X-Kept", "1")]
    _, seen = go([to("/y", 303), OK], method="POST", body=b"body", headers=headers)
    assert seen[1].headers == [("Content-Type", "text/plain"), ("X-Kept", "1")]


def test_a_body_that_is_sent_again_keeps_them() -> None:
    headers = [("content-type", "text/plain"), ("content-length", "4")]
    _, seen = go([to("/y", 307), OK], method="POST", body=b"body", headers=headers)
    assert seen[1].headers == headers


def test_a_streamed_body_cannot_be_sent_again() -> None:
    with pytest.raises(GuestError) as caught:
        go([to("/y", 307)], method="POST", body=Stream())
    assert (caught.value.name, caught.value.message) == ("TypeError", ONE_TIME_BODY)


def test_a_streamed_body_may_be_dropped() -> None:
    response, seen = go([to("/y", 303), OK], method="POST", body=Stream())
    assert response.status == 200
    assert seen[1].body is None


@pytest.mark.parametrize(
    ("location", "kept"),
    [("/y", True), ("http://a.test:81/y", False), ("https://a.test/y", False), ("//b.test", False)],
)
def test_credentials_stay_with_their_origin(location: str, kept: bool) -> None:
    _, seen = go([to(location), OK], headers=[("Authorization", "secret"), ("x", "y")])
    expected = [("Authorization", "secret"), ("x", "y")] if kept else [("x", "y")]
    assert seen[1].headers == expected


def test_the_body_of_a_redirect_that_is_followed_is_cancelled() -> None:
    stream = Stream()
    go([to("/y", body=stream), OK])
    assert stream.cancelled


def test_twenty_redirects_are_followed_and_no_more() -> None:
    def until(last: int) -> Answer:
        def answer(request: HttpRequest) -> HttpResponse:
            number = int(request.url.rsplit("/", 1)[1])
            return OK if number == last else to(f"/{number + 1}")

        return answer

    response, seen = go(until(MAX_REDIRECTS), url="http://a.test/0")
    assert response.status == 200
    assert len(seen) == MAX_REDIRECTS + 1
    with pytest.raises(GuestError, match="Too many redirects") as caught:
        go(until(MAX_REDIRECTS + 1), url="http://a.test/0")
    assert caught.value.name == "TypeError"
    assert caught.value.message.startswith("Too many redirects.http://a.test/0, http://a.test/1,")


def test_messages_are_not_changed_in_place() -> None:
    redirect = to("/y")
    before = replace(redirect)
    _, seen = go([redirect, OK])
    assert redirect == before
    assert seen[0].url == "http://a.test/x?q=1"
