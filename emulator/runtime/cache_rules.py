"""Which responses `cache.put` keeps, and for how long; what `cache.match` makes of them.

The rules are those of the local runtime: HTTP's, with the freshness that RFC 9111 lets a cache
guess, plus Cloudflare's exception for `private=set-cookie`.

Does not know: where responses are kept, guests, clocks.
Source: RFC 9110 (conditional and range requests), RFC 9111; answers of `wrangler dev`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

Pairs = list[tuple[str, str]]

STORABLE_STATUSES: Final = frozenset(
    {200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501}
)
_CACHEABLE_BY_DEFAULT: Final = STORABLE_STATUSES - {302, 303, 307}
_IMMUTABLE_S: Final = 24 * 60 * 60
_HEURISTIC_SHARE: Final = 0.1
_EXCEPT_COOKIE: Final = "private=set-cookie"
_HOP_BY_HOP: Final = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip


def first(pairs: Iterable[tuple[str, str]], name: str) -> str | None:
    """The joined value of a lower-case name, or None."""
    values = [value for key, value in pairs if key == name]
    return ", ".join(values) if values else None


def without_private_cookie(pairs: Pairs) -> Pairs:
    """The headers without what `private=set-cookie` says is nobody else's."""
    control = (first(pairs, "cache-control") or "").lower()
    if _EXCEPT_COOKIE not in control:
        return pairs
    kept = [pair for pair in pairs if pair[0] not in ("cache-control", "set-cookie")]
    return [*kept, ("cache-control", re.sub(rf"{_EXCEPT_COOKIE};?", "", control).strip())]


def lifetime_s(asked: Pairs, status: int, pairs: Pairs, now_ms: float) -> float:
    """For how long a response may be given; 0 if it must not be kept."""
    control = _directives(first(pairs, "cache-control") or "")
    cookie = first(pairs, "set-cookie") is not None
    if status not in STORABLE_STATUSES or cookie or {"no-store", "private"} & control.keys():
        return 0
    if first(asked, "authorization") is not None and not (
        {"public", "s-maxage", "must-revalidate"} & control.keys()
    ):
        return 0
    if (
        first(pairs, "expires") is None
        and not {"max-age", "s-maxage", "public"} & control.keys()
        and status not in _CACHEABLE_BY_DEFAULT
    ):
        return 0
    age = _seconds(first(pairs, "age")) or 0
    fresh = max(0.0, _freshness_s(control, pairs, now_ms) - age)
    if {"no-cache", "proxy-revalidate"} & control.keys():
        return 0
    stale = ("stale-while-revalidate", "stale-if-error")
    return fresh + sum(_seconds(control.get(name)) or 0 for name in stale)


def _freshness_s(control: dict[str, str], pairs: Pairs, now_ms: float) -> float:
    for name in ("s-maxage", "max-age"):
        if name in control:
            return _seconds(control[name]) or 0
    expires = first(pairs, "expires")
    if expires is not None:
        until, since = _date_s(expires), _date_s(first(pairs, "date") or "")
        return 0 if until is None else until - (now_ms / 1000 if since is None else since)
    modified = _date_s(first(pairs, "last-modified") or "")
    if modified is not None and modified < now_ms / 1000:
        return (now_ms / 1000 - modified) * _HEURISTIC_SHARE
    return _IMMUTABLE_S if "immutable" in control else 0


def kept_headers(pairs: Pairs, date: str) -> tuple[tuple[str, str], ...]:
    """The headers of a hit: those of the response, and what the cache says of it."""
    kept = [
        pair
        for pair in pairs
        if pair[0] not in _HOP_BY_HOP and pair[0] not in ("age", "cf-cache-status")
    ]
    if first(kept, "date") is None:
        kept.append(("date", date))
    age = int(_seconds(first(pairs, "age")) or 0)
    return (*kept, ("age", str(age)), ("cf-cache-status", "HIT"))


@dataclass(frozen=True, slots=True)
class Hit:
    """What a request gets of a kept response."""

    status: int
    status_text: str
    headers: Pairs
    body: bytes | None


def answer(
    asked: Pairs, status: int, headers: tuple[tuple[str, str], ...], body: bytes, boundary: str
) -> Hit:
    """A kept response for a request: all of it, parts of it, or that it has not changed."""
    pairs = list(headers)
    if _is_unchanged(asked, pairs):
        return Hit(304, "Not Modified", [p for p in pairs if p[0] != "content-length"], None)
    wanted = first(asked, "range")
    ranges = None if wanted is None else _ranges(wanted, len(body))
    if ranges is None:
        return Hit(status, "", pairs, body)
    pairs = [pair for pair in pairs if pair[0] not in ("content-length", "content-range")]
    if not ranges:
        unsatisfied = [*pairs, ("content-range", f"bytes */{len(body)}")]
        return Hit(416, "Range Not Satisfiable", unsatisfied, b"")
    if len(ranges) == 1:
        return _one_part(pairs, body, *ranges[0])
    return _several_parts(pairs, body, ranges, boundary)


def _one_part(pairs: Pairs, body: bytes, start: int, end: int) -> Hit:
    part = body[start : end + 1]
    place = ("content-range", f"bytes {start}-{end}/{len(body)}")
    return Hit(206, "Partial Content", [*pairs, place, ("content-length", str(len(part)))], part)


def _several_parts(pairs: Pairs, body: bytes, ranges: list[tuple[int, int]], boundary: str) -> Hit:
    kind = first(pairs, "content-type")
    lines: list[bytes] = []
    for start, end in ranges:
        lines.append(f"--{boundary}".encode())
        if kind is not None:
            lines.append(f"Content-Type: {kind}".encode())
        lines.append(f"Content-Range: bytes {start}-{end}/{len(body)}".encode())
        lines += [b"", body[start : end + 1]]
    content = b"\r\n".join([*lines, f"--{boundary}--".encode()])
    kept = [pair for pair in pairs if pair[0] != "content-type"]
    kept.append(("content-type", f"multipart/byteranges; boundary={boundary}"))
    return Hit(206, "Partial Content", [*kept, ("content-length", str(len(content)))], content)


def _is_unchanged(asked: Pairs, pairs: Pairs) -> bool:
    wanted = first(asked, "if-none-match")
    if wanted is not None:
        tag = first(pairs, "etag")
        if wanted.strip() == "*":
            return True
        return tag is not None and _weak(tag) in {_weak(each) for each in wanted.split(",")}
    since = _date_s(first(asked, "if-modified-since") or "")
    modified = _date_s(first(pairs, "last-modified") or "")
    return since is not None and modified is not None and modified <= since


def _weak(tag: str) -> str:
    return tag.strip().removeprefix("W/")


def _ranges(text: str, size: int) -> list[tuple[int, int]] | None:
    """First and last byte of each range; None if all is meant, [] if none is there."""
    unit, equals, listed = text.partition("=")
    if unit.strip().lower() != "bytes" or not equals:
        return []
    if not listed.strip():
        return None
    found = []
    for each in listed.split(","):
        match = re.fullmatch(r"\s*(\d*)\s*-\s*(\d*)\s*", each)
        if match is None or not (match[1] or match[2]):
            return []
        if not match[1]:
            length = int(match[2])
            if length >= size:
                return None
            start, end = size - length, size - 1
        else:
            start = int(match[1])
            end = min(int(match[2]), size - 1) if match[2] else size - 1
        if start > end or start >= size:
            return []
        found.append((start, end))
    return found


def _directives(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.lower().split(","):
        name, _, value = part.strip().partition("=")
        if name:
            found.setdefault(name.strip(), value.strip().strip('"'))
    return found


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() else None


def _date_s(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
