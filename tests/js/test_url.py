"""URL and URLSearchParams. Values recorded from workerd."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.js.array import JsArray
from emulator.js.errors import JsThrow
from emulator.js.plain import PlainObject
from emulator.js.url import URL, URLSearchParams, parse_query, serialize_query
from emulator.js.values import null
from tests.js.guest_values import WrappedDict, call, new, recorder, static


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("HTTP://ü.x:80/a b?q=1 2&é#h", "http://xn--tda.x/a%20b?q=1%202&%C3%A9#h"),
        ("http://a", "http://a/"),
        ("http://a/b/../c/./d", "http://a/c/d"),
        ("http://u:p@A:8080", "http://u:p@a:8080/"),
        ("https://a:443", "https://a/"),
        ("data:text/plain,x", "data:text/plain,x"),
        ("http://a/\ud800", "http://a/%EF%BF%BD"),
    ],
)
def test_urls_are_normalized(text: str, href: str) -> None:
    assert href == new(URL, text).href == str(new(URL, text).js_to_string())


def test_components_are_those_of_the_standard() -> None:
    url = new(URL, "https://user:pass@example.com:8443/p/a?x=1#frag")
    names = [
        "protocol",
        "username",
        "password",
        "host",
        "hostname",
        "port",
        "pathname",
        "search",
        "hash",
        "origin",
    ]
    assert [url.js_get(name) for name in names] == [
        "https:", "user", "pass", "example.com:8443", "example.com", "8443", "/p/a", "?x=1",
        "#frag", "https://example.com:8443",
    ]  # fmt: skip
    assert call(url, "toJSON") == call(url, "toString") == url.js_get("href")


def test_a_base_is_joined() -> None:
    assert new(URL, "../x?y", "http://a/b/c/d").href == "http://a/b/x?y"
    assert new(URL, "//b", URL("http://a/")).href == "http://b/"
    assert new(URL, "http://b", None).href == "http://b/"


@pytest.mark.parametrize("args", [("nope",), ("x", "nope"), ("/rel",), ("http://",), (5,)])
def test_what_is_no_url_is_refused(args: tuple[Any, ...]) -> None:
    with pytest.raises(JsThrow, match=r"^TypeError: Invalid URL string\.$"):
        new(URL, *args)


def test_a_missing_url_is_named() -> None:
    with pytest.raises(JsThrow) as thrown:
        new(URL)
    assert str(thrown.value) == (
        "TypeError: Failed to construct 'URL': constructor parameter 1 is not of type 'USVString'."
    )


@pytest.mark.parametrize(
    ("name", "value", "href"),
    [
        ("protocol", "https", "https://a/b?c#d"),
        ("port", 8080, "http://a:8080/b?c#d"),
        ("port", "nonsense", "http://a/b?c#d"),
        ("host", "x:9", "http://x:9/b?c#d"),
        ("pathname", "é", "http://a/%C3%A9?c#d"),
        ("search", "", "http://a/b#d"),
        ("search", "?q=1", "http://a/b?q=1#d"),
        ("hash", "", "http://a/b?c"),
        ("username", "u", "http://u@a/b?c#d"),
        ("href", "http://z", "http://z/"),
    ],
)
def test_setters_change_the_url(name: str, value: Any, href: str) -> None:
    url = URL("http://a/b?c#d")
    url.js_set(name, value)
    assert href == url.href


def test_setting_a_bad_href_is_refused_and_changes_nothing() -> None:
    url = URL("http://a/")
    with pytest.raises(JsThrow) as thrown:
        url.js_set("href", "nope")
    assert str(thrown.value) == (
        "TypeError: Failed to set the 'href' property on 'URL': the provided value is not of type "
        "'valid URL string'."
    )
    assert url.href == "http://a/"


def test_the_origin_is_read_only() -> None:
    with pytest.raises(JsThrow, match="Cannot assign to read only property 'origin'"):
        URL("http://a/").js_set("origin", "x")


def test_can_parse_and_parse_do_not_throw() -> None:
    assert static(URL, "canParse", "nope") is False
    assert static(URL, "canParse", "x", "http://a/b/c") is True
    assert static(URL, "parse", "nope") is null
    assert static(URL, "parse", "x", "http://a/b/c").href == "http://a/b/x"


def test_search_params_write_through_and_follow() -> None:
    url = URL("http://a/?x=1#h")
    params = url.searchParams
    assert params is url.searchParams
    call(params, "append", "y", "2 3")
    assert url.href == "http://a/?x=1&y=2+3#h"
    url.js_set("search", "?z=9")
    assert params.js_to_string() == "z=9"
    call(params, "delete", "z")
    assert url.href == "http://a/#h"
    url.js_set("href", "http://b/?q")
    assert params.pairs == [("q", "")]


@pytest.mark.parametrize(
    ("init", "text"),
    [
        (None, ""),
        (null, "null="),
        (5, "5="),
        ("?a=b&a=c", "a=b&a=c"),
        ("a=%20+%C3%A9&&=x", "a=++%C3%A9&=x"),
        (PlainObject({"a": 1, "b": null}), "a=1&b=null"),
        (JsArray([JsArray(["a", "b c~*é"])]), "a=b+c%7E*%C3%A9"),
        (URL("http://a/"), "http%3A%2F%2Fa%2F="),
    ],
)
def test_search_params_are_made_of_text_pairs_and_objects(init: Any, text: str) -> None:
    assert text == new(URLSearchParams, init).js_to_string()


def test_search_params_are_copied_from_search_params() -> None:
    first = URLSearchParams([("a", "1")])
    second = new(URLSearchParams, first)
    call(second, "set", "a", "2")
    assert first.js_to_string() == "a=1"


def test_bad_sequences_are_refused() -> None:
    with pytest.raises(JsThrow, match=r"^TypeError: Invalid URL search params sequence\.$"):
        new(URLSearchParams, JsArray([JsArray(["a"])]))
    for init in (JsArray([5]), WrappedDict({"a": "1"})):
        with pytest.raises(JsThrow, match="the provided value is not of type 'Sequence'"):
            new(URLSearchParams, init)


def test_reading_members_of_search_params() -> None:
    params = URLSearchParams([("a", "1"), ("b", "2"), ("a", "3")])
    assert (call(params, "get", "a"), call(params, "get", "z")) == ("1", null)
    assert call(params, "getAll", "a").items == ["1", "3"]
    assert call(params, "has", "a", "3") is True
    assert call(params, "has", "a", "2") is False
    assert params.js_get("size") == 3
    assert list(call(params, "keys").js_iter()) == ["a", "b", "a"]
    assert list(call(params, "values").js_iter()) == ["1", "2", "3"]
    assert [pair.items for pair in params.js_iter()] == [["a", "1"], ["b", "2"], ["a", "3"]]


def test_writing_members_of_search_params() -> None:
    params = URLSearchParams([("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")])
    call(params, "delete", "a", "4")
    call(params, "set", "a", 9)
    call(params, "append", "0", True)
    assert params.js_to_string() == "a=9&b=2&0=true"
    call(params, "sort")
    assert params.js_to_string() == "0=true&a=9&b=2"


def test_sort_is_stable_and_by_utf16_code_units() -> None:
    params = URLSearchParams([("\uffff", "1"), ("\U00010000", "2"), ("a", "3"), ("a", "0")])
    call(params, "sort")
    assert [value for _, value in params.pairs] == ["3", "0", "2", "1"]


def test_iteration_sees_changes() -> None:
    params = URLSearchParams([("a", "1"), ("b", "2")])
    seen = []
    for pair in params.js_iter():
        seen.append(pair.items[0])
        if len(seen) == 1:
            call(params, "append", "c", "3")
    assert seen == ["a", "b", "c"]


def test_for_each_passes_value_and_name() -> None:
    calls: list[tuple[Any, ...]] = []
    params = URLSearchParams([("a", "1")])
    call(params, "forEach", recorder(calls))
    assert [("1", "a", params)] == calls


def test_missing_arguments_are_named() -> None:
    with pytest.raises(JsThrow) as thrown:
        call(URLSearchParams(), "append", "a")
    assert str(thrown.value) == (
        "TypeError: Failed to execute 'append' on 'URLSearchParams': parameter 2 is not of type "
        "'USVString'."
    )


@given(st.lists(st.tuples(st.text(), st.text())))
def test_serialized_pairs_parse_to_the_same_pairs(pairs: list[tuple[str, str]]) -> None:
    text = serialize_query(pairs)
    assert pairs == parse_query("?" + text)
