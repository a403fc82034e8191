"""Options of the storage API: every combination of `list` against a brute-force model."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.js.errors import JsThrow
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsBigInt, null
from emulator.runtime.actor_storage import ActorStorage
from emulator.runtime.gates import OutputGate
from emulator.runtime.storage_options import (
    BAD_LIMIT,
    START_AND_AFTER,
    confirmed,
    list_range,
    missing_parameter,
)
from emulator.storage import InlineWriter, MemoryDisk, Store
from emulator.testing.virtual_loop import VirtualLoop
from tests.runtime.storage import MEMORY, OBJECT_ID

# Few letters, so that ranges meet; the ends of UTF-8's order; what UTF-16 orders otherwise.
letters = st.sampled_from(["a", "b", "\0", "é", "\uffff", "\U00010000", "\U0010ffff"])
keys = st.text(letters, max_size=3)
optional_keys = st.none() | keys


def options(**values: Any) -> PlainObject:
    return PlainObject({name: value for name, value in values.items() if value is not None})


def model_list(
    stored: set[str],
    start: str | None,
    start_after: str | None,
    end: str | None,
    prefix: str | None,
    reverse: bool,
    limit: int | None,
) -> list[str]:
    """What `list` gives, key by key."""
    found = sorted(
        (
            key
            for key in stored
            if (start is None or key.encode() >= start.encode())
            and (start_after is None or key.encode() > start_after.encode())
            and (end is None or key.encode() < end.encode())
            and (prefix is None or key.startswith(prefix))
        ),
        key=str.encode,
        reverse=reverse,
    )
    return found[:limit]


def stored_keys(stored: set[str], wanted: Any) -> list[str]:
    """What storage gives for a compiled range."""
    loop = VirtualLoop()
    store = Store.open(MemoryDisk(), MEMORY, writer=InlineWriter(), loop=loop)
    storage = ActorStorage(store, "w-C", OBJECT_ID, OutputGate(), lambda error: None)
    storage.put(dict.fromkeys(stored, b"x"))
    found = (
        []
        if wanted.empty
        else storage.list(wanted.start, wanted.end, reverse=wanted.reverse, limit=wanted.limit)
    )
    loop.run(store.close())
    loop.finish()
    return [key for key, _ in found]


@pytest.mark.rule("KV-6", "KV-7", "KV-8", "KV-9")
@settings(max_examples=400, deadline=None)
@given(
    stored=st.sets(keys, max_size=12),
    start=optional_keys,
    start_after=optional_keys,
    end=optional_keys,
    prefix=optional_keys,
    reverse=st.booleans(),
    limit=st.none() | st.integers(1, 4),
)
def test_list_finds_what_a_filter_over_all_keys_finds(
    stored: set[str],
    start: str | None,
    start_after: str | None,
    end: str | None,
    prefix: str | None,
    reverse: bool,
    limit: int | None,
) -> None:
    if start is not None:
        start_after = None
    wanted = list_range(
        options(
            start=start,
            startAfter=start_after,
            end=end,
            prefix=prefix,
            reverse=reverse,
            limit=limit,
        )
    )
    assert stored_keys(stored, wanted) == model_list(
        stored, start, start_after, end, prefix, reverse, limit
    )


def test_no_options_mean_everything() -> None:
    for none in (None, MISSING, null, PlainObject()):
        wanted = list_range(none)
        assert (wanted.start, wanted.end, wanted.reverse, wanted.limit) == (None, None, False, None)
        assert not wanted.empty


@pytest.mark.rule("KV-6")
def test_undefined_options_are_ignored_and_null_is_text() -> None:
    wanted = list_range(PlainObject({"start": None, "end": null, "prefix": None, "limit": None}))
    assert (wanted.start, wanted.end) == (None, "null")


def test_numbers_are_converted_to_text() -> None:
    wanted = list_range(options(start=1.0, end=5.0))
    assert (wanted.start, wanted.end) == ("1", "5")


@pytest.mark.rule("KV-6")
def test_start_and_start_after_exclude_each_other() -> None:
    with pytest.raises(JsThrow) as caught:
        list_range(options(start="a", startAfter="b"))
    assert str(caught.value) == f"TypeError: {START_AND_AFTER}"
    with pytest.raises(JsThrow):
        list_range(options(start="", startAfter=""))


@pytest.mark.rule("KV-6")
@pytest.mark.parametrize("limit", [0, -1, -0.5, 0.9, math.nan, -math.inf, "", "x", null, False])
def test_a_limit_must_be_positive(limit: Any) -> None:
    with pytest.raises(JsThrow) as caught:
        list_range(PlainObject({"limit": limit}))
    assert str(caught.value) == f"TypeError: {BAD_LIMIT}"


@pytest.mark.rule("KV-6")
@pytest.mark.parametrize(
    ("limit", "expected"),
    [(1, 1), (2.7, 2), ("2", 2), (True, 1), (None, None), (2**31 - 1, 2**31 - 1)],
)
def test_a_limit_is_converted_to_a_whole_number(limit: Any, expected: int | None) -> None:
    assert list_range(PlainObject({"limit": limit})).limit == expected


def test_a_big_limit_cannot_be_converted() -> None:
    with pytest.raises(JsThrow, match="BigInt"):
        list_range(PlainObject({"limit": JsBigInt(5)}))


@pytest.mark.rule("KV-8")
@pytest.mark.parametrize(
    ("given_options", "empty"),
    [
        ({"end": ""}, True),
        ({"start": "b", "end": "b"}, True),
        ({"start": "b", "end": "a"}, True),
        ({"startAfter": "a", "end": "a\0"}, True),
        ({"startAfter": "a", "end": "a\0\0"}, False),
        ({"prefix": "b", "end": "b"}, True),
        ({"prefix": "b", "end": "ba"}, False),
        ({"prefix": "b", "start": "c"}, True),
        ({"prefix": "b", "start": "a"}, False),
        ({"prefix": ""}, False),
    ],
)
def test_ranges_that_hold_nothing_are_known_to(given_options: dict[str, str], empty: bool) -> None:
    assert list_range(PlainObject(given_options)).empty is empty


@pytest.mark.rule("OG-4")
@pytest.mark.parametrize("value", [True, 1, "x", PlainObject()])
def test_a_write_is_unconfirmed_if_the_option_is_truthy(value: Any) -> None:
    assert not confirmed(PlainObject({"allowUnconfirmed": value}))


@pytest.mark.parametrize("value", [False, 0, "", None, null])
def test_a_write_is_confirmed_if_the_option_is_falsy(value: Any) -> None:
    assert confirmed(PlainObject({"allowUnconfirmed": value}))


def test_a_write_without_options_is_confirmed() -> None:
    for none in (None, MISSING, null, PlainObject({"noCache": True})):
        assert confirmed(none)


def test_the_text_for_a_missing_parameter() -> None:
    assert str(missing_parameter("DurableObjectStorage", "get", "string or Array")) == (
        "TypeError: Failed to execute 'get' on 'DurableObjectStorage': "
        "parameter 1 is not of type 'string or Array'."
    )
