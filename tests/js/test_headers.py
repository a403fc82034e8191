"""Headers: multi-map behaviour, coercions, guard, initializers. Values recorded from workerd."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.js.array import JsArray
from emulator.js.errors import JsThrow
from emulator.js.headers import Headers
from emulator.js.plain import PlainObject
from emulator.js.values import null
from tests.js.guest_values import WrappedDict, call, new, recorder


def pairs(*items: tuple[Any, ...]) -> JsArray:
    return JsArray([JsArray(list(item)) for item in items])


def entries(headers: Headers) -> list[tuple[str, str]]:
    return [tuple(item.items) for item in headers.js_iter()]


def test_enumeration_is_lower_case_sorted_and_joined() -> None:
    headers = new(Headers, pairs(("B", "2"), ("a", "1"), ("b", "3")))
    assert entries(headers) == [("a", "1"), ("b", "2, 3")]
    assert list(call(headers, "keys").js_iter()) == ["a", "b"]
    assert list(call(headers, "values").js_iter()) == ["1", "2, 3"]


def test_set_cookie_is_enumerated_once_per_value_and_joined_by_get() -> None:
    headers = new(Headers, pairs(("Set-Cookie", "a=1"), ("set-cookie", "b=2"), ("x", "y")))
    assert entries(headers) == [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("x", "y")]
    assert call(headers, "get", "SET-COOKIE") == "a=1, b=2"
    assert call(headers, "getSetCookie").items == ["a=1", "b=2"]
    assert call(headers, "getAll", "Set-cookie").items == ["a=1", "b=2"]


def test_get_all_is_for_cookies_only() -> None:
    with pytest.raises(JsThrow) as thrown:
        call(Headers(), "getAll", "a")
    assert (
        str(thrown.value)
        == 'TypeError: getAll() can only be used with the header name "Set-Cookie".'
    )


def test_a_missing_header_is_null() -> None:
    assert call(Headers(), "get", "a") is null
    assert call(Headers(), "get", "") is null
    assert call(Headers(), "has", "a") is False


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (1.5, "1.5"), (True, "true"), (None, "undefined"), (null, "null"), (" x\t", "x")],
)
def test_values_are_coerced_and_trimmed(value: Any, text: str) -> None:
    headers = Headers()
    call(headers, "set", "a", value)
    call(headers, "append", "b", value)
    assert [("a", text), ("b", text)] == entries(headers)


def test_values_beyond_latin1_are_kept() -> None:
    assert call(new(Headers, PlainObject({"a": "é€"})), "get", "A") == "é€"


@pytest.mark.parametrize("member", ["get", "has", "delete", "set", "append", "getAll"])
def test_bad_names_are_refused(member: str) -> None:
    with pytest.raises(JsThrow, match=r"^TypeError: Invalid header name\.$"):
        call(Headers(), member, "a b", "x")


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b"])
def test_bad_values_are_refused(value: str) -> None:
    with pytest.raises(JsThrow, match=r"^TypeError: Invalid header value\.$"):
        call(Headers(), "set", "a", value)


def test_missing_arguments_are_named() -> None:
    with pytest.raises(JsThrow) as thrown:
        call(Headers(), "get")
    assert str(thrown.value) == (
        "TypeError: Failed to execute 'get' on 'Headers': parameter 1 is not of type 'string'."
    )
    with pytest.raises(JsThrow, match=r"'set' on 'Headers': parameter 2 is not of type 'string'"):
        call(Headers(), "set", "a")
    with pytest.raises(JsThrow, match="'forEach' on 'Headers': parameter 1 is not of type 'func"):
        call(Headers(), "forEach", 5)


def test_set_replaces_all_values_in_place() -> None:
    headers = new(Headers, pairs(("a", "1"), ("b", "2"), ("a", "3")))
    call(headers, "set", "A", "9")
    assert headers.raw_pairs() == [("a", "9"), ("b", "2")]


def test_raw_pairs_keep_order_and_repetition() -> None:
    headers = new(Headers, pairs(("Z", "1"), ("a", "2"), ("z", "3")))
    assert headers.raw_pairs() == [("z", "1"), ("a", "2"), ("z", "3")]


def test_for_each_passes_value_name_and_object() -> None:
    calls: list[tuple[Any, ...]] = []
    headers = new(Headers, PlainObject({"b": "1", "A": "2"}))
    call(headers, "forEach", recorder(calls))
    assert [("2", "a", headers), ("1", "b", headers)] == calls


def test_a_copy_shares_until_one_of_the_two_changes() -> None:
    original = Headers([("a", "1")])
    copy = original.copy()
    assert copy.raw_pairs() is original.raw_pairs()
    call(copy, "set", "a", "2")
    assert call(original, "get", "a") == "1"
    call(original, "append", "b", "3")
    assert call(copy, "has", "b") is False


def test_adopted_pairs_are_never_written_to() -> None:
    received = [("a", "1")]
    headers = Headers(received)
    call(headers, "append", "b", "2")
    call(headers, "delete", "a")
    assert received == [("a", "1")]


@pytest.mark.parametrize(("member", "args"), [("set", ("a", "b")), ("append", ("a", "b")),
                                               ("delete", ("a",)), ("set", ("a b", "c"))])  # fmt: skip
def test_immutable_headers_refuse_every_change(member: str, args: tuple[str, ...]) -> None:
    with pytest.raises(JsThrow, match=r"^TypeError: Can't modify immutable headers\.$"):
        call(Headers([], immutable=True), member, *args)


def test_headers_of_immutable_headers_are_mutable() -> None:
    copy = new(Headers, Headers([("a", "1")], immutable=True))
    call(copy, "set", "a", "2")
    assert call(copy, "get", "a") == "2"


@pytest.mark.parametrize("init", [null, "abc", 5, True])
def test_an_initializer_of_another_type_is_refused(init: Any) -> None:
    with pytest.raises(JsThrow) as thrown:
        new(Headers, init)
    assert str(thrown.value) == (
        "TypeError: Failed to construct 'Headers': constructor parameter 1 is not of type "
        "'Headers or Sequence or object'."
    )


@pytest.mark.parametrize("init", [JsArray([1]), JsArray(["ab"]), WrappedDict({"a": "b"})])
def test_items_that_are_no_pairs_and_python_dicts_give_the_sequence_error(init: Any) -> None:
    with pytest.raises(JsThrow) as thrown:
        new(Headers, init)
    assert str(thrown.value) == (
        "TypeError: Incorrect type: the provided value is not of type 'Sequence'."
    )


def test_an_inner_sequence_of_another_length_is_refused() -> None:
    with pytest.raises(JsThrow) as thrown:
        new(Headers, JsArray([JsArray(["a"])]))
    assert str(thrown.value) == (
        "TypeError: To initialize a Headers object from a sequence, each inner sequence must have "
        "exactly two elements."
    )


names = st.text(alphabet="abcXYZ-", min_size=1, max_size=4)
values = st.text(alphabet="mno ", max_size=3)
operations = st.lists(
    st.tuples(st.sampled_from(["set", "append", "delete"]), names, values), max_size=20
)


@given(operations)
def test_headers_behave_like_a_dict_of_lists(steps: list[tuple[str, str, str]]) -> None:
    headers = Headers()
    model: dict[str, list[str]] = {}
    for member, name, value in steps:
        key, clean = name.lower(), value.strip(" ")
        if member == "delete":
            call(headers, "delete", name)
            model.pop(key, None)
        else:
            call(headers, member, name, value)
            model[key] = [clean] if member == "set" else [*model.get(key, []), clean]
    assert sorted((key, ", ".join(found)) for key, found in model.items()) == entries(headers)
