"""Which responses a cache keeps and for how long, and what it makes of conditions and ranges."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from emulator.runtime.cache_rules import answer, kept_headers, lifetime_s, without_private_cookie

NOW_S = 1_800_000_000


def http_date(offset_s: float) -> str:
    return formatdate(NOW_S + offset_s, usegmt=True)


def control(text: str, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("cache-control", text), *more]


def lifetime(
    pairs: list[tuple[str, str]], status: int = 200, asked: tuple[tuple[str, str], ...] = ()
) -> float:
    return lifetime_s(list(asked), status, pairs, NOW_S * 1000)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (control("max-age=1"), 1),
        (control("max-age=0, s-maxage=10"), 10),
        (control("MAX-AGE=10"), 10),
        ([("expires", http_date(10)), ("date", http_date(0))], 10),
        ([("expires", http_date(10))], 10),
        ([("last-modified", http_date(-100_000))], 10_000),
        (control("max-age=0, stale-while-revalidate=10"), 10),
        (control("max-age=0, stale-if-error=10"), 10),
        (control("max-age=5, stale-while-revalidate=10, stale-if-error=20"), 35),
        (control("max-age=10, must-revalidate"), 10),
        (control("immutable"), 86400),
        (control("max-age=10", ("age", "4")), 6),
        (control("max-age=10", ("vary", "accept")), 10),
    ],
)
def test_how_long_a_response_is_kept(pairs: list[tuple[str, str]], expected: float) -> None:
    assert lifetime(pairs) == pytest.approx(expected)


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        control("public"),
        control("max-age=10, s-maxage=0"),
        control("no-cache, max-age=10"),
        control("no-store, max-age=10"),
        control("private, max-age=10"),
        control("max-age=10", ("set-cookie", "a=1")),
        [("expires", http_date(-10)), ("date", http_date(0))],
        [("expires", "0")],
        control("max-age=10, proxy-revalidate"),
        control("max-age=10", ("age", "20")),
        control("max-age=-1"),
        [("last-modified", http_date(10))],
        [("last-modified", "yesterday")],
    ],
)
def test_what_is_not_kept(pairs: list[tuple[str, str]]) -> None:
    assert lifetime(pairs) == 0


@pytest.mark.parametrize(
    ("status", "kept"),
    [
        *((status, True) for status in (200, 203, 204, 300, 301, 302, 303, 307, 308)),
        *((status, True) for status in (404, 405, 410, 414, 501)),
        *((status, False) for status in (201, 202, 400, 401, 403, 418, 500, 502, 503)),
    ],
)
def test_which_statuses_are_kept(status: int, kept: bool) -> None:
    assert bool(lifetime(control("max-age=10"), status)) is kept


def test_a_redirect_needs_more_than_a_guess() -> None:
    modified = [("last-modified", http_date(-1000))]
    assert lifetime(modified, 301) == pytest.approx(100)
    assert lifetime(modified, 302) == 0


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("max-age=10", False),
        ("max-age=10, public", True),
        ("s-maxage=10", True),
        ("max-age=10, must-revalidate", True),
    ],
)
def test_what_was_asked_with_authorization_must_say_so(text: str, kept: bool) -> None:
    asked = (("authorization", "Bearer x"),)
    assert bool(lifetime(control(text), asked=asked)) is kept


def test_a_private_cookie_is_left_out() -> None:
    pairs = control("Private=Set-Cookie, max-age=10", ("set-cookie", "a=1"), ("x", "y"))
    kept = without_private_cookie(pairs)
    assert [name for name, _ in kept] == ["x", "cache-control"]
    assert lifetime(kept) == 10


def test_headers_of_a_hit() -> None:
    pairs = [("x", "1"), ("connection", "close"), ("transfer-encoding", "chunked"), ("age", "3")]
    assert kept_headers(pairs, "today") == (
        ("x", "1"),
        ("date", "today"),
        ("age", "3"),
        ("cf-cache-status", "HIT"),
    )
    assert ("date", "yesterday") in kept_headers([("date", "yesterday")], "today")


BODY = b"0123456789"
HEADERS = (
    ("etag", '"a"'),
    ("last-modified", http_date(-100)),
    ("content-type", "text/plain"),
    ("cf-cache-status", "HIT"),
)


def ask(*asked: tuple[str, str], status: int = 200) -> tuple[int, bytes | None, dict[str, str]]:
    hit = answer(list(asked), status, HEADERS, BODY, "B")
    return hit.status, hit.body, dict(hit.headers)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ([("if-none-match", '"a"')], 304),
        ([("if-none-match", 'W/"a"')], 304),
        ([("if-none-match", '"b", "a"')], 304),
        ([("if-none-match", "*")], 304),
        ([("if-none-match", '"b"')], 200),
        ([("if-modified-since", http_date(-100))], 304),
        ([("if-modified-since", http_date(0))], 304),
        ([("if-modified-since", http_date(-101))], 200),
        ([("if-modified-since", "never")], 200),
        ([("if-none-match", '"b"'), ("if-modified-since", http_date(0))], 200),
    ],
)
def test_conditional_requests(asked: list[tuple[str, str]], status: int) -> None:
    found, body, headers = ask(*asked)
    assert (found, body) == (status, None if status == 304 else BODY)
    assert headers["cf-cache-status"] == "HIT"


@pytest.mark.parametrize(
    ("text", "part", "place"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=8-100", b"89", "bytes 8-9/10"),
        ("bytes=0-0", b"0", "bytes 0-0/10"),
    ],
)
def test_one_range(text: str, part: bytes, place: str) -> None:
    status, body, headers = ask(("range", text))
    assert (status, body, headers["content-range"]) == (206, part, place)
    assert headers["content-length"] == str(len(part))


@pytest.mark.parametrize("text", ["bytes=10-", "bytes=5-4", "bytes=x", "bytes=-", "lines=0-1"])
def test_a_range_that_is_not_there(text: str) -> None:
    status, body, headers = ask(("range", text))
    assert (status, body, headers["content-range"]) == (416, b"", "bytes */10")
    assert headers["cf-cache-status"] == "HIT"


@pytest.mark.parametrize("text", ["bytes=", "bytes=-10", "bytes=-99"])
def test_a_range_that_is_everything(text: str) -> None:
    assert ask(("range", text))[:2] == (200, BODY)


def test_several_ranges_are_parts_of_a_message() -> None:
    status, body, headers = ask(("range", "bytes=0-1, 8-"))
    assert (status, headers["content-type"]) == (206, "multipart/byteranges; boundary=B")
    assert body == (
        b"--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01\r\n"
        b"--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n89\r\n--B--"
    )
