from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.storage import ObjectState
from tests.storage.driver import batch

# The order that Cloudflare documents, by UTF-8 bytes, not by UTF-16 units.
IN_ORDER = ["", "Z", "a", "a\0", "aa", "ab", "b", "b1", "é", "\uffff", "\U00010000"]


def state_of(*keys: str) -> ObjectState:
    return ObjectState({key: key.encode("utf-8", "surrogatepass") for key in keys})


def keys_of(state: ObjectState, **options: object) -> list[str]:
    return [key for key, _ in state.list(**options)]  # type: ignore[arg-type]


def test_keys_are_listed_in_the_order_of_their_utf8_bytes() -> None:
    assert keys_of(state_of(*reversed(IN_ORDER))) == IN_ORDER


@given(st.lists(st.text(st.characters(exclude_categories=()))))
def test_code_point_order_is_utf8_byte_order_also_for_lone_surrogates(keys: list[str]) -> None:
    assert sorted(keys) == sorted(keys, key=lambda key: key.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"start": "b"}, ["b", "c", "d"]),
        ({"start": "bb"}, ["c", "d"]),
        ({"end": "c"}, ["a", "b"]),
        ({"start": "b", "end": "d"}, ["b", "c"]),
        ({"start": "d", "end": "b"}, []),
        ({"limit": 2}, ["a", "b"]),
        ({"limit": 0}, []),
        ({"limit": 9}, ["a", "b", "c", "d"]),
        ({"reverse": True}, ["d", "c", "b", "a"]),
        ({"reverse": True, "limit": 2}, ["d", "c"]),
        ({"start": "b", "end": "d", "reverse": True, "limit": 1}, ["c"]),
        ({"start": "x"}, []),
    ],
)
def test_ranges(options: dict[str, object], expected: list[str]) -> None:
    assert expected == keys_of(state_of("c", "a", "d", "b"), **options)


def test_a_batch_clears_then_deletes_then_puts() -> None:
    state = state_of("old", "both")
    state.apply(batch(clear=True, deletes=["both"], puts={"both": b"1", "new": b"2"}))
    assert state.list() == [("both", b"1"), ("new", b"2")]


def test_clear_leaves_system_records_alone() -> None:
    state = state_of("a")
    state.apply(batch(meta={"alarm": b"1", "name": b"n"}))
    state.apply(batch(clear=True, meta={"name": None, "absent": None}))
    assert (state.meta, len(state)) == ({"alarm": b"1"}, 0)
    assert not state.is_empty


def test_an_object_is_empty_without_entries_and_records() -> None:
    assert ObjectState().is_empty
    assert not ObjectState(meta={"alarm": b""}).is_empty
    state = ObjectState()
    state.apply(batch(puts={"a": b""}))
    assert not state.is_empty
    assert state.get("a") == b""
    assert "a" in state
    assert state.get("b") is None


changes = st.tuples(
    st.booleans() | st.just(value=False),
    st.dictionaries(st.text("abcé", max_size=3), st.binary(max_size=2), max_size=30),
    st.lists(st.text("abcé", max_size=3), max_size=30),
    st.booleans(),
)


@given(st.lists(changes, max_size=12))
def test_order_is_kept_up_to_date_whatever_changes_between_two_lists(
    steps: list[tuple[bool, dict[str, bytes], list[str], bool]],
) -> None:
    state, model = ObjectState(), dict[str, bytes]()
    for clear, puts, deletes, ask in steps:
        state.apply(batch(clear=clear, puts=puts, deletes=deletes))
        model = {k: v for k, v in model.items() if not clear and k not in deletes} | puts
        if ask:
            assert sorted(model.items()) == state.list()
    assert sorted(model.items()) == state.list()
